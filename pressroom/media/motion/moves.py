"""Where the camera goes: from one view of a picture to another, eased, never outside of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from pressroom.media.encoding.yuv import Affine
from pressroom.media.geometry import Region, union
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
# How far each layer of a parallax swings to either side, and how much nearer the subject comes, as shares of the view's width.
SWING: dict[str, float] = {"subtle": 0.007, "medium": 0.013, "dynamic": 0.022}
NEARER: dict[str, float] = {"subtle": 0.015, "medium": 0.03, "dynamic": 0.05}


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
    """Where the camera goes over a picture of this size: as far as the subject stays whole in every view.

    What lies in the first view and in the last one lies in all between: their edges go on straight lines.
    """
    scene = _Scene.of(size, target, focus)
    near = max(scene.widest / REACH[intensity], scene.least)
    if motion == "hold":
        return scene.still(scene.widest)
    if motion in ("zoom_in", "zoom_out"):
        far, close = scene.view(scene.widest), scene.view(near)
        return Move(far, close) if motion == "zoom_in" else Move(close, far)
    if motion == "parallax":
        # Both layers swing around this view, and the subject comes nearer.
        kept = 1 - NEARER[intensity] - 2 * SWING[intensity]
        near = min(max(near, scene.least / kept), scene.widest)
        return scene.swung(near, kept)
    return scene.panned(near, _DIRECTIONS[motion], REACH[intensity] - 1)


@dataclass(frozen=True, slots=True)
class _Line:
    """One axis: the picture from 0 to `size`, what of it must stay whole, and where the camera wants to look."""

    size: float
    start: float
    end: float
    wish: float

    def places(self, extent: float) -> tuple[float, float]:
        """The first and the last start of a view of this extent that shows what must stay whole."""
        low, high = max(0.0, self.end - extent), min(self.size - extent, self.start)
        return (low, high) if low <= high else (max(0.0, min(high, low)), max(0.0, min(high, low)))

    def middle(self, extent: float, between: tuple[float, float]) -> float:
        low, high = between
        return min(max(self.wish - extent / 2, low), max(low, high)) + extent / 2

    def path(self, extent: float, travel: float, direction: float) -> tuple[float, float]:
        """The first and the last middle of a view that travels, at most as far as it may."""
        low, high = self.places(extent)
        way = min(travel * abs(direction), max(0.0, high - low))
        first = min(max(self.wish - (extent + way) / 2, low), max(low, high - way)) + extent / 2
        return (first, first + way) if direction >= 0 else (first + way, first)


@dataclass(frozen=True, slots=True)
class _Scene:
    """A picture for views of one shape. `least` is the width of the smallest one that shows the subject."""

    across: _Line
    down: _Line
    shape: float
    widest: float
    least: float

    @classmethod
    def of(cls, size: tuple[int, int], target: tuple[int, int], focus: Focus) -> _Scene:
        shape = target[1] / target[0]
        widest = min(size[0], size[1] / shape)
        wish = focus.x * size[0], focus.y * size[1]
        for left, top, right, bottom in _whole(focus):
            spans = (left * size[0], right * size[0]), (top * size[1], bottom * size[1])
            least = max(spans[0][1] - spans[0][0], (spans[1][1] - spans[1][0]) / shape)
            if least <= widest:
                lines = [_Line(size[axis], *spans[axis], wish[axis]) for axis in (0, 1)]
                return cls(lines[0], lines[1], shape, widest, least)
        lines = [_Line(size[axis], wish[axis], wish[axis], wish[axis]) for axis in (0, 1)]
        return cls(lines[0], lines[1], shape, widest, 0.0)

    def view(self, width: float) -> View:
        """The view of this width that looks where it wants to and shows the subject."""
        tall = width * self.shape
        return View(
            self.across.middle(width, self.across.places(width)), self.down.middle(tall, self.down.places(tall)), width
        )

    def still(self, width: float) -> Move:
        return Move(self.view(width), self.view(width))

    def swung(self, width: float, kept: float) -> Move:
        """One view whose inner part, this share of it, shows the subject; clear of the picture's edges where it can be."""
        clear = min(self.widest, width + (self.widest - width) * _CLEARANCE)
        middles = []
        for line, scale in ((self.across, 1.0), (self.down, self.shape)):
            inner, outer = width * kept * scale, clear * scale
            low, high = line.places(inner)
            # Middles at which the inner part shows the subject, as far as the outer one stays inside.
            bounds = max(low + inner / 2, outer / 2), min(high + inner / 2, line.size - outer / 2)
            if bounds[0] > bounds[1]:
                bounds = max(low + inner / 2, width * scale / 2), min(high + inner / 2, line.size - width * scale / 2)
            middles.append(min(max(line.wish, bounds[0]), max(bounds)))
        seen = View(middles[0], middles[1], width)
        return Move(seen, seen)

    def panned(self, near: float, direction: tuple[float, float], share: float) -> Move:
        """A way at one distance: farther off where the subject would leave no room to travel."""
        lines = [(self.across, direction[0], 1.0), (self.down, direction[1], self.shape)]
        width = near
        for line, along, scale in lines:
            if along:
                # Travel is what the view leaves around the subject, or the picture around the view: most where both are one.
                held = line.end - line.start
                wanted = min((line.size + held) / 2, held + near * scale * share) / scale
                width = min(max(width, wanted), self.widest)
        tall = width * self.shape
        x = self.across.path(width, near * share, direction[0])
        y = self.down.path(tall, near * self.shape * share, direction[1])
        return Move(View(x[0], y[0], width), View(x[1], y[1], width))


def _whole(focus: Focus) -> list[Region]:
    """What must stay whole, best first: all with the room that looks right, all bare, the subjects or the words, one alone."""
    subjects, words = (focus.roomy, focus.boxes), (focus.airy_words, focus.words)
    together = [(*focus.roomy, *focus.airy_words), (*focus.boxes, *focus.words)] if focus.words else []
    rest = [*subjects, *words] if focus.is_told else [*words, *subjects]
    found = [union(boxes) for boxes in (*together, *rest) if boxes]
    return found + sorted(focus.boxes, key=lambda box: (box[0] - box[2]) * (box[3] - box[1]))[:1]
