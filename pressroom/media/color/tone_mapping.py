"""Pictures of high dynamic range (PQ, HLG) as sRGB, by the standard operators.

Sources: ITU-R BT.2100-2 for the curves, BT.2408-7 for diffuse white at 203 cd/m2, BT.2390-11 section 5.4 for the knee.
"""

from __future__ import annotations

import math
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from pressroom.media.color.icc import to_srgb_primaries
from pressroom.media.color.oklab import encoded
from pressroom.media.color.primaries import Primaries, Transfer

Floats: TypeAlias = npt.NDArray[np.float32]

_WHITE: Final = 203.0  # cd/m2 of what becomes white in sRGB
_HLG_PEAK, _HLG_GAMMA = 1000.0, 1.2
_ROWS: Final = 128  # at a time: floats of a whole photo would take 24 bytes a pixel
_PQ: Final = (0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875)
_STEPS: Final = 65_536
_PEAK_SHARE: Final = 99.99  # percent of the pixels: a few specks do not darken a picture


def to_sdr(pixels: npt.NDArray[np.uint16], transfer: Transfer, primaries: Primaries) -> npt.NDArray[np.uint8]:
    """Height x width x 3 of 16-bit codes as 8-bit sRGB: diffuse white stays near white, what is brighter is rolled off."""
    light = _light_of_codes(transfer)
    peak = _peak(pixels, light, transfer)
    shown = np.empty(pixels.shape, np.uint8)
    matrix = to_srgb_primaries(primaries).astype(np.float32)
    curve = _knee(peak)
    for start in range(0, pixels.shape[0], _ROWS):
        linear = _display_light(light[pixels[start : start + _ROWS]], transfer)
        linear *= _scale(np.max(linear, axis=2), peak, curve)[..., None]
        shown[start : start + _ROWS] = _srgb_codes(linear @ matrix.T)
    return shown


def _light_of_codes(transfer: Transfer) -> Floats:
    """Per 16-bit code: cd/m2 of the display for PQ, light of the scene from 0 to 1 for HLG."""
    code = np.linspace(0, 1, _STEPS)
    if transfer == "pq":
        m1, m2, c1, c2, c3 = _PQ
        power = code ** (1 / m2)
        return (10_000 * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1)).astype(np.float32)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12).astype(np.float32)


def _display_light(light: Floats, transfer: Transfer) -> Floats:
    """cd/m2; for HLG through the system gamma of a display of 1000 cd/m2."""
    if transfer == "pq":
        return light
    luma: Floats = light @ np.array([0.2627, 0.6780, 0.0593], np.float32)
    gain = _HLG_PEAK * np.maximum(luma, 1e-6) ** (_HLG_GAMMA - 1)
    return np.asarray(light * gain[..., None], np.float32)


def _peak(pixels: npt.NDArray[np.uint16], light: Floats, transfer: Transfer) -> float:
    """The brightest light of the picture in cd/m2, looked for in a sample of it."""
    step = max(1, math.isqrt(pixels.shape[0] * pixels.shape[1] // 1_000_000))
    sample = np.max(_display_light(light[pixels[::step, ::step]], transfer), axis=2)
    return max(_WHITE, float(np.percentile(sample, _PEAK_SHARE)))


def _knee(peak: float) -> Floats:
    """Display light by display light, both as shares of their PQ codes: BT.2390's spline from `peak` down to white."""
    source = float(_pq(peak))
    most = float(_pq(_WHITE)) / source
    start = 1.5 * most - 0.5
    code = np.linspace(0, 1, 4096)
    t = np.clip((code - start) / max(1 - start, 1e-9), 0, 1)
    spline = (2 * t**3 - 3 * t**2 + 1) * start + (t**3 - 2 * t**2 + t) * (1 - start) + (-2 * t**3 + 3 * t**2) * most
    return (np.where(code < start, code, spline) * source).astype(np.float32)


def _scale(brightest: Floats, peak: float, curve: Floats) -> Floats:
    """What each pixel is multiplied by, so that white is 1: by its brightest channel, which keeps its hue."""
    code = np.clip(_pq(brightest) / _pq(peak), 0, 1)
    mapped = _light(np.interp(code, np.linspace(0, 1, len(curve)), curve))
    return (mapped / np.maximum(brightest, 1e-4) / _WHITE).astype(np.float32)


def _pq(light: float | Floats) -> npt.NDArray[np.float64]:
    m1, m2, c1, c2, c3 = _PQ
    power = (np.maximum(light, 0) / 10_000) ** m1
    return np.asarray(((c1 + c2 * power) / (1 + c3 * power)) ** m2)


def _light(code: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    m1, m2, c1, c2, c3 = _PQ
    power = code ** (1 / m2)
    return np.asarray(10_000 * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1))


def _srgb_codes(linear: Floats) -> npt.NDArray[np.uint8]:
    return np.asarray(encoded(np.clip(linear, 0, 1)) * 255 + 0.5).astype(np.uint8)
