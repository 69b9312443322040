"""The background behind a mask, carried on from what the mask leaves outside, and how inside and outside agree with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from pressroom.media.cutout.backdrop import Backdrop
from pressroom.media.cutout.masks import Floats, Mask, bools, distance_to
from pressroom.media.cutout.surface_fit import fitted, product, quadratic_terms

# Pixels here are those of the segmented picture halved; the carried-on background is made at a third of that.
STEP = 3
INSIDE, OUTSIDE = 1.5, -2.5  # signed distances to the outline beyond which a pixel is surely one or the other
BESIDE = (-3.5, -1.0)  # the band along the outside of the outline
AFAR = 20.0  # what a first mask lacks (a lid, a sole) is seldom further from it
ALIKE, UNLIKE = 2.0, 4.0  # deviations of what is outside: up to the first is background, from the second it is not
SHADOW_WEIGHT = 0.5  # shadows darken a background without changing its hue
SMOOTHINGS = ((2.5, 1.0), (8.0, 0.1))  # widths, and weights, of the means that follow what the surface cannot
TRUST = 0.02  # weight of the surface where neither mean reaches


class Backgrounds:
    """Carries the background of one picture on behind any number of masks."""

    def __init__(self, backdrop: Backdrop) -> None:
        self._delta = _smaller(backdrop.delta, 2)
        self._coarse = _smaller(self._delta, STEP)
        self._terms = quadratic_terms(*self._coarse.shape[:2]).reshape(-1, 6)

    def unlike(self, near: Mask, limits: Sequence[float]) -> list[Mask]:
        """What stands out by more than each limit, at the full size, from the background carried on from afar of a first mask."""
        off = self._off(AFAR - distance_to(self._halved(near)))
        size = (near.shape[1], near.shape[0])
        whole = np.asarray(cv2.resize(off, size, interpolation=cv2.INTER_LINEAR), np.float32)
        return [bools(whole > limit) for limit in limits]

    def agreement(self, mask: Mask) -> dict[str, float]:
        """`backdrop_inside`: the share of the mask that looks like the background that it hides.

        `stranger_outside`: the share of what lies along the outside of its outline that looks like none of the background.
        """
        half = self._halved(mask)
        if not half.any() or half.all():
            return {"backdrop_inside": 0.0, "stranger_outside": 0.0}
        depth = np.asarray(np.where(half, distance_to(~half) - 0.5, 0.5 - distance_to(half)), np.float32)
        off = self._off(depth)
        inside, beside = depth > INSIDE, (depth > BESIDE[0]) & (depth < BESIDE[1])
        return {
            "backdrop_inside": float((off[inside] < ALIKE).mean()) if inside.any() else 0.0,
            "stranger_outside": float((off[beside] > UNLIKE).mean()) if beside.any() else 0.0,
        }

    def _halved(self, mask: Mask) -> Mask:
        height, width = self._delta.shape[:2]
        return bools(cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA) > 0.5)

    def _off(self, depth: Floats) -> Floats:
        """Every pixel's distance from the carried-on background, in deviations of what is outside."""
        apart = self._delta - self._carried_on(bools(depth < OUTSIDE))
        far = depth < 1.6 * OUTSIDE
        known = apart[far if far.sum() > 50 else depth <= depth.min() + 1]
        spread = 1.0 + 1.4826 * np.median(np.abs(known), axis=0)
        scaled = apart / spread
        scaled[..., 0] *= np.where(scaled[..., 0] < 0, SHADOW_WEIGHT, 1)
        return np.asarray(np.sqrt((scaled**2).sum(axis=2)), np.float32)

    def _carried_on(self, outside: Mask) -> Floats:
        """A quadratic surface through what is outside, and what is left of the nearest of it."""
        known = _smaller(outside.astype(np.float32), STEP).ravel() > 0.99
        values = self._coarse.reshape(-1, 3)
        if known.sum() < 30:
            known[:] = True
        answer, weight = fitted(self._terms[known], values[known], rounds=3, ridge=0.002, usual=1.0)
        surface = product(self._terms, answer).reshape(self._coarse.shape)
        share = np.zeros((len(values), 1), np.float32)
        share[known, 0] = weight
        share = share.reshape(*self._coarse.shape[:2], 1)
        rest = np.dstack([(self._coarse - surface) * share, share])
        total = np.sum([part * cv2.GaussianBlur(rest, (0, 0), width) for width, part in SMOOTHINGS], axis=0)
        carried = surface + total[..., :3] / (total[..., 3:] + TRUST)
        size = (self._delta.shape[1], self._delta.shape[0])
        return np.asarray(cv2.resize(carried, size, interpolation=cv2.INTER_LINEAR), np.float32)


def _smaller(values: Any, times: int) -> Floats:
    size = (max(2, values.shape[1] // times), max(2, values.shape[0] // times))
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)
