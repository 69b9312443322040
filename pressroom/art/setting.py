"""Set a few lines of type as one block: fitted together, evenly spaced, on quiet ground or on a plate of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pressroom.art.brief import Brief
from pressroom.media.color.spaces import AA_NORMAL, contrast, tone
from pressroom.media.geometry import Box
from pressroom.media.typography.bidi import is_right_to_left
from pressroom.media.typography.fonts import FontFile
from pressroom.media.typography.text import TextBlock
from pressroom.media.vector.canvas import SHARES, Canvas, facing

# How far small lines are set below their wanted size before an optional one is given up for the title.
SQUEEZES = (1.0, 0.82, 0.66, 0.5)
# WCAG AAA: the first of the palette's inks that reaches it is taken, and only else the darkest or lightest.
COMFORTABLE = 7.0
LEAST_VISIBLE = 0.3
OPTIONAL = frozenset({"brand", "kicker"})


@dataclass(frozen=True, slots=True)
class Row:
    """One text of a block. `largest` is its size in pixels where there is room, `gap` the space above it.

    A row that grows takes the height that the others leave.
    """

    text: str
    font: FontFile
    largest: float
    role: str
    color: str
    gap: float = 0.0
    max_lines: int = 1
    leading: float = 1.2
    grow: bool = False


@dataclass(frozen=True, slots=True)
class Plate:
    """A ground that is laid under a block of type."""

    fill: str
    pad: float
    radius: float = 0.0


def words_of_art(
    canvas: Canvas, brief: Brief, title: float = 0.13, kicker: bool = True, lines: str | None = None
) -> list[Row]:
    """Brand, title and subtitle in the canvas's colourway; `title` is the largest size in em, `lines` other than the subtitle."""
    em, way, fonts = canvas.em, canvas.way, canvas.fonts
    small = max(em * 0.024, min(12.0, canvas.unit * 0.06))
    rows = [
        Row(brief.brand if kicker else "", fonts.strong, small, "brand", way.ink),
        Row(brief.headline, fonts.heading, em * title, "title", way.ink, em * 0.03, 8, 1.06, grow=True),
        Row(
            brief.subtitle if lines is None else lines,
            fonts.body,
            em * 0.04,
            "subtitle",
            way.muted,
            em * 0.036,
            4,
            1.32,
        ),
    ]
    return [row for row in rows if row.text]


def stack(
    canvas: Canvas,
    area: Box,
    rows: Sequence[Row],
    *,
    on: str | Sequence[str],
    align: str = "start",
    valign: str = "top",
    plate: Plate | None = None,
) -> Box | None:
    """Set the rows under each other inside the area; gives the box that their ink takes, None when nothing was set.

    Rows that cannot be legible are noted in `canvas.omitted`.
    """
    rows = [row for row in rows if row.text]
    area = visible(canvas, area)
    inner = area.inset(plate.pad) if plate else area
    chosen, blocks = _fitted(canvas, inner, rows)
    kept = {row.role for row in chosen}
    canvas.omitted += [row.text for row in rows if row.role not in kept]
    if not chosen:
        return None
    heights = [block.height for block in blocks]
    gaps = [0.0, *(row.gap for row in chosen[1:])]
    total = sum(heights) + sum(gaps)
    top = inner.y + (inner.height - total) * SHARES[valign]
    wide = max(block.width for block in blocks)
    # All rows stand where the largest one starts: a Latin name over an Arabic title goes to the right with it.
    side = facing(align, max(blocks, key=lambda block: block.size))
    left = inner.x + (inner.width - wide) * SHARES[side]
    taken = Box(left, top, wide, total)
    grounds = (on,) if isinstance(on, str) else tuple(on)
    if plate is not None:
        canvas.panel(taken.inset(-plate.pad), plate.fill, plate.radius)
        grounds = (plate.fill,)
    for row, block, gap in zip(chosen, blocks, gaps, strict=True):
        top += gap
        x = inner.x + inner.width * SHARES[side]
        canvas.place(block, x, top, color=row.color, on=grounds, role=row.role, align=side)
        top += block.height
    return taken


def visible(canvas: Canvas, area: Box) -> Box:
    """The part of the area that nothing of the platform's covers; all of it where hardly any is left."""
    safe = canvas.safe
    if safe is None:
        return area
    left, top = max(area.x, safe.x), max(area.y, safe.y)
    right, bottom = min(area.right, safe.right), min(area.bottom, safe.bottom)
    if right - left < area.width * LEAST_VISIBLE or bottom - top < area.height * LEAST_VISIBLE:
        return area
    return Box(left, top, right - left, bottom - top)


def side_of(brief: Brief) -> str:
    """Where the headline's lines start."""
    return "end" if is_right_to_left(brief.headline) else "start"


def rule(canvas: Canvas, brief: Brief, area: Box, y: float, width: float) -> None:
    """A short bar over a block of type, at the side where its lines start."""
    height = max(2.0, canvas.unit * 0.009)
    x = area.x if side_of(brief) == "start" else area.right - width
    canvas.panel(Box(x, y, width, height), canvas.way.figures[0])


def _fitted(canvas: Canvas, area: Box, rows: Sequence[Row]) -> tuple[list[Row], list[TextBlock]]:
    """The rows that can stand together, and their blocks: all of them, or all but optional ones, or what is possible."""
    needed = [row for row in rows if row.role not in OPTIONAL]
    for kept in (list(rows), needed):
        for squeeze in SQUEEZES:
            tight = [replace(row, gap=row.gap * squeeze) for row in kept]
            blocks = _blocks(canvas, area, tight, squeeze)
            if all(blocks):
                return tight, [block for block in blocks if block]
    needed = [replace(row, gap=row.gap * SQUEEZES[-1]) for row in needed]
    blocks = _blocks(canvas, area, needed, SQUEEZES[-1])
    pairs = [(row, block) for row, block in zip(needed, blocks, strict=True) if block]
    return [row for row, _ in pairs], [block for _, block in pairs]


def _blocks(canvas: Canvas, area: Box, rows: Sequence[Row], squeeze: float) -> list[TextBlock | None]:
    left = area.height - sum(row.gap for row in rows[1:])
    blocks: dict[int, TextBlock | None] = {}
    for index, row in sorted(enumerate(rows), key=lambda pair: pair[1].grow):
        share = left if row.grow or len(rows) == 1 else min(left, area.height * 0.42)
        largest = row.largest if row.grow else row.largest * squeeze
        block = canvas.compose(
            row.text, row.font, (area.width, max(1.0, share)), largest=largest,
            max_lines=row.max_lines, leading=row.leading,
        )  # fmt: skip
        blocks[index] = block
        left -= block.height if block else 0.0
    return [blocks[index] for index in range(len(rows))]


def caption(
    canvas: Canvas,
    brief: Brief,
    area: Box,
    grounds: Sequence[str],
    *,
    align: str = "middle",
    valign: str = "middle",
    title: float = 0.11,
    plate: tuple[str, str] | None = None,
) -> None:
    """The user's own words on a picture: straight on its grounds where one colour reads on all, else on a plate.

    `plate` is its fill and the ink on it; the colourway's where none is given.
    """
    if not brief.explicit:
        return
    rows = words_of_art(canvas, brief, title, kicker=False)
    color = ink_for(canvas, grounds)
    if color:
        stack(canvas, area, [replace(row, color=color) for row in rows], on=grounds, align=align, valign=valign)
    else:
        fill, ink = plate or (canvas.way.ground, canvas.way.ink)
        rows = [replace(row, color=ink) for row in rows]
        ground = Plate(fill, canvas.em * 0.06, canvas.em * 0.016)
        stack(canvas, area, rows, on=fill, align=align, valign=valign, plate=ground)


def ink_for(canvas: Canvas, grounds: Sequence[str]) -> str:
    """The colour of the palette that reads best on all grounds; empty where none reaches AA, or nothing is quiet."""
    if not grounds:
        return ""
    palette = canvas.palette
    inks = (palette.ink, palette.background, canvas.way.ink, tone(palette.primary, 0.22, 0.6), "#ffffff", "#111111")
    worst = {ink: min(contrast(ink, ground) for ground in grounds) for ink in inks}
    own = next((ink for ink in inks if worst[ink] >= COMFORTABLE), max(inks, key=lambda ink: worst[ink]))
    return own if worst[own] >= AA_NORMAL else ""
