"""How like an original a copy looks: structural similarity of the luma.

Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural similarity" (2004), over
the windows of ffmpeg's `ssim` filter (flat, 8 x 8 pixels, every 4 pixels), which cost a tenth of the paper's Gaussian ones.
"""

from __future__ import annotations

from typing import TypeAlias, cast

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

Luma: TypeAlias = npt.NDArray[np.uint8]
Floats: TypeAlias = npt.NDArray[np.float32]

_STEP, _WINDOW = 4, 8
_STRIPE = 256  # rows worked on at a time: their floats stay in the processor's cache
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2  # the paper's constants for eight bits
_GROUND = 128  # what shows through pixels that are not opaque


def luma(image: Image.Image) -> Luma:
    """Height x width of luma (BT.601, as in JPEG); transparent parts lie on mid grey, so that both ways of being off show."""
    if image.mode == "RGBA":
        ground = Image.new("RGBA", image.size, (_GROUND, _GROUND, _GROUND, 255))
        image = Image.alpha_composite(ground, image)
    if image.mode != "L":
        image = (image if image.mode == "RGB" else image.convert("RGB")).convert("L")
    return np.asarray(image)


def ssim(one: Luma, other: Luma) -> float:
    """Mean structural similarity of two lumas of the same size: 1 for equal ones, below 0 for opposite ones."""
    if one.shape != other.shape:
        raise ValueError(f"pictures of different sizes cannot be compared: {one.shape} and {other.shape}")
    a, b = _padded(one), _padded(other)
    total, count = 0.0, 0
    for top in range(0, a.shape[0] - _STEP, _STRIPE):
        values = _likeness(a[top : top + _STRIPE + _STEP], b[top : top + _STRIPE + _STEP])
        total, count = total + float(values.sum(dtype=np.float64)), count + values.size
    return total / count


def _likeness(a: Luma, b: Luma) -> Floats:
    """Of every window. Sums and differences need two products where the definition has three: ab is (s^2 - d^2) / 4."""
    added = cast("Floats", cv2.add(a, b, dtype=cv2.CV_32F))
    lost = cast("Floats", cv2.subtract(a, b, dtype=cv2.CV_32F))
    mean_added, mean_lost = _windows(added), _windows(lost)
    # The variances of 64 samples are taken without bias, as ffmpeg does.
    bias = _WINDOW**2 / (_WINDOW**2 - 1)
    spread_added = (_windows(added * added) - mean_added * mean_added) * bias
    spread_lost = (_windows(lost * lost) - mean_lost * mean_lost) * bias
    means = mean_added * mean_added, mean_lost * mean_lost
    light = ((means[0] - means[1]) / 2 + _C1) / ((means[0] + means[1]) / 2 + _C1)
    structure = ((spread_added - spread_lost) / 2 + _C2) / ((spread_added + spread_lost) / 2 + _C2)
    return cast("Floats", light * structure)


def _padded(pixels: Luma) -> Luma:
    """Whole steps, at least one window large: what hangs over is cut, what is missing repeats the edge."""
    height, width = pixels.shape
    if height < _WINDOW or width < _WINDOW:
        pixels = np.pad(pixels, ((0, max(0, _WINDOW - height)), (0, max(0, _WINDOW - width))), mode="edge")
        height, width = pixels.shape
    return pixels[: height // _STEP * _STEP, : width // _STEP * _STEP]


def _windows(values: Floats) -> Floats:
    """Means of all windows: cells of one step, then each cell with its neighbours to the right and below."""
    height, width = values.shape
    # Halved twice: OpenCV has a fast way for halves alone, which makes the whole comparison a third faster.
    halves = cv2.resize(values, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    cells = cv2.resize(halves, (width // _STEP, height // _STEP), interpolation=cv2.INTER_AREA)
    return cast("Floats", (cells[:-1, :-1] + cells[1:, :-1] + cells[:-1, 1:] + cells[1:, 1:]) / np.float32(4))
