"""Patterns: small motifs that repeat over the whole canvas."""

from __future__ import annotations

import math

from pressroom.art import fields
from pressroom.art.brief import Brief
from pressroom.art.gradient import middle
from pressroom.art.setting import caption
from pressroom.media.color.spaces import mix
from pressroom.media.geometry import Box
from pressroom.media.vector.canvas import Canvas
from pressroom.media.vector.shapes import circle, line, n, polar, polygon, rectangle, ring, smooth


def halftone(canvas: Canvas, brief: Brief) -> None:
    """Dots on a turned grid that swell from one side to the other."""
    way, rng = canvas.way, canvas.rng
    canvas.add(rectangle(canvas.box), way.ground)
    pitch = canvas.unit / rng.choice((20, 24, 30))
    tilt = math.radians(rng.choice((30, 45)))
    direction = rng.uniform(0, math.tau)
    radial = rng.random() < 0.4
    focus = canvas.box.at(rng.uniform(0.15, 0.85), rng.uniform(0.15, 0.85))
    reach = math.hypot(canvas.width, canvas.height)
    count = int(reach / pitch / 2) + 2
    paths = ["", ""]
    for row in range(-count, count + 1):
        for column in range(-count, count + 1):
            x = canvas.width / 2 + pitch * (column * math.cos(tilt) - row * math.sin(tilt))
            y = canvas.height / 2 + pitch * (column * math.sin(tilt) + row * math.cos(tilt))
            if not (-pitch < x < canvas.width + pitch and -pitch < y < canvas.height + pitch):
                continue
            if radial:
                share = 1 - math.dist((x, y), focus) / (reach * 0.72)
            else:
                share = 0.5 + (
                    (x - canvas.width / 2) * math.cos(direction) + (y - canvas.height / 2) * math.sin(direction)
                ) / (reach * 0.86)
            radius = pitch * 0.62 * min(1.0, max(0.0, share)) ** 0.8
            if radius > pitch * 0.06:
                paths[(row + column) % 7 == 0] += circle(x, y, radius)
    canvas.add(paths[0], way.figures[0])
    canvas.add(paths[1], way.figures[1])
    caption(canvas, brief, middle(canvas), ())


def terrazzo(canvas: Canvas, brief: Brief) -> None:
    """Chips of stone in polished ground, never touching."""
    way, rng, unit = canvas.way, canvas.rng, canvas.unit
    canvas.add(rectangle(canvas.box), way.ground)
    placed: list[tuple[float, float, float]] = []
    area = canvas.width * canvas.height / unit**2
    for wanted, size in (
        (int(10 * area), 0.062),
        (int(30 * area), 0.034),
        (int(80 * area), 0.016),
        (int(150 * area), 0.007),
    ):
        for _ in range(wanted * 3):
            x, y = rng.uniform(0, canvas.width), rng.uniform(0, canvas.height)
            radius = unit * size * rng.uniform(0.75, 1.25)
            if any(math.hypot(x - px, y - py) < radius + pr + unit * 0.006 for px, py, pr in placed):
                continue
            placed.append((x, y, radius))
            corners = rng.choice((5, 6, 7))
            turn = rng.uniform(0, 360)
            outline = [
                polar((x, y), radius * rng.uniform(0.66, 1.0), turn + 360 * step / corners) for step in range(corners)
            ]
            colors = (*way.figures, mix(way.ground, way.figures[0], 0.3))
            canvas.add(polygon(outline), colors[rng.randrange(5)], stroke="none")
            wanted -= 1
            if wanted <= 0:
                break
    caption(canvas, brief, middle(canvas), ())


def scales(canvas: Canvas, brief: Brief) -> None:
    """Seigaiha: rows of nested arcs like waves or fish scales."""
    way, rng = canvas.way, canvas.rng
    canvas.add(rectangle(canvas.box), way.ground)
    radius = canvas.unit / rng.choice((8, 10, 13))
    columns, rows = math.ceil(canvas.width / (2 * radius)) + 2, math.ceil(canvas.height / (radius * 0.5)) + 4
    lone = rng.randrange(2)
    for row in range(-1, rows):
        for column in range(-1, columns):
            x, y = column * 2 * radius + (radius if row % 2 else 0), row * radius * 0.5
            marked = lone and rng.random() < 0.09
            lead, second = (way.figures[1], way.ground) if marked else (way.figures[0], way.ground)
            for step, share in enumerate((1.0, 0.78, 0.56, 0.34)):
                canvas.add(circle(x, y, radius * share), lead if step % 2 == 0 else second)
            canvas.add(circle(x, y, radius * 0.14), way.figures[2])
    caption(canvas, brief, middle(canvas), ())


def botanical(canvas: Canvas, brief: Brief) -> None:
    """Fronds, leaves and berries scattered on a staggered grid."""
    way, rng = canvas.way, canvas.rng
    canvas.add(rectangle(canvas.box), way.ground)
    cell = canvas.unit / rng.choice((4, 5))
    columns, rows = math.ceil(canvas.width / cell) + 1, math.ceil(canvas.height / cell) + 1
    base = rng.uniform(0, 360)
    for row in range(-1, rows + 1):
        for column in range(-1, columns + 1):
            center = (
                (column + 0.5 * (row % 2)) * cell + rng.uniform(-0.06, 0.06) * cell,
                row * cell + rng.uniform(-0.06, 0.06) * cell,
            )
            color = way.figures[(column + 2 * row) % 3]
            kind = (column + row * 2) % 4
            if kind in (0, 2):
                fields.frond(
                    canvas,
                    center,
                    cell * 1.06,
                    base + rng.uniform(-40, 40) + 180 * (row % 2),
                    color,
                    rng.choice((4, 5)),
                )
            elif kind == 1:
                turn = rng.uniform(0, 360)
                canvas.add("".join(fields.leaf(center, cell * 0.36, turn + 72 * step) for step in range(5)), color)
                canvas.add(circle(*center, cell * 0.05), way.ground)
            else:
                for step in range(3):
                    spot = polar(center, cell * 0.13, 120 * step + rng.uniform(0, 60))
                    canvas.add(circle(*spot, cell * 0.075), color)
    caption(canvas, brief, middle(canvas), ())


def memphis(canvas: Canvas, brief: Brief) -> None:
    """Squiggles, rings, crosses and bars of the eighties."""
    way, rng = canvas.way, canvas.rng
    canvas.add(rectangle(canvas.box), way.ground)
    cell = canvas.unit / rng.choice((5, 6, 7))
    columns, rows = math.ceil(canvas.width / cell), math.ceil(canvas.height / cell)
    wide, tall = canvas.width / columns, canvas.height / rows
    for row in range(rows):
        for column in range(columns):
            center = ((column + 0.5 + rng.uniform(-0.12, 0.12)) * wide, (row + 0.5 + rng.uniform(-0.12, 0.12)) * tall)
            color = way.figures[(column * 3 + row * 2 + rng.randrange(2)) % 4]
            _motif(canvas, center, cell * 0.36, color, rng.randrange(6))
    caption(canvas, brief, middle(canvas), ())


def _motif(canvas: Canvas, center: tuple[float, float], size: float, color: str, kind: int) -> None:
    rng = canvas.rng
    turn = rng.uniform(0, 360)
    stroke = size * 0.26
    if kind == 0:
        across, up = polar((0, 0), 1, turn), polar((0, 0), 1, turn + 90)
        points = []
        for step in range(7):
            along, lift = (step / 3 - 1) * size, (1 if step % 2 else -1) * size * 0.26
            points.append((center[0] + across[0] * along + up[0] * lift, center[1] + across[1] * along + up[1] * lift))
        canvas.add(smooth(points), stroke=color, stroke_width=stroke)
    elif kind == 1:
        canvas.add(ring(*center, size * 0.72, size * 0.42), color)
    elif kind == 2:
        path = "".join(
            line([polar(center, size * 0.7, turn + step * 90), polar(center, size * 0.7, turn + step * 90 + 180)])
            for step in range(2)
        )
        canvas.add(path, stroke=color, stroke_width=stroke)
    elif kind == 3:
        canvas.add(polygon([polar(center, size * 0.85, turn + 120 * step) for step in range(3)]), color)
    elif kind == 4:
        path = ""
        for step in range(-1, 2):
            shift = polar(center, size * 0.42 * step, turn + 90)
            path += line([polar(shift, size * 0.62, turn), polar(shift, size * 0.62, turn + 180)])
        canvas.add(path, stroke=color, stroke_width=stroke * 0.72)
    else:
        first, second = polar(center, size * 0.8, turn), polar(center, size * 0.8, turn + 180)
        canvas.add(
            f"M{n(first[0])} {n(first[1])}A{n(size * 0.8)} {n(size * 0.8)} 0 0 1 {n(second[0])} {n(second[1])}Z", color
        )


def weave(canvas: Canvas, brief: Brief) -> None:
    """Ribbons that pass over and under each other."""
    way, rng = canvas.way, canvas.rng
    canvas.add(rectangle(canvas.box), way.ground)
    pitch = canvas.unit / rng.choice((6, 8, 10))
    columns, rows = max(2, round(canvas.width / pitch)), max(2, round(canvas.height / pitch))
    wide, tall = canvas.width / columns, canvas.height / rows
    band, gap = 0.74, 0.13
    across = [way.figures[rng.choice((0, 0, 1))] for _ in range(rows)]
    down = [way.figures[rng.choice((2, 2, 3))] for _ in range(columns)]
    for row in range(rows):
        canvas.panel(Box(0, (row + gap) * tall, canvas.width, tall * band), across[row])
    for column in range(columns):
        canvas.panel(Box((column + gap) * wide, 0, wide * band, canvas.height), down[column])
    shade = mix(way.ground, "#000000", 0.55)
    for row in range(rows):
        for column in range(row % 2, columns, 2):
            x, y = column * wide, (row + gap) * tall
            for edge in (x + gap * wide * 0.55, x + wide * (1 - gap * 1.0)):
                canvas.panel(Box(edge, y, gap * wide * 0.45, tall * band), shade, opacity=0.16)
            canvas.panel(Box(x + gap * wide * 0.2, y, wide * (1 - gap * 0.4), tall * band), across[row])
    caption(canvas, brief, middle(canvas), ())


def ripples(canvas: Canvas, brief: Brief) -> None:
    """Fine parallel waves, thick where they are near, as on a banknote."""
    way, rng = canvas.way, canvas.rng
    canvas.add(rectangle(canvas.box), way.ground)
    pitch = canvas.unit / rng.choice((26, 32, 40))
    rows = math.ceil(canvas.height / pitch) + 8
    first, second = rng.uniform(0, math.tau), rng.uniform(0, math.tau)
    bend, drift = pitch * rng.uniform(1.6, 3.2), rng.uniform(0.03, 0.12)
    speed = rng.uniform(1.2, 2.2) * max(0.8, min(canvas.ratio, 3))
    for row in range(-4, rows):
        points = []
        for index in range(-1, 34):
            turn = index / 32 * math.tau
            y = row * pitch + bend * (
                math.sin(turn * speed * 0.5 + first + row * drift) + 0.5 * math.sin(turn * speed + second - row * drift)
            )
            points.append((canvas.width * index / 32, y))
        share = 0.5 + 0.5 * math.sin(row * 0.19 + first)
        canvas.add(
            smooth(points),
            stroke=mix(way.figures[0], way.figures[1], share),
            stroke_width=pitch * (0.16 + 0.34 * share),
        )
    caption(canvas, brief, middle(canvas), ())
