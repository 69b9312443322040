"""A grid of quarter discs, leaves and rings: the geometric pattern, also used by posters."""

from __future__ import annotations

import random

from pressroom.media.art.canvas import Canvas
from pressroom.media.art.shapes import Box, circle, polygon, quarter, rectangle
from pressroom.media.color import contrast, mix


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
            cell = Box(area.x + column * width, area.y + row * height, width, height)
            ground = _ground(canvas, {left, above[column]})
            _tile(canvas, cell, ground)
            left = above[column] = ground


def colors(canvas: Canvas) -> list[str]:
    palette = canvas.palette
    deep = mix(palette.primary, "#000000", 0.42)
    pale = mix(palette.secondary, "#ffffff", 0.72)
    return [palette.primary, palette.secondary, palette.accent, deep, pale, mix(palette.primary, "#ffffff", 0.45)]


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
    # One pixel of overlap hides the hairlines that anti-aliasing leaves between neighbours.
    canvas.add(rectangle(Box(cell.x - 0.5, cell.y - 0.5, cell.width + 1, cell.height + 1)), ground)
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
    half_width, half_height = cell.width / 2, cell.height / 2
    if corner % 2 == 0:
        top = Box(cell.x, cell.y, cell.width, half_height)
        for quadrant, x in ((2, cell.x), (3, cell.x + half_width)):
            canvas.add(quarter(Box(x, top.y, half_width, half_height), quadrant), color)
        for quadrant, x in ((2, cell.x), (3, cell.x + half_width)):
            canvas.add(quarter(Box(x, cell.y + half_height, half_width, half_height), quadrant), color)
    else:
        for quadrant, y in ((1, cell.y), (2, cell.y + half_height)):
            canvas.add(quarter(Box(cell.x, y, half_width, half_height), quadrant), color)
            canvas.add(quarter(Box(cell.x + half_width, y, half_width, half_height), quadrant), color)
