"""Event cards: what, when and where, with the date as a figure of its own."""

from __future__ import annotations

from pressroom.art.brief import Brief
from pressroom.art.fields import FIELDS
from pressroom.art.light import falloff
from pressroom.art.poster import WIDE
from pressroom.art.setting import Row, stack, words_of_art
from pressroom.media.color.spaces import mix, readable_on, tone
from pressroom.media.geometry import Box
from pressroom.media.vector.canvas import Canvas, Stop
from pressroom.media.vector.shapes import circle, ellipse, polar, polygon, rectangle, star


def date_rows(canvas: Canvas, brief: Brief, box: Box, ink: str) -> list[Row]:
    """Month over day, as large as the box."""
    heading, strong = canvas.fonts.heading, canvas.fonts.strong
    if not brief.month:
        return [Row(brief.day, heading, box.height * 0.6, "offer", ink, grow=True)]
    return [
        Row(brief.month, strong, box.height * 0.17, "date", ink),
        Row(brief.day, heading, box.height * 0.74, "offer", ink, box.height * 0.06, grow=True),
    ]


def calendar(canvas: Canvas, brief: Brief) -> None:
    """A block with the date beside the title, a band of shapes at the edge."""
    way, rng, unit, margin = canvas.way, canvas.rng, canvas.unit, canvas.margin
    canvas.add(rectangle(canvas.box), way.ground)
    wide = canvas.ratio >= WIDE
    strip = unit * (0.2 if canvas.ratio < 2.4 else 0.34)
    if wide:
        art = Box(canvas.width - strip, 0, strip, canvas.height)
        area = Box(margin, margin, canvas.width - strip - 2 * margin, canvas.height - 2 * margin)
    else:
        strip = unit * (0.22 if canvas.ratio > 0.9 else 0.4)
        art = Box(0, canvas.height - strip, canvas.width, strip)
        area = Box(margin, margin, canvas.width - 2 * margin, canvas.height - strip - 2 * margin)
    with canvas.clipped(rectangle(art)):
        rng.choice(FIELDS)(canvas, art)
    if brief.day:
        side = min(area.width * 0.34, area.height * (0.62 if wide else 0.36), canvas.em * 0.27)
        place = Box(area.x, area.y, side, side)
        canvas.panel(place, way.figures[0], unit * 0.02)
        ink = readable_on(way.figures[0], way.ground)
        inner = place.inset(side * 0.14)
        stack(canvas, inner, date_rows(canvas, brief, inner, ink), on=way.figures[0], align="middle", valign="middle")
        if wide:
            area = Box(place.right + margin, area.y, area.right - place.right - margin, area.height)
        else:
            if brief.time:
                note = Box(place.right + margin * 0.7, place.y, area.right - place.right - margin * 0.7, side)
                row = Row(brief.time, canvas.fonts.strong, canvas.em * 0.045, "time", way.ink)
                stack(canvas, note, [row], on=way.ground, valign="bottom")
            area = Box(area.x, place.bottom + margin * 0.8, area.width, area.bottom - place.bottom - margin * 0.8)
    stack(
        canvas,
        area,
        words_of_art(canvas, brief, 0.12, kicker=True),
        on=way.ground,
        valign="bottom" if not wide else "middle",
    )


def beams(canvas: Canvas, brief: Brief) -> None:
    """Spotlights over a dark stage."""
    rng, unit, margin = canvas.rng, canvas.unit, canvas.margin
    width, height = float(canvas.width), float(canvas.height)
    dark = tone(canvas.palette.primary, 0.2, 0.9)
    night = tone(canvas.palette.primary, 0.13, 0.9)
    canvas.add(rectangle(canvas.box), canvas.fade((0, 0), (0, height), Stop(0, dark), Stop(1, night)))
    count = 4 if canvas.ratio < 0.8 else 5 if canvas.ratio < WIDE else 6
    colors = (canvas.palette.accent, canvas.palette.secondary, canvas.palette.primary)
    floor = height * 0.93
    for index in range(count):
        color = tone(colors[index % 3], 0.72)
        x = width * (index + 0.5) / count
        aim = x + unit * rng.uniform(-0.42, 0.42)
        spread = unit * rng.uniform(0.12, 0.2)
        fill = canvas.fade((x, 0), (aim, floor), Stop(0, color, 0.62), Stop(0.55, color, 0.16), Stop(1, color, 0.03))
        canvas.add(
            polygon([(x - unit * 0.008, -2), (x + unit * 0.008, -2), (aim + spread, floor), (aim - spread, floor)]),
            fill,
        )
        center = (aim, floor)
        radii = (spread * 1.25, max(2.0, height * 0.035))
        canvas.add(ellipse(*center, *radii), canvas.glow(center, radii, *falloff(color, 0.7)))
    for _ in range(26):
        spot = canvas.box.at(rng.random(), rng.random() * 0.9)
        canvas.add(circle(*spot, unit * rng.uniform(0.0015, 0.004)), "#ffffff", opacity=rng.uniform(0.15, 0.55))
    ink = "#ffffff"
    worst = [mix(dark, tone(color, 0.72), 0.5) for color in colors]
    rows = [
        Row(brief.when, canvas.fonts.strong, canvas.em * 0.036, "date", ink),
        *list(words_of_art(canvas, brief, 0.14, kicker=False, lines=brief.beside_when)),
    ]
    rows = [
        Row(row.text, row.font, row.largest, row.role, ink, row.gap, row.max_lines, row.leading, row.grow)
        for row in rows
    ]
    area = Box(margin, height * 0.2, width - 2 * margin, height * 0.66)
    stack(canvas, area, rows, on=(dark, night, *worst), align="middle", valign="middle")


def confetti(canvas: Canvas, brief: Brief) -> None:
    """Paper confetti falls around a clear middle with the words."""
    way, rng, unit, margin = canvas.way, canvas.rng, canvas.unit, canvas.margin
    canvas.add(rectangle(canvas.box), way.ground)
    middle = canvas.box.center
    rx, ry = canvas.width * 0.5 - margin * 0.9, canvas.height * 0.5 - margin * 0.9
    pitch = unit * 0.085
    columns, rows = round(canvas.width / pitch), round(canvas.height / pitch)
    for index in range(columns * rows):
        row, column = divmod(index, columns)
        x = (column + rng.uniform(0.15, 0.85)) * canvas.width / columns
        y = (row + rng.uniform(0.15, 0.85)) * canvas.height / rows
        away = ((abs(x - middle[0]) / rx) ** 3 + (abs(y - middle[1]) / ry) ** 3) ** (1 / 3)
        if away < 0.9 or rng.random() > 0.35 + (away - 0.9) * 2.4:
            continue
        _piece(canvas, (x, y), unit * rng.uniform(0.017, 0.034), way.figures[rng.randrange(4)])
    area = Box(middle[0] - rx * 0.8, middle[1] - ry * 0.74, rx * 1.6, ry * 1.48)
    small = Row(brief.when, canvas.fonts.strong, canvas.em * 0.034, "date", way.ink)
    texts = list(words_of_art(canvas, brief, 0.13, kicker=not small.text, lines=brief.beside_when))
    stack(canvas, area, [small, *texts] if small.text else texts, on=way.ground, align="middle", valign="middle")


def _piece(canvas: Canvas, at: tuple[float, float], size: float, color: str) -> None:
    kind, turn = canvas.rng.randrange(4), canvas.rng.uniform(0, 180)
    if kind == 0:
        canvas.add(circle(*at, size * 0.6), color)
    elif kind == 1:
        corners = [polar(at, size, turn + angle) for angle in (20, 160, 200, 340)]
        canvas.add(polygon(corners), color)
    elif kind == 2:
        canvas.add(star(at, size * 0.9, size * 0.4, 5, turn), color)
    else:
        canvas.add(polygon([polar(at, size * 0.9, turn + angle) for angle in (0, 120, 240)]), color)
