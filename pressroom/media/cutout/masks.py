"""Masks of yes and no: growing, closing, dropping specks. All take and give H x W arrays of bool."""

from __future__ import annotations

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Mask: TypeAlias = NDArray[np.bool_]


def grown(mask: Mask, pixels: float) -> Mask:
    """Everything within `pixels` of the mask."""
    if pixels > 3:
        return bools(distance_to(mask) <= pixels)
    side = 2 * round(pixels) + 1
    return bools(cv2.dilate(mask.view(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))))


def shrunk(mask: Mask, pixels: float) -> Mask:
    """What is further than `pixels` from anything outside; the picture's edge takes nothing away."""
    return bools(distance_to(~mask) > pixels)


def closed(mask: Mask, pixels: int) -> Mask:
    """Gaps up to twice `pixels` wide are filled."""
    padded = np.pad(mask, pixels + 1)
    around = distance_to(padded) <= pixels
    return bools(distance_to(bools(~around)) > pixels)[pixels + 1 : -pixels - 1, pixels + 1 : -pixels - 1]


def distance_to(mask: Mask) -> Floats:
    """Pixels to the nearest pixel of the mask; the picture's diagonal and more where the mask is empty."""
    if not mask.any():
        return np.full(mask.shape, float(sum(mask.shape)), np.float32)
    return np.asarray(cv2.distanceTransform((~mask).view(np.uint8), cv2.DIST_L2, 3)).astype(np.float32)


def outline(mask: Mask) -> Mask:
    """The outermost pixels of the mask."""
    return mask & ~bools(cv2.erode(mask.view(np.uint8), np.ones((3, 3), np.uint8)))


def overlap(one: Mask, other: Mask) -> float:
    """Intersection over union."""
    return float((one & other).sum()) / max(1.0, float((one | other).sum()))


def reached_from_frame(mask: Mask) -> Mask:
    """The parts of the mask that touch the picture's edge."""
    count, labels = cv2.connectedComponents(mask.view(np.uint8), connectivity=8)
    keep = np.zeros(count, np.bool_)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        keep[side] = True
    keep[0] = False
    return bools(keep[labels])


def without_small(mask: Mask, share: float, pixels: int = 0) -> Mask:
    """Drop connected parts below `share` of the largest one or below `pixels`."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    if count <= 1:
        return mask
    areas = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    areas[0] = 0
    keep = areas >= max(pixels, share * areas.max(), 1)
    keep[0] = False
    return bools(keep[labels])


def without_tails(mask: Mask) -> Mask:
    """A bulky mask without the thin lines that edges in the background add to it."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    bulk = bools(cv2.morphologyEx(mask.view(np.uint8), cv2.MORPH_OPEN, kernel))
    return without_small(bulk, share=0.1) if bulk.sum() > 0.7 * mask.sum() else mask


def bools(values: Any) -> Mask:
    return np.asarray(values).astype(np.bool_)
