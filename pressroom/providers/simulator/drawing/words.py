"""Words about a picture or a subject, put together from what is there: its colours and shape, or the prompt's own words."""

from __future__ import annotations

import colorsys
import json
from collections.abc import Sequence
from typing import Any

from PIL import Image

from pressroom.domain.media import Made, mime_of, suffix_of
from pressroom.media.files.images import flatten, open_image
from pressroom.providers.simulator.drawing.commission import Commission

_HUES = ("red", "orange", "yellow", "green", "teal", "blue", "purple", "pink")
_OPENERS = ("Meet", "Here is", "Discover", "New:", "Look closely at", "Ready for", "Made for you:", "At last:")


def described(order: Commission) -> Sequence[Made]:
    """describe_image: what its pixels say, within the lengths that were asked for."""
    params = order.params
    picture = flatten(open_image(order.work.inputs[params.image], order.work.limits), "#ffffff")
    colors, shape = _colors(picture), _shape(picture)
    whole = f"{shape} picture in {' and '.join(colors[:2])}" + (f" for {params.context}" if params.context else "")
    tags = [*colors, shape.lower(), *_light(picture)][: params.tags]
    found = {
        "alt_text": _cut(whole, params.max_characters),
        "description": f"{whole}. It has {picture.width} by {picture.height} pixels.",
        "tags": tags,
    }
    return _written(order, json.dumps(found, ensure_ascii=False, indent=1), "json")


def written(order: Commission) -> Sequence[Made]:
    """write_text: the prompt's own words behind as many openings as asked for."""
    params = order.params
    lines = [
        _cut(f"{_OPENERS[number % len(_OPENERS)]} {' '.join(params.prompt.split())}", params.max_characters or 5_000)
        for number in range(params.count)
    ]
    text = json.dumps(lines, ensure_ascii=False, indent=1) if params.format == "json" else "\n".join(lines)
    return _written(order, text, params.format)


def _colors(picture: Image.Image) -> list[str]:
    """The names of its main colours, the most frequent first."""
    few = picture.convert("RGB").resize((64, 64)).quantize(5)
    palette = few.getpalette() or []
    counts = sorted(few.getcolors() or [], reverse=True)
    return list(
        dict.fromkeys(_named(palette[3 * index : 3 * index + 3]) for _, index in counts if isinstance(index, int))
    )


def _named(color: Sequence[int]) -> str:
    hue, lightness, saturation = colorsys.rgb_to_hls(*(level / 255 for level in color))
    if saturation < 0.15 or not 0.08 < lightness < 0.95:
        return "black" if lightness < 0.25 else "white" if lightness > 0.8 else "grey"
    return _HUES[round(hue * len(_HUES)) % len(_HUES)]


def _shape(picture: Image.Image) -> str:
    ratio = picture.width / picture.height
    return "Wide" if ratio > 1.1 else "Tall" if ratio < 0.9 else "Square"


def _light(picture: Image.Image) -> list[str]:
    level: Any = picture.convert("L").resize((1, 1)).getpixel((0, 0))
    return ["bright" if level > 150 else "dark" if level < 90 else "balanced"]


def _cut(text: str, most: int) -> str:
    """At most so many characters, cut between words."""
    return text if len(text) <= most else text[: most + 1].rpartition(" ")[0] or text[:most]


def _written(order: Commission, text: str, kind: str) -> Sequence[Made]:
    path = order.work.folder / f"words{suffix_of(kind)}"
    path.write_text(text + "\n", encoding="utf-8")
    return [Made(path, mime_of(kind))]
