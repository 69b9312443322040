"""Fields of bold shapes that posters, sale banners and event cards set beside their words."""

from __future__ import annotations

import math

from pressroom.art.tiles import grid
from pressroom.media.color.spaces import mix, tone
from pressroom.media.geometry import Box
from pressroom.media.vector.canvas import Canvas
from pressroom.media.vector.shapes import arch, circle, closed, polar, polygon, quarter, rectangle


def tiles(canvas: Canvas, area: Box) -> None:
    grid(canvas, area, 2 if canvas.unit < 400 else canvas.rng.choice((3, 3, 4)))


def rings(canvas: Canvas, area: Box) -> None:
    """Concentric discs around a point on the rim of the field."""
    way, rng = canvas.way, canvas.rng
    canvas.panel(area, way.figures[0])
    center = area.at(rng.choice((0.0, 0.5, 1.0)), rng.choice((0.0, 1.0)))
    reach = math.hypot(area.width, area.height) * rng.uniform(0.72, 0.9)
    cycle = (way.figures[1], way.ground, way.figures[2], way.figures[0], way.figures[3])
    count = rng.choice((6, 7, 8))
    for step in range(count):
        canvas.add(circle(*center, reach * (1 - step / count)), cycle[step % len(cycle)])


def arches(canvas: Canvas, area: Box) -> None:
    """Rows of nested doors, each in its own order of colours."""
    way, rng = canvas.way, canvas.rng
    canvas.panel(area, way.figures[3])
    side = min(area.width, area.height) / rng.choice((1, 2, 2))
    columns, rows = max(1, round(area.width / side)), max(1, round(area.height / side))
    wide, tall = area.width / columns, area.height / rows
    colors = (way.figures[0], way.ground, way.figures[1], way.figures[2])
    for row in range(rows):
        for column in range(columns):
            box = Box(area.x + column * wide, area.y + row * tall, wide, tall)
            start = (row + column + rng.randrange(2)) % len(colors)
            for step in range(4):
                half = wide * (0.5 - 0.115 * step)
                top = box.y + tall * 0.06 + (wide * 0.5 - half) + max(0.0, (tall - wide) * 0.35)
                canvas.add(arch(box.center[0], box.bottom, half, top), colors[(start + step) % len(colors)])


def sun(canvas: Canvas, area: Box) -> None:
    """A disc behind flat hills."""
    way, rng = canvas.way, canvas.rng
    canvas.panel(area, tone(way.figures[1], 0.86, 0.8))
    size = min(area.width, area.height)
    canvas.add(circle(*area.at(rng.uniform(0.3, 0.7), 0.45), size * rng.uniform(0.24, 0.32)), way.figures[1])
    deep = tone(way.figures[0], 0.28)
    for share, color in ((0.56, way.figures[2]), (0.7, way.figures[0]), (0.85, deep)):
        peak = area.x + area.width * rng.uniform(0.1, 0.9)
        base = area.y + area.height * (share + 0.08)
        left, right = area.x - size * 0.4, area.right + size * 0.4
        lift = base - size * 0.34
        canvas.add(
            f"M{left:.2f} {base:.2f}Q{peak:.2f} {lift:.2f} {right:.2f} {base:.2f}V{area.bottom + 1:.2f}H{left:.2f}Z",
            color,
        )


def bands(canvas: Canvas, area: Box) -> None:
    """Leaning stripes that swell from thin to thick."""
    way, rng = canvas.way, canvas.rng
    canvas.panel(area, way.figures[3])
    colors = (way.figures[0], way.figures[1], way.ground, way.figures[2])
    lean = area.height * rng.choice((-0.6, -0.35, 0.35, 0.6))
    count = rng.choice((7, 9, 11))
    wide = (area.width + abs(lean)) / count
    x = area.x - max(lean, 0.0)
    for step in range(count):
        left = x + step * wide
        thick = wide * (0.25 + 0.75 * (step + 1) / count)
        canvas.add(
            polygon(
                [
                    (left, area.bottom),
                    (left + lean, area.y),
                    (left + lean + thick, area.y),
                    (left + thick, area.bottom),
                ]
            ),
            colors[step % len(colors)],
        )


def cutouts(canvas: Canvas, area: Box) -> None:
    """Leaves and pebbles as if cut from coloured paper."""
    way, rng = canvas.way, canvas.rng
    canvas.panel(area, mix(way.ground, way.figures[1], 0.18))
    size = min(area.width, area.height)
    columns, rows = max(1, round(area.width / size * 2)), max(1, round(area.height / size * 2))
    for index in range(columns * rows):
        row, column = divmod(index, columns)
        center = area.at((column + rng.uniform(0.3, 0.7)) / columns, (row + rng.uniform(0.3, 0.7)) / rows)
        color = way.figures[(index + row) % 4]
        if index % 3 == 2:
            canvas.add(pebble(canvas, center, size * rng.uniform(0.18, 0.26)), color)
        else:
            frond(canvas, center, size * rng.uniform(0.5, 0.62), rng.uniform(0, 360), color)


def pebble(canvas: Canvas, center: tuple[float, float], radius: float, points: int = 7) -> str:
    """A soft closed outline of about this radius."""
    rng = canvas.rng
    turn = rng.uniform(0, 360)
    return closed(
        [polar(center, radius * rng.uniform(0.78, 1.2), turn + 360 * step / points) for step in range(points)]
    )


def frond(canvas: Canvas, center: tuple[float, float], length: float, turn: float, color: str, leaves: int = 5) -> None:
    """A stem with pairs of rounded leaves, `length` from end to end."""
    start, end = polar(center, length / 2, turn + 180), polar(center, length / 2, turn)
    thick = length * 0.035
    path = ""
    for step in range(leaves):
        share = (step + 0.6) / leaves
        root = start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
        reach = length * 0.3 * math.sin(math.pi * (0.2 + 0.7 * share))
        path += "".join(leaf(root, reach, turn + side * 52) for side in (-1, 1))
    path += leaf(end, length * 0.14, turn)
    canvas.add(path, color)
    canvas.add(f"M{start[0]:.2f} {start[1]:.2f}L{end[0]:.2f} {end[1]:.2f}", stroke=color, stroke_width=thick)


def leaf(root: tuple[float, float], length: float, turn: float) -> str:
    """One pointed leaf from its root outwards."""
    tip = polar(root, length, turn)
    left, right = polar(root, length * 0.55, turn - 32), polar(root, length * 0.55, turn + 32)
    return (
        f"M{root[0]:.2f} {root[1]:.2f}Q{left[0]:.2f} {left[1]:.2f} {tip[0]:.2f} {tip[1]:.2f}"
        f"Q{right[0]:.2f} {right[1]:.2f} {root[0]:.2f} {root[1]:.2f}Z"
    )


def quarters(canvas: Canvas, area: Box) -> None:
    """A few very large quarter discs that answer each other."""
    way, rng = canvas.way, canvas.rng
    canvas.panel(area, way.figures[0])
    # Squares, or discs would be eggs: what does not fit is cut off at the field's far edge.
    side = min(area.width, area.height) / rng.choice((1, 1, 2))
    columns, rows = math.ceil(area.width / side - 0.05), math.ceil(area.height / side - 0.05)
    wide = tall = side
    for index in range(columns * rows):
        row, column = divmod(index, columns)
        box = Box(area.x + column * wide, area.y + row * tall, wide, tall)
        corner = rng.randrange(4)
        first, second, third = rng.sample((way.figures[1], way.figures[2], way.figures[3], way.ground), 3)
        canvas.add(rectangle(box), way.figures[0] if index % 2 == 0 else first)
        for share, color in ((1.0, second if index % 2 == 0 else way.figures[0]), (0.62, third), (0.28, first)):
            inner = Box(
                box.x if corner in (0, 3) else box.right - wide * share,
                box.y if corner in (0, 1) else box.bottom - tall * share,
                wide * share,
                tall * share,
            )
            canvas.add(quarter(inner, corner), color)


FIELDS = (tiles, rings, arches, sun, bands, cutouts, quarters)
