"""What a picture's numbers mean: the colours that its file tells, by an ICC profile or in another way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from pressroom.media.color.primaries import SRGB, Point, Primaries, Transfer

_C: Final = (0.310, 0.316)
_DCI: Final = (0.314, 0.351)
# ITU-T H.273 (CICP), table 2.
_PRIMARIES: Final = {
    1: SRGB,
    4: Primaries((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), _C),
    5: Primaries((0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    7: Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    8: Primaries((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), _C),
    9: Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    11: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _DCI),
    12: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    22: Primaries((0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),
}
# Table 3. What is not here is shown as sRGB is: BT.709 and its like are encoded for such displays.
_GAMMAS: Final = {4: 2.2, 5: 2.8, 8: 1.0, 17: 2.6}
_PQ, _HLG = 16, 18
ADOBE_RGB: Final = Primaries((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
ADOBE_RGB_GAMMA: Final = 2.19921875
_SRGB_GAMMAS: Final = (2.15, 2.25)  # what programs write who mean sRGB
_GAMMAS_MEANT: Final = (0.2, 5.0)
MOST_PROFILE_BYTES: Final = 4_000_000  # of one in GIF or BMP, whose length the file tells as it likes
_SAME: Final = 0.006  # of xy: chromaticities are rounded


@dataclass(frozen=True, slots=True)
class Meaning:
    """`profile` is ICC data. Where `transfer` is set, the picture has a high dynamic range and `primaries` count instead.

    `is_made` says that the profile was made from numbers of the file: it is one for RGB.
    """

    profile: bytes | None = None
    is_made: bool = False
    transfer: Transfer | None = None
    primaries: Primaries = SRGB


def by_profile(profile: bytes | None) -> Meaning:
    return Meaning(profile or None)


def by_code_points(primaries: int, transfer: int) -> Meaning:
    """CICP, as the cICP chunk of PNG and the nclx box of AVIF and HEIC tell it."""
    found = _PRIMARIES.get(primaries, SRGB)
    if transfer in (_PQ, _HLG):
        return Meaning(transfer="pq" if transfer == _PQ else "hlg", primaries=found)
    return _made(found, _GAMMAS.get(transfer))


def by_measures(gamma: float | None, points: tuple[float, ...] | None) -> Meaning:
    """The gAMA and cHRM of PNG: `gamma` of the display, and x and y of white, red, green and blue."""
    meant = gamma if gamma is not None and _GAMMAS_MEANT[0] <= gamma <= _GAMMAS_MEANT[1] else None
    if meant is not None and _SRGB_GAMMAS[0] <= meant <= _SRGB_GAMMAS[1]:
        meant = None
    return _made(_measured(points), meant)


def adobe_rgb() -> Meaning:
    """What cameras mean by the file names that begin with _ and the Exif interoperability index R03 (DCF 2.0)."""
    return _made(ADOBE_RGB, ADOBE_RGB_GAMMA)


def _measured(points: tuple[float, ...] | None) -> Primaries:
    if points is None or any(not 0 < y < 1 or not 0 <= x < 1 for x, y in _pairs(points)):
        return SRGB
    white, red, green, blue = _pairs(points)
    area = (green[0] - red[0]) * (blue[1] - red[1]) - (blue[0] - red[0]) * (green[1] - red[1])
    return Primaries(red, green, blue, white) if abs(area) > 0.01 else SRGB


def _pairs(points: tuple[float, ...]) -> list[Point]:
    return list(zip(points[::2], points[1::2], strict=True))


@cache
def _made(primaries: Primaries, gamma: float | None) -> Meaning:
    if gamma is None and _is_srgb(primaries):
        return Meaning()
    from pressroom.media.color.icc import matrix_profile

    return Meaning(matrix_profile(primaries, gamma), is_made=True)


def _is_srgb(primaries: Primaries) -> bool:
    mine = (primaries.red, primaries.green, primaries.blue, primaries.white)
    theirs = (SRGB.red, SRGB.green, SRGB.blue, SRGB.white)
    return all(abs(a - b) < _SAME for one, two in zip(mine, theirs, strict=True) for a, b in zip(one, two, strict=True))
