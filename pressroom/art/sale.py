"""Sale banners: the offer is the picture."""

from __future__ import annotations

from pressroom.art.brief import Brief
from pressroom.art.poster import WIDE
from pressroom.art.setting import Row, stack
from pressroom.media.color.spaces import distance, luminance, mix, readable_on, tone
from pressroom.media.geometry import Box
from pressroom.media.vector.canvas import SHARES, Canvas, facing
from pressroom.media.vector.shapes import circle, n, path, polar, polygon, rectangle, ring, star

DEFAULT_OFFER = "Sale"


def texts(brief: Brief) -> tuple[str, str]:
    """The offer, and the words beside it. Where no offer is named, the headline takes its place; nothing is invented."""
    if brief.offer:
        return brief.offer, brief.rest
    return (brief.headline, "") if brief.headline else (DEFAULT_OFFER, "")


def rows_beside(canvas: Canvas, brief: Brief, ink: str, muted: str, title: float = 0.12) -> list[Row]:
    em, fonts = canvas.em, canvas.fonts
    _, rest = texts(brief)
    return [
        Row(brief.brand, fonts.strong, em * 0.024, "brand", ink),
        Row(rest, fonts.heading, em * title, "title", ink, em * 0.025, 6, 1.06, grow=True),
        Row(brief.beside_offer, fonts.body, em * 0.04, "subtitle", muted, em * 0.028, 4, 1.3),
    ]


def set_offer(
    canvas: Canvas, brief: Brief, box: Box, ink: str, on: str, *, turn_lines: int = 2, align: str = "middle"
) -> None:
    """The offer as large as the box; '50% off' breaks after its number where that makes it larger."""
    offer, _ = texts(brief)
    best = None
    for text, lines in ((offer, 1), (offer, turn_lines), (offer.replace(" ", "\n"), 3)):
        block = canvas.compose(
            text, canvas.fonts.heading, (box.width, box.height), largest=canvas.unit, max_lines=lines, leading=0.98
        )
        if block is not None and (best is None or block.size > best.size * 1.04):
            best = block
    if best is None:
        canvas.omitted.append(offer)
        return
    top = box.y + (box.height - best.height) / 2
    align = facing(align, best)
    canvas.place(best, box.x + box.width * SHARES[align], top, color=ink, on=on, role="offer", align=align)


def halves(canvas: Canvas, beside_share: float = 0.5) -> tuple[Box, Box]:
    """The offer's place and the words' place: left and right, or above each other on tall canvases."""
    box = canvas.box
    if canvas.ratio >= WIDE:
        return box.part(0, 0, beside_share, 1), box.part(beside_share, 0, 1 - beside_share, 1)
    return box.part(0, 0, 1, 0.54), box.part(0, 0.54, 1, 0.46)


def burst(canvas: Canvas, brief: Brief) -> None:
    """A seal with the offer on rays that run to every edge."""
    way, rng = canvas.way, canvas.rng
    place, words = halves(canvas)
    canvas.add(rectangle(canvas.box), way.ground)
    center = place.center if canvas.ratio >= WIDE else (place.center[0], place.center[1] + canvas.margin * 0.2)
    reach = float(canvas.width + canvas.height)
    rays = rng.choice((14, 18, 22))
    pale = mix(way.ground, way.figures[0], 0.13)
    offset = rng.uniform(0, 360 / rays)
    for step in range(rays):
        turn = offset + 360 * step / rays
        tips = [polar(center, reach, turn), polar(center, reach, turn + 180 / rays)]
        canvas.add(polygon([center, *tips]), pale)
    radius = min(place.width, place.height) * 0.5 - canvas.margin * 0.55
    points = rng.choice((16, 24, 32))
    canvas.add(star(center, radius, radius * 0.9, points, offset), way.figures[0])
    inner = radius * 0.8
    canvas.add(
        ring(*center, inner, inner - max(1.5, radius * 0.014)), mix(way.figures[0], readable_on(way.figures[0]), 0.75)
    )
    side = inner * 1.32
    set_offer(canvas, brief, Box(center[0] - side / 2, center[1] - side / 2, side, side), "#ffffff", way.figures[0])
    area = words.inset(canvas.margin, canvas.margin * 0.9)
    align = "start" if canvas.ratio >= WIDE else "middle"
    grounds = (way.ground, pale)
    stack(canvas, area, rows_beside(canvas, brief, way.ink, way.ink), on=grounds, align=align, valign="middle")


def block(canvas: Canvas, brief: Brief) -> None:
    """Two fields of colour that meet in a slant, a step or an arc: the offer on one, the words on the other."""
    way, rng = canvas.way, canvas.rng
    place, _words = halves(canvas, 0.54)
    loud = way.figures[0]
    canvas.add(rectangle(canvas.box), way.ground)
    width, height, margin = float(canvas.width), float(canvas.height), canvas.margin
    lean = canvas.unit * 0.11
    kind = rng.choice(("slant", "step", "arc"))
    if canvas.ratio >= WIDE:
        edge = place.right
        if kind == "slant":
            canvas.add(polygon([(0, 0), (edge + lean, 0), (edge - lean, height), (0, height)]), loud)
        elif kind == "step":
            canvas.panel(Box(0, 0, edge, height), loud)
            canvas.panel(Box(edge, 0, lean * 0.5, height / 2), way.figures[1])
            canvas.panel(Box(edge, height / 2, lean * 0.5, height / 2), way.figures[2])
        else:
            canvas.add(
                f"M0 0H{n(edge - lean)}Q{n(edge + lean * 1.6)} {n(height / 2)} {n(edge - lean)} {n(height)}H0Z", loud
            )
        offer = Box(margin, margin, edge - lean - margin * 1.6, height - 2 * margin)
        area = Box(edge + lean + margin * 0.5, margin, width - edge - lean - margin * 1.5, height - 2 * margin)
    else:
        edge = place.bottom
        if kind == "slant":
            canvas.add(polygon([(0, 0), (width, 0), (width, edge - lean), (0, edge + lean)]), loud)
        elif kind == "step":
            canvas.panel(Box(0, 0, width, edge), loud)
            canvas.panel(Box(0, edge, width / 2, lean * 0.4), way.figures[1])
            canvas.panel(Box(width / 2, edge, width / 2, lean * 0.4), way.figures[2])
        else:
            canvas.add(
                f"M0 0H{n(width)}V{n(edge - lean)}Q{n(width / 2)} {n(edge + lean * 1.6)} 0 {n(edge - lean)}Z", loud
            )
        offer = Box(margin, margin, width - 2 * margin, edge - lean - margin * 1.5)
        area = Box(margin, edge + lean + margin * 0.4, width - 2 * margin, height - edge - lean - margin * 1.4)
    set_offer(canvas, brief, offer, readable_on(loud, way.ground), loud, align="start")
    stack(canvas, area, rows_beside(canvas, brief, way.ink, way.muted), on=way.ground, valign="middle")


def coupon(canvas: Canvas, brief: Brief) -> None:
    """A ticket with a perforated stub that holds the offer."""
    way, unit = canvas.way, canvas.unit
    # White paper needs a ground that is not white itself.
    ground = way.ground if luminance(way.ground) < 0.72 else mix(way.ground, way.figures[1], 0.4)
    canvas.add(rectangle(canvas.box), ground)
    _dots(canvas, mix(ground, way.figures[1] if ground == way.ground else "#ffffff", 0.3))
    card = "#ffffff" if not canvas.palette.dark else tone(canvas.palette.primary, 0.96, 0.3)
    ink = readable_on(card, tone(canvas.palette.primary, 0.25, 0.7))
    wide = canvas.ratio >= WIDE
    sheet = _sheet(canvas, wide)
    notch = unit * 0.035
    share = 0.46 if wide else 0.52
    drop = unit * 0.014
    canvas.add(
        ticket(Box(sheet.x, sheet.y + drop, sheet.width, sheet.height), notch, share, wide), "#000000", opacity=0.16
    )
    canvas.add(ticket(sheet, notch, share, wide), card)
    stub = sheet.part(0, 0, share, 1) if wide else sheet.part(0, 0, 1, share)
    rest = sheet.part(share, 0, 1 - share, 1) if wide else sheet.part(0, share, 1, 1 - share)
    loud = next(
        (color for color in way.figures if distance(color, card) > 0.25 and distance(color, ground) > 0.1),
        way.figures[0],
    )
    with canvas.clipped(ticket(sheet, notch, share, wide)):
        canvas.panel(stub, loud)
    _perforate(canvas, sheet, stub, notch, card)
    pad = unit * 0.06
    set_offer(canvas, brief, stub.inset(pad), readable_on(loud, card), loud)
    area = rest.inset(pad)
    rows = rows_beside(canvas, brief, ink, readable_on(card, mix(ink, card, 0.3)))
    stack(canvas, area, rows, on=card, align="start" if wide else "middle", valign="middle")


def _sheet(canvas: Canvas, wide: bool) -> Box:
    """The ticket's place: most of the picture, but never longer than tickets are."""
    margin = canvas.margin * (0.9 if wide else 0.8)
    sheet = canvas.box.inset(margin, margin)
    if not wide and sheet.height > sheet.width * 1.45:
        tall = sheet.width * 1.45
        return Box(sheet.x, (canvas.height - tall) / 2, sheet.width, tall)
    if wide and sheet.width > sheet.height * 3.0:
        across = sheet.height * 3.0
        return Box((canvas.width - across) / 2, sheet.y, across, sheet.height)
    return sheet


def _perforate(canvas: Canvas, sheet: Box, stub: Box, notch: float, color: str) -> None:
    """Dashes between the notches, where the stub (left of the rest, or above it) tears off."""
    unit, inset = canvas.unit, notch * 1.5
    beside = stub.height == sheet.height
    line = (
        f"M{n(stub.right)} {n(sheet.y + inset)}V{n(sheet.bottom - inset)}"
        if beside
        else f"M{n(sheet.x + inset)} {n(stub.bottom)}H{n(sheet.right - inset)}"
    )
    dash = f"{n(unit * 0.012)} {n(unit * 0.014)}"
    canvas.add(line, stroke=color, stroke_width=max(1.5, unit * 0.005), dash=dash)


def ticket(box: Box, notch: float, share: float, wide: bool) -> str:
    """A rounded card with a half-round bite at each end of its perforation."""
    r = notch * 0.5
    corner = f"A{n(r)} {n(r)} 0 0 1"
    bite = f"A{n(notch)} {n(notch)} 0 0 0"
    x, y, right, bottom = box.x, box.y, box.right, box.bottom
    if wide:
        at = x + box.width * share
        head, foot = (
            f"H{n(at - notch)}{bite} {n(at + notch)} {n(y)}",
            f"H{n(at + notch)}{bite} {n(at - notch)} {n(bottom)}",
        )
        east = west = ""
    else:
        at = y + box.height * share
        head = foot = ""
        east = f"V{n(at - notch)}{bite} {n(right)} {n(at + notch)}"
        west = f"V{n(at + notch)}{bite} {n(x)} {n(at - notch)}"
    return (
        f"M{n(x + r)} {n(y)}{head}H{n(right - r)}{corner} {n(right)} {n(y + r)}{east}V{n(bottom - r)}{corner} "
        f"{n(right - r)} {n(bottom)}{foot}H{n(x + r)}{corner} {n(x)} {n(bottom - r)}{west}V{n(y + r)}{corner} {n(x + r)} {n(y)}Z"
    )


def _dots(canvas: Canvas, color: str) -> None:
    pitch = canvas.unit * canvas.rng.choice((0.05, 0.066, 0.08))
    radius = pitch * canvas.rng.uniform(0.11, 0.2)
    columns, rows = int(canvas.width / pitch) + 2, int(canvas.height / pitch) + 2
    path = "".join(
        circle((column + (row % 2) * 0.5) * pitch, row * pitch, radius)
        for row in range(rows)
        for column in range(columns)
    )
    canvas.add(path, color)


def tag(canvas: Canvas, brief: Brief) -> None:
    """A price tag on a string."""
    way, rng, unit, margin = canvas.way, canvas.rng, canvas.unit, canvas.margin
    place, words = halves(canvas, 0.52)
    canvas.add(rectangle(canvas.box), way.ground)
    canvas.add(circle(*place.center, min(place.width, place.height) * 0.5), mix(way.ground, way.figures[1], 0.35))
    room = place.inset(margin * 0.9, margin * 0.8)
    wide = min(room.width, room.height * 0.98) * 0.94
    tall = min(room.height, wide * 1.12)
    box = Box(place.center[0] - wide / 2, place.center[1] - tall / 2 + (margin * 0.15), wide, tall)
    cut, loud = wide * 0.26, way.figures[0]
    hole = (box.center[0], box.y + cut * 0.62)

    def outline(shift: float) -> str:
        return polygon(
            [
                (box.x + cut + shift, box.y + shift), (box.right - cut + shift, box.y + shift),
                (box.right + shift, box.y + cut + shift), (box.right + shift, box.bottom + shift),
                (box.x + shift, box.bottom + shift), (box.x + shift, box.y + cut + shift),
            ]
        )  # fmt: skip

    canvas.add(outline(unit * 0.014), tone(way.ground, 0.2), opacity=0.22)
    canvas.add(outline(0.0), loud)
    inset = wide * 0.045
    edge = mix(loud, readable_on(loud), 0.55)
    canvas.add(circle(*hole, wide * 0.045), way.ground)
    canvas.add(ring(*hole, wide * 0.062, wide * 0.045), edge)
    sway = rng.choice((-1, 1)) * unit * 0.1
    canvas.add(
        path("M", hole, "C", (hole[0], hole[1] - cut), (hole[0] + sway, box.y - cut * 0.2), (hole[0] + sway, -5.0)),
        stroke=way.ink, stroke_width=max(1.5, unit * 0.005),
    )  # fmt: skip
    inner = Box(box.x + inset * 2, box.y + cut * 1.1, box.width - inset * 4, box.height - cut * 1.1 - inset * 2)
    set_offer(canvas, brief, inner, readable_on(loud, way.ground), loud)
    area = words.inset(margin, margin * 0.9)
    align = "start" if canvas.ratio >= WIDE else "middle"
    rows = rows_beside(canvas, brief, way.ink, way.muted)
    stack(canvas, area, rows, on=way.ground, align=align, valign="middle" if canvas.ratio >= WIDE else "top")
