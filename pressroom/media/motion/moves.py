"""Where the camera goes: from one view of a picture to another, eased, never outside of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from pressroom.media.encoding.yuv import Affine
from pressroom.media.subject.focal import Focus

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


def ease(time: float) -> float:
    """From 0 to 1: under way at the ends, fastest in the middle, nowhere a jolt."""
    within = min(max(time, 0.0), 1.0)
    return _UNDER_WAY * within + (1 - _UNDER_WAY) * (1 - math.cos(math.pi * within)) / 2


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
