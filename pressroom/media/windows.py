"""Where a window of a given width goes on a line so that what must be seen whole is seen whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

Span: TypeAlias = tuple[float, float]  # start and end on the line from 0 to 1

_TOUCH = 1e-9


def start_of_window(wish: float, length: float, spans: Sequence[Span], roomy: Sequence[Span]) -> float:
    """The start nearest to the wish with which the window shows every span.

    `roomy` are the same spans with the room that looks right; it is given where all of it fits. Where the spans do not fit
    together, as much of them as can be is whole. Where even the shortest is longer than the
    window, the window stays inside the longest.
    """
    for wanted in (roomy, spans):
        found = _range(length, wanted)
        if found is not None:
            return _clamped(wish, *found)
    return _clamped(wish, *_range_of_most(length, spans))


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
