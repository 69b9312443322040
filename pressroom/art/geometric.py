"""Geometric backgrounds: strict grids of plain figures."""

from __future__ import annotations

import math

from pressroom.art.brief import Brief
from pressroom.art.gradient import middle
from pressroom.art.setting import caption
from pressroom.art.tiles import grid
from pressroom.media.color.spaces import kin, mix, to_oklch, tone
from pressroom.media.geometry import Box
from pressroom.media.vector.canvas import Canvas
from pressroom.media.vector.shapes import circle, n, polygon, quarter, rectangle


def tiles(canvas: Canvas, brief: Brief) -> None:
    """Quarter discs, leaves and rings over the whole canvas."""
    grid(canvas, canvas.box, canvas.rng.choice((4, 5, 6)) if canvas.ratio < 2.4 else 3)
    caption(canvas, brief, middle(canvas), ())


def bauhaus(canvas: Canvas, brief: Brief) -> None:
    """A few large circles, bars and quarters that hold each other in balance."""
    way, rng, unit = canvas.way, canvas.rng, canvas.unit
    canvas.add(rectangle(canvas.box), way.ground)
    cell = unit / 4
    columns, rows = max(4, round(canvas.width / cell)), max(4, round(canvas.height / cell))
    wide, tall = canvas.width / columns, canvas.height / rows
    taken: set[tuple[int, int]] = set()
    figures = list(way.figures)
    for size in (2, 2, 2, 1, 1, 1, 1, 1, 1):
        for _ in range(12):
            column, row = rng.randrange(columns - size + 1), rng.randrange(rows - size + 1)
            cells = {(column + x, row + y) for x in range(size) for y in range(size)}
            if not cells & taken:
                taken |= cells
                box = Box(column * wide, row * tall, wide * size, tall * size)
                _figure(canvas, box, rng.choice(figures), rng.choice(figures))
                break
    for _ in range(3):
        row = rng.randrange(rows)
        y = row * tall
        start = rng.randrange(max(1, columns - 2))
        for step in range(4):
            canvas.panel(Box(start * wide, y + tall * (0.1 + 0.22 * step), wide * 2, tall * 0.05), way.ink)
    caption(canvas, brief, middle(canvas), ())


def _figure(canvas: Canvas, box: Box, first: str, second: str) -> None:
    rng = canvas.rng
    kind = rng.randrange(5)
    radius = min(box.width, box.height) / 2
    if kind == 0:
        canvas.add(circle(*box.center, radius), first)
        canvas.add(circle(*box.center, radius * 0.5), second)
    elif kind == 1:
        canvas.add(quarter(box, rng.randrange(4)), first)
    elif kind == 2:
        canvas.add(rectangle(box), first)
        canvas.add(circle(*box.center, radius * 0.72), second)
    elif kind == 3:
        x = box.x
        half = f"A{n(box.width / 2)} {n(box.height / 2)} 0 0 1"
        canvas.add(f"M{n(x)} {n(box.center[1])}{half} {n(box.right)} {n(box.center[1])}Z", first)
        canvas.add(f"M{n(x)} {n(box.bottom)}{half} {n(box.right)} {n(box.bottom)}Z", second)
    else:
        corners = [(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)]
        turn = rng.randrange(4)
        canvas.add(polygon([corners[(turn + step) % 4] for step in range(3)]), first)


def facets(canvas: Canvas, brief: Brief) -> None:
    """A folded sheet of triangles, lit from one corner."""
    way, rng = canvas.way, canvas.rng
    side = canvas.unit / rng.choice((4, 5, 6))
    columns, rows = math.ceil(canvas.width / side) + 1, math.ceil(canvas.height / side) + 1
    wide, tall = canvas.width / (columns - 1), canvas.height / (rows - 1)
    points = {
        (x, y): (
            (x + (rng.uniform(-0.34, 0.34) if 0 < x < columns - 1 else 0)) * wide,
            (y + (rng.uniform(-0.34, 0.34) if 0 < y < rows - 1 else 0)) * tall,
        )
        for x in range(columns)
        for y in range(rows)
    }
    first, second = rng.sample((way.figures[0], way.figures[1], way.figures[2]), 2)
    second = kin(second, first, 80)
    dark = canvas.palette.dark
    flip = rng.random() < 0.5
    for x in range(columns - 1):
        for y in range(rows - 1):
            corners = [points[x, y], points[x + 1, y], points[x + 1, y + 1], points[x, y + 1]]
            triples = ((0, 1, 2), (0, 2, 3)) if (x + y) % 2 else ((0, 1, 3), (1, 2, 3))
            for triple in triples:
                shape = [corners[index] for index in triple]
                along = (
                    sum(point[0] for point in shape) / canvas.width + sum(point[1] for point in shape) / canvas.height
                ) / 6
                along = 1 - along if flip else along
                base = mix(first, second, min(1.0, max(0.0, along)))
                light = (0.32 if dark else 0.7) + rng.uniform(-0.07, 0.09) + 0.1 * (0.5 - along)
                color = tone(base, light)
                canvas.add(polygon(shape), color, stroke=color, stroke_width=0.8)
    caption(canvas, brief, middle(canvas), (), plate=(canvas.palette.surface, canvas.palette.ink))


def cubes(canvas: Canvas, brief: Brief) -> None:
    """Isometric blocks of different colours, all lit from the left."""
    way, rng = canvas.way, canvas.rng
    side = canvas.unit / rng.choice((8, 10, 12))
    wide, tall = side * math.sqrt(3) / 2, side / 2
    columns, rows = math.ceil(canvas.width / (2 * wide)) + 2, math.ceil(canvas.height / (3 * tall)) + 2
    canvas.add(rectangle(canvas.box), way.ground)
    palette = [*way.figures, mix(way.ground, way.figures[0], 0.35)]
    for row in range(-1, rows):
        for column in range(-1, columns):
            x = column * 2 * wide + (wide if row % 2 else 0)
            y = row * 3 * tall
            color = palette[rng.choices(range(5), (3, 2, 2, 1, 4))[0]]
            light = to_oklch(color)[0]
            top, left, right = tone(color, min(0.95, light + 0.1)), color, tone(color, max(0.14, light - 0.13))
            canvas.add(
                polygon([(x, y), (x + wide, y + tall), (x, y + 2 * tall), (x - wide, y + tall)]),
                top,
                stroke=top,
                stroke_width=0.6,
            )
            canvas.add(
                polygon([(x - wide, y + tall), (x, y + 2 * tall), (x, y + 4 * tall), (x - wide, y + 3 * tall)]),
                left,
                stroke=left,
                stroke_width=0.6,
            )
            canvas.add(
                polygon([(x + wide, y + tall), (x, y + 2 * tall), (x, y + 4 * tall), (x + wide, y + 3 * tall)]),
                right,
                stroke=right,
                stroke_width=0.6,
            )
    caption(canvas, brief, middle(canvas), ())
