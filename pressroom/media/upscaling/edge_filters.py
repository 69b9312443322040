"""Twice as many pixels a side, by small filters chosen by what lies around each pixel: how its edges run and how strong they are.

After Romano, Isidoro, Milanfar, "RAISR: rapid and accurate image super resolution" (2016). Here the filters look at the
small picture and add what a cubic enlargement lacks. They are data of the package, learned by `filters_data/learn.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pressroom.media.color.srgb import LUMA_601

Floats = NDArray[np.float32]
Classes = NDArray[np.uint16]

DATA = Path(__file__).parent / "filters_data" / "filters.npz"
REACH = 3  # source pixels to each side that a filter looks at
TAPS = (2 * REACH + 1) ** 2
PHASES = 4  # result pixels of one source pixel: top left, top right, bottom left, bottom right
DIRECTIONS = 24
# Where one class ends and the next begins: share by which the main direction outweighs the other one, and grey levels per
# pixel along it.
COHERENCE_STEPS = (0.35, 0.6)
STRENGTH_STEPS = (2.0, 6.0, 16.0)
_AT_ONCE = 4096  # pixels: what lies around them takes 2.4 MB
CLASSES = DIRECTIONS * (len(COHERENCE_STEPS) + 1) * (len(STRENGTH_STEPS) + 1)


def doubled(values: Floats) -> Floats:
    """H x W x C values in 0..255 (alpha premultiplied, where there is one) as 2H x 2W x C; may overshoot a little."""
    height, width, channels = values.shape
    order, cuts = _grouped(classes(guide(values)))
    rows, columns = np.divmod(order, width)
    windows = _windows(values)
    added = np.empty((height * width, channels, PHASES), np.float32)
    for first, last in _runs(cuts):
        run = slice(cuts[first], cuts[last])
        around = windows[rows[run], columns[run]].reshape(-1, channels, TAPS)
        for number in range(first, last):
            begin, end = cuts[number], cuts[number + 1]
            if begin < end:
                added[order[begin:end]] = around[begin - run.start : end - run.start] @ _filters()[number]
    phases = added.reshape(height, width, channels, 2, 2).transpose(0, 3, 1, 4, 2)
    return cubic(values) + phases.reshape(2 * height, 2 * width, channels)


def guide(values: Floats) -> Floats:
    """What the edges are looked for in: lightness, and the outline where there is an alpha channel."""
    red, green, blue = LUMA_601
    light = values[..., 0] * red + values[..., 1] * green + values[..., 2] * blue
    return np.asarray(light if values.shape[2] == 3 else (light + values[..., 3]) / 2, np.float32)


def classes(light: Floats) -> Classes:
    """The number of the filter for every pixel, from the structure tensor of its surroundings."""
    across = cv2.Scharr(light, cv2.CV_32F, 1, 0, scale=1 / 32)
    down = cv2.Scharr(light, cv2.CV_32F, 0, 1, scale=1 / 32)
    xx, xy, yy = (cv2.GaussianBlur(product, (5, 5), 1.2) for product in (across**2, across * down, down**2))
    spread = np.sqrt((xx - yy) ** 2 + 4 * xy**2)
    first = np.sqrt(np.maximum((xx + yy + spread) / 2, 0))
    second = np.sqrt(np.maximum((xx + yy - spread) / 2, 0))
    turn = (np.arctan2(2 * xy, xx - yy) / 2) % np.pi / np.pi
    direction = np.minimum((turn * DIRECTIONS).astype(np.int64), DIRECTIONS - 1)
    coherence = np.digitize((first - second) / (first + second + 1e-3), COHERENCE_STEPS)
    strength = np.digitize(first, STRENGTH_STEPS)
    number = (direction * (len(COHERENCE_STEPS) + 1) + coherence) * (len(STRENGTH_STEPS) + 1) + strength
    return np.asarray(number, np.uint16)


def neighbours(light: Floats) -> Floats:
    """(H * W) x TAPS: how much each pixel around differs from the pixel itself. What the filters are learned from."""
    return np.asarray((_windows(light[..., None]) - light[..., None, None, None]).reshape(-1, TAPS), np.float32)


def _windows(values: Floats) -> Floats:
    """H x W x C x 7 x 7, a view: what lies around each pixel."""
    edge = (REACH, REACH, REACH, REACH)
    padded = np.atleast_3d(cv2.copyMakeBorder(values, *edge, cv2.BORDER_REFLECT))
    span = 2 * REACH + 1
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, (span, span), axis=(0, 1)))


def cubic(values: Floats) -> Floats:
    """What the filters add to."""
    size = (values.shape[1] * 2, values.shape[0] * 2)
    big: Any = cv2.resize(values, size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(big, np.float32).reshape(size[1], size[0], values.shape[2])


def _grouped(numbers: Classes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pixels in the order of their filters, and where in that order each filter's pixels begin."""
    flat = numbers.ravel()
    order = np.argsort(flat, kind="stable")
    return order, np.searchsorted(flat[order], np.arange(CLASSES + 1))


def _runs(cuts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Filters whose pixels are worked on at once, as first and last + 1: few enough pixels to stay in the processor's cache."""
    first = 0
    while first < CLASSES:
        last = max(first + 1, int(np.searchsorted(cuts, cuts[first] + _AT_ONCE, side="right")) - 1)
        yield first, last
        first = last


@cache
def _filters() -> Floats:
    """CLASSES x TAPS x PHASES. They are for differences to the pixel itself: taken off its own tap, none need be formed."""
    with np.load(DATA) as stored:
        filters = np.asarray(stored["filters"], np.float32)
    filters[:, TAPS // 2] -= filters.sum(axis=1)
    return filters
