"""Enlarging pictures faithfully: sharper where edges run, never brighter or darker than the pixels around, seamless, any size."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pressroom.media.edge_filters import Floats, doubled

Pixels: TypeAlias = NDArray[np.uint8]
Mode = Literal["conservative", "fast"]
Doubling: TypeAlias = Callable[[Floats], Floats]

TILE = 256  # source pixels worked on at once: what the filters look at then stays in the processor's cache
MARGIN = 16  # source pixels around a tile that its result depends on: 10 at four times, 12 at eight
WORKERS = 2


def enlarged(pixels: Pixels, scale: int, mode: Mode) -> Pixels:
    """H x W x 3 or 4 (straight alpha) pixels, `scale` (a power of two) times as large."""
    doubling = _kept_in_range if mode == "conservative" else _resampled
    return in_tiles(pixels, scale, lambda part: _straight(_times(_premultiplied(part), scale, doubling)))


def enlarged_to(pixels: Pixels, size: tuple[int, int], mode: Mode) -> Pixels:
    """The pixels at `size` (width, height), at least their own: doubled as often as it takes, then shrunk to fit."""
    factor = max(size[0] / pixels.shape[1], size[1] / pixels.shape[0])
    scale = 2 ** max(0, math.ceil(math.log2(factor) - 1e-9))
    large = enlarged(pixels, scale, mode) if scale > 1 else pixels
    if (large.shape[1], large.shape[0]) == size:
        return large
    return np.asarray(Image.fromarray(large).resize(size, Image.Resampling.LANCZOS))  # minds alpha by itself


def in_tiles(pixels: Pixels, scale: int, enlarge: Callable[[Pixels], Pixels], *, workers: int = WORKERS) -> Pixels:
    """The picture enlarged tile by tile, each with its surroundings, so that memory stays bounded and no seam shows."""
    height, width, channels = pixels.shape
    result = np.empty((height * scale, width * scale, channels), np.uint8)

    def work(tile: tuple[Any, Any, Any]) -> None:
        around, inner, place = tile
        result[place] = enlarge(np.ascontiguousarray(pixels[around]))[inner]

    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(work, tile) for tile in _tiles(height, width, scale)]:
            done.result()
    return result


def _tiles(height: int, width: int, scale: int) -> Iterator[tuple[Any, Any, Any]]:
    """(tile with its surroundings, the tile in its own enlargement, its place in the result) as pairs of slices."""
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            bottom, right = min(top + TILE, height), min(left + TILE, width)
            y, x = max(0, top - MARGIN), max(0, left - MARGIN)
            around = np.s_[y : bottom + MARGIN, x : right + MARGIN]
            inner = np.s_[(top - y) * scale : (bottom - y) * scale, (left - x) * scale : (right - x) * scale]
            yield around, inner, np.s_[top * scale : bottom * scale, left * scale : right * scale]


def _times(values: Floats, scale: int, doubling: Doubling) -> Floats:
    while scale > 1:
        values, scale = doubling(values), scale // 2
    return values


def _kept_in_range(values: Floats) -> Floats:
    """Doubled by the filters, within the brightest and darkest source pixel around: edges get steeper without halos."""
    around = np.ones((3, 3), np.uint8)
    size = (values.shape[1] * 2, values.shape[0] * 2)
    lowest, highest = (
        np.atleast_3d(cv2.resize(extreme(values, around), size, interpolation=cv2.INTER_NEAREST))
        for extreme in (cv2.erode, cv2.dilate)
    )
    return _floats(np.clip(doubled(values), lowest, highest))


def _resampled(values: Floats) -> Floats:
    size = (values.shape[1] * 2, values.shape[0] * 2)
    return _floats(np.clip(cv2.resize(values, size, interpolation=cv2.INTER_LANCZOS4), 0, 255))


def _premultiplied(pixels: Pixels) -> Floats:
    values = pixels.astype(np.float32)
    if pixels.shape[2] == 4:
        values[..., :3] *= values[..., 3:] / 255
    return values


def _straight(values: Floats) -> Pixels:
    if values.shape[2] == 4:
        alpha = values[..., 3:]
        color = np.where(alpha >= 0.5, values[..., :3] * 255 / np.maximum(alpha, 0.5), 0)
        values = np.concatenate([np.minimum(color, 255), alpha], axis=2)
    return np.asarray(np.rint(np.clip(values, 0, 255))).astype(np.uint8)


def _floats(values: Any) -> Floats:
    return np.asarray(values).astype(np.float32)
