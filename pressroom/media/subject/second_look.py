"""A second look at what stands out: U-2-Net's small network knows objects, the first look knows which of them are looked at.

The network is the one of the cut-outs, at half its size and on OpenCV's own runtime, which finds faces too.
"""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from pressroom.media.geometry import Region
from pressroom.media.subject.attention import Floats, Pixels, Sight, box_of

MODEL: Final = Path(__file__).parent / "network_data" / "u2netp.onnx"
# Of the pictures that it was trained on: mean and deviation of red, green, blue in 0..1.
COLORS: Final = (np.array([0.485, 0.456, 0.406], np.float32), np.array([0.229, 0.224, 0.225], np.float32))

_OWN_SIDE, _SIDE = (
    320,
    160,
)  # boxes need no more; at 128 a fifth of the gain is lost, at 320 it takes four times as long
_LEAST_LIKELY = 0.3  # below this the network sees no object at all
# Chosen on seed 1 of the retention benchmark: how much the first look weighs, from which share of the strongest place on
# the object begins and its soft surroundings, and which share of the strongest object another one must have.
_EYE, _OBJECT, _AROUND, _LEAST_PART = 0.9, 0.10, 0.03, 0.3
_SOFT, _GAP = 1 / 40, 5  # blur of the first look, of the side; cells between parts of one object
_MARGIN = 0.01

_lock = threading.Lock()


def look_again(pixels: Pixels, first: Sight) -> tuple[Sight, tuple[Region, ...]]:
    """The objects among what stood out of an H x W x 3 RGB picture, and the same with their soft surroundings.

    What the network does not know stays as the first look saw it.
    """
    likely = _likelihood(pixels)
    if float(likely.max()) < _LEAST_LIKELY:
        return first, ()
    eye = cv2.GaussianBlur(_resized(first.attention, likely), (0, 0), _SIDE * _SOFT)
    both = likely * (_EYE * eye / max(float(eye.max()), 1e-6) + 1 - _EYE)
    both /= max(float(both.max()), 1e-6)
    objects = _boxes(both, _OBJECT, _LEAST_PART, 0.0)
    around = _boxes(both, _AROUND, _LEAST_PART / 2, _MARGIN)
    return Sight(_resized(both, first.attention), objects), around


def _likelihood(pixels: Pixels) -> Floats:
    """`_SIDE` x `_SIDE` in 0..1: how surely each place is an object's."""
    small = cv2.resize(pixels, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    mean, deviation = COLORS
    batch = ((small / max(1.0, float(small.max())) - mean) / deviation).transpose(2, 0, 1)[None]
    with _lock:
        net = _network()
        net.setInput(np.ascontiguousarray(batch))
        return np.asarray(net.forward(net.getUnconnectedOutLayersNames()[0])[0, 0], np.float32)


@cache
def _network() -> Any:
    """The network for a smaller picture than its file says: every layer of it takes any size."""
    data = MODEL.read_bytes().replace(_shape(_OWN_SIDE), _shape(_SIDE))
    return cv2.dnn.readNetFromONNX(np.frombuffer(data, np.uint8))


def _shape(side: int) -> bytes:
    """Height and width as ONNX writes them: two dimensions with a number of two bytes each."""
    return bytes((0x0A, 0x03, 0x08, 0x80 | side & 0x7F, side >> 7)) * 2


def _boxes(shares: Floats, least: float, least_part: float, margin: float) -> tuple[Region, ...]:
    """Boxes of the parts above `least`, the weightiest first; those much lighter than it are left out."""
    seen = (shares > least).astype(np.uint8)
    count, parts = cv2.connectedComponents(cv2.dilate(seen, np.ones((_GAP, _GAP), np.uint8)))
    parts *= seen
    held = np.bincount(parts.ravel(), weights=shares.ravel(), minlength=count)
    held[0] = 0
    kept = [int(part) for part in np.argsort(-held) if held[part] > 0 and held[part] >= least_part * held.max()]
    return tuple(box_of(parts == part, margin) for part in kept)


def _resized(values: Floats, like: Floats) -> Floats:
    size = like.shape[1], like.shape[0]
    return np.asarray(
        cv2.resize(values, size, interpolation=cv2.INTER_AREA if size[0] < values.shape[1] else cv2.INTER_LINEAR),
        np.float32,
    )
