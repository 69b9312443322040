"""Masks that start from what a network takes for the subject, and how far any mask agrees with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pressroom.media.cutout.grabcut import grabcut_between
from pressroom.media.cutout.masks import Floats, Mask, bools, overlap, without_small
from pressroom.media.cutout.network import Network

SEEN: Final = 0.3  # likelihood from which a pixel counts for the box of the second look
AROUND, LEAST_AROUND = 0.12, 6  # what that look sees around the box: a share of its sides, and pixels
FAR: Final = 0.5  # of the picture's area: a smaller box is looked at from nearby, a larger one in the mirror
LIKELY, WIDE, SURE = 0.5, 0.2, 0.8


@dataclass(frozen=True)
class Opinion:
    """Likelihoods, H x W in 0..1: of the whole picture, of a second look at the subject, and their mean."""

    first: Floats
    second: Floats
    mean: Floats

    @property
    def agreement(self) -> float:
        """0..1: how far both looks see the same subject."""
        return overlap(bools(self.first > LIKELY), bools(self.second > LIKELY))

    def traits(self, mask: Mask) -> dict[str, float]:
        """What the network says of a mask, each 0..1."""
        sure, area = bools(self.mean > SURE), float(mask.sum())
        return {
            "first_overlap": _soft_overlap(self.first, mask),
            "second_overlap": _soft_overlap(self.second, mask),
            "mean_overlap": _soft_overlap(self.mean, mask),
            "likely_inside": float(self.mean[mask].sum()) / area,
            "unlikely_inside": float((self.mean[mask] < WIDE).sum()) / area,
            "sure_outside": float((sure & ~mask).sum()) / max(1.0, float(sure.sum())),
        }


def asked(network: Network, small: NDArray[np.uint8]) -> Opinion:
    """What the network says of a picture, looked at twice: small subjects from nearby, large ones in the mirror."""
    first = network.likelihood(small)
    box = _box(first)
    if box is not None and _area(box) < FAR * first.size:
        second = np.zeros_like(first)
        second[box] = network.likelihood(np.ascontiguousarray(small[box]))
    else:
        second = np.ascontiguousarray(network.likelihood(np.ascontiguousarray(small[:, ::-1]))[:, ::-1])
    return Opinion(first, second, np.asarray((first + second) / 2, np.float32))


def network_masks(small: NDArray[np.uint8], opinion: Opinion) -> dict[str, Callable[[], Mask]]:
    """What is likely by each look, and GrabCut started from it."""
    looks = {"network": opinion.first, "network-again": opinion.second, "network-both": opinion.mean}
    tries: dict[str, Callable[[], Mask]] = {}
    for name, likelihood in looks.items():
        tries[name] = partial(_likely, likelihood, LIKELY)
        tries[f"{name}-cut"] = partial(_cut, small, likelihood)
    tries["network-wide"] = partial(_likely, opinion.mean, WIDE)
    tries["network-sure"] = partial(_likely, opinion.mean, SURE)
    return tries


def _cut(small: NDArray[np.uint8], likelihood: Floats) -> Mask:
    return tidied(grabcut_between(small, likelihood))


def _likely(likelihood: Floats, limit: float) -> Mask:
    return tidied(bools(likelihood > limit))


def tidied(mask: Mask) -> Mask:
    """Without specks and pinholes."""
    mask = without_small(mask, share=0.03)
    return ~without_small(~mask, share=0.0, pixels=max(6, int(mask.size * 0.0001)))


def _box(likelihood: Floats) -> tuple[slice, slice] | None:
    """Rows and columns around what is seen, with some air."""
    seen = likelihood > SEEN
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    if not len(rows):
        return None
    return _widened(rows, seen.shape[0]), _widened(columns, seen.shape[1])


def _widened(places: NDArray[np.int64], length: int) -> slice:
    first, last = int(places[0]), int(places[-1]) + 1
    air = int((last - first) * AROUND) + LEAST_AROUND
    return slice(max(0, first - air), min(length, last + air))


def _area(box: tuple[slice, slice]) -> int:
    rows, columns = box
    return int((rows.stop - rows.start) * (columns.stop - columns.start))


def _soft_overlap(likelihood: Floats, mask: Mask) -> float:
    inside, total = float(likelihood[mask].sum()), float(likelihood.sum())
    return inside / max(1e-6, float(mask.sum()) + total - inside)
