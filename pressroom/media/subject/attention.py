"""What the eye goes to in a picture, fast: enclosed shapes, unlike the border, with detail, near the middle.

The shapes are those of Zhang and Sclaroff, "Saliency detection: a Boolean map approach" (2013): regions of any colour threshold
that the picture's border does not reach. `saliency.py` finds outlines more exactly and takes ten times as long.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from pressroom.media.geometry import Region, union

Floats: TypeAlias = npt.NDArray[np.float32]
Pixels: TypeAlias = npt.NDArray[np.uint8]

SIDE = 112  # the longer side that is looked at
_THRESHOLDS = 14  # per channel
_LEAST_RANGE = 6  # of 255; a channel flatter than this has no shapes
_LARGEST_SHAPE = 0.6  # of the picture
_RIM = 0.06  # what counts as border, of the shorter side
_GRAIN = 5.0  # Lab units within which the border's own colours vary even where they look even
_UNLIKE = 6.0  # deviations from the nearest side's colours that count as wholly unlike
_SPREAD = 0.03  # how far detail spreads, of the longer side
_LEAST_STEP = 4.0  # strength of the strongest edge (Lab, 3 x 3 Sobel) below which a picture is empty
# Exponents of the product, from a regression on the boxes of composed scenes and photos (seed 1 of the retention benchmark);
# the middle counts less than it says (2.9), for the sake of two subjects.
_ENCLOSED, _DETAIL, _UNLIKENESS, _MIDDLE = 0.35, 1.5, 0.8, 2.2
_LITTLE = 0.03  # so that no single sign rules a place out
_FLOOR = 0.20  # share of the strongest attention below which a place is background

_GAP = 0.03  # parts nearer than this share of the longer side belong together
_LEAST_PART = 0.15  # of the attention of the strongest part; weaker ones are distractions
_LARGE, _HARDLY_MORE = 0.55, 1.2  # of the picture's area; detail times unlikeness, inside over outside
_MARGIN = 0.01  # outlines are soft at this size


@dataclass(frozen=True, slots=True)
class Sight:
    """`attention` is 0..1 per cell, 0 in the background and all over an empty picture; `parts` are what stands out.

    A picture that is interesting all over has attention but no parts.
    """

    attention: Floats
    parts: tuple[Region, ...]


def look(pixels: Pixels) -> Sight:
    """What the eye goes to in an H x W x 3 RGB picture, shrunk to `SIDE`. About 10 ms."""
    height, width = pixels.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = max(2, round(width * scale)), max(2, round(height * scale))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    lab = _floats(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB))
    across, down = cv2.Sobel(lab, cv2.CV_32F, 1, 0), cv2.Sobel(lab, cv2.CV_32F, 0, 1)
    edges = np.sqrt((across**2 + down**2).sum(axis=2))
    if float(edges.max()) < _LEAST_STEP:
        return Sight(np.zeros(lab.shape[:2], np.float32), ())
    detail, unlike = _blurred(np.log1p(edges), max(size) * _SPREAD), _unlike_border(lab)
    enclosed = _scaled(_blurred(_enclosed(small), max(size) * 0.01))
    signs = ((enclosed, _ENCLOSED), (_scaled(detail), _DETAIL), (unlike, _UNLIKENESS), (_middle(size), _MIDDLE))
    found = np.exp(sum(weight * np.log(sign + _LITTLE) for sign, weight in signs))
    attention = _floats(np.clip(found / np.percentile(found, 99.5) - _FLOOR, 0, 1 - _FLOOR) / (1 - _FLOOR))
    parts = _parts(attention)
    return Sight(attention, () if _is_all_over(parts, detail, unlike) else parts)


def _is_all_over(parts: tuple[Region, ...], detail: Floats, unlike: Floats) -> bool:
    """The parts fill most of the picture and are hardly more than what is around them: grass, leaves, a crowd."""
    if not parts:
        return False
    left, top, right, bottom = union(parts)
    if (right - left) * (bottom - top) < _LARGE:
        return False
    height, width = detail.shape
    inside = np.zeros(detail.shape, np.bool_)
    inside[int(top * height) : math.ceil(bottom * height), int(left * width) : math.ceil(right * width)] = True
    if inside.all():
        return True
    stronger = [values[inside].mean() / max(float(values[~inside].mean()), 1e-6) for values in (detail, unlike)]
    return float(np.prod(stronger)) < _HARDLY_MORE


def _parts(attention: Floats) -> tuple[Region, ...]:
    """The boxes of the parts that hold attention together, the strongest first."""
    height, width = attention.shape
    reach = max(1, round(_GAP * max(height, width)))
    seen = (attention > 0).astype(np.uint8)
    count, parts = cv2.connectedComponents(cv2.dilate(seen, np.ones((reach, reach), np.uint8)))
    parts *= seen
    held = np.bincount(parts.ravel(), weights=attention.ravel(), minlength=count)
    strong = [part for part in range(1, count) if held[part] > 0 and held[part] >= _LEAST_PART * held.max()]
    return tuple(box_of(parts == part, _MARGIN) for part in sorted(strong, key=lambda part: -held[part]))


def box_of(mask: npt.NDArray[np.bool_], margin: float) -> Region:
    """The box around what a mask holds, grown by `margin` (shares of the picture)."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    height, width = mask.shape
    return (
        max(0.0, float(columns[0]) / width - margin),
        max(0.0, float(rows[0]) / height - margin),
        min(1.0, float(columns[-1] + 1) / width + margin),
        min(1.0, float(rows[-1] + 1) / height + margin),
    )


def _enclosed(pixels: Any) -> Floats:
    """How many shapes of any threshold hold a place, small shapes and contrasty channels counting more."""
    found = np.zeros(pixels.shape[:2], np.float32)
    for channel in cv2.split(cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)):
        even = cv2.medianBlur(channel, 3)
        low, high = int(even.min()), int(even.max())
        if high - low < _LEAST_RANGE:
            continue
        step = max(4.0, (high - low) / _THRESHOLDS)
        for threshold in np.arange(low + step / 2, high, step):
            bright = (even > threshold).astype(np.uint8)
            for mask in (bright, 1 - bright):
                shapes = _off_border(mask)
                area = int(np.count_nonzero(shapes))
                if 0 < area < _LARGEST_SHAPE * shapes.size:
                    found += cv2.dilate(shapes, np.ones((3, 3), np.uint8)) * np.float32((high - low) / area**0.5)
    return found


def _off_border(mask: Pixels) -> Pixels:
    """The part of a mask of 0 and 1 that is not connected to the picture's border."""
    framed = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    cv2.floodFill(framed, None, (0, 0), 0)
    return np.asarray(framed[1:-1, 1:-1])


def _unlike_border(lab: Floats) -> Floats:
    """0..1: distance from the colours of the side of the picture that is most alike (Mahalanobis)."""
    soft = cv2.GaussianBlur(lab, (0, 0), 1)
    rim = max(2, round(min(lab.shape[:2]) * _RIM))
    nearest = np.full(lab.shape[:2], np.inf)
    for side in (soft[:rim], soft[-rim:], soft[:, :rim], soft[:, -rim:]):
        colors = side.reshape(-1, 3)
        spread = np.linalg.inv(np.cov(colors.T) + np.eye(3) * _GRAIN**2)
        away = soft - colors.mean(axis=0)
        nearest = np.minimum(nearest, np.einsum("yxi,ij,yxj->yx", away, spread, away, optimize=True))
    return _floats(np.clip(np.sqrt(nearest) / _UNLIKE, 0, 1))


def _middle(size: tuple[int, int]) -> Floats:
    x, y = np.linspace(-1, 1, size[0])[None, :], np.linspace(-1, 1, size[1])[:, None]
    return _floats(1 - (x**2 + y**2) / 2)


def _scaled(values: Floats) -> Floats:
    least = values.min()
    return _floats(np.clip((values - least) / max(float(np.percentile(values - least, 99.5)), 1e-6), 0, 1))


def _blurred(values: Floats, sigma: float) -> Floats:
    return _floats(cv2.GaussianBlur(values, (0, 0), sigma))


def _floats(values: Any) -> Floats:
    return np.asarray(values, dtype=np.float32)
