"""Solid ground for words: a card that hugs them, or a band that runs to the edges of the picture."""

from __future__ import annotations

from pressroom.media.color.spaces import AA_NORMAL, contrast
from pressroom.media.geometry import Box
from pressroom.media.lettering.ground import Ground
from pressroom.media.vector.shapes import Shape, rectangle

# Shares of the picture's shorter side.
PADDING = 0.045
RADIUS = 0.028


def padding_of(style: str, unit: float) -> float:
    """The room in pixels that a style needs between its words and the edge of their ground."""
    return unit * PADDING if style in ("card", "band") else 0.0


def room_for(column: Box, style: str, position: str, unit: float) -> Box:
    """What of the column the words may take: a card stays in the safe zone, a band may leave it where it meets the edge."""
    pad = padding_of(style, unit)
    if not pad:
        return column
    if style == "card" or "_" in position:
        return column.inset(pad)
    return column.inset(0.0, pad) if position == "center" else column


def panel_of(boxes: list[Box], style: str, position: str, size: tuple[int, int]) -> Shape | None:
    """The ground under all boxes, without its colour; None for words that stand on the picture itself."""
    width, height = size
    unit = float(min(size))
    pad = padding_of(style, unit)
    if not pad:
        return None
    left, top = min(box.x for box in boxes) - pad, min(box.y for box in boxes) - pad
    right, bottom = max(box.right for box in boxes) + pad, max(box.bottom for box in boxes) + pad
    if style == "card" or "_" in position:
        return Shape(rectangle(Box(left, top, right - left, bottom - top), unit * RADIUS))
    if position in ("left", "right"):
        left, right = (0.0, right) if position == "left" else (left, float(width))
        return Shape(rectangle(Box(left, 0.0, right - left, float(height))))
    top, bottom = (0.0 if position == "top" else top), (float(height) if position == "bottom" else bottom)
    return Shape(rectangle(Box(0.0, top, float(width), bottom - top)))


def ground_on(panel: str, light: str, dark: str, color: str | None) -> Ground:
    """The asked colour where it reads on the panel, else whichever ink reads better."""
    text = max((light, dark), key=lambda ink: contrast(ink, panel))
    if color is not None and contrast(color, panel) >= AA_NORMAL:
        text = color
    return Ground(text, panel, 0.0, contrast(text, panel))
