"""Blur, sharpening, vignette and grain."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pressroom.media.color.oklab import LINEAR, encoded
from pressroom.media.color.srgb import LUMINANCE
from pressroom.media.editing.remap import Bytes, each_strip, strips

Floats = NDArray[np.float32]
Words = NDArray[np.uint16]

_LIGHT = np.rint(LINEAR * 65535).astype(np.uint16)  # 8-bit sRGB -> 16-bit linear light; the smallest step there is 20
_SMALL_SIGMA = (
    6.0  # larger blurs are made on a smaller picture, which a blur of this width cannot tell from the full one
)
_NOISE_FLOOR = 2.0  # of 255: detail below it is noise and stays as it is
_OVERSHOOT = 3.0  # of 255: how far an edge may pass the brightest and darkest luminance beside it
_GRAIN = 22.0  # of 255: deviation of the strongest grain in the mid-tones


def _codes_table() -> Bytes:
    return np.asarray(np.rint(encoded(np.arange(65536) / 65535) * 255)).astype(np.uint8)


_CODES = _codes_table()


def blurred(pixels: Bytes, sigma: float) -> Bytes:
    """A Gaussian blur in linear light, as a lens makes it: bright points stay bright, red on green turns no darker."""
    factor = max(1, int(sigma / _SMALL_SIGMA))
    size = pixels.shape[1], pixels.shape[0]
    small = _light(pixels)
    if factor > 1:
        fewer = max(1, size[0] // factor), max(1, size[1] // factor)
        small = np.asarray(cv2.resize(small, fewer, interpolation=cv2.INTER_AREA))
    across, down = sigma * small.shape[1] / size[0], sigma * small.shape[0] / size[1]
    small = np.asarray(cv2.GaussianBlur(small, (0, 0), across, sigmaY=down, borderType=cv2.BORDER_REPLICATE))
    if factor > 1:
        small = np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC))
    return _from_light(small.reshape(*pixels.shape))


def _light(pixels: Bytes) -> Words:
    """Linear light of 16 bits, multiplied by alpha where there is one."""
    light = _LIGHT[pixels[..., :3]]
    if pixels.shape[2] == 3:
        return light
    alpha = pixels[..., 3:].astype(np.uint32) * 257
    return np.concatenate([(light * alpha // 65535).astype(np.uint16), alpha.astype(np.uint16)], axis=2)


def _from_light(light: Words) -> Bytes:
    result = np.empty(light.shape, np.uint8)

    def encode(rows: slice) -> None:
        part = light[rows]
        if part.shape[2] == 4:
            alpha = part[..., 3:].astype(np.uint32)
            color = np.minimum(part[..., :3] * np.uint32(65535) // np.maximum(alpha, 1), 65535)
            result[rows, :, :3] = _CODES[color]
            result[rows, :, 3] = (alpha[..., 0] + 128) // 257
        else:
            result[rows] = _CODES[part]

    each_strip(result, encode)
    return result


def sharpened(pixels: Bytes, amount: float, radius: float) -> Bytes:
    """Unsharp mask on luminance. Noise stays as it is, and no edge passes what lies beside it by more than 3 of 255."""
    luma = _luma(pixels)
    result = pixels.copy()
    reach = max(1, math.ceil(radius * 2))
    margin = math.ceil(radius * 4) + reach + 1
    near = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)

    def sharpen(rows: slice) -> None:
        top, bottom = max(0, rows.start - margin), min(len(luma), rows.stop + margin)
        inner = slice(rows.start - top, rows.stop - top)
        part = luma[top:bottom]
        detail = _cored(part - cv2.GaussianBlur(part, (0, 0), radius, borderType=cv2.BORDER_REPLICATE))
        lifted = part + amount * detail
        low, high = cv2.erode(part, near) - _OVERSHOOT, cv2.dilate(part, near) + _OVERSHOOT
        gain = (np.clip(lifted, low, high) - part)[inner]
        result[rows, :, :3] = np.clip(pixels[rows, :, :3] + np.rint(gain)[..., None], 0, 255)

    each_strip(pixels, sharpen)
    return result


def _cored(detail: Any) -> Floats:
    return np.asarray(np.sign(detail) * np.maximum(np.abs(detail) - _NOISE_FLOOR, 0), dtype=np.float32)


def vignetted(pixels: Bytes, strength: float) -> Bytes:
    """Corners darkened in linear light, by cos^4 of a lens's angle; `strength` is the share they lose.

    A fine noise of half a step (triangular) keeps skies from banding.
    """
    height, width = pixels.shape[:2]
    y = ((np.arange(height, dtype=np.float32) + 0.5) / height * 2 - 1)[:, None]
    x = ((np.arange(width, dtype=np.float32) + 0.5) / width * 2 - 1)[None]
    # The angle at which cos^4 loses `strength` in the corner, where x*x + y*y is 2.
    tangent = (1 - min(strength, 0.99)) ** -0.5 - 1
    result = pixels.copy()

    def darken(rows: slice) -> None:
        gain = (1 + tangent * (x * x + y[rows] * y[rows]) / 2) ** -2
        light = LINEAR[pixels[rows, :, :3]] * gain[..., None]
        codes = encoded(light) * 255
        rng = np.random.default_rng((rows.start, 1))
        shape = (*gain.shape, 1)
        dither = rng.random(shape, np.float32) - rng.random(shape, np.float32)
        result[rows, :, :3] = np.clip(np.rint(codes + dither * np.minimum(1, (1 - gain[..., None]) * 20) * 0.5), 0, 255)

    each_strip(pixels, darken)
    return result


def grained(pixels: Bytes, strength: float, size: float, seed: int) -> Bytes:
    """Film grain: equal in all channels, strongest in the mid-tones, none in black and white. `size` in pixels."""
    result = pixels.copy()
    sigma = max(0.0, size / 2)
    numbers = {rows.start: number for number, rows in enumerate(strips(pixels))}

    def grain(rows: slice) -> None:
        rng = np.random.default_rng((seed, numbers[rows.start]))
        part = pixels[rows, :, :3]
        noise = rng.standard_normal(part.shape[:2], np.float32)
        if sigma >= 0.5:
            noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), sigma, borderType=cv2.BORDER_REFLECT))
            noise *= np.float32(2 * math.sqrt(math.pi) * sigma)  # a Gaussian of that width leaves 1/(2 sqrt(pi) sigma)
        luma = _luma(part) / 255
        noise *= np.sqrt(np.maximum(4 * luma * (1 - luma), 0)) * np.float32(strength * _GRAIN)
        result[rows, :, :3] = np.clip(part + np.rint(noise)[..., None], 0, 255)

    each_strip(pixels, grain)
    return result


def _luma(pixels: Bytes) -> Floats:
    """BT.709 luma, 0..255."""
    luma = cv2.transform(pixels[..., :3].astype(np.float32), np.array([LUMINANCE], np.float32))
    return np.asarray(luma, dtype=np.float32).reshape(pixels.shape[:2])
