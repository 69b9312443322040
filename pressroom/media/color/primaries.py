"""The colours that the channels of a picture stand for. No library is imported: planning looks at headers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Point: TypeAlias = tuple[float, float]
Transfer: TypeAlias = Literal["pq", "hlg"]  # the curves of high dynamic range, ITU-R BT.2100

D65: Final = (0.3127, 0.3290)


@dataclass(frozen=True, slots=True)
class Primaries:
    """CIE xy of red, green, blue and white."""

    red: Point
    green: Point
    blue: Point
    white: Point = D65


SRGB: Final = Primaries((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
