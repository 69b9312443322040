"""How likely a mask is the subject's outline: on sharp edges, unlike its surroundings, with nothing left outside."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from pressroom.media.cutout.backdrop import Backdrop
from pressroom.media.cutout.masks import Floats, Mask, distance_to, outline

MIN_SUBJECT_SHARE = 0.002  # below: dust; the thinnest real product (a necklace) fills about 0.01
MAX_SUBJECT_SHARE = 0.96


def plausible(mask: Mask) -> bool:
    return MIN_SUBJECT_SHARE < float(mask.mean()) < MAX_SUBJECT_SHARE


def quality(found: dict[str, float]) -> float:
    """0..1, an estimate of the overlap (IoU) with the true outline, from a mask's traits."""
    if not found:
        return 0.0
    strength = np.sqrt((0.5 * found["on_edges"] + 0.5 * found["weakest"]) * found["separation"])
    share = 0.75 * found["kept"] + 0.25 * found["only"]
    losses = (1 - 0.8 * min(1, found["missed_hull"] + 0.8 * found["missed_near"])) * (1 - 0.3 * found["scattered"])
    return float(
        strength * losses * (1 - min(1, 1.5 * found["touching"])) * (0.65 + 0.35 * share) * min(1, share / 0.35)
    )


def traits(mask: Mask, backdrop: Backdrop, unreached: Sequence[Mask]) -> dict[str, float]:
    """What speaks for and against a mask, each 0..1; empty for masks that are none.

    `unreached` is what floods from the border could not get to.
    """
    inner = np.zeros(mask.shape, np.bool_)
    inner[2:-2, 2:-2] = True
    whole = outline(mask)
    drawn = whole & inner
    if not plausible(mask) or drawn.sum() < 8:
        return {}
    strength = _clear_of(backdrop.near_edges[drawn], backdrop.edge_noise)
    length, area = float(whole.sum()), float(mask.sum())
    kept = float(backdrop.subject[mask].sum())
    hull, beside = _missed_edges(mask, length, backdrop.edges, max(2.0, backdrop.edge_noise * 1.6))
    _, faint_beside = _missed_edges(mask, length, backdrop.faint_edges, max(1.0, backdrop.faint_noise * 1.6))
    return {
        "on_edges": float(strength.mean()),
        "weakest": float(np.percentile(strength, 20)),
        "separation": _separation(mask, backdrop),
        "missed_hull": hull,
        "missed_near": beside,
        "faint_near": faint_beside,
        "scattered": _scattered(mask),
        "touching": float((mask & ~inner).sum()) / max(1.0, float((~inner).sum())),
        "kept": kept / max(1.0, float(backdrop.subject.sum())),
        "only": kept / area,
        "missing": lacking(mask, unreached),
    }


def lacking(mask: Mask, others: Sequence[Mask]) -> float:
    """The share of each other mask that this one lacks, on average; 0 without others."""
    return float(np.mean([float((other & ~mask).sum()) / float(other.sum()) for other in others] or [0.0]))


def _clear_of(edges: Floats, noise: float) -> Floats:
    return np.asarray(np.clip((edges - noise) / (edges + noise + 0.5), 0, 1))


def _missed_edges(mask: Mask, length: float, edges: Floats, limit: float) -> tuple[float, float]:
    """0..1: edges left outside (a lost label, sole or pot) per length of outline: within the mask's hull, and near it."""
    sharp = edges > limit
    if not sharp.any():
        return 0.0, 0.0
    away = distance_to(mask)
    hull = np.zeros(mask.shape, np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(np.argwhere(outline(mask))[:, ::-1].astype(np.int32)), 1)
    outside = sharp & (away > 4)
    inside = hull[outside] > 0
    beside = ~inside & (away[outside] <= max(5, 0.3 * np.sqrt(mask.sum())))
    # An edge is about three pixels wide where the filter has spread it.
    return min(1.0, float(inside.sum()) / 3 / length), min(1.0, float(beside.sum()) / 3 / length)


def _scattered(mask: Mask) -> float:
    """0..1: share of the mask that is not in its largest connected part."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return 1 - float(areas.max()) / float(areas.sum())


def _separation(mask: Mask, backdrop: Backdrop) -> float:
    """1 when colours alone tell inside from outside: overlap of their histograms over Lab, weighted per class."""
    inside = np.bincount(backdrop.hues[mask], minlength=29**3) / max(1, mask.sum())
    outside = np.bincount(backdrop.hues[~mask], minlength=29**3) / max(1, (~mask).sum())
    return 1 - float(np.minimum(inside, outside).sum())
