"""Ranges of colour, by name or around a colour: how much of a pixel belongs to one, from 0 to 1, with soft borders."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pressroom.media.color.spaces import to_oklch

Floats = NDArray[np.float32]

_SOFT_HUE = 6.0  # degrees over which a range fades
_SOFT_LIGHTNESS = 0.06
_DARKEST = (0.06, 0.14)  # lightness below which hue is noise
_EDGE = (0.01, 0.03)  # saturation that still counts at a border, where a colour is mixed with its neighbour's
_EDGE_HUE = 14.0  # degrees: how far a mixture may have moved
_SHADE_HUE, _SHADE_LIGHTNESS, _SHADE_SATURATION = 24.0, 0.25, (0.05, 0.1)  # how far a surface's shades reach
_NEUTRAL_CHROMA = 0.035  # of a hex colour that stands for a grey
_HUE_REACH, _LIGHTNESS_REACH = 50.0, 0.4  # at tolerance 1
# People call a dark orange-red red and a light one orange: the border leans with lightness.
_LEAN_DEGREES, _LEAN_FROM, _LEAN_MOST = 60.0, 0.55, (-10.0, 6.0)


@dataclass(frozen=True, slots=True)
class Range:
    """Hue in degrees (OKLCH; None: neutral), lightness 0..1, saturation (chroma / lightness, the same in any light).

    `saturation` is where a colour begins to belong and where it fully does; a neutral one ends to belong there.
    """

    hue: tuple[float, float] | None
    lightness: tuple[float, float] = (0.0, 1.0)
    saturation: tuple[float, float] = (0.06, 0.13)
    most_saturation: float = math.inf
    leans: bool = False


# Borders of hue lie where the names change between neighbours on the OKLCH circle: red 29, orange 58, yellow 110,
# green 142, teal 195, blue 264, purple 303, pink 355 (full sRGB and CSS colours of these names, measured with color.py).
# Red and orange ask for more saturation than skin (0.07 to 0.14) and brown leather have. Brown is dark orange: they overlap.
NAMED: dict[str, Range] = {
    "red": Range((10, 40), saturation=(0.21, 0.28), leans=True),
    "orange": Range((40, 88), (0.48, 1.0), (0.15, 0.22), leans=True),
    "yellow": Range((82, 120)),
    "green": Range((120, 172)),
    "teal": Range((172, 218)),
    "blue": Range((218, 284)),
    "purple": Range((284, 338)),
    "pink": Range((338, 374)),
    "brown": Range((40, 95), (0.0, 0.66), most_saturation=0.34),
    "white": Range(None, (0.86, 1.0), (0.03, 0.07)),
    "grey": Range(None, (0.32, 0.86), (0.03, 0.07)),
    "black": Range(None, (0.0, 0.32), (0.06, 0.12)),
}


def range_of(name: str, tolerance: float) -> Range:
    """A named range, or one around #rrggbb; `tolerance` 0.5 is the usual width, 1 one and a half times that."""
    if name in NAMED:
        return _widened(NAMED[name], tolerance)
    lightness, chroma, hue = to_oklch(name)
    if chroma < _NEUTRAL_CHROMA:
        reach = _LIGHTNESS_REACH * tolerance
        return Range(None, (max(0.0, lightness - reach), min(1.0, lightness + reach)))
    reach = _HUE_REACH * tolerance
    # A pale colour asks for pale ones, a strong one leaves them alone.
    full = min(0.2, 0.6 * chroma / max(lightness, 0.05))
    return Range((hue - reach, hue + reach), saturation=(full / 2, full))


def _widened(found: Range, tolerance: float) -> Range:
    if found.hue is None:
        return found
    middle, half = sum(found.hue) / 2, (found.hue[1] - found.hue[0]) / 2 * (0.5 + tolerance)
    return replace(found, hue=(middle - half, middle + half))


def at_borders(found: Range) -> Range:
    """The range as it looks where it is mixed with something else: less saturated, of any lightness."""
    if found.hue is None:
        return found
    hue = (found.hue[0] - _EDGE_HUE, found.hue[1] + _EDGE_HUE)
    return replace(found, hue=hue, saturation=_EDGE, lightness=(0.0, 1.0), most_saturation=math.inf)


def at_shades(found: Range, tolerance: float) -> Range:
    """The range with the other shades that a surface of it shows: lit warmer, shaded colder, paler where it shines."""
    if found.hue is None:
        return found
    reach = 2 * _SHADE_HUE * tolerance
    low, high = found.lightness
    saturation = (found.saturation[0] / 2, found.saturation[1] / 2)
    return replace(
        found,
        hue=(found.hue[0] - reach, found.hue[1] + reach),
        saturation=(min(saturation[0], _SHADE_SATURATION[0]), min(saturation[1], _SHADE_SATURATION[1])),
        lightness=(max(0.0, low - _SHADE_LIGHTNESS), min(1.0, high + _SHADE_LIGHTNESS)),
        most_saturation=found.most_saturation + 0.1,
    )


def belonging(lab: Floats, found: Range) -> Floats:
    """0..1 for each of N OKLab colours."""
    lightness, chroma = lab[:, 0], np.hypot(lab[:, 1], lab[:, 2])
    saturation = chroma / np.maximum(lightness, 0.05)
    low, high = found.lightness
    weight = np.ones(len(lab), np.float32)
    if low > 0:
        weight *= _smooth(lightness, low - _SOFT_LIGHTNESS, low + _SOFT_LIGHTNESS)
    if high < 1:
        weight *= 1 - _smooth(lightness, high - _SOFT_LIGHTNESS, high + _SOFT_LIGHTNESS)
    if found.hue is None:
        # Black has no hue whatever its chroma says.
        return _floats(weight * (1 - _smooth(saturation, *found.saturation) * _smooth(lightness, *_DARKEST)))
    weight *= _near_hue(lab, found)
    if math.isfinite(found.most_saturation):
        weight *= 1 - _smooth(saturation, found.most_saturation - 0.04, found.most_saturation + 0.04)
    return _floats(weight * _smooth(saturation, *found.saturation) * _smooth(lightness, *_DARKEST))


def _near_hue(lab: Floats, found: Range) -> Any:
    assert found.hue is not None
    middle, half = sum(found.hue) / 2, (found.hue[1] - found.hue[0]) / 2
    hue = np.degrees(np.arctan2(lab[:, 2], lab[:, 1]))
    if found.leans:
        hue = hue + np.clip(_LEAN_DEGREES * (lab[:, 0] - _LEAN_FROM), *_LEAN_MOST)
    away = np.abs((hue - middle + 180) % 360 - 180)
    return 1 - _smooth(away, half - _SOFT_HUE, half + _SOFT_HUE)


def _smooth(value: Any, start: float, end: float) -> Any:
    share = np.clip((value - start) / (end - start), 0, 1)
    return share * share * (3 - 2 * share)


def _floats(values: Any) -> Floats:
    return np.asarray(values, dtype=np.float32)
