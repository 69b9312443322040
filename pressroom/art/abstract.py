"""Abstract backgrounds: free forms with room for words."""

from __future__ import annotations

import math

from pressroom.art import fields
from pressroom.art.brief import Brief
from pressroom.art.gradient import middle
from pressroom.art.light import halo
from pressroom.art.relief import level_lines
from pressroom.art.setting import caption
from pressroom.media.color.spaces import kin, mix, to_oklch, tone
from pressroom.media.geometry import Box, Point
from pressroom.media.vector.canvas import Canvas, Stop
from pressroom.media.vector.shapes import circle, closed, n, polar, rectangle, smooth


def _wave(canvas: Canvas, level: float, swing: float, phase: float, speed: float) -> list[Point]:
    count = 24
    points = []
    for index in range(-1, count + 2):
        x = canvas.width * index / count
        turn = index / count * math.tau * speed * max(0.7, min(canvas.ratio, 2.2))
        y = level + swing * (math.sin(turn + phase) + 0.35 * math.sin(turn * 1.9 + phase * 1.7))
        points.append((x, y))
    return points


def waves(canvas: Canvas, brief: Brief) -> None:
    """Ribbons of colour that flow across the sheet, quiet on one side."""
    way, rng = canvas.way, canvas.rng
    height = float(canvas.height)
    canvas.add(rectangle(canvas.box), way.ground)
    colors = [
        mix(way.figures[1], way.ground, 0.5),
        way.figures[1],
        way.figures[2],
        way.figures[0],
        tone(way.figures[0], 0.3),
    ]
    if rng.random() < 0.5:
        colors[1], colors[2] = colors[2], colors[1]
    phase, speed = rng.uniform(0, math.tau), rng.uniform(0.6, 1.0)
    for index, color in enumerate(colors):
        level = height * (0.5 + 0.105 * index)
        points = _wave(canvas, level, height * rng.uniform(0.05, 0.085), phase + index * rng.uniform(0.35, 0.6), speed)
        lit = canvas.fade(
            (0, level - height * 0.1),
            (canvas.width, level + height * 0.1),
            Stop(0, color),
            Stop(1, mix(color, "#ffffff", 0.14)),
        )
        canvas.add(f"{smooth(points)}L{n(points[-1][0])} {n(height + 2)}L{n(points[0][0])} {n(height + 2)}Z", lit)
    area = Box(canvas.width * 0.08, height * 0.08, canvas.width * 0.84, height * 0.28)
    caption(canvas, brief, area, (way.ground,))


def paper(canvas: Canvas, brief: Brief) -> None:
    """Cut paper in layers: each hole is smaller and deeper, with a soft edge of shade."""
    way, rng, unit = canvas.way, canvas.rng, canvas.unit
    lead = way.figures[0] if rng.random() < 0.6 else way.figures[1]
    steps = 6
    tones = (
        [tone(lead, 0.94 - 0.1 * step) for step in range(steps)]
        if not canvas.palette.dark
        else [tone(lead, 0.2 + 0.09 * step) for step in range(steps)]
    )
    own_words = brief.explicit and canvas.ratio < 1.6
    center = canvas.box.at(rng.uniform(0.3, 0.7), rng.uniform(0.74, 0.84) if own_words else rng.uniform(0.3, 0.7))
    if brief.explicit and not own_words:
        center = canvas.box.at(rng.uniform(0.76, 0.84), rng.uniform(0.35, 0.7))
    wobble = [(rng.uniform(0.06, 0.17), rng.randrange(2, 5), rng.uniform(0, math.tau)) for _ in range(3)]
    canvas.add(rectangle(canvas.box), tones[0])
    for step in range(1, steps):
        share = 1.12 - 0.19 * step
        outline = _hole(canvas, center, share, wobble, step)
        canvas.add(outline, "none", stroke="#000000", stroke_width=unit * 0.03, opacity=0.035)
        canvas.add(outline, "none", stroke="#000000", stroke_width=unit * 0.016, opacity=0.05)
        canvas.add(outline, "none", stroke="#000000", stroke_width=unit * 0.006, opacity=0.07)
        canvas.add(outline, tones[step])
    area = canvas.box.part(0.09, 0.08, 0.82, 0.3) if own_words else canvas.box.part(0.06, 0.16, 0.42, 0.68)
    align = "middle" if own_words else "start"
    caption(canvas, brief, area, tones[:3], align=align, plate=(tones[0], canvas.palette.ink))


def _hole(canvas: Canvas, center: Point, share: float, wobble: list[tuple[float, int, float]], step: int) -> str:
    points = []
    for index in range(40):
        angle = index / 40 * math.tau
        bend = 1 + sum(size * math.sin(angle * times + phase + step * 0.35) for size, times, phase in wobble)
        points.append(
            (
                center[0] + canvas.width * 0.56 * share * bend * math.cos(angle),
                center[1] + canvas.height * 0.56 * share * bend * math.sin(angle),
            )
        )
    return closed(points)


def cutouts(canvas: Canvas, brief: Brief) -> None:
    """Pebbles and fronds cut from coloured paper, around an open middle."""
    way, rng, unit = canvas.way, canvas.rng, canvas.unit
    canvas.add(rectangle(canvas.box), way.ground)
    count = 9 if canvas.ratio < 2 else 11
    offset = rng.uniform(0, math.tau)
    clear = middle(canvas)
    for index in range(count):
        angle = offset + index / count * math.tau
        size = unit * rng.uniform(0.13, 0.21)
        place = _outside(canvas, clear, angle, size * 1.1)
        color = way.figures[index % 4]
        if index % 3 == 1:
            long = unit * rng.uniform(0.4, 0.5)
            spot = _outside(canvas, clear, angle, long * 0.46)
            fields.frond(canvas, spot, long, math.degrees(angle) + rng.uniform(60, 120), color, 6)
            continue
        canvas.add(fields.pebble(canvas, place, size), color)
        if index % 3 == 0:
            canvas.add(circle(*place, size * 0.3), way.figures[(index + 1) % 4])
    caption(canvas, brief, clear, (way.ground,))


def _outside(canvas: Canvas, clear: Box, angle: float, radius: float) -> Point:
    """The nearest place on the ray from the middle where a disc of this radius leaves the clear box alone."""
    for step in range(30, 100, 2):
        x, y = canvas.box.at(0.5 + step / 100 * math.cos(angle), 0.5 + step / 100 * math.sin(angle))
        away = max(clear.x - x, x - clear.right), max(clear.y - y, y - clear.bottom)
        if max(away) >= radius:
            return x, y
    return canvas.box.at(0.5 + math.cos(angle), 0.5 + math.sin(angle))


def contours(canvas: Canvas, brief: Brief) -> None:
    """Lines of equal height around a few summits, as on a hiker's map."""
    way, rng, unit = canvas.way, canvas.rng, canvas.unit
    canvas.add(rectangle(canvas.box), way.ground)
    lit = mix(way.ground, way.figures[1], 0.55)
    summits = []
    for index in range(4):
        place = canvas.box.at(rng.uniform(-0.05, 1.05), (index + rng.random()) / 4)
        reach = unit * rng.uniform(0.3, 0.62)
        halo(canvas, place, (reach * 1.7, reach * 1.7), lit, 0.6)
        summits.append((place, reach, rng.uniform(0.6, 1.0)))
    fine = max(1.0, unit * 0.0022)
    thin = mix(way.ground, way.figures[0], 0.5)
    levels = 18
    for index, path in enumerate(level_lines(canvas.box, summits, unit * 0.018, levels)):
        bold = index % 5 == 0
        canvas.add(path, stroke=way.figures[0] if bold else thin, stroke_width=fine * (1.7 if bold else 1.0))
    caption(canvas, brief, middle(canvas), ())


def fan(canvas: Canvas, brief: Brief) -> None:
    """A folded fan that opens from a corner, light and shade by turns."""
    way, rng = canvas.way, canvas.rng
    canvas.add(rectangle(canvas.box), way.ground)
    corner = rng.choice(((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.5, 1.0)))
    origin = canvas.box.at(*corner)
    reach = math.hypot(canvas.width, canvas.height)
    inward = math.degrees(math.atan2(canvas.height * 0.5 - origin[1], canvas.width * 0.5 - origin[0]))
    count = rng.choice((12, 16, 20))
    sweep = 190.0 if corner[0] == 0.5 else 110.0
    first, second = way.figures[0], kin(way.figures[1], way.figures[0], 90)
    for ring_share, shift in ((1.15, 0.0), (0.62, 0.5), (0.3, 0.0)):
        for index in range(count):
            start = inward - sweep / 2 + sweep / count * (index + shift * 0)
            along = index / (count - 1)
            color = mix(first, second, along if shift == 0.0 else 1 - along)
            light = to_oklch(color)[0] + (0.045 if index % 2 == 0 else -0.045)
            tips = [polar(origin, reach * ring_share, start), polar(origin, reach * ring_share, start + sweep / count)]
            radius = reach * ring_share
            arc = f"A{n(radius)} {n(radius)} 0 0 1 {n(tips[1][0])} {n(tips[1][1])}"
            shade = tone(color, min(0.95, max(0.12, light + (0.07 if shift else 0.0))))
            canvas.add(
                f"M{n(origin[0])} {n(origin[1])}L{n(tips[0][0])} {n(tips[0][1])}{arc}Z",
                shade,
                stroke=shade,
                stroke_width=0.7,
            )
    caption(canvas, brief, middle(canvas), ())
