"""A starburst: the badge in the corner that the words leave free."""

from __future__ import annotations

import math

from pressroom.media.geometry import Box
from pressroom.media.lettering.stack import Piece, smallest_text
from pressroom.media.typography.text import fit
from pressroom.media.typography.typefaces import Fonts
from pressroom.media.vector.shapes import polygon

# Shares of the picture's shorter side, and of the burst's own width.
WIDTH = 0.23
ROOM = 0.66
DEEP = 0.9
TIPS = 18
LARGEST_LETTER = 0.34
LEADING = 1.02


def burst_of(
    badge: str, fonts: Fonts, zone: Box, unit: float, *, position: str, right_to_left: bool, taken: list[Box]
) -> Piece | None:
    """The burst in the corner across from the words; None where it would touch them or its word would be too small."""
    width = min(unit * WIDTH, zone.width * 0.4, zone.height * 0.4)
    block = fit(
        badge, fonts.strong, (width * ROOM, width * ROOM), (smallest_text(unit), width * LARGEST_LETTER),
        max_lines=3, leading=LEADING,
    )  # fmt: skip
    if block is None:
        return None
    sides = position.split("_")
    on_left = "right" in sides or (right_to_left and "left" not in sides)
    x = zone.x if on_left else zone.right - width
    y = zone.bottom - width if sides[0] == "top" else zone.y
    box = Box(x, y, width, width)
    gap = unit * 0.02
    if any(_meet(box, other, gap) for other in taken):
        return None
    return Piece("badge", box, block)


def burst_shape(box: Box) -> str:
    """A star of many shallow points, as path data."""
    x, y = box.center
    radius = box.width / 2
    turns = [math.pi * (index / TIPS - 0.5) for index in range(TIPS * 2)]
    reach = [radius * (DEEP if index % 2 else 1.0) for index in range(TIPS * 2)]
    return polygon(
        [(x + far * math.cos(turn), y + far * math.sin(turn)) for far, turn in zip(reach, turns, strict=True)]
    )


def _meet(one: Box, other: Box, gap: float) -> bool:
    return (
        one.x < other.right + gap
        and other.x < one.right + gap
        and one.y < other.bottom + gap
        and other.y < one.bottom + gap
    )
