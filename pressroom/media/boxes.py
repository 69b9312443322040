"""Boxes in shares of a picture's width and height."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

Box: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom


def union(boxes: Sequence[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def grown(box: Box, sides: float, up: float, down: float) -> Box:
    """The box with margins in shares of its own width (sides) and height (up, down), inside the picture."""
    width, height = box[2] - box[0], box[3] - box[1]
    return (
        max(0.0, box[0] - sides * width),
        max(0.0, box[1] - up * height),
        min(1.0, box[2] + sides * width),
        min(1.0, box[3] + down * height),
    )


def is_inside(box: Box, window: Box, slack: float = 1e-6) -> bool:
    return (
        box[0] >= window[0] - slack
        and box[1] >= window[1] - slack
        and box[2] <= window[2] + slack
        and box[3] <= window[3] + slack
    )
