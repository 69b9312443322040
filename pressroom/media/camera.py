"""Camera moves over a still picture, smooth to a fraction of a pixel."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np
from PIL import Image

from pressroom.media.focal import Focus
from pressroom.media.planes import (
    Affine,
    Frame,
    Still,
    chroma_indices,
    chroma_phases,
    look,
    luma_indices,
    luma_phases,
    split,
    still_of,
)

Motion = Literal[
    "zoom_in", "zoom_out", "pan_left", "pan_right", "pan_up", "pan_down", "diagonal", "parallax", "hold"
]  # fmt: skip
Intensity = Literal["subtle", "medium", "dynamic"]

# How far a zoom goes, and how much wider than the view the field of a pan is.
REACH: dict[str, float] = {"subtle": 1.08, "medium": 1.18, "dynamic": 1.35}
_DIRECTIONS: dict[str, tuple[float, float]] = {
    "pan_left": (-1, 0), "pan_right": (1, 0), "pan_up": (0, -1), "pan_down": (0, 1), "diagonal": (1, 1),
}  # fmt: skip
# A camera that starts from rest shows the same frame for several frames of a slow move: it is already under way at the
# first frame, at this share of its mean speed.
_UNDER_WAY = 0.3
_CLEARANCE = 0.9
_MARGIN = 4  # pixels kept around what the camera sees, for the filters' reach


@dataclass(frozen=True, slots=True)
class View:
    """What the camera sees: the middle and the width of the view in pixels of the picture."""

    x: float
    y: float
    width: float

    def affine(self, target: tuple[int, int]) -> Affine:
        """From points of the frame to points of the picture."""
        step = self.width / target[0]
        left, top = self.x - self.width / 2, self.y - step * target[1] / 2
        return np.array([[step, 0, left], [0, step, top]], dtype=np.float64)


class Shot(Protocol):
    """One picture's time on screen."""

    def draw(self, time: float, into: Frame) -> None:
        """The frame at `time` from 0 to 1. May be called from several threads at once."""


@dataclass(frozen=True, slots=True)
class Move:
    """The camera's way from one view to another."""

    start: View
    end: View

    def at(self, time: float) -> View:
        """Eased, zoomed at a constant perceived speed."""
        eased = ease(time)
        width = self.start.width * (self.end.width / self.start.width) ** eased
        # The middle follows the zoom, so that a point aimed at moves on a straight line to its place.
        change = self.end.width - self.start.width
        share = (width - self.start.width) / change if abs(change) > 1e-9 else eased
        x = self.start.x + (self.end.x - self.start.x) * share
        y = self.start.y + (self.end.y - self.start.y) * share
        return View(x, y, width)

    def scaled(self, scale: float) -> Move:
        return Move(*(View(view.x * scale, view.y * scale, view.width * scale) for view in (self.start, self.end)))

    def moved(self, x: float, y: float) -> Move:
        return Move(*(replace(view, x=view.x + x, y=view.y + y) for view in (self.start, self.end)))


@dataclass(frozen=True, slots=True)
class Zoom:
    """A move over one picture as a whole."""

    still: Still
    move: Move
    target: tuple[int, int]

    def draw(self, time: float, into: Frame) -> None:
        look(self.still, self.move.at(time).affine(self.target), into)


class Pan:
    """A move at one distance, at which one pixel of the picture makes one of the frame."""

    def __init__(self, picture: Image.Image, move: Move, target: tuple[int, int]) -> None:
        self.move, self.target = move, target
        luma, *chroma = split(picture)
        self._planes = [luma_phases(luma), *(chroma_phases(plane) for plane in chroma)]

    def draw(self, time: float, into: Frame) -> None:
        view = self.move.at(time).affine(self.target)
        places = luma_indices(view)[:, 2], *[chroma_indices(view)[:, 2]] * 2
        for plane, (left, top), part in zip(self._planes, places, (into.luma, into.blue, into.red), strict=True):
            plane.read(float(left), float(top), part)


def ease(time: float) -> float:
    """From 0 to 1: under way at the ends, fastest in the middle, nowhere a jolt."""
    within = min(max(time, 0.0), 1.0)
    return _UNDER_WAY * within + (1 - _UNDER_WAY) * (1 - math.cos(math.pi * within)) / 2


def plan_shot(
    image: Image.Image, target: tuple[int, int], motion: Motion, intensity: Intensity, focus: Focus
) -> Zoom | Pan:
    """The move over a picture: as much of it as the target's shape allows, towards or around the focal point."""
    move = plan_move(image.size, target, motion, intensity, focus)
    picture, move = at_scale(image.convert("RGB"), move, target)
    if move.start.width == move.end.width:
        return Pan(picture, move, target)
    return Zoom(still_of(picture), move, target)


def at_scale(image: Image.Image, move: Move, target: tuple[int, int], around: float = 0.0) -> tuple[Image.Image, Move]:
    """The part of the picture that is seen, one of its pixels to one of the frame where the camera is nearest.

    More would flicker, less would blur. `around` is how much more is kept on each side, as a share of the view's width.
    """
    box = _seen(image.size, move, target, around)
    scale = target[0] / min(move.start.width, move.end.width)
    size = (max(1, int((box[2] - box[0]) * scale + 1e-6)), max(1, int((box[3] - box[1]) * scale + 1e-6)))
    # Whole pixels must not bend the move: the box gives up the part of a pixel that is left over.
    seen = (box[0], box[1], min(box[0] + size[0] / scale, box[2]), min(box[1] + size[1] / scale, box[3]))
    picture = image.resize(size, Image.Resampling.LANCZOS, box=seen, reducing_gap=3.0)
    return picture, move.moved(-box[0], -box[1]).scaled(scale)


def _seen(size: tuple[int, int], move: Move, target: tuple[int, int], around: float) -> tuple[int, int, int, int]:
    shape = target[1] / target[0]
    views = (move.start, move.end)
    margin = (_MARGIN / target[0] + around) * max(view.width for view in views) + 1
    left, right = min(v.x - v.width / 2 for v in views), max(v.x + v.width / 2 for v in views)
    top, bottom = min(v.y - v.width * shape / 2 for v in views), max(v.y + v.width * shape / 2 for v in views)
    return (
        max(0, math.floor(left - margin)),
        max(0, math.floor(top - margin)),
        min(size[0], math.ceil(right + margin)),
        min(size[1], math.ceil(bottom + margin)),
    )


def plan_move(
    size: tuple[int, int], target: tuple[int, int], motion: Motion, intensity: Intensity, focus: Focus
) -> Move:
    """Where the camera goes over a picture of this size."""
    reach = REACH[intensity]
    widest = min(size[0], size[1] * target[0] / target[1])
    shape = target[1] / target[0]
    near = widest / reach

    def view(x: float, y: float, width: float) -> View:
        return View(_held(x, width, size[0]), _held(y, width * shape, size[1]), width)

    middle = focus.x * size[0], focus.y * size[1]
    if motion == "hold":
        return Move(view(*middle, widest), view(*middle, widest))
    if motion in ("zoom_in", "zoom_out"):
        far, close = view(*middle, widest), view(*middle, near)
        return Move(far, close) if motion == "zoom_in" else Move(close, far)
    if motion == "parallax":
        # Both layers swing around this view: it keeps clear of the picture's edges where it can.
        clear = near + (widest - near) * _CLEARANCE
        seen = View(_held(middle[0], clear, size[0]), _held(middle[1], clear * shape, size[1]), near)
        return Move(seen, seen)
    across, down = _DIRECTIONS[motion]
    travel = near * (reach - 1), near * shape * (reach - 1)
    start = _travelled(middle, travel, near, shape, size, (-across, -down))
    end = _travelled(middle, travel, near, shape, size, (across, down))
    return Move(View(*start, near), View(*end, near))


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
