"""Enlarging pictures faithfully: Lanczos, corrected until shrinking it again gives the original back."""

from __future__ import annotations

from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Mode = Literal["conservative", "fast"]

ROUNDS = 3  # of correction; further ones gain under 0.05 dB and begin to amplify noise
SHARPENING = 0.35  # share of the detail band that is added back, before it is limited
TILE = 512  # source pixels worked on at once, so that memory stays bounded
REACH = 32  # source pixels around a tile that its result depends on


def enlarged(pixels: NDArray[np.uint8], scale: int, mode: Mode) -> NDArray[np.uint8]:
    """H x W x 3 or 4 (straight alpha) pixels, `scale` times as large."""
    height, width, channels = pixels.shape
    result = np.empty((height * scale, width * scale, channels), np.uint8)
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            bottom, right = min(top + TILE, height), min(left + TILE, width)
            y0, x0 = max(0, top - REACH), max(0, left - REACH)
            part = pixels[y0 : bottom + REACH, x0 : right + REACH]
            big = _enlarged_part(part, scale, mode)
            rows = slice((top - y0) * scale, (bottom - y0) * scale)
            columns = slice((left - x0) * scale, (right - x0) * scale)
            result[top * scale : bottom * scale, left * scale : right * scale] = big[rows, columns]
    return result


def _enlarged_part(part: NDArray[np.uint8], scale: int, mode: Mode) -> NDArray[np.uint8]:
    values = _premultiplied(part)
    big = _up(values, scale)
    if mode == "conservative":
        big = _sharpened(_faithful(big, values, scale), values, scale)
    return _straight(np.clip(big, 0, 255))


def _faithful(big: Floats, original: Floats, scale: int) -> Floats:
    """Back-projection (Irani, Peleg 1991): add what is lost when the result is shrunk again."""
    size = (original.shape[1], original.shape[0])
    for _ in range(ROUNDS):
        shrunk = _floats(cv2.resize(big, size, interpolation=cv2.INTER_AREA)).reshape(original.shape)
        big = big + _up(original - shrunk, scale)
    return big


def _sharpened(big: Floats, original: Floats, scale: int) -> Floats:
    """Detail lifted, but never beyond the brightest and darkest source pixel nearby: edges get steeper without halos."""
    detail = big - _floats(cv2.GaussianBlur(big, (0, 0), 0.5 * scale)).reshape(big.shape)
    near = np.ones((3, 3), np.uint8)
    size = (big.shape[1], big.shape[0])
    lowest = cv2.resize(cv2.erode(original, near), size, interpolation=cv2.INTER_NEAREST).reshape(big.shape)
    highest = cv2.resize(cv2.dilate(original, near), size, interpolation=cv2.INTER_NEAREST).reshape(big.shape)
    return _floats(np.clip(big + SHARPENING * detail, lowest, highest))


def _up(values: Floats, scale: int) -> Floats:
    size = (values.shape[1] * scale, values.shape[0] * scale)
    big = cv2.resize(values, size, interpolation=cv2.INTER_LANCZOS4)
    return _floats(big).reshape(size[1], size[0], values.shape[2])


def _premultiplied(pixels: NDArray[np.uint8]) -> Floats:
    values = pixels.astype(np.float32)
    if pixels.shape[2] == 4:
        values[..., :3] *= values[..., 3:] / 255
    return values


def _straight(values: Floats) -> NDArray[np.uint8]:
    if values.shape[2] == 4:
        alpha = values[..., 3:]
        color = np.where(alpha >= 0.5, values[..., :3] * 255 / np.maximum(alpha, 0.5), 0)
        values = np.concatenate([np.minimum(color, 255), alpha], axis=2)
    return np.asarray(np.rint(values)).astype(np.uint8)


def _floats(values: Any) -> Floats:
    return np.asarray(values).astype(np.float32)
