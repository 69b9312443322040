"""Film at 24 frames a second in interlaced video of 30 (3:2 pulldown): told by the fields that are shown twice.

SMPTE RP 197: of ten fields, which hold four frames of film, two repeat another, one of each parity, in the same places of
every five frames. A still picture, frames shown twice, and video of sixty fields have no such pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, Literal

Order = Literal["", "tff", "bff"]

CYCLE: Final = 5  # frames that hold the fields of four
_HELD: Final = Fraction(4, 5)
_VIDEO: Final = Fraction(30_000, 1001)
_CLOSE: Final = 0.04  # of frames a second; 30 are told for it as well
_SURE: Final = 0.6  # the least share of pairs that keep their places: each cut may break some
_STRAY: Final = 1.3  # at most so many times the repeats that pulldown has


def may_hold_film(fps: Fraction) -> bool:
    return abs(fps - _VIDEO) <= _CLOSE


def film_rate(fps: Fraction) -> Fraction:
    """The rate of the film in video of this rate."""
    return fps * _HELD


def order_of_film(repeated: Sequence[str]) -> Order:
    """Which field comes first, told by the field of each frame that repeats the frame before it: top, bottom or neither.

    Empty where this is no film.
    """
    expected = max(0, len(repeated) / CYCLE - 1)
    if expected < 1:
        return ""
    places = {name: [at for at, field in enumerate(repeated) if field == name] for name in ("top", "bottom")}
    for found in places.values():
        kept = sum(at + CYCLE in found for at in found)
        if kept < _SURE * expected or len(found) > _STRAY * (expected + 2):
            return ""
    # The field that comes first is repeated one frame or two before the other is, according to how the cycle is laid out.
    after = [min((at - top) % CYCLE for at in places["bottom"] if abs(at - top) <= CYCLE) for top in _near(places)]
    early = sum(distance in (1, 2) for distance in after)
    return "" if not after else "tff" if 2 * early > len(after) else "bff"


def _near(places: dict[str, list[int]]) -> list[int]:
    return [top for top in places["top"] if any(abs(at - top) <= CYCLE for at in places["bottom"])]
