"""Quote cards: words that are to be read, with who said them."""

from __future__ import annotations

from pressroom.art import fields
from pressroom.art.brief import BETWEEN, Brief
from pressroom.art.poster import WIDE
from pressroom.art.setting import Row, rule, stack
from pressroom.media.color.spaces import mix, tone
from pressroom.media.geometry import Box
from pressroom.media.vector.canvas import Canvas, Stop
from pressroom.media.vector.shapes import circle, n, rectangle


def rows_of(canvas: Canvas, brief: Brief, ink: str, muted: str, largest: float = 0.1) -> list[Row]:
    """The quotation, then who said it (the subtitle, or the name after the quotation in the prompt), then the brand."""
    em, fonts = canvas.em, canvas.fonts
    author = (
        brief.subtitle
        if brief.titled and brief.subtitle
        else BETWEEN.join(filter(None, (brief.author, brief.subtitle)))
    )
    return [
        Row(brief.headline, fonts.heading, em * largest, "title", ink, 0.0, 10, 1.18, grow=True),
        Row(author, fonts.strong, em * 0.036, "subtitle", muted, em * 0.045, 2, 1.25),
        Row("" if author == brief.brand else brief.brand, fonts.body, em * 0.024, "brand", muted, em * 0.02),
    ]


def marks(canvas: Canvas, corner: tuple[float, float], size: float, color: str) -> None:
    """A pair of opening quotation marks, `size` wide, drawn as shapes: heads like sixes."""
    x, y = corner
    for step in (0.0, 0.54):
        left, radius = x + size * step, size * 0.23
        canvas.add(
            f"M{n(left)} {n(y + size * 0.5)}A{n(radius)} {n(radius)} 0 1 0 {n(left + radius * 0.9)} {n(y + size * 0.5 - radius)}"
            f"C{n(left + radius * 0.7)} {n(y + size * 0.16)} {n(left + radius * 1.2)} {n(y + size * 0.08)} "
            f"{n(left + radius * 1.75)} {n(y + size * 0.04)}L{n(left + radius * 1.6)} {n(y - size * 0.04)}"
            f"C{n(left + radius * 0.5)} {n(y + size * 0.02)} {n(left)} {n(y + size * 0.22)} {n(left)} {n(y + size * 0.5)}Z",
            color,
        )


def mark(canvas: Canvas, brief: Brief) -> None:
    """Large quotation marks over a serif quotation, flush left."""
    way, rng, margin = canvas.way, canvas.rng, canvas.margin * 1.25
    canvas.add(rectangle(canvas.box), way.ground)
    side = canvas.ratio > 1.9
    size = canvas.unit * (0.3 if side else 0.2)
    if rng.random() < 0.6:
        reach = canvas.unit * rng.uniform(0.3, 0.42)
        place = canvas.box.at(1.0, rng.choice((0.0, 1.0)))
        canvas.add(circle(*place, reach), mix(way.ground, way.figures[1], 0.5))
        canvas.add(circle(*place, reach * 0.62), mix(way.ground, way.figures[1], 0.8))
        used = reach * 1.05
    else:
        canvas.panel(Box(0, canvas.height - canvas.unit * 0.03, canvas.width, canvas.unit * 0.03), way.figures[0])
        used = 0.0
    marks(canvas, (margin, margin), size, way.figures[0])
    if side:
        area = Box(
            margin * 1.6 + size, margin, canvas.width - margin * 2.6 - size - used * 0.8, canvas.height - 2 * margin
        )
    else:
        top = margin + size * 0.82
        area = Box(margin, top, canvas.width - 2 * margin, canvas.height - top - margin)
        if used and canvas.ratio < WIDE:
            area = Box(area.x, area.y, area.width, area.height)
    grounds = (
        (way.ground, mix(way.ground, way.figures[1], 0.5), mix(way.ground, way.figures[1], 0.8)) if used else way.ground
    )
    stack(canvas, area, rows_of(canvas, brief, way.ink, way.muted), on=grounds, valign="middle")


def card(canvas: Canvas, brief: Brief) -> None:
    """A sheet of paper on a soft two-colour ground, words centred."""
    way, rng, unit = canvas.way, canvas.rng, canvas.unit
    start, end = (way.figures[0], way.figures[1]) if rng.random() < 0.5 else (way.figures[1], way.figures[2])
    corners = ((0.0, 0.0), (float(canvas.width), float(canvas.height)))
    canvas.add(
        rectangle(canvas.box), canvas.fade(*corners, Stop(0, tone(start, 0.78, 0.9)), Stop(1, tone(end, 0.62, 0.9)))
    )
    for _ in range(3):
        center = canvas.box.at(rng.choice((rng.uniform(-0.02, 0.14), rng.uniform(0.86, 1.02))), rng.uniform(0, 1))
        canvas.add(circle(*center, unit * rng.uniform(0.09, 0.24)), rng.choice(way.figures[:3]), opacity=0.4)
    sheet = canvas.box.inset(unit * 0.1, unit * 0.1)
    if canvas.ratio < 0.75:
        tall = min(sheet.height, sheet.width * 1.45)
        sheet = Box(sheet.x, (canvas.height - tall) / 2, sheet.width, tall)
    paper = canvas.palette.background
    for drop, faint in ((0.02, 0.05), (0.012, 0.07), (0.005, 0.08)):
        canvas.panel(
            Box(sheet.x, sheet.y + unit * drop, sheet.width, sheet.height), "#000000", unit * 0.03, opacity=faint
        )
    canvas.panel(sheet, paper, unit * 0.028)
    inner = sheet.inset(unit * 0.075)
    size = unit * 0.1
    marks(canvas, (sheet.center[0] - size * 0.48, inner.y), size, _clear(way.figures, paper))
    area = Box(inner.x, inner.y + size * 0.95, inner.width, inner.height - size * 0.95)
    rows = rows_of(canvas, brief, canvas.palette.ink, canvas.palette.muted, 0.075)
    stack(canvas, area, rows, on=paper, align="middle", valign="middle")


def _clear(colors: tuple[str, ...], ground: str) -> str:
    from pressroom.media.color.spaces import distance

    return max(colors[:3], key=lambda color: min(distance(color, ground), 0.3))


def column(canvas: Canvas, brief: Brief) -> None:
    """A column of shapes at one side, the quotation on quiet paper beside it."""
    way, rng, unit, margin = canvas.way, canvas.rng, canvas.unit, canvas.margin
    canvas.add(rectangle(canvas.box), way.ground)
    wide = canvas.ratio >= 0.9
    strip = unit * (0.3 if wide else 0.34)
    first = rng.random() < 0.5
    if wide:
        art = Box(0 if first else canvas.width - strip, 0, strip, canvas.height)
        rest = Box(strip if first else 0, 0, canvas.width - strip, canvas.height)
    else:
        art = Box(0, 0 if first else canvas.height - strip, canvas.width, strip)
        rest = Box(0, strip if first else 0, canvas.width, canvas.height - strip)
    with canvas.clipped(rectangle(art)):
        rng.choice((fields.quarters, fields.arches, fields.rings, fields.cutouts))(canvas, art)
    area = rest.inset(margin * 1.1)
    bar = max(2.0, unit * 0.008)
    taken = stack(
        canvas,
        Box(area.x, area.y + bar * 5, area.width, area.height - bar * 5),
        rows_of(canvas, brief, way.ink, way.muted),
        on=way.ground,
        valign="middle",
    )
    if taken:
        rule(canvas, brief, area, taken.y - bar * 5, unit * 0.09)
