"""A poster: a field of bold shapes and a headline set as large as it goes."""

from __future__ import annotations

import math

from pressroom.media.art.brief import Brief
from pressroom.media.art.canvas import Canvas
from pressroom.media.art.shapes import Box, circle, polygon, rectangle
from pressroom.media.art.tiles import grid
from pressroom.media.color import mix

# Wider than this a canvas is a banner: little height, so type takes more of it.
LONG = 3.0


def draw(canvas: Canvas, brief: Brief) -> None:
    art, words = _layout(canvas)
    canvas.add(rectangle(canvas.box), canvas.palette.background)
    if not (brief.headline or brief.subtitle):
        art = canvas.box
    canvas.rng.choice((_tiles, _rings, _sun, _bands))(canvas, art)
    if art != canvas.box:
        # The art may swing out of its field; the ground of the words is laid over it.
        canvas.add(rectangle(_rest(canvas, art)), canvas.palette.background)
        _words(canvas, brief, words)


def _layout(canvas: Canvas) -> tuple[Box, Box]:
    """Where the art and where the words go: side by side on wide canvases, one above the other on tall ones."""
    width, height, margin = float(canvas.width), float(canvas.height), canvas.unit * 0.075
    if canvas.ratio >= 1.25:
        split = width * (0.54 if canvas.ratio < LONG else 0.6)
        return Box(split, 0, width - split, height), Box(margin, margin, split - 2 * margin, height - 2 * margin)
    split = height * 0.54
    return Box(0, 0, width, split), Box(margin, split + margin * 0.8, width - 2 * margin, height - split - margin * 1.7)


def _rest(canvas: Canvas, art: Box) -> Box:
    if art.x > 0:
        return Box(0, 0, art.x, canvas.height)
    return Box(0, art.bottom, canvas.width, canvas.height - art.bottom)


def _words(canvas: Canvas, brief: Brief, area: Box) -> None:
    palette, fonts = canvas.palette, canvas.fonts
    small = max(canvas.unit * (0.026 if canvas.ratio < LONG else 0.055), min(12.0, canvas.unit * 0.06))
    ground = palette.background
    head, foot = area.y, area.bottom
    if brief.brand:
        box = Box(area.x, area.y, area.width, small * 1.4)
        if canvas.write(brief.brand, fonts.strong, box, largest=small, color=palette.ink, on=ground, role="brand"):
            head += small * 2.6
    if brief.subtitle:
        tall = min((foot - head) * 0.3, small * 4.5)
        box = Box(area.x, foot - tall, area.width, tall)
        if canvas.write(
            brief.subtitle, fonts.body, box, largest=small * 1.5, color=palette.muted, on=ground, role="subtitle",
            max_lines=3, leading=1.3, valign="bottom",
        ):  # fmt: skip
            foot -= tall + small * 0.8
    bar = max(2.0, canvas.unit * 0.009)
    title = Box(area.x, head + bar * 3, area.width, foot - head - bar * 3)
    share = 0.17 if canvas.ratio < LONG else 0.3
    placed = canvas.write(
        brief.headline, fonts.heading, title, largest=canvas.unit * share, color=palette.ink, on=ground, role="title",
        max_lines=4, leading=1.06, valign="bottom",
    )  # fmt: skip
    if placed:
        canvas.panel(Box(area.x, placed.box.y - bar * 3.2, canvas.unit * 0.11, bar), palette.primary)


def _tiles(canvas: Canvas, area: Box) -> None:
    grid(canvas, area, 3 if canvas.unit < 700 else canvas.rng.choice((3, 4)))


def _rings(canvas: Canvas, area: Box) -> None:
    palette, rng = canvas.palette, canvas.rng
    canvas.panel(area, palette.primary)
    center = area.x + area.width * rng.uniform(0.3, 0.75), area.y + area.height * rng.uniform(0.3, 0.8)
    reach = math.hypot(area.width, area.height) * 0.62
    cycle = (
        palette.secondary,
        palette.accent,
        mix(palette.primary, "#000000", 0.35),
        mix(palette.secondary, "#ffffff", 0.6),
    )
    start = rng.randrange(len(cycle))
    for step in range(6):
        canvas.add(circle(*center, reach * (1 - step / 6)), cycle[(start + step) % len(cycle)])


def _sun(canvas: Canvas, area: Box) -> None:
    palette, rng = canvas.palette, canvas.rng
    canvas.panel(area, mix(palette.secondary, "#ffffff", 0.55))
    size = min(area.width, area.height)
    center = area.x + area.width * rng.uniform(0.35, 0.65), area.y + area.height * 0.46
    canvas.add(circle(*center, size * 0.3), palette.accent)
    deep = mix(palette.primary, "#000000", 0.4)
    for share, color in ((0.58, palette.secondary), (0.72, palette.primary), (0.86, deep)):
        peak = area.x + area.width * rng.uniform(0.15, 0.85)
        top = area.y + area.height * (share - 0.16)
        base = area.y + area.height * (share + 0.06)
        ends = (area.x - size, base + size * 0.25), (area.right + size, base + size * 0.25)
        path = f"M{ends[0][0]:.2f} {base:.2f}Q{peak:.2f} {top - size * 0.12:.2f} {ends[1][0]:.2f} {base:.2f}"
        canvas.add(f"{path}V{area.bottom:.2f}H{ends[0][0]:.2f}Z", color)


def _bands(canvas: Canvas, area: Box) -> None:
    palette, rng = canvas.palette, canvas.rng
    colors = [palette.primary, palette.accent, palette.secondary, mix(palette.primary, "#000000", 0.4)]
    canvas.panel(area, rng.choice([mix(color, "#ffffff", 0.7) for color in colors[:3]]))
    lean = area.height * rng.choice((-0.55, 0.55))
    wide = (area.width + abs(lean)) / 9
    x = area.x - max(lean, 0.0)
    for step in range(9):
        left = x + step * wide
        color = colors[step % len(colors)]
        thick = wide * (0.3 + 0.08 * step)
        points = [
            (left, area.bottom),
            (left + lean, area.y),
            (left + lean + thick, area.y),
            (left + thick, area.bottom),
        ]
        canvas.add(polygon(points), color)
    center = area.x + area.width * rng.uniform(0.3, 0.7), area.y + area.height * rng.uniform(0.35, 0.65)
    canvas.add(circle(*center, min(area.width, area.height) * 0.24), mix(palette.background, "#ffffff", 0.2))
