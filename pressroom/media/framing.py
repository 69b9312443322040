"""How a picture goes into a frame of another shape: cropped at its focal point, or whole with the rest filled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageEnhance, ImageFilter

from pressroom.media.focal import Box, Focus
from pressroom.media.images import flatten

Mode = Literal["crop", "fit", "auto"]
BLUR: Literal["blur"] = "blur"

# `auto` crops while the crop keeps this much of the area, and where the picture has a subject (or lettering) this much of
# that; else the picture is shown whole. A scene that is interesting all over may be cut anywhere, and around a subject
# that stays whole more may go.
_KEPT_AREA, _KEPT_SUBJECT = 0.40, 0.90
_KEPT_AREA_OF_WHOLE_SUBJECT, _WHOLE_SUBJECT = 0.25, 0.985
_KEPT_CUTOUT = 0.99  # a cut-out object is never cut again
_SAME_SHAPE = 0.005  # ratios this close are the same shape: a crop of half a percent is not seen

_BLUR_SIDE = 96  # the blurred ground is made this small and enlarged: smooth, and cheap at any size
_BLUR_RADIUS = 9
_BLUR_BRIGHTNESS = 0.72
_REDUCING_GAP = 3.0  # Pillow's documented value for results that cannot be told from the slow way


@dataclass(frozen=True, slots=True)
class Frame:
    """What to show: `box` in source pixels (crop: part of it, fit: all of it) and where it lands in the target."""

    mode: Literal["crop", "fit"]
    box: Box
    target: tuple[int, int]
    inner: tuple[int, int, int, int]  # left, top, width, height in the target
    scale: float

    @property
    def is_padded(self) -> bool:
        return self.inner[2:] != self.target


def frame(size: tuple[int, int], target: tuple[int, int], mode: Mode, focus: Focus) -> Frame:
    """Decide on crop or fit, and where: see the constants above for what `auto` does."""
    cropped = _crop(size, target, focus)
    if mode == "crop" or (mode == "auto" and _crop_is_fine(size, cropped, focus)):
        return cropped
    return _fit(size, target)


def compose(image: Image.Image, frame: Frame, background: str, ground: str) -> Image.Image:
    """The picture in its frame. `background` is a hex colour, "blur" or "" (leave transparent where the picture is).

    `ground` is what lies under a blurred or cropped cut-out. Returns RGB, or RGBA when transparency is kept.
    """
    shown = image.resize(frame.inner[2:], Image.Resampling.LANCZOS, box=frame.box, reducing_gap=_REDUCING_GAP)
    if background == "":
        return shown if not frame.is_padded else _on(Image.new("RGBA", frame.target), shown, frame)
    color = ground if background == BLUR else background
    if not frame.is_padded:
        return flatten(shown, color)
    if background == BLUR and image.mode == "RGB":
        return _on(_blurred(image, frame.target), shown, frame)
    return _on(Image.new("RGB", frame.target, color), shown, frame)


def _on(ground: Image.Image, shown: Image.Image, frame: Frame) -> Image.Image:
    mask = shown if shown.mode == "RGBA" and ground.mode == "RGB" else None
    ground.paste(shown, frame.inner[:2], mask)
    return ground


def _crop_is_fine(size: tuple[int, int], cropped: Frame, focus: Focus) -> bool:
    left, top, right, bottom = cropped.box
    kept_area = (right - left) * (bottom - top) / (size[0] * size[1])
    if kept_area >= 1 - _SAME_SHAPE:
        return True
    kept = focus.kept((left / size[0], top / size[1], right / size[0], bottom / size[1]))
    if focus.is_cutout:
        return kept >= _KEPT_CUTOUT
    if focus.has_subject and kept >= _WHOLE_SUBJECT:
        return kept_area >= _KEPT_AREA_OF_WHOLE_SUBJECT
    return kept_area >= _KEPT_AREA and (kept >= _KEPT_SUBJECT or not focus.has_subject)


def _crop(size: tuple[int, int], target: tuple[int, int], focus: Focus) -> Frame:
    """The largest part of the target's shape, its middle as near to the focal point as the edges allow."""
    scale = max(target[0] / size[0], target[1] / size[1])
    width, height = min(size[0], target[0] / scale), min(size[1], target[1] / scale)
    x, y = focus.best_middle(width / size[0], height / size[1])
    left = min(max(0.0, x * size[0] - width / 2), size[0] - width)
    top = min(max(0.0, y * size[1] - height / 2), size[1] - height)
    return Frame("crop", (left, top, left + width, top + height), target, (0, 0, *target), scale)


def _fit(size: tuple[int, int], target: tuple[int, int]) -> Frame:
    scale = min(target[0] / size[0], target[1] / size[1])
    width, height = (min(full, max(1, round(side * scale))) for side, full in zip(size, target, strict=True))
    # Even offsets: video planes of half resolution need them, pictures do not mind.
    left, top = (target[0] - width) // 4 * 2, (target[1] - height) // 4 * 2
    return Frame("fit", (0, 0, *size), target, (left, top, width, height), scale)


def _blurred(image: Image.Image, target: tuple[int, int]) -> Image.Image:
    """A soft, darker copy that fills the target: the picture's own colours without anything that can be read."""
    shrink = _BLUR_SIDE / max(target)
    small = tuple(max(8, round(side * shrink)) for side in target)
    scale = max(small[0] / image.width, small[1] / image.height)
    width, height = small[0] / scale, small[1] / scale
    left, top = (image.width - width) / 2, (image.height - height) / 2
    box = (max(0.0, left), max(0.0, top), min(image.width, left + width), min(image.height, top + height))
    copy = image.resize((small[0], small[1]), Image.Resampling.BOX, box=box)
    copy = ImageEnhance.Brightness(copy.filter(ImageFilter.GaussianBlur(_BLUR_RADIUS))).enhance(_BLUR_BRIGHTNESS)
    return copy.resize(target, Image.Resampling.BICUBIC)
