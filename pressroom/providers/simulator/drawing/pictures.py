"""Edits that can be seen for what they are: what the mask covers is filled, sides are added, colours turn by the words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from pressroom.art.choose import WORDLESS_FAMILY, family_named
from pressroom.domain.media import Made, mime_of
from pressroom.media.files.images import open_image, save_png
from pressroom.providers.simulator.drawing.commission import Commission

_FILL_RADIUS = 5
_MIDDLE = (0.3, 0.3, 0.7, 0.7)  # where what was searched for is found


def pictured(order: Commission) -> Sequence[Made]:
    """generate_image: what the words name, else shapes and colours: a model makes no poster of them."""
    params = order.params
    unnamed = params.style == "auto" and not family_named(params.prompt)
    style = WORDLESS_FAMILY if unnamed else params.style
    return order.made_by(
        "generate_image", order.work.inputs, **{**params.model_dump(exclude_unset=True), "style": style}
    )


def edited(order: Commission) -> Sequence[Made]:
    """edit_image, by its kind."""
    return _saved(order, _EDITS[order.params.kind](order, _source(order)))


def controlled(order: Commission) -> Sequence[Made]:
    """control: a picture of the prompt that shows through the guide, as strictly as asked."""
    params, guide = order.params, _source(order).convert("RGB")
    if params.kind == "style_transfer":
        look = _opened(order, params.style_image).convert("RGB").resize(guide.size)
        share = params.style_strength * params.change_strength * 0.5
        return _saved(order, Image.blend(guide, look, share))
    painted = _painted(order, guide.size)
    strength = params.fidelity if params.kind == "style" else params.strength
    lines = ImageOps.invert(guide.convert("L").filter(ImageFilter.FIND_EDGES)).convert("RGB")
    shown = guide if params.kind == "style" else lines
    return _saved(order, Image.blend(painted, shown, strength * 0.7))


def enhanced(order: Commission) -> Sequence[Made]:
    """enhance_face: larger and sharper."""
    source = _source(order)
    larger = source.resize(order.size, Image.Resampling.LANCZOS)
    return _saved(order, larger.filter(ImageFilter.UnsharpMask(2, round(120 * (1 - order.params.fidelity)), 2)))


def enlarged(order: Commission) -> Sequence[Made]:
    """upscale: as this machine does it; what is invented is an edge to everything."""
    values = order.params.model_dump(exclude={"prompt", "negative_prompt", "creativity", "seed"})
    if order.params.mode != "creative":
        return order.made_by("upscale", order.work.inputs, **values)
    plain = order.made_by("upscale", order.work.inputs, **values | {"mode": "conservative"})[0].path
    with Image.open(plain) as image:
        return _saved(order, image.filter(ImageFilter.UnsharpMask(3, 150, 2)), method="creative")


def _erased(order: Commission, picture: Image.Image) -> Image.Image:
    import cv2

    mask = np.asarray(_mask(order))
    filled = cv2.inpaint(np.asarray(picture.convert("RGB")), mask, _FILL_RADIUS, cv2.INPAINT_TELEA)
    return Image.fromarray(filled)


def _inpainted(order: Commission, picture: Image.Image) -> Image.Image:
    return Image.composite(_painted(order, picture.size), picture.convert("RGB"), _mask(order))


def _outpainted(order: Commission, picture: Image.Image) -> Image.Image:
    """The sides mirrored and blurred, the picture itself untouched."""
    params, pixels = order.params, np.asarray(picture.convert("RGB"))
    sides = ((params.up, params.down), (params.left, params.right), (0, 0))
    around = Image.fromarray(np.pad(pixels, sides, mode="symmetric")).filter(ImageFilter.GaussianBlur(12))
    around.paste(picture.convert("RGB"), (params.left, params.up))
    return around


def _replaced(order: Commission, picture: Image.Image) -> Image.Image:
    return _in_the_middle(picture, _painted(order, picture.size))


def _recolored(order: Commission, picture: Image.Image) -> Image.Image:
    return _in_the_middle(picture, _turned(picture, order.params.prompt))


def _instructed(order: Commission, picture: Image.Image) -> Image.Image:
    found = _turned(picture, order.params.prompt)
    for number, name in enumerate(order.params.references):
        beside = ImageOps.contain(_opened(order, name).convert("RGB"), (picture.width // 4, picture.height // 4))
        found.paste(beside, (beside.width * number % picture.width, picture.height - beside.height))
    return found


_EDITS: Final[Mapping[str, Callable[[Commission, Image.Image], Image.Image]]] = {
    "erase": _erased,
    "inpaint": _inpainted,
    "outpaint": _outpainted,
    "search_replace": _replaced,
    "search_recolor": _recolored,
    "instruct": _instructed,
}


def _turned(picture: Image.Image, words: str) -> Image.Image:
    """Every hue turned by an angle that the words give."""
    hue, saturation, value = picture.convert("RGB").convert("HSV").split()
    angle = 30 + hashlib.sha256(words.encode()).digest()[0] % 190
    turned = hue.point([(level + angle) % 256 for level in range(256)])
    stronger = saturation.point([min(255, level + 60) for level in range(256)])
    return Image.merge("HSV", (turned, stronger, value)).convert("RGB")


def _in_the_middle(picture: Image.Image, other: Image.Image) -> Image.Image:
    left, up, right, down = _MIDDLE
    width, height = picture.size
    spot = Image.new("L", picture.size, 0)
    spot.paste(255, (round(left * width), round(up * height), round(right * width), round(down * height)))
    soft = spot.filter(ImageFilter.GaussianBlur(min(picture.size) / 30))
    return Image.composite(other, picture.convert("RGB"), soft)


def _painted(order: Commission, size: tuple[int, int]) -> Image.Image:
    """A picture of the prompt; where it is outside of the gallery's sizes, scaled."""
    width, height = (min(4096, max(64, side)) for side in size)
    with Image.open(order.picture(order.params.prompt, (width, height), order.params.seed)) as image:
        return image.convert("RGB").resize(size)


def _mask(order: Commission) -> Image.Image:
    return _opened(order, order.params.mask).convert("L").point([0] * 128 + [255] * 128)


def _source(order: Commission) -> Image.Image:
    return _opened(order, order.params.image)


def _opened(order: Commission, name: str) -> Image.Image:
    return open_image(order.work.inputs[name], order.work.limits)


def _saved(order: Commission, picture: Image.Image, **details: Any) -> Sequence[Made]:
    path = order.work.folder / "drawn.png"
    has_alpha = order.promised[""].has_alpha
    save_png(picture.convert("RGBA") if has_alpha else picture.convert("RGB"), path)
    return [Made(path, mime_of("png"), details=details)]
