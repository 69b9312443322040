"""The words and the logo as a stack: badge, headline, text, price, button, sized together until all of it fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from pressroom.media.geometry import Box
from pressroom.media.typography.bidi import is_right_to_left
from pressroom.media.typography.fonts import FontFile
from pressroom.media.typography.hyphens import hyphenated
from pressroom.media.typography.text import WORTH_A_HYPHEN, TextBlock, fit, set_text
from pressroom.media.typography.typefaces import Fonts, fonts_for

# Shares of the picture's shorter side: what a phone held at arm's length still shows, and what no longer looks set.
SMALLEST_TEXT = 0.024
SMALLEST_TEXT_PIXELS = 11.0
LARGEST_HEADLINE = 0.118
# Headlines on long pictures may grow beyond what the shorter side alone would give.
LONG_GROWTH = 0.25
# Sizes relative to the headline's; where there is no headline the others grow no further than this.
RELATIVE = {"headline": 1.0, "text": 0.44, "price": 0.62, "badge": 0.36, "cta": 0.42}
MAX_LINES = {"headline": 4, "text": 5, "price": 1, "badge": 1, "cta": 1}
LEADING = {"headline": 1.08, "text": 1.32, "price": 1.0, "badge": 1.0, "cta": 1.0}
# Large letters want less space between them, small ones on a pill a little more.
TRACKING = {"headline": -0.012, "price": -0.008, "badge": 0.02, "cta": 0.005}
# A price tag's point and hole, as shares of its height.
TAG_POINT = 0.44
TAG_HOLE = 0.085
# A brand's font may be wider than the bundled one that the plan measured with; then letters may be this much smaller.
WIDER_FONT = 0.5
STEP = 0.95
STEPS = 46
# How much of the safe zone the words may take: across, and down.
SHARES = {"top": (1.0, 0.46), "bottom": (1.0, 0.46), "center": (0.92, 0.8), "left": (0.46, 1.0), "right": (0.46, 1.0)}
CORNER_SHARE = (0.62, 0.46)


@dataclass(frozen=True, slots=True)
class Words:
    """What is to be written; empty texts are left away. `logo_ratio` is width to height, 0 for no logo."""

    headline: str = ""
    text: str = ""
    price: str = ""
    badge: str = ""
    cta: str = ""
    logo_ratio: float = 0.0
    price_tag: bool = True

    @property
    def parted(self) -> Words:
        """The same with hyphens where long words may be parted."""
        return replace(self, headline=hyphenated(self.headline), text=hyphenated(self.text))

    @property
    def right_to_left(self) -> bool:
        return is_right_to_left(" ".join((self.headline, self.text, self.price, self.badge, self.cta)))


@dataclass(frozen=True, slots=True)
class Piece:
    """One element at its place. `box` is all of it: for badge, cta and price tag the shape, for texts the ink."""

    role: str
    box: Box
    block: TextBlock | None = None
    is_tag: bool = False
    row: float = 0.0  # width of the row that it shares with another piece


def centred(zone: Box, width: float) -> Box:
    """The zone with equal margins on both sides, where that leaves most of it: centred words then stand in the middle."""
    margin = max(zone.x, width - zone.right)
    return Box(margin, zone.y, width - 2 * margin, zone.height) if width - 2 * margin >= zone.width * 0.7 else zone


def column_of(zone: Box, position: str, most: float | None = None) -> Box:
    """The part of the safe zone that a position gives to the words; `most` limits it, measured from where they stand."""
    down, _, across = position.partition("_")
    share = SHARES[position] if not across else CORNER_SHARE
    if most is not None:
        share = (min(share[0], most), share[1]) if down in ("left", "right") else (share[0], min(share[1], most))
    width, height = zone.width * share[0], zone.height * share[1]
    side = across or (down if down in ("left", "right") else "")
    x = {"left": zone.x, "right": zone.right - width}.get(side, zone.x + (zone.width - width) / 2)
    y = {"top": zone.y, "bottom": zone.bottom - height}.get(down, zone.y + (zone.height - height) / 2)
    return Box(x, y, width, height)


def stack(
    words: Words,
    fonts: Fonts,
    column: Box,
    size: tuple[int, int],
    position: str,
    align: str,
    smallest: float | None = None,
) -> list[Piece] | None:
    """Everything as large as it goes in the column; None when it does not fit at the smallest legible size.

    `size` is the picture's; `smallest` letters in pixels, where a placement wants larger ones than any picture does.
    Nothing is ever shortened.
    """
    unit = float(min(size))
    longness = max(size) / unit
    largest = min(unit * LARGEST_HEADLINE * longness**LONG_GROWTH, column.height * 0.5)
    least = smallest or smallest_text(unit)
    sizes = [largest * STEP**step for step in range(STEPS)]
    found = _largest(words, fonts, column, sizes, least)
    parted = words.parted
    if parted != words:
        # Only what is so much larger with a hyphen is tried with one.
        most = found[0] * WORTH_A_HYPHEN if found else 0.0
        found = _largest(parted, fonts, column, [size for size in sizes if size > most], least) or found
    if found:
        return _settled(found[1], column, position, align)
    if not fits(words, fonts_for(None, {}), column, unit, smallest):
        return None
    for step in range(1, STEPS):
        if STEP**step < WIDER_FONT:
            break
        pieces = _at(words, fonts, column, least * STEP**step, least * STEP**step)
        if pieces is not None:
            return _settled(pieces, column, position, align)
    return None


def _largest(
    words: Words, fonts: Fonts, column: Box, sizes: Sequence[float], least: float
) -> tuple[float, list[Piece]] | None:
    """The first of the sizes, and the pieces at it, that fit."""
    tried = ((size, _at(words, fonts, column, size, least)) for size in sizes)
    return next(((size, pieces) for size, pieces in tried if pieces is not None), None)


@lru_cache(maxsize=4_096)
def fits(words: Words, fonts: Fonts, column: Box, unit: float, smallest: float | None = None) -> bool:
    """Whether it fits at all: tried once, at the smallest size, so that plans stay quick."""
    least = smallest or smallest_text(unit)
    return any(_at(each, fonts, column, least, least) is not None for each in dict.fromkeys((words, words.parted)))


def smallest_text(unit: float) -> float:
    return max(SMALLEST_TEXT_PIXELS, unit * SMALLEST_TEXT)


def _at(words: Words, fonts: Fonts, column: Box, size: float, least: float) -> list[Piece] | None:
    """The stack from y = 0 at one headline size, left-aligned at x = 0; None when too wide or too tall."""
    if size < least:
        return None
    pieces: list[Piece] = []
    y = 0.0
    if words.logo_ratio:
        tall = min(size * 0.95, column.width * 0.5 / words.logo_ratio, column.height * 0.25)
        pieces.append(Piece("logo", Box(0, 0, tall * words.logo_ratio, tall)))
        y = tall
    for role in ("badge", "headline", "text", "price", "cta"):
        text = getattr(words, role)
        if not text:
            continue
        tag = role == "price" and words.price_tag
        piece = _piece(role, text, _face(role, fonts), max(least, size * RELATIVE[role]), column, tag=tag)
        if piece is None:
            return None
        if pieces:
            y += size * (0.46 if role == "text" else 0.56)
        if role == "cta" and pieces and pieces[-1].role == "price" and (row := _row(pieces[-1], piece, size, column)):
            pieces[-1:] = row
            y = max(one.box.bottom for one in row)
            continue
        pieces.append(replace(piece, box=Box(0, y, piece.box.width, piece.box.height)))
        y += piece.box.height
    return pieces if y <= column.height else None


def _row(price: Piece, button: Piece, size: float, column: Box) -> list[Piece] | None:
    """Price and button side by side, middle to middle; None where the column is too narrow."""
    gap = size * 0.5
    width = price.box.width + gap + button.box.width
    if width > column.width:
        return None
    tall = max(price.box.height, button.box.height)
    x, placed = 0.0, []
    for piece in (price, button):
        top = price.box.y + (tall - piece.box.height) / 2
        placed.append(replace(piece, box=Box(x, top, piece.box.width, piece.box.height), row=width))
        x += piece.box.width + gap
    return placed


def _face(role: str, fonts: Fonts) -> FontFile:
    return {"headline": fonts.heading, "price": fonts.heading, "text": fonts.body}.get(role, fonts.strong)


def _piece(role: str, text: str, font: FontFile, size: float, column: Box, *, tag: bool) -> Piece | None:
    pill = role in ("badge", "cta") or tag
    padding = size * (1.75 if tag else 2.0) if pill else 0.0
    room = column.width - padding
    if room <= 0:
        return None
    block = fit(
        text, font, (room, column.height), (size, size), max_lines=MAX_LINES[role], leading=LEADING[role],
        tracking=TRACKING.get(role, 0.0),
    )  # fmt: skip
    if block is None:
        return None
    if not pill:
        return Piece(role, Box(0, 0, block.width, block.height), block)
    # A pill is measured by an H and a p, not by its own ink, so that all pills are equally tall.
    tall = set_text(("Hp",), font, size).height + size * (0.7 if tag else 1.05)
    return Piece(role, Box(0, 0, block.width + padding, max(tall, block.height + size * 0.5)), block, tag)


def _settled(pieces: list[Piece], column: Box, position: str, align: str) -> list[Piece]:
    """The stack moved to its place in the column: the whole of it by its position, its lines by their alignment."""
    height = max(piece.box.bottom for piece in pieces)
    width = max(piece.row or piece.box.width for piece in pieces)
    down, _, across = position.partition("_")
    side = across or (down if down in ("left", "right") else align)
    top = {"top": column.y, "bottom": column.bottom - height}.get(down, column.y + (column.height - height) / 2)
    shares = {"left": 0.0, "center": 0.5, "right": 1.0}
    left = column.x + (column.width - width) * shares[side]
    return [
        replace(
            piece,
            box=Box(
                left + (width - (piece.row or piece.box.width)) * shares[align] + piece.box.x,
                top + piece.box.y,
                piece.box.width,
                piece.box.height,
            ),
        )
        for piece in pieces
    ]
