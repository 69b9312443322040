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

from pressroom.media.cutout.backdrop import Backdrop, study
from pressroom.media.cutout.background_extrapolation import Backgrounds
from pressroom.media.cutout.holes import with_open_eyes
from pressroom.media.cutout.mask_choice import preferred
from pressroom.media.cutout.mask_quality import lacking, plausible, quality, traits
from pressroom.media.cutout.masks import (
    Floats,
    Mask,
    bools,
    closed,
    distance_to,
    grown,
    overlap,
    without_small,
    without_tails,
)
from pressroom.media.cutout.people import faces_kept, likely_people
from pressroom.media.geometry import Region
from pressroom.media.subject.face_detection import find_faces

WORK_SIDE = 480  # longest side that is segmented; the alpha is refined at full size afterwards
GRABCUT_ROUNDS = 3
GRABCUT_SCALE = 0.5  # of the working size; the colour models are learned there, in a quarter of the time
GRABCUT_BAND = 6  # working pixels on both sides of the coarse outline that are decided again at full working size
MIN_QUALITY = 0.1  # empty backdrops with noise and texture stay below 0.06, weak but real products above 0.11
SAME_MASK = 0.9  # overlap (IoU) of two starting masks that lead GrabCut to the same end
SHARP, FAINT = (0.8, 1.3, 2.0, 3.2), (1.2, 2.0)  # times the backdrop's own edges: what stops a flood from the border
UNLIKE = (2.5, 3.5, 5.5)  # deviations of the background, carried on behind the best mask of the simple ones
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
    search = searched(reduced(rgb))
    if not search.traits:
        return None
    scores = {name: found["quality"] for name, found in search.traits.items()}
    if max(scores.values()) < MIN_QUALITY:
        return None
    best = preferred(search.traits, search.found)
    return Segmentation(search.found[best], best, scores[best], scores)


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


def searched(small: NDArray[np.uint8]) -> Search:
    """All plausible masks, found and judged."""
    backdrop = study(small)
    search = Search(backdrop, find_faces(small))
    for tries in (_simple, _carried, partial(_first_cuts, small), partial(_second_cuts, small)):
        search.judge(tries(search))
    search.compare()
    return search


class Search:
    """The masks found so far, by the method that found them, and what speaks for and against each."""

    def __init__(self, backdrop: Backdrop, faces: Sequence[Region]) -> None:
        self.backdrop, self.faces = backdrop, faces
        self.found: dict[str, Mask] = {}
        self.traits: dict[str, dict[str, float]] = {}
        self.backgrounds = Backgrounds(backdrop)
        self._judgements: dict[bytes, dict[str, float]] = {}
        self._unreached: list[Mask] = []

    def judge(self, tries: dict[str, Callable[[], Mask]]) -> None:
        masks = _together(lambda make: _cleaned(make(), self.backdrop), tries.values())
        made = {name: mask for name, mask in zip(tries, masks, strict=True) if plausible(mask)}
        self._unreached += [mask for name, mask in made.items() if name.startswith(FLOODS) and "thin" in name]
        self.found |= made
        # Several ways often lead to the very same mask: that is judged once.
        pixels = {name: mask.tobytes() for name, mask in made.items()}
        fresh = {key: name for name, key in pixels.items() if key not in self._judgements}
        self._judgements |= zip(fresh, _together(lambda name: self._judged(made[name]), fresh.values()), strict=True)
        self.traits |= {name: self._judgements[key] for name, key in pixels.items() if self._judgements[key]}

    def _judged(self, mask: Mask) -> dict[str, float]:
        found = traits(mask, self.backdrop, self._unreached)
        if not found:
            return {}
        # Whatever its edges say: an outline through a face is none.
        worth = quality(found) * faces_kept(mask, self.faces) ** 2
        return {**found, **self.backgrounds.agreement(mask), "quality": worth}

    def compare(self) -> None:
        """Adds to the traits what each mask lacks of all that is unlike the background."""
        self.traits.pop("salient", None)  # too rough to be an outline
        unlike = [mask for name, mask in self.found.items() if name.startswith("carried")]
        for name, found in self.traits.items():
            self.traits[name] = {**found, "unlike_missing": lacking(self.found[name], unlike)}

    def best(self, *kinds: str) -> Mask | None:
        names = [name for name in self.traits if name.startswith(kinds)]
        return self.found[max(names, key=lambda name: self.traits[name]["quality"])] if names else None


def _first_cuts(small: NDArray[np.uint8], search: Search) -> dict[str, Callable[[], Mask]]:
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


def _second_cuts(small: NDArray[np.uint8], search: Search) -> dict[str, Callable[[], Mask]]:
    """What the first masks make together."""
    more: dict[str, Callable[[], Mask]] = {}
    bridged = _bridged(search.found)
    if bridged is not None and overlap(bridged, search.found.get("grabcut-color", ~bridged)) < SAME_MASK:
        more = {"grabcut-bridged": lambda: _grabcut(small, search.backdrop, bridged), "bridged": lambda: bridged}
    flood, cut = search.best(*FLOODS), search.best("grabcut")
    if flood is not None and cut is not None and overlap(flood, cut) < SAME_MASK:
        more |= {"either": lambda: flood | cut, "both": lambda: flood & cut}
    return more


def _simple(search: Search) -> dict[str, Callable[[], Mask]]:
    """The masks that need no model of the product's colours."""
    backdrop = search.backdrop

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


def _carried(search: Search) -> dict[str, Callable[[], Mask]]:
    """What is unlike the background once that is known from more than the border: finds lids and soles nearly in its colour."""
    first = search.best("")
    if first is None:
        return {}
    found = zip(UNLIKE, search.backgrounds.unlike(first, UNLIKE), strict=True)
    return {f"carried-{limit:g}": partial(_same, mask) for limit, mask in found}


def _same(mask: Mask) -> Mask:
    return mask


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
    mask = with_open_eyes(mask, backdrop)
    mask = without_small(mask, share=0.03)
    return ~without_small(~mask, share=0.0, pixels=max(6, int(mask.size * 0.0001)))
