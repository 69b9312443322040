"""Finding the product in a photo: several candidate masks at reduced size, judged by one quality score.

Nothing is learned and nothing is downloaded. What is known of the background comes from the picture's border
(`backdrop.py`). What stands out to a viewer (`saliency.py`) starts one candidate and has a say in the score.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from pressroom.media.backdrop import BINS, Backdrop, study
from pressroom.media.boxes import Box
from pressroom.media.human_faces import find_faces
from pressroom.media.mask_quality import plausible, quality
from pressroom.media.masks import (
    Floats,
    Mask,
    bools,
    closed,
    distance_to,
    grown,
    overlap,
    reached_from_frame,
    shrunk,
    without_small,
    without_tails,
)
from pressroom.media.people import faces_kept, likely_people

WORK_SIDE = 480  # longest side that is segmented; the alpha is refined at full size afterwards
GRABCUT_ROUNDS = 3
GRABCUT_SCALE = 0.5  # of the working size; the colour models are learned there, in a quarter of the time
GRABCUT_BAND = 6  # working pixels on both sides of the coarse outline that are decided again at full working size
HOLE_LIKENESS = 0.8  # share of an enclosed area's colours that must occur outside before it counts as a hole
SHADOW_WEIGHT, LIGHT_WEIGHT = 0.3, 0.7  # of a hole that is darker or lighter than the background around, against hue
HOLE_OFF = 3.0  # of the backdrop's own spread: how far a hole's mean colour may be from the background around
HOLE_GRAIN = (0.35, 2.5)  # how much smoother or rougher than the background a hole may be
NEARLY_EQUAL = 0.025
WHOLE_PART = 0.05  # of the subject's area; a looser outline alone adds less beyond four pixels
MIN_QUALITY = 0.1  # empty backdrops with noise and texture stay below 0.06, weak but real products above 0.11
SAME_MASK = 0.9  # overlap (IoU) of two starting masks that lead GrabCut to the same end
SHARP, FAINT = (0.8, 1.3, 2.0, 3.2), (1.2, 2.0)  # times the backdrop's own edges: what stops a flood from the border
FLOODS = ("flood", "faint")
THREADS = 2  # more than two of these steps rarely wait at the same time

T = TypeVar("T")


@dataclass(frozen=True)
class Segmentation:
    """`mask` is at the reduced size; `scores` has one entry per method that was tried."""

    mask: Mask
    method: str
    quality: float
    scores: dict[str, float]


def segment(rgb: NDArray[np.uint8]) -> Segmentation | None:
    """The best mask of the subject at reduced size, or None when no candidate looks like a subject."""
    small = reduced(rgb)
    backdrop = study(small)
    candidates, scores = candidate_masks(small, backdrop)
    if not scores:
        return None
    best = chosen(candidates, scores)
    if scores[best] < MIN_QUALITY:
        return None
    return Segmentation(candidates[best], best, scores[best], scores)


def reduced(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture with its longer side at most WORK_SIDE."""
    height, width = rgb.shape[:2]
    factor = min(1.0, WORK_SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    if size == (width, height):
        return rgb
    if factor < 0.25:
        # The first step by a whole number is several times faster than one step by an odd one.
        step = int(1 / factor / 2)
        rgb = np.asarray(cv2.resize(rgb, (width // step, height // step), interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def chosen(candidates: dict[str, Mask], scores: dict[str, float]) -> str:
    """The best score, unless a nearly equal one has a whole part more: what is lost (a sole, a label) leaves few traces."""
    best = max(scores, key=lambda name: scores[name])
    around = grown(candidates[best], 4)
    more = {
        name: float((candidates[name] & ~around).sum())
        for name in scores
        if scores[name] >= scores[best] - NEARLY_EQUAL
    }
    fullest = max(more, key=lambda name: more[name])
    return fullest if more[fullest] > WHOLE_PART * candidates[best].sum() else best


def candidate_masks(small: NDArray[np.uint8], backdrop: Backdrop) -> tuple[dict[str, Mask], dict[str, float]]:
    """Plausible masks and their quality, by the name of the method that found them."""
    search = _Search(backdrop, find_faces(small))
    search.judge(_simple(backdrop))
    search.judge(_first_cuts(small, search))
    search.judge(_second_cuts(small, search))
    names = [name for name in search.found if name != "salient"]
    return {name: search.found[name] for name in names}, {name: search.scores[name] for name in names}


class _Search:
    """The masks found so far and what each is worth."""

    def __init__(self, backdrop: Backdrop, faces: Sequence[Box]) -> None:
        self.backdrop, self.faces = backdrop, faces
        self.found: dict[str, Mask] = {}
        self.scores: dict[str, float] = {}
        self._unreached: list[Mask] = []

    def judge(self, tries: dict[str, Callable[[], Mask]]) -> None:
        masks = _together(lambda make: _cleaned(make(), self.backdrop), tries.values())
        fresh = {name: mask for name, mask in zip(tries, masks, strict=True) if plausible(mask)}
        self._unreached += [mask for name, mask in fresh.items() if name.startswith(FLOODS) and "thin" in name]
        self.found |= fresh
        self.scores |= dict(zip(fresh, _together(self._worth, fresh.values()), strict=True))

    def _worth(self, mask: Mask) -> float:
        # Whatever its edges say: an outline through a face is none.
        return quality(mask, self.backdrop, self._unreached) * faces_kept(mask, self.faces) ** 2

    def best(self, *kinds: str) -> Mask | None:
        names = [name for name in self.found if name.startswith(kinds)]
        return self.found[max(names, key=lambda name: self.scores[name])] if names else None


def _first_cuts(small: NDArray[np.uint8], search: _Search) -> dict[str, Callable[[], Mask]]:
    """GrabCut started from the best mask so far, from what stands out, from what floods left, and from faces."""
    backdrop, seed, salient = search.backdrop, search.best(""), search.found.get("salient")
    cuts: dict[str, Callable[[], Mask]] = {
        "grabcut-color": lambda: _grabcut(small, backdrop, seed),
        "grabcut-surface": lambda: _grabcut(_flattened(backdrop), backdrop, seed),
    }
    if salient is not None and (seed is None or overlap(salient, seed) < SAME_MASK):
        cuts["grabcut-salient"] = lambda: _grabcut(small, backdrop, salient)
    flood = search.best(*FLOODS)
    if flood is not None:
        # What the background reached without crossing an outline stays background, whatever its colour.
        cuts["grabcut-edges"] = lambda: _grabcut(small, backdrop, flood, limit=grown(flood, 3))
    if search.faces:
        people, around = (likely_people(backdrop.ring.shape, search.faces, wide) for wide in (False, True))
        cuts["grabcut-people"] = lambda: _grabcut(small, backdrop, people, limit=around)
    return cuts


def _second_cuts(small: NDArray[np.uint8], search: _Search) -> dict[str, Callable[[], Mask]]:
    """What the first masks make together."""
    more: dict[str, Callable[[], Mask]] = {}
    bridged = _bridged(search.found)
    if bridged is not None and overlap(bridged, search.found.get("grabcut-color", ~bridged)) < SAME_MASK:
        more = {"grabcut-bridged": lambda: _grabcut(small, search.backdrop, bridged), "bridged": lambda: bridged}
    flood, cut = search.best(*FLOODS), search.best("grabcut")
    if flood is not None and cut is not None and overlap(flood, cut) < SAME_MASK:
        more |= {"either": lambda: flood | cut, "both": lambda: flood & cut}
    return more


def _simple(backdrop: Backdrop) -> dict[str, Callable[[], Mask]]:
    """The masks that need no model of the product's colours."""

    def flooded(calm: Mask, reach: int, tails: bool) -> Mask:
        mask = _flooded(backdrop, calm, reach)
        return mask if tails else without_tails(_cleaned(mask, backdrop))

    def unlike(limit: float) -> Mask:
        return bools(backdrop.residual > limit)

    grounds = {f"flood-{factor}": (backdrop.near_edges, max(1.0, backdrop.edge_noise * factor), 2) for factor in SHARP}
    grounds |= {
        f"faint-{factor}": (backdrop.faint_edges, max(0.35, backdrop.faint_noise * factor), 3) for factor in FAINT
    }
    tries: dict[str, Callable[[], Mask]] = {}
    for name, (edges, limit, reach) in grounds.items():
        calm = bools(edges < limit)
        tries[name] = partial(flooded, calm, reach, False)
        tries[f"{name}-thin"] = partial(flooded, calm, reach, True)
    tries |= {f"surface-{limit:g}": partial(unlike, limit) for limit in (4.0, 7.0)}
    return tries | {"salient": lambda: bools(backdrop.subject > 0.5)}


def _together(work: Callable[[Any], T], items: Iterable[Any]) -> list[T]:
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, items))


def _bridged(found: dict[str, Mask]) -> Mask | None:
    """GrabCut's masks with the gaps closed that a label or sole in the background's colour leaves."""
    cuts = [found[name] for name in ("grabcut-color", "grabcut-surface") if name in found]
    if not cuts:
        return None
    both = bools(np.logical_or.reduce(cuts))
    if not plausible(both):
        return None
    rows, columns = np.flatnonzero(both.any(1)), np.flatnonzero(both.any(0))
    return closed(both, max(3, int(max(np.ptp(rows), np.ptp(columns)) * 0.16)))


def _flooded(backdrop: Backdrop, calm: Mask, reach: int) -> Mask:
    """What the background does not reach from the border over calm ground. The flood stops `reach` short of an outline."""
    # Edges are widened by a pixel: a gap of one or two pixels in the product's outline is no door.
    open_ground = bools(calm | (backdrop.ring & (backdrop.residual < 8)))
    count, labels = cv2.connectedComponents(open_ground.view(np.uint8), connectivity=4)
    from_border = np.zeros(count, np.bool_)
    from_border[labels[backdrop.ring & open_ground]] = True
    from_border[0] = False
    return ~grown(bools(from_border[labels]), reach)


def _flattened(backdrop: Backdrop) -> NDArray[np.uint8]:
    """The picture with the background surface taken out and shadows weakened, as bytes around 128."""
    delta = backdrop.delta.copy()
    delta[..., 0] = np.where(delta[..., 0] < 0, delta[..., 0] * 0.6, delta[..., 0])
    return np.asarray(np.clip(delta * 1.6 + 128, 0, 255)).astype(np.uint8)


def _grabcut(picture: NDArray[np.uint8], backdrop: Backdrop, seed: Mask | None, limit: Mask | None = None) -> Mask:
    """GrabCut (Rother 2004) started from the best mask so far, or from the distance to the background surface.

    Colour models are learned at GRABCUT_SCALE; then only a band along the outline is cut again. On composed scenes that
    takes a quarter of the time of one pass at full working size and finds thin parts more often.
    """
    height, width = backdrop.ring.shape
    if min(height, width) < 16:
        return np.zeros((height, width), np.bool_)
    likely = seed if seed is not None else bools(backdrop.residual > np.percentile(backdrop.residual, 75))
    core = distance_to(~likely) > max(2, min(height, width) // 40)
    sure = core & (backdrop.residual > 3) if seed is not None else np.zeros_like(likely)
    behind = backdrop.ring & (backdrop.residual < 6) if limit is None else ~limit
    size = (max(2, round(width * GRABCUT_SCALE)), max(2, round(height * GRABCUT_SCALE)))
    marks = np.where(_share(likely, size) > 0.4, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    marks[_share(sure, size) > 0.9] = cv2.GC_FGD
    marks[_share(behind, size) > 0.9] = cv2.GC_BGD
    if not (marks & 1).any() or (marks & 1).all():
        return np.zeros((height, width), np.bool_)
    models = (np.zeros((1, 65)), np.zeros((1, 65)))
    cv2.setRNGSeed(1)
    coarse = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    cv2.grabCut(coarse, marks, (0, 0, 1, 1), *models, GRABCUT_ROUNDS, cv2.GC_INIT_WITH_MASK)
    rough = bools(cv2.resize(marks & 1, (width, height), interpolation=cv2.INTER_NEAREST))
    found = _cut_again(picture, rough, likely, models)
    return found if limit is None else found & limit


def _cut_again(picture: NDArray[np.uint8], rough: Mask, likely: Mask, models: tuple[Any, Any]) -> Mask:
    """The outline of a coarse cut decided again, pixel by pixel, by the colour models that were learned."""
    inside, outside = distance_to(~rough), distance_to(rough)
    marks = np.where(rough, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    marks[inside > GRABCUT_BAND] = cv2.GC_FGD
    # What the seed held is asked again, though the coarse picture was too coarse for it (a chain, a wire).
    marks[(outside > GRABCUT_BAND) & ~likely] = cv2.GC_BGD
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


def _cleaned(mask: Mask, backdrop: Backdrop) -> Mask:
    """Specks dropped, enclosed backdrop opened (a handle's eye), pinholes closed."""
    mask = _opened_holes(mask, backdrop)
    mask = without_small(mask, share=0.03)
    return ~without_small(~mask, share=0.0, pixels=max(6, int(mask.size * 0.0001)))


def _opened_holes(mask: Mask, backdrop: Backdrop) -> Mask:
    """Enclosed areas are decided by colour: what looks like the background outside is a hole, anything else is product."""
    if mask.all() or not mask.any():
        return mask
    outside = reached_from_frame(~mask)
    known = _known_colors(backdrop, outside)[backdrop.colors]
    calm = mask & (backdrop.edges < max(1.2, backdrop.edge_noise * 1.3))
    least = max(12, int(mask.size * 0.0004))
    near = _Surroundings(backdrop, outside)
    holes = near.alike(calm, known, least) | near.alike(~mask & ~outside, known, least)
    return (mask | ~outside) & ~grown(holes, 2)


class _Surroundings:
    """Colour and texture of the background that lies nearest to each pixel: what a hole in the product must look like."""

    def __init__(self, backdrop: Backdrop, outside: Mask) -> None:
        grain = np.minimum(backdrop.edges, 4 * backdrop.edge_noise + 1)
        self._values = np.dstack([backdrop.delta, grain])
        clear = shrunk(outside, 3)
        self._apart = self._values - _nearby(self._values, clear if clear.any() else outside)
        spread = self._apart[outside]
        # Half of the pixels: shadows and what belongs to the product but is not in the mask must not widen it.
        self._spread = 1.5 + 1.4826 * np.median(np.abs(spread[:, :3]), axis=0)
        self._grain = max(0.05, float(grain[clear].mean()) if clear.any() else 0.05)
        self._inner = bools(backdrop.near_edges < max(1.2, backdrop.edge_noise * 1.5))

    def alike(self, mask: Mask, known: Mask, least: int) -> Mask:
        """The connected parts of the mask, of `least` pixels or more, that look like the background around."""
        count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=4)
        areas = np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
        flat = labels.ravel()
        share = np.bincount(flat, weights=known.ravel(), minlength=count) / areas
        # The outline's own ramp tells nothing of what it encloses.
        inner = np.where(self._inner.ravel(), flat, 0)
        inner_areas = np.maximum(np.bincount(inner, minlength=count), 1)
        means = np.stack(
            [np.bincount(inner, weights=self._apart[..., n].ravel(), minlength=count) / inner_areas for n in range(4)],
            1,
        )
        # A shadow in the hole makes it darker; a label is another colour.
        weight = np.where(means[:, :1] < 0, SHADOW_WEIGHT, LIGHT_WEIGHT)
        off = np.linalg.norm(np.hstack([means[:, :1] * weight, means[:, 1:3]]) / self._spread, axis=1)
        grain = 1 + means[:, 3] / self._grain
        keep = (
            (areas >= least)
            & (share > HOLE_LIKENESS)
            & (off < HOLE_OFF)
            & (grain > HOLE_GRAIN[0])
            & (grain < HOLE_GRAIN[1])
        )
        keep[0] = False
        return bools(keep[labels])


def _nearby(values: Floats, where: Mask) -> Floats:
    """Mean of the values of the nearest pixels of `where`, at every pixel (a pyramid of widening means)."""
    weight = where.astype(np.float32)
    layers = np.dstack([values * weight[..., None], weight])
    result = np.zeros_like(values)
    missing = np.ones(where.shape, np.bool_)
    for reach in (12, 36, 108, 10_000):
        side = (min(2 * reach + 1, 2 * max(where.shape) - 1) | 1,) * 2
        total = cv2.blur(layers, side, borderType=cv2.BORDER_CONSTANT)
        fresh = missing & (total[..., -1] > 0.02 if reach < 10_000 else True)
        result[fresh] = total[fresh][:, :-1] / np.maximum(total[fresh][:, -1:], 1e-6)
        missing &= ~fresh
        if not missing.any():
            break
    return result


def _known_colors(backdrop: Backdrop, outside: Mask) -> NDArray[np.bool_]:
    """Per colour bin, whether it or a neighbour of it is common outside."""
    counts = np.bincount(backdrop.colors[outside], minlength=BINS**3)
    common = (counts > max(3.0, 0.0002 * outside.sum())).reshape(BINS, BINS, BINS)
    known = common.copy()
    known[1:] |= common[:-1]
    known[:-1] |= common[1:]
    known[:, 1:] |= common[:, :-1]
    known[:, :-1] |= common[:, 1:]
    known[..., 1:] |= common[..., :-1]
    known[..., :-1] |= common[..., 1:]
    return bools(known.ravel())
