"""How a picture goes into a frame of another shape: cropped at its focal point, or whole with the rest filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from pressroom.domain.near_size import LEAST_KEPT
from pressroom.media.files.images import flatten
from pressroom.media.geometry import Region, is_inside
from pressroom.media.renditions.levels import Levels
from pressroom.media.renditions.surround import blurred, dissolved
from pressroom.media.subject.focal import Focus

Mode = Literal["crop", "fit", "auto"]
BLUR: Literal["blur"] = "blur"

# `auto` crops while the crop keeps this much of the area, and where the picture has a subject (or lettering) this much of
# that; else the picture is shown whole. A scene that is interesting all over may be cut anywhere, and around a subject
# that stays whole more may go.
_KEPT_AREA, _KEPT_SUBJECT = 0.40, 0.90
_KEPT_AREA_OF_WHOLE_SUBJECT, _WHOLE_SUBJECT = LEAST_KEPT, 0.985
# What stands out has no sharp outline: a slim edge of it may go before slim bars are shown.
_NEARLY_SAME, _NEARLY_WHOLE = 0.80, 0.90
_KEPT_CUTOUT = 0.99  # a cut-out object is never cut again
_SAME_SHAPE = 0.005  # ratios this close are the same shape: a crop of half a percent is not seen

SLIM = 0.40  # a picture that covers less of its frame than this looks lost between bars


@dataclass(frozen=True, slots=True)
class Frame:
    """What to show: `box` in source pixels (crop: part of it, fit: all of it) and where it lands in the target."""

    mode: Literal["crop", "fit"]
    box: Region
    target: tuple[int, int]
    inner: tuple[int, int, int, int]  # left, top, width, height in the target
    scale: float

    @property
    def inner_shares(self) -> Region:
        """Where the picture lands, in shares of the target."""
        left, top, width, height = self.inner
        across, down = self.target
        return left / across, top / down, (left + width) / across, (top + height) / down

    def place_of(self, part: Region, size: tuple[int, int]) -> Region:
        """Where a part of the source (shares of its `size`) lands, in shares of the target: beyond 0 to 1 it is cut."""
        spans = []
        for axis in (0, 1):
            low, high = self.box[axis], self.box[axis + 2]
            start, length, of = self.inner[axis], self.inner[axis + 2], self.target[axis]
            edges = (part[axis] * size[axis], part[axis + 2] * size[axis])
            spans.append([(start + (edge - low) / (high - low) * length) / of for edge in edges])
        (left, right), (top, bottom) = spans
        return left, top, right, bottom

    @property
    def coverage(self) -> float:
        """The share of the target that the picture covers."""
        return self.inner[2] * self.inner[3] / (self.target[0] * self.target[1])

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
    return compose_all(Levels(image), [frame], background, ground)[0]


def compose_all(master: Levels, frames: Sequence[Frame], background: str, ground: str) -> list[Image.Image]:
    """`compose` for a master that goes into several frames at one scale: what they share of it is shrunk once."""
    parts = master.shown([(frame.box, frame.inner[2:]) for frame in frames])
    return [_framed(master, shown, frame, background, ground) for shown, frame in zip(parts, frames, strict=True)]


def _framed(master: Levels, shown: Image.Image, frame: Frame, background: str, ground: str) -> Image.Image:
    if background == "":
        return shown if not frame.is_padded else _on(Image.new("RGBA", frame.target), shown, frame)
    color = ground if background == BLUR else background
    if not frame.is_padded:
        return flatten(shown, color)
    if background == BLUR and master.mode == "RGB":
        slim = frame.coverage < SLIM
        return dissolved(shown, frame.target, frame.inner) if slim else _on(blurred(master, frame.target), shown, frame)
    return _on(Image.new("RGB", frame.target, color), shown, frame)


def _on(ground: Image.Image, shown: Image.Image, frame: Frame) -> Image.Image:
    mask = shown if shown.mode == "RGBA" and ground.mode == "RGB" else None
    ground.paste(shown, frame.inner[:2], mask)
    return ground


def _crop_is_fine(size: tuple[int, int], cropped: Frame, focus: Focus) -> bool:
    window = _shares(cropped.box, size)
    kept_area = (window[2] - window[0]) * (window[3] - window[1])
    if kept_area >= 1 - _SAME_SHAPE:
        return True
    if not all(is_inside(box, window) for box in focus.airy_words):
        return False
    kept = focus.kept(window)
    if focus.is_cutout and kept < _KEPT_CUTOUT:
        return False
    if focus.source == "detail" and kept_area >= _NEARLY_SAME and kept >= _NEARLY_WHOLE:
        return True
    if focus.boxes:
        # A head has hair and a chin beyond the face; other boxes are the whole thing.
        return all(is_inside(box, window) for box in (focus.roomy if focus.source == "faces" else focus.boxes))
    if focus.is_cutout:
        return True
    if not focus.is_scene and kept >= _WHOLE_SUBJECT:
        return kept_area >= _KEPT_AREA_OF_WHOLE_SUBJECT
    return kept_area >= _KEPT_AREA and (kept >= _KEPT_SUBJECT or focus.is_scene)


def _shares(box: Region, size: tuple[int, int]) -> Region:
    return box[0] / size[0], box[1] / size[1], box[2] / size[0], box[3] / size[1]


def _crop(size: tuple[int, int], target: tuple[int, int], focus: Focus) -> Frame:
    """The largest part of the target's shape, where the focus wants it and what must stay whole is whole."""
    scale = max(target[0] / size[0], target[1] / size[1])
    width, height = min(size[0], target[0] / scale), min(size[1], target[1] / scale)
    across, down = width / size[0], height / size[1]
    x, y = focus.best_middle(across, down)
    left = focus.start(x - across / 2, across, 0) * size[0]
    top = focus.start(y - down / 2, down, 1) * size[1]
    box = (left, top, min(left + width, size[0]), min(top + height, size[1]))
    return Frame("crop", box, target, (0, 0, *target), scale)


def _fit(size: tuple[int, int], target: tuple[int, int]) -> Frame:
    scale = min(target[0] / size[0], target[1] / size[1])
    width, height = (min(full, max(1, round(side * scale))) for side, full in zip(size, target, strict=True))
    # Even offsets: video planes of half resolution need them, pictures do not mind.
    left, top = (target[0] - width) // 4 * 2, (target[1] - height) // 4 * 2
    return Frame("fit", (0, 0, *size), target, (left, top, width, height), scale)
