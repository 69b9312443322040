"""A pattern of quarter discs, leaves and rings over the whole canvas."""

from __future__ import annotations

from pressroom.media.art.brief import Brief
from pressroom.media.art.canvas import Canvas
from pressroom.media.art.caption import caption
from pressroom.media.art.shapes import Box
from pressroom.media.art.tiles import colors, grid


def draw(canvas: Canvas, brief: Brief) -> None:
    grid(canvas, canvas.box, canvas.rng.choice((4, 5, 6)) if canvas.ratio < 3 else 3)
    area = Box(canvas.width * 0.16, canvas.height * 0.32, canvas.width * 0.68, canvas.height * 0.36)
    caption(canvas, brief, area, tuple(colors(canvas)))
