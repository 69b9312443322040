"""Change colours one by one: every colour that occurs is computed once, exactly, and looked up for all its pixels.

A photo of 12 megapixels has some 0.3 million colours, so the cost of the arithmetic hardly matters and no
interpolation between the points of a coarse table is needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Packed = NDArray[np.uint32]

_COLORS = 1 << 24
_STRIP_PIXELS = 1 << 20  # worked on at once: bounds memory, fills both cores
_SAMPLE_PIXELS = 1 << 20
_CHUNK = 1 << 17  # colours computed at once, so that intermediate floats stay in the cache
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a picture, N x 3, and how many pixels have each."""

    colors: Bytes
    counts: NDArray[np.int64]


def remap(pixels: Bytes, change: Callable[[Bytes], Bytes]) -> Bytes:
    """H x W x 3 or 4 pixels with every colour replaced by what `change` (N x 3 to N x 3) makes of it; alpha stays."""
    seen = np.zeros(_COLORS, np.bool_)

    def mark(rows: slice) -> None:
        seen[_packed(pixels[rows])] = True

    each_strip(pixels, mark)
    found = np.flatnonzero(seen).astype(np.uint32)
    table = np.zeros(_COLORS, np.uint32)  # the system gives memory only to the pages that are written

    def compute(start: int) -> None:
        part = found[start : start + _CHUNK]
        table[part] = _packed(change(_unpacked(part))[None])[0]

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(compute, range(0, len(found), _CHUNK)))
    result = np.empty_like(pixels)

    def look_up(rows: slice) -> None:
        four = table[_packed(pixels[rows])].view(np.uint8).reshape(*pixels[rows].shape[:2], 4)
        result[rows, :, :3] = four[..., :3]
        if pixels.shape[2] == 4:
            result[rows, :, 3] = pixels[rows, :, 3]

    each_strip(pixels, look_up)
    return result


def palette(pixels: Bytes) -> Palette:
    """The colours of the pixels that are not fully transparent, of an even sample where there are very many."""
    every = max(1, math.isqrt(pixels.shape[0] * pixels.shape[1] // _SAMPLE_PIXELS))
    part = np.ascontiguousarray(pixels[::every, ::every])
    packed = _packed(part)
    if pixels.shape[2] == 4:
        packed = packed[part[..., 3] > 0]
    values, counts = np.unique(packed, return_counts=True)
    return Palette(_unpacked(values), counts)


def strips(pixels: Bytes) -> Iterator[slice]:
    """Rows in groups that are small enough to work on at once."""
    height = max(1, _STRIP_PIXELS // max(1, pixels.shape[1]))
    return (slice(top, min(top + height, pixels.shape[0])) for top in range(0, pixels.shape[0], height))


def each_strip(pixels: Bytes, work: Callable[[slice], None]) -> None:
    """Call `work` for every group of rows, on both cores."""
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, strips(pixels)))


def _packed(part: Bytes) -> Packed:
    """H x W colours as numbers, red in the lowest byte."""
    four = cv2.cvtColor(part, cv2.COLOR_RGB2RGBA) if part.shape[2] == 3 else part
    numbers = np.ascontiguousarray(four).view("<u4")[..., 0]
    return np.asarray(numbers & np.uint32(0xFFFFFF))


def _unpacked(numbers: Packed) -> Bytes:
    return np.ascontiguousarray(numbers.astype("<u4")).view(np.uint8).reshape(-1, 4)[:, :3].copy()
