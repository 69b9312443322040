"""Which surfaces of a picture have a colour: a name's border crosses shaded things, the surfaces themselves decide.

A red shoe is orange where the lamp shines on it and wine-red in its folds. Every pixel near the range therefore takes the
vote of the surface it lies on: how much of it is in the range. Colours spread their votes over the surface and stop at
edges of colour, by the recursive domain transform (Gastal & Oliveira, "Domain Transform for Edge-Aware Image and Video
Processing", 2011).
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pressroom.media.color.oklab import lab_of, linear_of

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

_SIDE = 1024  # votes are counted on a picture of at most this size
_REACH = 0.35  # of its longer side: how far a vote goes over an even surface
_EDGE = 0.03  # step of saturation or hue (in a and b over lightness) that stops two thirds of it
_EVEN = 0.006  # a smaller step from pixel to pixel is light that changes, or noise
_SHARE = (0.1, 0.25)  # of a surface in the range: below it another colour's, above it the range's
_BEST = 0.5  # where no surface reaches this share, the shares count against the best one's
_DARKEST = 0.15  # OKLab lightness below which hue is noise


def voted(pixels: Bytes, core: Bytes, near: Bytes) -> Bytes:
    """How much of each pixel, 0..255, belongs to a surface of the range.

    `core` says how far a pixel is in the range and `near` how far it may be one of its surface's other shades (H x W,
    0..255).
    """
    height, width = core.shape
    scale = min(1.0, _SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = [_shrunk(each, size) for each in (core, near, pixels[..., :3])]
    votes = np.asarray(np.stack([small[0], np.maximum(small[0], small[1])], axis=2) / 255, np.float32)
    _spread(votes, _chroma(small[2]))
    share = votes[..., 0] / np.maximum(votes[..., 1], 1e-4)
    seen = share[small[0] > 127]
    best = float(seen.max()) if seen.size else 1.0
    low, high = (limit * min(1.0, best / _BEST) for limit in _SHARE)
    ramp = np.clip((share - low) / max(1e-6, high - low), 0, 1)
    kept = cv2.resize(np.asarray(ramp * ramp * (3 - 2 * ramp), np.float32), (width, height))
    return np.asarray(np.rint(kept * np.maximum(core, near))).astype(np.uint8)


def _shrunk(plane: Bytes, size: tuple[int, int]) -> Bytes:
    return np.asarray(cv2.resize(np.ascontiguousarray(plane), size, interpolation=cv2.INTER_AREA), np.uint8)


def _chroma(pixels: Bytes) -> Bytes:
    """H x W x 2: OKLab's a and b over lightness, which light and shade leave as they are, from -1..1 to 0..255."""
    lab = lab_of(linear_of(pixels.reshape(-1, 3)))
    ratio = lab[:, 1:] / np.maximum(lab[:, :1], _DARKEST)
    code = np.asarray(np.rint(np.clip(ratio, -1, 1) * 127.5 + 127.5)).astype(np.uint8)
    return code.reshape(*pixels.shape[:2], 2)


def _spread(planes: Floats, chroma: Bytes) -> None:
    """Smooth the planes in place within edges of colour: across and down, three times, each time half as far."""
    calm = np.stack([cv2.medianBlur(np.ascontiguousarray(chroma[..., n]), 5) for n in (0, 1)], axis=2)
    guide = cv2.GaussianBlur(calm.astype(np.float32) / 127.5, (0, 0), 0.8)
    reach = max(2.0, _REACH * max(planes.shape[:2]))
    across, down = _cost(np.diff(guide, axis=1)).T.copy(), _cost(np.diff(guide, axis=0)).copy()
    for number in range(3):
        # Variances of the three passes add up to that of the whole.
        pull = -np.sqrt(2) / (reach * np.sqrt(3) * 2 ** (2 - number) / np.sqrt(63))
        _sweep(planes.transpose(1, 0, 2), np.exp(pull + across * -np.sqrt(2) / _EDGE))
        _sweep(planes, np.exp(pull + down * -np.sqrt(2) / _EDGE))


def _cost(steps: Any) -> Floats:
    return np.asarray(np.maximum(np.sqrt((steps * steps).sum(axis=2)) - _EVEN, 0), np.float32)


def _sweep(planes: Floats, weight: Any) -> None:
    """There and back along the first axis; `weight` is how much of the line before stays."""
    kept = weight[..., None].astype(np.float32)
    for at in range(1, len(planes)):
        planes[at] += kept[at - 1] * (planes[at - 1] - planes[at])
    for at in range(len(planes) - 2, -1, -1):
        planes[at] += kept[at] * (planes[at + 1] - planes[at])
