"""Where the subject is: a simple estimate of what the eye goes to, good enough to decide what a crop must keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

Floats: TypeAlias = npt.NDArray[np.float32]
Source: TypeAlias = Literal["given", "alpha", "detail", "centre"]
Box: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom as shares of width and height

_SIDE = 160  # the estimate looks at a thumbnail of this longer side
_BLUR = 0.04  # how far detail spreads, as a share of the longer side
_FLOOR = 0.25  # share of the strongest response below which a pixel is background
_GATHERED = 0.35  # below this share of the picture the attention counts as a subject
_STEPS, _NEAR_TIE = 81, 0.99
_CENTRE_PULL = 0.35  # weight of the middle: pictures are usually composed around it


@dataclass(frozen=True, slots=True)
class Focus:
    """The focal point (shares of width and height), where it came from, and the map of attention it was taken from."""

    x: float
    y: float
    source: Source
    attention: Floats
    is_cutout: bool = False

    @property
    def has_subject(self) -> bool:
        """Attention is gathered in a part of the picture (participation ratio: 1 = even, 1/n = one of n cells)."""
        total, squares = float(self.attention.sum()), float((self.attention**2).sum())
        return squares > 0 and total**2 / squares / self.attention.size < _GATHERED

    def best_middle(self, width: float, height: float) -> tuple[float, float]:
        """Where a window of this size (shares) keeps most of the attention, as near to the focal point as that allows."""
        if self.source == "given":
            return self.x, self.y
        x = _best(self.attention.sum(axis=0), width, self.x)
        return x, _best(self.attention.sum(axis=1), height, self.y)

    def kept(self, box: Box) -> float:
        """Share of the attention inside a box."""
        height, width = self.attention.shape
        total = float(self.attention.sum())
        if total <= 0:
            return (box[2] - box[0]) * (box[3] - box[1])
        columns = _covered(width, box[0], box[2])
        rows = _covered(height, box[1], box[3])
        return float(rows @ self.attention @ columns) / total


def find_focus(image: Image.Image, given: tuple[float, float] | None = None) -> Focus:
    """The focal point: the given one, else the alpha's centroid of a cut-out, else the centroid of detail."""
    scale = min(1.0, _SIDE / max(image.size))
    size = (max(2, round(image.width * scale)), max(2, round(image.height * scale)))
    small = image.resize(size, Image.Resampling.BOX)
    source: Source
    attention: Floats
    if small.mode == "RGBA":
        attention, source = np.asarray(small.getchannel("A"), dtype=np.float32), "alpha"
    else:
        attention, source = _attention(np.asarray(small.convert("RGB"))), "detail"
    is_cutout = source == "alpha"
    if given is not None:
        return Focus(given[0], given[1], "given", attention, is_cutout)
    if float(attention.sum()) <= 0:
        return Focus(0.5, 0.5, "centre", attention, is_cutout)
    return Focus(*_centroid(attention), source, attention, is_cutout)


def _attention(pixels: npt.NDArray[np.uint8]) -> Floats:
    """Local detail times difference from the border's colours, drawn to the middle; 0 where nothing stands out."""
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB).astype(np.float32)
    sigma = max(pixels.shape[:2]) * _BLUR
    response = np.sqrt(_spread(_detail(lab), sigma) * (0.2 + _border_contrast(lab))) * _middle(pixels.shape[:2])
    peak = float(response.max())
    if peak <= 1e-6:
        return np.zeros_like(response)
    return np.asarray(np.clip(response / peak - _FLOOR, 0, None), dtype=np.float32)


def _detail(lab: Floats) -> Floats:
    across = cv2.Sobel(lab[..., 0], cv2.CV_32F, 1, 0)
    down = cv2.Sobel(lab[..., 0], cv2.CV_32F, 0, 1)
    return np.asarray(np.minimum(np.hypot(across, down) / 255, 1.0), dtype=np.float32)


def _border_contrast(lab: Floats) -> Floats:
    border = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    distance = np.linalg.norm(lab - np.median(border, axis=0), axis=2) / 100
    return np.asarray(np.minimum(distance, 1.0), dtype=np.float32)


def _spread(values: Floats, sigma: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REFLECT), dtype=np.float32)


def _middle(shape: tuple[int, ...]) -> Floats:
    y = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, shape[1], dtype=np.float32)[None, :]
    return np.asarray(1 - _CENTRE_PULL * (x**2 + y**2) / 2, dtype=np.float32)


def _centroid(weights: Floats) -> tuple[float, float]:
    total = float(weights.sum())
    height, width = weights.shape
    x = float((weights.sum(axis=0) * (np.arange(width) + 0.5)).sum()) / total / width
    y = float((weights.sum(axis=1) * (np.arange(height) + 0.5)).sum()) / total / height
    return round(x, 4), round(y, 4)


def _best(profile: Floats, share: float, wish: float) -> float:
    """Middle of the window over a one-dimensional profile that holds most; near ties go to the one nearest to `wish`."""
    middles = np.linspace(share / 2, 1 - share / 2, _STEPS)
    held = np.array([profile @ _covered(profile.size, middle - share / 2, middle + share / 2) for middle in middles])
    good = middles[held >= held.max() * _NEAR_TIE]
    return float(good[np.argmin(np.abs(good - wish))])


def _covered(count: int, start: float, end: float) -> Floats:
    """How much of each of `count` cells the range from `start` to `end` (shares) covers."""
    edges = np.arange(count + 1, dtype=np.float32) / count
    overlap = np.minimum(edges[1:], end) - np.maximum(edges[:-1], start)
    return np.asarray(np.clip(overlap * count, 0, 1), dtype=np.float32)
