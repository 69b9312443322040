"""Boxes, regions and spans: where things lie in a picture.

A `Box` is a rectangle in pixels, `Bounds` are the edges of one as Pillow takes them; a `Region` is in shares of a picture's
width and height, a `Span` in shares of one side.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Bounds: TypeAlias = tuple[int, int, int, int]  # left, top, right, bottom in pixels
Region: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom
Span: TypeAlias = tuple[float, float]  # start and end on the line from 0 to 1

WHOLE: Region = (0.0, 0.0, 1.0, 1.0)

_TOUCH = 1e-9


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def center(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2

    def inset(self, dx: float, dy: float | None = None) -> Box:
        dy = dx if dy is None else dy
        return Box(self.x + dx, self.y + dy, max(1.0, self.width - 2 * dx), max(1.0, self.height - 2 * dy))

    def part(self, x: float, y: float, width: float, height: float) -> Box:
        """The part given by shares of this box."""
        return Box(self.x + x * self.width, self.y + y * self.height, width * self.width, height * self.height)

    def at(self, x: float, y: float) -> Point:
        """The point at shares of this box."""
        return self.x + x * self.width, self.y + y * self.height


def union(boxes: Sequence[Region]) -> Region:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def grown(box: Region, sides: float, up: float, down: float) -> Region:
    """The region with margins in shares of its own width (sides) and height (up, down), inside the picture."""
    width, height = box[2] - box[0], box[3] - box[1]
    return (
        max(0.0, box[0] - sides * width),
        max(0.0, box[1] - up * height),
        min(1.0, box[2] + sides * width),
        min(1.0, box[3] + down * height),
    )


def is_inside(box: Region, window: Region, slack: float = 1e-6) -> bool:
    return (
        box[0] >= window[0] - slack
        and box[1] >= window[1] - slack
        and box[2] <= window[2] + slack
        and box[3] <= window[3] + slack
    )


def visible(boxes: Iterable[Region]) -> list[Region]:
    """What of each region lies inside the picture, to four decimals; those wholly outside are left out."""
    cut = [tuple(round(min(1.0, max(0.0, edge)), 4) for edge in box) for box in boxes]
    return [(left, top, right, bottom) for left, top, right, bottom in cut if right > left and bottom > top]


def turned(box: Region, size: tuple[int, int], degrees: float, onto: tuple[int, int]) -> Region:
    """The region around a region of a picture that turns clockwise about its middle, in shares of the canvas `onto`."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    corners = [((x - 0.5) * size[0], (y - 0.5) * size[1]) for x in (box[0], box[2]) for y in (box[1], box[3])]
    xs = [(x * cosine - y * sine) / onto[0] + 0.5 for x, y in corners]
    ys = [(x * sine + y * cosine) / onto[1] + 0.5 for x, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def start_of_window(wish: float, length: float, spans: Sequence[Span], roomy: Sequence[Span]) -> float:
    """Where a window of this length goes on a line: the start nearest to the wish with which it shows every span.

    `roomy` are the same spans with the room that looks right; it is given where all of it fits. Where the spans do not fit
    together, as much of them as can be is whole. Where even the shortest is longer than the
    window, the window stays inside the longest.
    """
    for wanted in (roomy, spans):
        found = _range(length, wanted)
        if found is not None:
            return _clamped(wish, *found)
    return _clamped(wish, *_range_of_most(length, spans))


def fits(length: float, spans: Sequence[Span]) -> bool:
    """Whether one window of this length shows all spans."""
    return _range(length, spans) is not None


def _range(length: float, spans: Sequence[Span]) -> Span | None:
    """The starts with which a window shows all spans."""
    low = max([0.0, *(end - length for _, end in spans)])
    high = min([max(0.0, 1 - length), *(start for start, _ in spans)])
    return (low, max(low, high)) if low <= high + _TOUCH else None


def _range_of_most(length: float, spans: Sequence[Span]) -> Span:
    """The starts with which as much as can be is whole; a best window touches one of the spans with one of its ends."""
    last = max(0.0, 1 - length)
    starts = [_clamped(edge, 0.0, last) for start, end in spans for edge in (start, end - length)]
    kept = max(([span for span in spans if _shows(at, length, span)] for at in starts), key=_total)
    found = _range(length, kept) if kept else None
    if found is not None:
        return found
    start, end = max(spans, key=lambda span: span[1] - span[0])
    return _clamped(start, 0.0, last), _clamped(end - length, 0.0, last)


def _shows(at: float, length: float, span: Span) -> bool:
    return at <= span[0] + _TOUCH and span[1] <= at + length + _TOUCH


def _total(spans: Sequence[Span]) -> float:
    return sum(end - start for start, end in spans)


def _clamped(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
