"""What ways of different kinds agree on: the network may be certain of a part only of what edges and colours find whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pressroom.media.cutout.masks import Mask, bools, grown

# By sharp edges, by faint ones, by the border's colours, by the colours behind a first mask, by colour models of both sides.
KINDS: Final = ("flood", "faint", "surface", "carried", "grabcut")
OTHERS: Final = 3  # so many of the other kinds must find the same
AGREED: Final = 0.9  # overlap with those others, on average, from which they do
GOOD: Final = 0.75  # quality from which edges speak for a mask; below, the ways may share a mistake (a busy background)
HELD: Final = 0.75  # of what the network is sure of, or else it sees another subject; the eyes that it closes are less
NEAR: Final = 3.0  # pixels of the segmented picture by which outlines of the same part differ


def overlaps_of(masks: Mapping[str, Mask]) -> NDArray[np.float64]:
    """How far each mask overlaps with each other one (intersection over union), in their order."""
    bits = np.stack([np.packbits(mask) for mask in masks.values()])
    areas = np.bitwise_count(bits).sum(axis=1, dtype=np.float64)
    # Counted, not multiplied: numpy's products wait for threads of their own, longest where the cores are busy.
    shared = np.stack([np.bitwise_count(bits & one).sum(axis=1, dtype=np.float64) for one in bits])
    return np.asarray(shared / np.maximum(1, areas[:, None] + areas[None] - shared))


def agreed(
    masks: Mapping[str, Mask], traits: Mapping[str, Mapping[str, float]], overlaps: NDArray[np.float64]
) -> Mask | None:
    """The good mask that most other kinds of ways have found too; None where they do not agree."""
    kinds = np.array([name.split("-")[0] for name in masks])
    found: dict[str, float] = {}
    for place, name in enumerate(masks):
        fit = traits[name]["quality"] >= GOOD and traits[name].get("sure_outside", 0.0) <= 1 - HELD
        if kinds[place] in KINDS and fit:
            others = [kind for kind in KINDS if kind != kinds[place]]
            best = [float(overlaps[place][kinds == kind].max(initial=0.0)) for kind in others]
            found[name] = float(np.mean(sorted(best)[-OTHERS:]))
    name = max(found, key=lambda name: found[name], default="")
    return masks[name] if found.get(name, 0.0) >= AGREED else None


def left_out(mask: Mask, whole: Mask) -> float:
    """The share of `whole` that is further than NEAR from the mask; pieces that the mask does not touch are another matter."""
    count, labels = cv2.connectedComponents(whole.view(np.uint8), connectivity=8)
    touched = np.zeros(count, np.bool_)
    touched[labels[mask & whole]] = True
    touched[0] = False
    part = bools(touched[labels])
    return float((part & ~grown(mask, NEAR)).sum()) / max(1.0, float(part.sum()))
