"""One order of every kind that vendors sell, with real files: what a row of the catalog is tried with."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw

from pressroom.catalog.load import load_catalog
from pressroom.catalog.models import Model
from pressroom.catalog.shapes import main_of
from pressroom.domain.media import MediaInfo
from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.operation import Expectation, asset_slots
from pressroom.media.files.probe import inspect
from pressroom.operations import OPERATIONS
from pressroom.planning.offers import Wanted, facts_of, given_in
from pressroom.providers.base import Order
from pressroom.providers.simulator.drawing.sounds import melody, write_wav
from tests.support.media import FFMPEG

CATALOG: Final = load_catalog()
TODAY: Final = date(2026, 11, 30)
SIZE: Final = (640, 480)
SPOKEN_SECONDS: Final = 3.0
# What the mask of the sample covers: left, top, right, bottom.
COVERED: Final = (160, 120, 320, 300)
# Operation -> what is asked for, where nothing depends on the kind.
_ASKED: Final[dict[str, dict[str, Any]]] = {
    "generate_image": {"prompt": "a calm sea at dawn", "width": 1024, "height": 1024},
    "replace_background": {"prompt": "a beach at sunset"},
    "image_to_video": {"prompt": "the camera drifts", "duration": 2, "resolution": "480p"},
    "sound_effect": {"prompt": "a kettle that whistles", "duration": 2},
    "speak": {"text": "Two words, and then two more."},
    "text_to_video": {"prompt": "a boat on a calm sea", "duration": 2, "resolution": "480p"},
    "talking_avatar": {"emotion": "happy"},
    "describe_image": {"context": "a shop for paint", "max_characters": 60, "tags": 3},
    "write_text": {"prompt": "a navy square on a grey ground", "count": 3, "image": "image", "format": "json"},
    "upscale": {"scale": 2},
}
_EDITS: Final[dict[str, dict[str, Any]]] = {
    "erase": {"mask": "mask"},
    "inpaint": {"mask": "mask", "prompt": "a red ball"},
    "outpaint": {"left": 40, "down": 60},
    "search_replace": {"search": "the square", "prompt": "a red ball"},
    "search_recolor": {"search": "the square", "prompt": "green"},
    "sketch": {"prompt": "a lighthouse", "strength": 0.6},
    "structure": {"prompt": "a lighthouse"},
    "style": {"prompt": "a lighthouse"},
    "style_transfer": {"style_image": "style_image"},
    "instruct": {"prompt": "make it evening", "references": ["references[0]"]},
}


@dataclass(frozen=True)
class Sample:
    """An order, and what the planner knows of it."""

    order: Order
    wanted: Wanted


def sold_rows() -> list[Model]:
    """Every row of a vendor over HTTP that has a price."""
    spoken = [row for row in CATALOG.models.values() if CATALOG.providers[row.provider].keys]
    return [row for row in spoken if row.prices[0].usd is not None]


def samples(row: Model, folder: Path) -> Iterator[Sample]:
    """One for each kind that the row sells."""
    for kind in row.limits.values.get("kind", ("",)):
        yield _sample(row, str(kind), folder)


def _sample(row: Model, kind: str, folder: Path) -> Sample:
    operation = OPERATIONS[row.operation]
    asked = _ASKED.get(row.operation, {}) | (_EDITS[kind] | {"kind": kind} if kind else {})
    if "prompt" not in {*row.parameters, *row.in_brief}:
        asked = {name: value for name, value in asked.items() if name not in ("prompt", "emotion")}
    if row.operation == "upscale":
        asked |= {"mode": row.limits.values.get("mode", ("conservative",))[0]}
        asked |= {"scale": 4} if row.sizing.times else {}
    if row.operation == "text_to_video":
        asked |= {"ratio": next(iter(row.sizing.ratios), "16:9")}
    required = {name for name, field in operation.params.model_fields.items() if field.is_required()}
    assets = {name for name in asset_slots(operation.params) if name in asked or name in required}
    values = {**{name: name for name in assets}, **asked}
    params = operation.params.model_validate(values)
    files = {name: _file(name, folder) for name in _names(values, assets)}
    infos = {name: inspect(path, MediaLimits()) for name, path in files.items()}
    expected = operation.expect(params, infos, CATALOG.placements)
    dumped = params.model_dump(mode="json", exclude_defaults=True)
    order = Order("1:a:0", row.operation, row.model, dumped, inputs=files, makes=main_of(expected.outputs))
    return Sample(order, _wanted(row, params, expected, infos))


def _wanted(row: Model, params: Any, expected: Expectation, infos: dict[str, MediaInfo]) -> Wanted:
    facts = facts_of(params, expected.outputs, CATALOG.conditions[row.operation])
    prompt = str(getattr(params, OPERATIONS[row.operation].prompt_field or "", "") or "")
    return replace(Wanted(row.operation, expected, infos, prompt), facts=facts, given=given_in(params))


def _names(values: dict[str, Any], assets: set[str]) -> Iterator[str]:
    for name in sorted(assets, key=lambda each: each != "image"):
        value = values[name]
        yield from value if isinstance(value, list) else [value]


def _clip(path: Path) -> Path:
    """As long as what is spoken, of a size that every vendor takes."""
    film = ["-f", "lavfi", "-i", f"testsrc=s=1280x720:r=12:d={SPOKEN_SECONDS}", "-pix_fmt", "yuv420p"]
    subprocess.run([FFMPEG, "-v", "error", "-y", *film, "-preset", "ultrafast", str(path)], check=True)
    return path


def _file(name: str, folder: Path) -> Path:
    if name == "audio":
        return write_wav(melody(["one", "two"], SPOKEN_SECONDS), folder / "audio.wav")
    if name == "video":
        return _clip(folder / "video.mp4")
    path = folder / f"{name.replace('[', '-').removesuffix(']')}.png"
    if name == "mask":
        image = Image.new("RGB", SIZE, "black")
        image.paste("white", COVERED)
    else:
        image = Image.linear_gradient("L").resize(SIZE).convert("RGB")
        ImageDraw.Draw(image).rectangle(COVERED, fill="navy" if name == "image" else "orange")
    image.save(path)
    return path
