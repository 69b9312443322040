"""GrabCut (Rother 2004): a mask drawn anew along edges by colour models that are learned inside and outside of a first one."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pressroom.media.cutout.backdrop import Backdrop
from pressroom.media.cutout.masks import Floats, Mask, bools, distance_to, grown, shrunk

ROUNDS = 3
SCALE = 0.5  # of the working size; the colour models are learned there, in a quarter of the time
BAND = 6  # working pixels on both sides of the coarse outline that are decided again at full working size
UNLIKELY, LIKELY = 0.05, 0.5
REACH, CORE = 8, 3  # pixels: how far from anything likely the subject may go on, how deep inside it is certain


def flattened(backdrop: Backdrop) -> NDArray[np.uint8]:
    """The picture with the background surface taken out and shadows weakened, as bytes around 128."""
    delta = backdrop.delta.copy()
    delta[..., 0] = np.where(delta[..., 0] < 0, delta[..., 0] * 0.6, delta[..., 0])
    return np.asarray(np.clip(delta * 1.6 + 128, 0, 255)).astype(np.uint8)


def grabcut(picture: NDArray[np.uint8], backdrop: Backdrop, seed: Mask | None, limit: Mask | None = None) -> Mask:
    """GrabCut started from a mask, or from the distance to the background surface.

    Colour models are learned at SCALE; then only a band along the outline is cut again. On composed scenes that
    takes a quarter of the time of one pass at full working size and finds thin parts more often.
    """
    height, width = backdrop.ring.shape
    if min(height, width) < 16:
        return np.zeros((height, width), np.bool_)
    likely = seed if seed is not None else bools(backdrop.residual > np.percentile(backdrop.residual, 75))
    core = distance_to(~likely) > max(2, min(height, width) // 40)
    sure = core & (backdrop.residual > 3) if seed is not None else np.zeros_like(likely)
    behind = backdrop.ring & (backdrop.residual < 6) if limit is None else ~limit
    size = (max(2, round(width * SCALE)), max(2, round(height * SCALE)))
    marks = np.where(_share(likely, size) > 0.4, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    marks[_share(sure, size) > 0.9] = cv2.GC_FGD
    marks[_share(behind, size) > 0.9] = cv2.GC_BGD
    found = _cut_twice(picture, marks, likely)
    if found is None:
        return np.zeros((height, width), np.bool_)
    return found if limit is None else found & limit


def grabcut_between(picture: NDArray[np.uint8], likelihood: Floats) -> Mask:
    """GrabCut between what is surely the subject and what surely is not, by a likelihood of H x W in 0..1."""
    likely = bools(likelihood > LIKELY)
    marks = np.where(likely, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    marks[shrunk(bools(likelihood > 1 - UNLIKELY), CORE)] = cv2.GC_FGD
    marks[~grown(bools(likelihood > UNLIKELY), REACH)] = cv2.GC_BGD
    height, width = likely.shape
    size = (max(2, round(width * SCALE)), max(2, round(height * SCALE)))
    coarse = np.asarray(cv2.resize(marks, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    found = _cut_twice(picture, coarse, likely)
    return likely if found is None else found


def _cut_twice(picture: NDArray[np.uint8], marks: NDArray[np.uint8], likely: Mask) -> Mask | None:
    """At SCALE by the marks, then along the outline at full size; None where the marks leave nothing to decide."""
    if not (marks & 1).any() or (marks & 1).all():
        return None
    height, width = likely.shape
    models = (np.zeros((1, 65)), np.zeros((1, 65)))
    cv2.setRNGSeed(1)
    coarse = cv2.resize(picture, (marks.shape[1], marks.shape[0]), interpolation=cv2.INTER_AREA)
    cv2.grabCut(coarse, marks, (0, 0, 1, 1), *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    rough = bools(cv2.resize(marks & 1, (width, height), interpolation=cv2.INTER_NEAREST))
    return _cut_again(picture, rough, likely, models)


def _cut_again(picture: NDArray[np.uint8], rough: Mask, likely: Mask, models: tuple[Any, Any]) -> Mask:
    """The outline of a coarse cut decided again, pixel by pixel, by the colour models that were learned."""
    inside, outside = distance_to(~rough), distance_to(rough)
    marks = np.where(rough, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    marks[inside > BAND] = cv2.GC_FGD
    # What the seed held is asked again, though the coarse picture was too coarse for it (a chain, a wire).
    marks[(outside > BAND) & ~likely] = cv2.GC_BGD
    open_marks = marks > 1
    rows, columns = np.flatnonzero(open_marks.any(1)), np.flatnonzero(open_marks.any(0))
    if not len(rows):
        return rough
    area = np.s_[max(0, rows[0] - 2) : rows[-1] + 3, max(0, columns[0] - 2) : columns[-1] + 3]
    part = np.ascontiguousarray(marks[area])
    if not (part & 1).any() or (part & 1).all():
        return rough
    cv2.grabCut(np.ascontiguousarray(picture[area]), part, (0, 0, 1, 1), *models, 1, cv2.GC_EVAL_FREEZE_MODEL)
    result = rough.copy()
    result[area] = (part & 1) == 1
    return result


def _share(mask: Mask, size: tuple[int, int]) -> Floats:
    return np.asarray(cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)
