"""A grid of quarter discs, leaves and rings: the geometric pattern, also used by posters."""

from __future__ import annotations

import random

from pressroom.media.color.spaces import contrast, mix
from pressroom.media.geometry import Box
from pressroom.media.vector.canvas import Canvas
from pressroom.media.vector.shapes import circle, n, polygon, quarter, rectangle


def grid(canvas: Canvas, area: Box, cells_on_short_side: int) -> None:
    """Fill the area with square-ish cells; neighbours never share a ground colour."""
    short = min(area.width, area.height)
    columns = max(1, round(area.width / short * cells_on_short_side))
    rows = max(1, round(area.height / short * cells_on_short_side))
    width, height = area.width / columns, area.height / rows
    above: list[str] = [""] * columns
    for row in range(rows):
        left = ""
        for column in range(columns):
            # Whole pixels: two edges in one pixel would let the ground shine through.
            x, y = round(area.x + column * width), round(area.y + row * height)
            right, bottom = round(area.x + (column + 1) * width), round(area.y + (row + 1) * height)
            cell = Box(x, y, right - x, bottom - y)
            ground = _ground(canvas, {left, above[column]})
            _tile(canvas, cell, ground)
            left = above[column] = ground


def colors(canvas: Canvas) -> list[str]:
    """What tiles are painted with: the colourway's ground, its figures, and one pale and one deep relation."""
    way = canvas.way
    return [way.ground, *way.figures, mix(way.ground, way.figures[0], 0.3)]


def _ground(canvas: Canvas, taken: set[str]) -> str:
    free = [color for color in colors(canvas) if color not in taken]
    return canvas.rng.choice(free)


def _figure(rng: random.Random, ground: str, choices: list[str]) -> str:
    """A colour that stands out from the ground."""
    clear = [color for color in choices if color != ground and contrast(color, ground) >= 1.35]
    return rng.choice(clear or [color for color in choices if color != ground])


def _tile(canvas: Canvas, cell: Box, ground: str) -> None:
    rng = canvas.rng
    choices = colors(canvas)
    first = _figure(rng, ground, choices)
    second = _figure(rng, first, choices)
    canvas.add(rectangle(cell), ground)
    corner = rng.randrange(4)
    kind = rng.choices(("quarter", "leaf", "disc", "rings", "half", "triangle", "plain"), (5, 4, 3, 3, 3, 2, 1))[0]
    if kind == "quarter":
        canvas.add(quarter(cell, corner), first)
    elif kind == "leaf":
        _leaf(canvas, cell, corner, first)
    elif kind == "disc":
        canvas.add(circle(*cell.center, min(cell.width, cell.height) * 0.34), first)
    elif kind == "rings":
        _rings(canvas, cell, corner, first, second)
    elif kind == "half":
        _half(canvas, cell, corner, first)
    elif kind == "triangle":
        corners = [(cell.x, cell.y), (cell.right, cell.y), (cell.right, cell.bottom), (cell.x, cell.bottom)]
        canvas.add(polygon([corners[(corner + step) % 4] for step in range(3)]), first)


def _leaf(canvas: Canvas, cell: Box, corner: int, color: str) -> None:
    left, top, right, bottom = cell.x, cell.y, cell.right, cell.bottom
    start, end = ((left, top), (right, bottom)) if corner % 2 == 0 else ((right, top), (left, bottom))
    arc = f"A{cell.width:.2f} {cell.height:.2f} 0 0 1"
    canvas.add(
        f"M{start[0]:.2f} {start[1]:.2f}{arc} {end[0]:.2f} {end[1]:.2f}{arc} {start[0]:.2f} {start[1]:.2f}Z", color
    )


def _rings(canvas: Canvas, cell: Box, corner: int, first: str, second: str) -> None:
    for share, color in ((1.0, first), (0.66, second), (0.33, first)):
        width, height = cell.width * share, cell.height * share
        x = cell.x if corner in (0, 3) else cell.right - width
        y = cell.y if corner in (0, 1) else cell.bottom - height
        canvas.add(quarter(Box(x, y, width, height), corner), color)


def _half(canvas: Canvas, cell: Box, corner: int, color: str) -> None:
    """Two half discs, one behind the other, each one path so that no seam shows."""
    width, height = cell.width / 2, cell.height / 2
    if corner % 2 == 0:
        for bottom in (cell.y + height, cell.bottom):
            arc = f"A{n(width)} {n(height)} 0 0 1 {n(cell.right)} {n(bottom)}Z"
            canvas.add(f"M{n(cell.x)} {n(bottom)}{arc}", color)
    else:
        for right in (cell.x + width, cell.right):
            arc = f"A{n(width)} {n(height)} 0 0 0 {n(right)} {n(cell.bottom)}Z"
            canvas.add(f"M{n(right)} {n(cell.y)}{arc}", color)
