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

_STEP, _WINDOW = 4, 8
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2  # the paper's constants for eight bits
_GROUND = 128  # what shows through pixels that are not opaque


def luma(image: Image.Image) -> Luma:
    """Height x width of luma (BT.601, as in JPEG); transparent parts lie on mid grey, so that both ways of being off show."""
    if image.mode == "RGBA":
        ground = Image.new("RGBA", image.size, (_GROUND, _GROUND, _GROUND, 255))
        image = Image.alpha_composite(ground, image)
    return np.asarray(image if image.mode == "L" else image.convert("RGB").convert("L"))


def ssim(one: Luma, other: Luma) -> float:
    """Mean structural similarity of two lumas of the same size: 1 for equal ones, below 0 for opposite ones."""
    if one.shape != other.shape:
        raise ValueError(f"pictures of different sizes cannot be compared: {one.shape} and {other.shape}")
    a, b = _padded(one), _padded(other)
    mean_a, mean_b = _windows(a), _windows(b)
    # The variances of 64 samples are taken without bias, as ffmpeg does.
    bias = _WINDOW**2 / (_WINDOW**2 - 1)
    squares = (_windows(a * a + b * b) - mean_a * mean_a - mean_b * mean_b) * bias
    product = (_windows(a * b) - mean_a * mean_b) * bias
    likeness = (2 * mean_a * mean_b + _C1) * (2 * product + _C2)
    return float(np.mean(likeness / ((mean_a * mean_a + mean_b * mean_b + _C1) * (squares + _C2))))


def _padded(pixels: Luma) -> npt.NDArray[np.float32]:
    """Floats of whole steps, at least one window large: what hangs over is cut, what is missing repeats the edge."""
    height, width = pixels.shape
    if height < _WINDOW or width < _WINDOW:
        pixels = np.pad(pixels, ((0, max(0, _WINDOW - height)), (0, max(0, _WINDOW - width))), mode="edge")
        height, width = pixels.shape
    return pixels[: height // _STEP * _STEP, : width // _STEP * _STEP].astype(np.float32)


def _windows(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Means of all windows: cells of one step, then each cell with its neighbours to the right and below."""
    height, width = values.shape
    cells = cv2.resize(values, (width // _STEP, height // _STEP), interpolation=cv2.INTER_AREA)
    cells = np.atleast_2d(cells).reshape(height // _STEP, width // _STEP)
    total = cells[:-1, :-1] + cells[1:, :-1] + cells[:-1, 1:] + cells[1:, 1:]
    return cast("npt.NDArray[np.float32]", total / 4)
