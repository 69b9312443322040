"""Exposure and white balance in linear light; contrast, shadows, highlights and saturation in OKLab."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pressroom.media.color.icc import adapted
from pressroom.media.color.oklab import codes_of, into_gamut, lab_of, linear_of
from pressroom.media.editing.remap import Bytes, Palette, palette, remap

Floats = NDArray[np.float32]

# sRGB to XYZ (IEC 61966-2-1).
_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_D65_KELVIN = 6504.0
_MIRED_SPAN = 96.0  # temperature 1 is daylight of 4,000 K, -1 of about 17,300 K: the ends of the CIE's daylight locus
_TINT_SPAN = 0.02  # distance from the locus in CIE 1960 UCS: what the eye still takes for white
_PIVOT = 0.5673  # OKLab lightness of 18 % grey
_STEEPEST = 5.0  # slope factor of the S-curve at contrast 1
_LIFT, _SINK = 1.8, 0.9  # largest that keep the tone curve rising
_LEVELS_CUT = 0.001  # share of pixels that may clip at either end
_LEVELS_GAIN = 2.5  # a misty picture is cleared, an empty one is not torn apart


@dataclass(frozen=True, slots=True)
class Tone:
    """Exposure in stops; all else from -1 to 1, 0 changes nothing. Warm, magenta and stronger are positive."""

    exposure: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    temperature: float = 0.0
    tint: float = 0.0
    highlights: float = 0.0
    shadows: float = 0.0
    auto_levels: bool = False


def adjusted(pixels: Bytes, tone: Tone) -> tuple[Bytes, dict[str, Any]]:
    """The pixels in another tone, and what was measured for it."""
    found = _levels(palette(pixels)) if tone.auto_levels else (0.0, 1.0)
    matrix = _balance(tone.temperature, tone.tint) * np.float32(2**tone.exposure)

    def change(colors: Bytes) -> Bytes:
        lab = lab_of(np.maximum(linear_of(colors) @ matrix.T, 0))
        lightness = _curve((lab[:, 0] - found[0]) / (found[1] - found[0]), tone)
        # Chroma follows lightness, as it does when light changes: otherwise dark parts turn garish, light ones pale.
        chroma = (1 + tone.saturation) * lightness / np.maximum(lab[:, 0], 1e-4)
        return codes_of(into_gamut(np.column_stack([lightness, lab[:, 1] * chroma, lab[:, 2] * chroma])))

    details = {"levels": [round(value, 4) for value in found]} if tone.auto_levels else {}
    return remap(pixels, change), details


def _curve(lightness: Floats, tone: Tone) -> Floats:
    value = np.clip(lightness, 0, 1)
    if tone.shadows:
        value = value + tone.shadows * (_LIFT if tone.shadows > 0 else _SINK) * value * (1 - value) ** 4
    if tone.highlights:
        value = value + tone.highlights * (_SINK if tone.highlights > 0 else _LIFT) * (1 - value) * value**4
    if tone.contrast < 0:
        value = _PIVOT + (value - _PIVOT) * (1 + tone.contrast)
    elif tone.contrast > 0:
        value = _s_curve(value, _STEEPEST * tone.contrast)
    return np.asarray(np.clip(value, 0, 1), dtype=np.float32)


def _s_curve(value: Floats, slope: float) -> Floats:
    """A logistic curve from black to white that leaves middle grey: steeper there, gentle at both ends."""
    low, high = 0.0, 1.0
    for _ in range(30):
        centre = (low + high) / 2
        low, high = (centre, high) if _logistic(_PIVOT, centre, slope) > _PIVOT else (low, centre)
    return np.asarray(_logistic(value, centre, slope), dtype=np.float32)


def _logistic(value: Any, centre: float, slope: float) -> Any:
    start, end = (np.tanh(slope / 2 * (at - centre)) for at in (0.0, 1.0))
    return (np.tanh(slope / 2 * (value - centre)) - start) / (end - start)


def _levels(found: Palette) -> tuple[float, float]:
    """The lightness that becomes black and the one that becomes white."""
    lightness = lab_of(linear_of(found.colors))[:, 0]
    order = np.argsort(lightness)
    share = np.cumsum(found.counts[order]) / max(1, found.counts.sum())
    low = float(lightness[order][np.searchsorted(share, _LEVELS_CUT)])
    high = float(lightness[order][min(len(order) - 1, int(np.searchsorted(share, 1 - _LEVELS_CUT)))])
    missing = 1 / _LEVELS_GAIN - (high - low)
    if missing > 0:  # widen where there is room
        low = max(0.0, low - missing * low / max(1e-6, low + 1 - high))
        high = min(1.0, low + 1 / _LEVELS_GAIN)
    return low, high


def _balance(temperature: float, tint: float) -> Floats:
    """Linear sRGB under another white; luminance of white stays."""
    if not temperature and not tint:
        return np.eye(3, dtype=np.float32)
    other = adapted(_white(0.0, 0.0), _white(temperature, tint))
    return np.asarray(np.linalg.inv(_XYZ) @ other @ _XYZ, dtype=np.float32)


def _white(temperature: float, tint: float) -> NDArray[np.float64]:
    """XYZ (Y = 1) of daylight at that temperature, moved across the locus by the tint."""
    kelvin = 1e6 / (1e6 / _D65_KELVIN + _MIRED_SPAN * temperature)
    u, v = _uv(kelvin)
    across, up = (warmer - own for warmer, own in zip(_uv(kelvin * 0.99), (u, v), strict=True))
    u += _TINT_SPAN * tint * up / math.hypot(across, up)
    v -= _TINT_SPAN * tint * across / math.hypot(across, up)
    x, y = 3 * u / (2 * u - 8 * v + 4), 2 * v / (2 * u - 8 * v + 4)
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _uv(kelvin: float) -> tuple[float, float]:
    """Daylight in CIE 1960 UCS, where equal distances from the locus look equal."""
    x, y = daylight(kelvin)
    return 4 * x / (-2 * x + 12 * y + 3), 6 * y / (-2 * x + 12 * y + 3)


def daylight(kelvin: float) -> tuple[float, float]:
    """Chromaticity of CIE daylight, 4,000 to 25,000 K (CIE 15:2004, 3.1)."""
    t = 1000 / kelvin
    if kelvin <= 7000:
        x = -4.6070 * t**3 + 2.9678 * t**2 + 0.09911 * t + 0.244063
    else:
        x = -2.0064 * t**3 + 1.9018 * t**2 + 0.24748 * t + 0.237040
    return x, -3.0 * x * x + 2.870 * x - 0.275
