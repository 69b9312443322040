"""Light and shadow without filters: gradients that fall off like a blur, in enough pieces that no rings show."""

from __future__ import annotations

import math

from pressroom.media.geometry import Box, Point
from pressroom.media.vector.canvas import Canvas, Stop
from pressroom.media.vector.shapes import ellipse, rectangle

# A Gaussian in straight pieces: with eight or fewer the joints show as rings.
PIECES = 20
FALLOFF = tuple(
    (step / PIECES, math.exp(-4.5 * (step / PIECES) ** 2) * (1 - (step / PIECES) ** 4)) for step in range(PIECES + 1)
)


def falloff(color: str, strength: float) -> list[Stop]:
    return [Stop(offset, color, share * strength) for offset, share in FALLOFF]


def halo(canvas: Canvas, center: Point, radii: Point, color: str, strength: float = 1.0, turn: float = 0.0) -> None:
    """A soft light (or shade), an ellipse turned by `turn` degrees."""
    fill = canvas.glow(center, radii, *falloff(color, strength), turn=turn)
    # Only what it reaches is painted: a gradient over the whole canvas costs as much where it is clear.
    angle = math.radians(turn)
    wide = math.hypot(radii[0] * math.cos(angle), radii[1] * math.sin(angle))
    tall = math.hypot(radii[0] * math.sin(angle), radii[1] * math.cos(angle))
    left, top = max(0.0, center[0] - wide), max(0.0, center[1] - tall)
    right, bottom = min(float(canvas.width), center[0] + wide), min(float(canvas.height), center[1] + tall)
    if right > left and bottom > top:
        canvas.add(rectangle(Box(left, top, right - left, bottom - top)), fill)


def shadow(canvas: Canvas, center: Point, radii: Point, strength: float = 0.35, color: str = "#000000") -> None:
    """A soft shadow on the floor: an ellipse that fades out at its rim."""
    canvas.add(ellipse(*center, *radii), canvas.glow(center, radii, *falloff(color, strength)))


def across(canvas: Canvas, color: str, start: Point, end: Point) -> str:
    """A fill that fades from the colour to nothing."""
    return canvas.fade(start, end, *falloff(color, 1.0))
