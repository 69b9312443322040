"""Sizes of what geometry makes, without a pixel library: planning asks for them."""

from __future__ import annotations

import math
from typing import Literal

Edges = Literal["expand", "crop", "keep"]


def ratio_size(size: tuple[int, int], ratio: float) -> tuple[int, int]:
    """The largest whole size of that shape (width / height) inside `size`."""
    width, height = size
    if width > height * ratio:
        return max(1, min(width, round(height * ratio))), height
    return width, max(1, min(height, round(width / ratio)))


def rotated_size(size: tuple[int, int], degrees: float, edges: Edges) -> tuple[int, int]:
    """Width and height after turning. `crop` leaves the largest upright rectangle without a corner of background."""
    width, height = size
    turn = degrees % 360
    if turn % 90 == 0:
        return (height, width) if turn % 180 else (width, height)
    if edges == "keep":
        return size
    sine, cosine = abs(math.sin(math.radians(turn))), abs(math.cos(math.radians(turn)))
    if edges == "expand":
        return math.ceil(width * cosine + height * sine - 1e-6), math.ceil(width * sine + height * cosine - 1e-6)
    return _inscribed(width, height, sine, cosine)


def _inscribed(width: int, height: int, sine: float, cosine: float) -> tuple[int, int]:
    """The rectangle of largest area inside a turned one: two corners touch where it is narrow, else all four."""
    long, short = max(width, height), min(width, height)
    if short <= 2 * sine * cosine * long or abs(sine - cosine) < 1e-9:
        half = short / 2
        across, down = (half / sine, half / cosine) if width >= height else (half / cosine, half / sine)
    else:
        double = cosine * cosine - sine * sine
        across, down = (width * cosine - height * sine) / double, (height * cosine - width * sine) / double
    # One pixel a side less: the filter mixes in what lies outside there.
    return max(1, math.floor(across) - 2), max(1, math.floor(down) - 2)
