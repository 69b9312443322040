"""Camera moves over a still picture, smooth to a fraction of a pixel."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from pressroom.media.focal import Focus

Motion = Literal["zoom_in", "zoom_out", "pan_left", "pan_right", "pan_up", "pan_down", "diagonal", "hold"]
Intensity = Literal["subtle", "medium", "dynamic"]
Pixels = npt.NDArray[np.uint8]

# How far a zoom goes, and how much wider than the view the field of a pan is.
REACH: dict[str, float] = {"subtle": 1.08, "medium": 1.18, "dynamic": 1.35}
_DIRECTIONS: dict[str, tuple[float, float]] = {
    "pan_left": (-1, 0), "pan_right": (1, 0), "pan_up": (0, -1), "pan_down": (0, 1), "diagonal": (1, 1),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """What the camera sees: the middle and the width of the view in source pixels."""

    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture and the move over it."""

    pixels: Pixels
    start: View
    end: View
    target: tuple[int, int]

    def at(self, time: float) -> Pixels:
        """The frame at `time` from 0 to 1: eased, zoomed at a constant perceived speed."""
        eased = ease(time)
        width = self.start.width * (self.end.width / self.start.width) ** eased
        # The middle follows the zoom, so that a point aimed at moves on a straight line to its place.
        change = self.end.width - self.start.width
        share = (width - self.start.width) / change if abs(change) > 1e-9 else eased
        x = self.start.x + (self.end.x - self.start.x) * share
        y = self.start.y + (self.end.y - self.start.y) * share
        return self._seen(View(x, y, width))

    def _seen(self, view: View) -> Pixels:
        across, down = self.target
        step = view.width / across
        # Pixel centres lie at halves: without them the picture would creep by half a step while zooming.
        matrix = np.array(
            [
                [step, 0, view.x - view.width / 2 + step / 2 - 0.5],
                [0, step, view.y - step * down / 2 + step / 2 - 0.5],
            ],
            dtype=np.float64,
        )
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        seen = cv2.warpAffine(self.pixels, matrix, self.target, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(seen, dtype=np.uint8)


def ease(time: float) -> float:
    """Starts and stops softly: half a cosine."""
    return (1 - math.cos(math.pi * min(max(time, 0.0), 1.0))) / 2


def plan_shot(image: Image.Image, target: tuple[int, int], motion: Motion, intensity: Intensity, focus: Focus) -> Shot:
    """The move over a picture: as much of it as the target's shape allows, towards or around the focal point."""
    start, end = _views(image.size, target, motion, REACH[intensity], focus)
    # One source pixel per output pixel where the camera is nearest: more would alias, less would blur.
    scale = target[0] / min(start.width, end.width)
    if scale < 1:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        start, end = _scaled(start, scale), _scaled(end, scale)
    return Shot(np.asarray(image.convert("RGB")), start, end, target)


def frames(shots: Sequence[Shot], count: int, fade: int) -> Iterator[Pixels]:
    """`count` frames of all shots in turn; neighbours share `fade` frames in which one turns into the next."""
    length = (count + fade * (len(shots) - 1)) / len(shots)
    pitch = length - fade
    for number in range(count):
        index = min(int(number / pitch), len(shots) - 1)
        frame = shots[index].at((number - index * pitch) / max(1.0, length - 1))
        into = number - index * pitch
        if index and into < fade:
            before = shots[index - 1].at((number - (index - 1) * pitch) / max(1.0, length - 1))
            share = ease((into + 1) / (fade + 1))
            frame = np.asarray(cv2.addWeighted(frame, share, before, 1 - share, 0), dtype=np.uint8)
        yield frame


def _views(
    size: tuple[int, int], target: tuple[int, int], motion: Motion, reach: float, focus: Focus
) -> tuple[View, View]:
    widest = min(size[0], size[1] * target[0] / target[1])
    shape = target[1] / target[0]
    near = widest / reach

    def view(x: float, y: float, width: float) -> View:
        return View(_held(x, width, size[0]), _held(y, width * shape, size[1]), width)

    middle = focus.x * size[0], focus.y * size[1]
    if motion == "hold":
        return view(*middle, widest), view(*middle, widest)
    if motion in ("zoom_in", "zoom_out"):
        far, close = view(*middle, widest), view(*middle, near)
        return (far, close) if motion == "zoom_in" else (close, far)
    across, down = _DIRECTIONS[motion]
    travel = near * (reach - 1), near * shape * (reach - 1)
    start = _travelled(middle, travel, near, shape, size, (-across, -down))
    end = _travelled(middle, travel, near, shape, size, (across, down))
    return View(*start, near), View(*end, near)


def _travelled(
    middle: tuple[float, float],
    travel: tuple[float, float],
    width: float,
    shape: float,
    size: tuple[int, int],
    direction: tuple[float, float],
) -> tuple[float, float]:
    """Half the way from the middle; near an edge the whole way is moved inwards rather than cut short."""
    x = _held(middle[0], width + travel[0] * abs(direction[0]), size[0]) + travel[0] / 2 * direction[0]
    y = _held(middle[1], width * shape + travel[1] * abs(direction[1]), size[1]) + travel[1] / 2 * direction[1]
    return _held(x, width, size[0]), _held(y, width * shape, size[1])


def _held(middle: float, extent: float, size: float) -> float:
    """The middle nearest to the wish with which the extent stays inside."""
    return size / 2 if extent >= size else min(max(middle, extent / 2), size - extent / 2)


def _scaled(view: View, scale: float) -> View:
    return View(view.x * scale, view.y * scale, view.width * scale)


FrameSource = Callable[[], Iterator[Pixels]]
