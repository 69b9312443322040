"""Posters: a headline set as large as it goes, with bold flat shapes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pressroom.art.brief import Brief
from pressroom.art.setting import rule, side_of, stack, visible, words_of_art
from pressroom.media.color.spaces import tone
from pressroom.media.geometry import Box
from pressroom.media.vector.canvas import Canvas
from pressroom.media.vector.shapes import arch, circle, polygon, rectangle

# Wider than this a canvas is a banner: little height, so type takes more of the width.
BANNER = 2.4
WIDE = 1.25


def split(canvas: Canvas, share: float = 0.48) -> tuple[Box, Box]:
    """Where art and words go: side by side on wide canvases, above each other on tall ones; the seed may swap them."""
    width, height = float(canvas.width), float(canvas.height)
    swapped = canvas.rng.random() < 0.5
    if canvas.ratio >= WIDE:
        wide = width * (share - 0.12 if canvas.ratio > BANNER else share)
        x = 0.0 if swapped else width - wide
        return Box(x, 0, wide, height), Box(0.0 if not swapped else wide, 0, width - wide, height)
    tall = height * (share + 0.08)
    y = height - tall if swapped and canvas.ratio < 0.9 else 0.0
    return Box(0, y, width, tall), Box(0, 0.0 if y else tall, width, height - tall)


def field(draw: Callable[[Canvas, Box], None]) -> Callable[[Canvas, Brief], None]:
    """A template: one field of shapes, cut off at its edge, beside the words."""

    def poster(canvas: Canvas, brief: Brief) -> None:
        art, words = split(canvas)
        canvas.add(rectangle(canvas.box), canvas.way.ground)
        if not (brief.headline or brief.subtitle):
            art = canvas.box
        with canvas.clipped(rectangle(art)):
            draw(canvas, art)
        if art != canvas.box:
            beside(canvas, brief, words)

    return poster


def beside(canvas: Canvas, brief: Brief, area: Box) -> None:
    """Brand at the head, headline and subtitle at the foot, a short rule above the headline."""
    way, margin = canvas.way, canvas.margin
    inner = visible(canvas, area.inset(margin, margin * 0.95))
    rows = words_of_art(canvas, brief)
    brand = [row for row in rows if row.role == "brand"]
    rest = [row for row in rows if row.role != "brand"]
    if brand and stack(
        canvas, Box(inner.x, inner.y, inner.width, brand[0].largest * 1.4), brand, on=way.ground, align=side_of(brief)
    ):
        drop = brand[0].largest * 2.4
        inner = Box(inner.x, inner.y + drop, inner.width, inner.height - drop)
    bar = max(2.0, canvas.unit * 0.009)
    inner = Box(inner.x, inner.y + bar * 4, inner.width, max(1.0, inner.height - bar * 4))
    taken = stack(canvas, inner, rest, on=way.ground, valign="bottom")
    if taken:
        rule(canvas, brief, inner, taken.y - bar * 3.6, canvas.unit * 0.11)


def swiss(canvas: Canvas, brief: Brief) -> None:
    """International style: type flush left on a strict grid, one large figure cut by the edge."""
    way, rng, unit = canvas.way, canvas.rng, canvas.unit
    canvas.add(rectangle(canvas.box), way.ground)
    box = canvas.box
    kind = rng.choice(("disc", "bars", "wedge"))
    if kind == "disc":
        radius = box.width * 0.27 if canvas.ratio > WIDE else max(box.width, box.height) * rng.uniform(0.3, 0.35)
        radius = min(radius, box.height * 0.5) if canvas.ratio > WIDE else min(radius, box.height * 0.36)
        center = (box.width - radius * 0.42, box.height - radius * 0.3)
        canvas.add(circle(*center, radius), way.figures[0])
        canvas.add(circle(center[0] - radius * 0.86, center[1] - radius * 0.2, radius * 0.24), way.figures[1])
    elif kind == "bars":
        start = box.width * 0.62 if canvas.ratio > 0.9 else box.width * 0.42
        pitch = (box.width - start) / 5
        for index in range(5):
            tall = box.height * ((0.24 + 0.13 * index) if canvas.ratio > WIDE else (0.12 + 0.085 * index))
            bar = Box(start + index * pitch, box.height - tall, pitch * 0.72, tall + 1)
            canvas.panel(bar, way.figures[index % 2 if index < 4 else 2])
    else:
        reach = (
            min(box.width * 0.4, box.height * 0.95) if canvas.ratio > WIDE else min(box.width * 0.75, box.height * 0.5)
        )
        corner = box.right, box.bottom
        canvas.add(polygon([corner, (corner[0] - reach, corner[1]), (corner[0], corner[1] - reach)]), way.figures[0])
        third = reach * 0.42
        canvas.add(polygon([corner, (corner[0] - third, corner[1]), (corner[0], corner[1] - third)]), way.figures[1])
    margin = canvas.margin
    wide = 0.58 if canvas.ratio > WIDE else 1.0
    area = Box(
        margin,
        margin,
        (box.width - 2 * margin) * wide,
        box.height * (0.5 if wide == 1.0 else 1) - 2 * margin * (wide < 1),
    )
    canvas.panel(Box(margin, margin, area.width, max(2.0, unit * 0.005)), way.ink)
    inner = Box(area.x, area.y + unit * 0.035, area.width, area.height - unit * 0.035)
    stack(canvas, inner, words_of_art(canvas, brief, 0.15), on=way.ground)


def typographic(canvas: Canvas, brief: Brief) -> None:
    """The headline alone, as large as the sheet allows, in a frame of two colours."""
    way, rng, unit = canvas.way, canvas.rng, canvas.unit
    canvas.add(rectangle(canvas.box), way.figures[0])
    inset = unit * 0.045
    sheet = canvas.box.inset(inset)
    canvas.panel(sheet, way.ground)
    strip = unit * 0.05
    colors = (*way.figures[1:], way.ink)
    if rng.random() < 0.5:
        for index, color in enumerate(colors):
            canvas.panel(Box(sheet.x, sheet.y + index * strip * 0.36, sheet.width, strip * 0.37), color)
        inner = Box(sheet.x, sheet.y + strip * 1.5, sheet.width, sheet.height - strip * 1.5)
    else:
        for index, color in enumerate(colors):
            canvas.panel(Box(sheet.x + index * strip * 0.36, sheet.y, strip * 0.37, sheet.height), color)
        inner = Box(sheet.x + strip * 1.5, sheet.y, sheet.width - strip * 1.5, sheet.height)
    inner = inner.inset(unit * 0.055)
    rows = [replace(row, largest=row.largest * 1.1) for row in words_of_art(canvas, brief, 0.28)]
    stack(canvas, inner, rows, on=way.ground, valign="bottom" if canvas.ratio < WIDE else "middle")


def arches(canvas: Canvas, brief: Brief) -> None:
    """Nested arches rise from the foot, the words stand in the sky above or beside them."""
    way, rng = canvas.way, canvas.rng
    width, height, margin = float(canvas.width), float(canvas.height), canvas.margin
    canvas.add(rectangle(canvas.box), way.ground)
    colors = (way.figures[0], way.figures[1], way.figures[2], way.figures[3])
    start = rng.randrange(4)
    beside_words = canvas.ratio >= WIDE
    if beside_words:
        half = min(width * 0.23, height * 0.62)
        cx = width - half - margin if rng.random() < 0.6 else half + margin
        top = height * 0.14
    else:
        half, cx = width * (0.5 if canvas.ratio < 0.7 else 0.42), width / 2
        top = height - min(height * 0.54, half * 2.1)
    for step in range(5):
        reach = half * (1 - 0.19 * step)
        color = way.ground if step == 4 else colors[(start + step) % 4]
        canvas.add(arch(cx, height + 1, reach, top + (half - reach)), color)
    canvas.add(circle(cx, height - half * 0.06, half * 0.17), colors[start])
    if beside_words:
        x = margin if cx > width / 2 else cx + half + margin * 1.2
        area = Box(x, margin, width - half * 2 - margin * 3.2, height - 2 * margin)
        stack(canvas, area, words_of_art(canvas, brief, 0.13), on=way.ground, valign="middle")
    else:
        area = Box(margin, margin, width - 2 * margin, top - margin * 1.6)
        stack(canvas, area, words_of_art(canvas, brief, 0.13), on=way.ground, align="middle", valign="middle")


def horizon(canvas: Canvas, brief: Brief) -> None:
    """A low sun cut by stripes over flat water; the words stand in the sky."""
    way, rng = canvas.way, canvas.rng
    width, height, margin = float(canvas.width), float(canvas.height), canvas.margin
    line = height * (0.74 if canvas.ratio < WIDE else 0.7)
    canvas.add(rectangle(canvas.box), way.ground)
    side = canvas.ratio >= WIDE
    radius = min(width * 0.34, height * 0.27) if not side else min(width * 0.2, height * 0.44)
    cx = width / 2 if not side else width * (0.74 if rng.random() < 0.6 else 0.26)
    canvas.add(circle(cx, line, radius), way.figures[0])
    gaps = 6
    for step in range(gaps):
        tall = radius * 0.028 * (step + 1)
        canvas.panel(Box(cx - radius, line - radius * (0.62 - 0.115 * step), 2 * radius, tall), way.ground)
    water = way.figures[1] if way.figures[1] != way.ground else way.figures[2]
    canvas.add(rectangle(Box(0, line, width, height - line)), water)
    for step in range(7):
        wide = radius * (1.7 - 0.17 * step) * rng.uniform(0.8, 1.1)
        y = line + (height - line) * (0.1 + 0.125 * step)
        tall = max(1.5, (height - line) * 0.024)
        canvas.panel(Box(cx - wide / 2 + radius * rng.uniform(-0.16, 0.16), y, wide, tall), way.figures[0], tall)
    deep = tone(water, 0.3)
    if rng.random() < 0.5:
        peaks = [(-0.05, 0.0), (0.12, 0.13), (0.24, 0.05), (0.36, 0.0)]
        place = 0.0 if cx > width / 2 or not side else 0.68
        canvas.add(polygon([(width * (x + place), line - canvas.unit * y * 1.4) for x, y in peaks]), deep)
    if side:
        x = margin if cx > width / 2 else cx + radius + margin
        wide = (cx - radius - margin * 2) if cx > width / 2 else width - x - margin
        area = Box(x, margin, wide, line - margin * 1.6)
        stack(canvas, area, words_of_art(canvas, brief, 0.13), on=way.ground, valign="middle")
    else:
        area = Box(margin, margin, width - 2 * margin, line - radius - margin * 1.8)
        stack(canvas, area, words_of_art(canvas, brief, 0.13), on=way.ground, align="middle", valign="middle")
