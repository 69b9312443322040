"""Where the words of a picture stand: in the part of the safe zone that is asked for, or the calmest, off faces and subjects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pressroom.media.geometry import Box
from pressroom.media.lettering.burst import burst_of
from pressroom.media.lettering.keep_off import covered
from pressroom.media.lettering.panel import room_for
from pressroom.media.lettering.stack import Piece, Words, centred, column_of, fits, stack
from pressroom.media.typography.typefaces import Fonts

if TYPE_CHECKING:
    from PIL.Image import Image

# In the order that posters prefer where all else is equal.
SIDES = ("bottom", "top", "left", "right", "bottom_left", "bottom_right", "top_left", "top_right")
# A face that is touched by less than this still looks free.
TOUCH = 0.02
# Narrower columns that are tried before a subject is covered, as shares of what the position gives.
NARROWER = (0.8, 0.62, 0.48, 0.36, 0.28)
# What a place costs: for covering a subject at all and for its share, for a restless ground, for smaller letters, for each
# rank in SIDES.
COVER_COST, SHARE_COST, UNREST_COST, SIZE_COST, RANK_COST = 2.0, 5.0, 2.5, 1.2, 0.03


@dataclass(frozen=True, slots=True)
class Design:
    """What is asked of the arrangement. `position` may be auto; `least` is the smallest letter in pixels."""

    position: str
    align: str = "auto"
    share: float | None = None
    style: str = "plain"
    burst: bool = False
    least: float | None = None


@dataclass(frozen=True, slots=True)
class Arranged:
    """The words and where they stand. `covers` is the largest share of a subject that they stand on."""

    position: str
    align: str
    zone: Box
    pieces: list[Piece]
    burst: Piece | None = None
    covers: float = 0.0

    @property
    def every(self) -> list[Piece]:
        return [*self.pieces, self.burst] if self.burst else self.pieces


def arrange(
    design: Design, words: Words, fonts: Fonts, zone: Box, picture: Image, subjects: Sequence[Box]
) -> Arranged | None:
    """The best arrangement; None where the words fit nowhere that was asked for."""
    from pressroom.media.lettering.scrim import unrest  # here: a plan asks whether words fit, without any picture

    found = list(_tried(design, words, fonts, zone, picture.size, subjects))
    if not found:
        return None
    largest = max(_letters(each) for each in found)

    def cost(each: Arranged) -> float:
        quiet = unrest(picture, [piece.box for piece in each.every])
        small = 1 - _letters(each) / largest
        rank = SIDES.index(each.position) if each.position in SIDES else 0
        covers = each.covers if each.covers > TOUCH else 0.0
        return (
            COVER_COST * bool(covers) + SHARE_COST * covers + UNREST_COST * quiet + SIZE_COST * small + RANK_COST * rank
        )

    return min(found, key=cost)


def can_stand(design: Design, words: Words, fonts: Fonts, zone: Box, size: tuple[int, int]) -> bool:
    """Whether the words fit at their smallest, anywhere that was asked for."""
    positions = SIDES if design.position == "auto" else (design.position,)
    return any(
        fits(words, fonts, _column(replace(design, position=position), zone, size), float(min(size)), design.least)
        for position in positions
    )


def alignment(design: Design, words: Words) -> str:
    """Corners pull the words to their side; beside the picture's middle they begin where their script begins."""
    if design.align != "auto":
        return design.align
    sides = design.position.split("_")
    if len(sides) == 2:
        return sides[1]
    if sides[0] in ("left", "right"):
        return "right" if words.right_to_left else "left"
    return "center"


def zone_of(design: Design, zone: Box, width: float) -> Box:
    """The safe zone, with equal margins where words stand in the middle."""
    middle = design.position in ("top", "center", "bottom") and design.align in ("auto", "center")
    return centred(zone, width) if middle else zone


def _tried(
    design: Design, words: Words, fonts: Fonts, zone: Box, size: tuple[int, int], subjects: Sequence[Box]
) -> Iterator[Arranged]:
    """Each position that was asked for; smaller and in the corners of its side where the words would else cover a subject."""
    for position in SIDES if design.position == "auto" else (design.position,):
        found = list(_shrunk(replace(design, position=position), words, fonts, zone, size, subjects))
        yield from found
        if (
            design.position == "auto"
            or design.align != "auto"
            or min((each.covers for each in found), default=0) <= TOUCH
        ):
            continue
        for corner in _corners_of(position):
            yield from _shrunk(replace(design, position=corner), words, fonts, zone, size, subjects)


def _shrunk(
    design: Design, words: Words, fonts: Fonts, zone: Box, size: tuple[int, int], subjects: Sequence[Box]
) -> Iterator[Arranged]:
    """The position, and ever narrower columns at it until no subject is covered."""
    first = _placed(design, words, fonts, zone, size, subjects)
    if first is None:
        return
    yield first
    if first.covers <= TOUCH or design.position == "center":
        return
    for share in NARROWER:
        narrow = replace(design, share=share * (design.share or 1.0) * 0.5)
        other = _placed(narrow, words, fonts, zone, size, subjects)
        if other is None:
            return
        yield other
        if other.covers <= TOUCH:
            return


def _corners_of(position: str) -> list[str]:
    """The corners at a side: what stands there still stands at that side."""
    return [name for name in SIDES if "_" in name and position in name.split("_")]


def _placed(
    design: Design, words: Words, fonts: Fonts, zone: Box, size: tuple[int, int], subjects: Sequence[Box]
) -> Arranged | None:
    zone, align = zone_of(design, zone, size[0]), alignment(design, words)
    column = _column(design, zone, size)
    rest = replace(words, badge="")
    if design.burst and words.badge and rest != Words(price_tag=words.price_tag):
        pieces = stack(rest, fonts, column, size, design.position, align, design.least)
        burst = burst_of(
            words.badge, fonts, zone, min(size), position=design.position, right_to_left=words.right_to_left,
            taken=[*(piece.box for piece in pieces or []), *subjects],
        )  # fmt: skip
        if pieces is not None and burst is not None:
            return Arranged(design.position, align, zone, pieces, burst, _covers(pieces, subjects))
    pieces = stack(words, fonts, column, size, design.position, align, design.least)
    if pieces is None:
        return None
    return Arranged(design.position, align, zone, pieces, None, _covers(pieces, subjects))


def _column(design: Design, zone: Box, size: tuple[int, int]) -> Box:
    zone = zone_of(design, zone, size[0])
    return room_for(column_of(zone, design.position, design.share), design.style, design.position, min(size))


def _covers(pieces: Sequence[Piece], subjects: Sequence[Box]) -> float:
    return covered([piece.box for piece in pieces], subjects)


def _letters(arranged: Arranged) -> float:
    """The largest letters of it, in pixels."""
    return max((piece.block.size for piece in arranged.pieces if piece.block), default=1.0)
