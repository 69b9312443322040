"""Enlarging pictures faithfully: sharper where edges run, never brighter or darker than the pixels around, seamless, any size."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pressroom.media.upscaling.edge_filters import Floats, doubled

Pixels: TypeAlias = NDArray[np.uint8]
Mode = Literal["conservative", "fast"]
Doubling: TypeAlias = Callable[[Floats], Floats]

_TILE = 256  # source pixels worked on at once: what the filters look at then stays in the processor's cache
_MARGIN = 16  # source pixels around a tile that its result depends on: 10 at four times, 12 at eight
_WORKERS = 2


@dataclass(frozen=True)
class Enlarger:
    """A way to enlarge: by `step` times, as often as it takes. `enlarge(pixels, scale)` is asked for powers of the step."""

    step: int
    enlarge: Callable[[Pixels, int], Pixels]

    def to(self, pixels: Pixels, size: tuple[int, int]) -> Pixels:
        """The pixels at `size` (width, height), at least their own: enlarged beyond it, then shrunk to fit."""
        factor = max(size[0] / pixels.shape[1], size[1] / pixels.shape[0])
        for _ in range(math.ceil(math.log(max(factor, 1), self.step) - 1e-9)):
            pixels = self.enlarge(pixels, self.step)
        if (pixels.shape[1], pixels.shape[0]) == size:
            return pixels
        return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))  # minds alpha by itself


def enlarged(pixels: Pixels, scale: int, mode: Mode) -> Pixels:
    """H x W x 3 or 4 (straight alpha) pixels, `scale` (a power of two) times as large."""
    doubling = _kept_in_range if mode == "conservative" else _resampled
    return in_tiles(pixels, scale, lambda part: straight(_times(premultiplied(part), scale, doubling)))


def enlarged_to(pixels: Pixels, size: tuple[int, int], mode: Mode) -> Pixels:
    """The pixels at `size` (width, height), at least their own: doubled as often as it takes, then shrunk to fit."""
    return Enlarger(2, lambda small, scale: enlarged(small, scale, mode)).to(pixels, size)


def alpha_enlarged(pixels: Pixels, scale: int) -> Floats:
    """The alpha channel of H x W x 4 pixels, 0..255, enlarged as `conservative` does."""
    alpha = np.repeat(pixels[..., 3:], 3, axis=2).astype(np.float32)
    return _times(alpha, scale, _kept_in_range)[..., 0]


def in_tiles(
    pixels: Pixels,
    scale: int,
    enlarge: Callable[[Pixels], Pixels],
    *,
    workers: int = _WORKERS,
    tile: int = _TILE,
    margin: int = _MARGIN,
) -> Pixels:
    """The picture enlarged tile by tile, each with its surroundings, so that memory stays bounded and no seam shows."""
    height, width, channels = pixels.shape
    result = np.empty((height * scale, width * scale, channels), np.uint8)

    def work(part: tuple[Any, Any, Any]) -> None:
        around, inner, place = part
        result[place] = enlarge(np.ascontiguousarray(pixels[around]))[inner]

    parts = list(_tiles(height, width, scale, tile, margin))
    if len(parts) == 1:
        work(parts[0])  # threads take longer to start than a small picture to enlarge
        return result
    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(work, part) for part in parts]:
            done.result()
    return result


def _tiles(height: int, width: int, scale: int, tile: int, margin: int) -> Iterator[tuple[Any, Any, Any]]:
    """(tile with its surroundings, the tile in its own enlargement, its place in the result) as pairs of slices."""
    for top in range(0, height, tile):
        for left in range(0, width, tile):
            bottom, right = min(top + tile, height), min(left + tile, width)
            y, x = max(0, top - margin), max(0, left - margin)
            around = np.s_[y : bottom + margin, x : right + margin]
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


def premultiplied(pixels: Pixels) -> Floats:
    """The values in 0..255; colour times alpha where there is one."""
    values = pixels.astype(np.float32)
    if pixels.shape[2] == 4:
        values[..., :3] *= values[..., 3:] / 255
    return values


def straight(values: Floats) -> Pixels:
    """Premultiplied values as pixels."""
    if values.shape[2] == 4:
        alpha = values[..., 3:]
        color = np.where(alpha >= 0.5, values[..., :3] * 255 / np.maximum(alpha, 0.5), 0)
        values = np.concatenate([np.minimum(color, 255), alpha], axis=2)
    return np.asarray(np.rint(np.clip(values, 0, 255))).astype(np.uint8)


def _floats(values: Any) -> Floats:
    return np.asarray(values).astype(np.float32)
