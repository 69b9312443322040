"""Finding the subject of a photo: several candidate masks at reduced size, and the choice among them.

Some start from what the picture's border says of the background (`backdrop.py`), from what stands out to a viewer
(`saliency.py`) and from faces; others from what a network takes for the subject (`network_masks.py`), where there is one.
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

from pressroom.media.cutout.agreement import agreed, left_out, overlaps_of
from pressroom.media.cutout.backdrop import Backdrop, study
from pressroom.media.cutout.background_extrapolation import Backgrounds
from pressroom.media.cutout.grabcut import flattened, grabcut
from pressroom.media.cutout.holes import with_open_eyes
from pressroom.media.cutout.mask_choice import preferred, sureness
from pressroom.media.cutout.mask_quality import lacking, plausible, quality, traits
from pressroom.media.cutout.masks import (
    Mask,
    bools,
    closed,
    grown,
    overlap,
    without_tails,
)
from pressroom.media.cutout.network import Network
from pressroom.media.cutout.network_masks import LIKELY, WIDE, Opinion, asked, network_masks, tidied
from pressroom.media.cutout.people import faces_kept, likely_people
from pressroom.media.geometry import Region
from pressroom.media.subject.face_detection import find_faces

WORK_SIDE = 480  # longest side that is segmented; the alpha is refined at full size afterwards
MIN_SEEN = 0.5  # overlap with what the network sees from which a mask is a subject, whatever its edges say
MIN_QUALITY = 0.1  # empty backdrops with noise and texture stay below 0.06, weak but real products above 0.11
SAME_MASK = 0.9  # overlap (IoU) of two starting masks that lead GrabCut to the same end
SHARP, FAINT = (0.8, 2.0, 3.2), (1.2,)  # times the backdrop's own edges: what stops a flood from the border
UNLIKE = (2.5, 5.5)  # deviations of the background, carried on behind the best mask of the simple ones
FLOODS = ("flood", "faint")
CLASSICAL = (*FLOODS, "surface", "carried", "grabcut")
UNLIKELY, NEAR = 0.05, 12  # how far, in pixels, from anything that the network thinks possible the subject may go on
THREADS = 2  # more than two of these steps rarely wait at the same time

T = TypeVar("T")


@dataclass(frozen=True)
class Segmentation:
    """`mask` is at the reduced size, `method` the way that found it, `quality` says how sure it is."""

    mask: Mask
    method: str
    quality: float


def segment(rgb: NDArray[np.uint8], network: Network | None = None) -> Segmentation | None:
    """The best mask of the subject at reduced size, or None when no candidate looks like a subject."""
    search = searched(reduced(rgb), network)
    if not search.traits:
        return None
    best = preferred(search.traits)
    traits = search.traits[best]
    own = [found["quality"] for name, found in search.traits.items() if not name.startswith("network")]
    seen = min(traits.get("first_overlap", 0.0), traits.get("second_overlap", 0.0))
    if max(own, default=0.0) < MIN_QUALITY and seen < MIN_SEEN:
        return None
    return Segmentation(search.found[best], best, sureness(traits))


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


def searched(small: NDArray[np.uint8], network: Network | None = None) -> Search:
    """All plausible masks, found and judged; the network is asked while the others are made."""
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(asked, network, small) if network is not None else None
        search = Search(study(small), find_faces(small))
        for tries in (_simple, _carried, partial(_first_cuts, small), partial(_second_cut, small)):
            search.judge(tries(search), partial(_cleaned, backdrop=search.backdrop))
        opinion = asking.result() if asking is not None else None
    if opinion is not None:
        mixed = _mixed(opinion, search)
        search.judge({**network_masks(small, opinion), **mixed}, _same)
    search.compare(opinion)
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

    def judge(self, tries: dict[str, Callable[[], Mask]], clean: Callable[[Mask], Mask]) -> None:
        masks = _together(lambda make: clean(make()), tries.values())
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

    def compare(self, opinion: Opinion | None) -> None:
        """Adds to the traits what shows only beside the other masks, and what the network says."""
        self.traits.pop("salient", None)  # too rough to be an outline
        unlike = [mask for name, mask in self.found.items() if name.startswith("carried")]
        masks = {name: self.found[name] for name in self.traits}
        overlaps = overlaps_of(masks) if masks else np.empty((0, 0))
        consensus = _consensus(masks, overlaps)
        for name, found in self.traits.items():
            mask = self.found[name]
            beside = {"unlike_missing": lacking(mask, unlike), "consensus": consensus[name]}
            self.traits[name] = {**found, **beside, **(opinion.traits(mask) if opinion is not None else {})}
        whole = agreed(masks, self.traits, overlaps)
        if whole is not None:
            for name, mask in masks.items():
                self.traits[name]["left_out"] = left_out(mask, whole)

    def best(self, *kinds: str) -> Mask | None:
        names = [name for name in self.traits if name.startswith(kinds)]
        return self.found[max(names, key=lambda name: self.traits[name]["quality"])] if names else None


def _consensus(masks: dict[str, Mask], overlaps: NDArray[np.float64]) -> dict[str, float]:
    """How far each mask overlaps with the others, on average; masks that several ways lead to count once."""
    first: dict[bytes, int] = {}
    same = [first.setdefault(mask.tobytes(), place) for place, mask in enumerate(masks.values())]
    once = list(first.values())
    mean = (overlaps[:, once].sum(axis=1) - 1) / max(1, len(once) - 1)
    return {name: float(mean[place]) for name, place in zip(masks, same, strict=True)}


def _first_cuts(small: NDArray[np.uint8], search: Search) -> dict[str, Callable[[], Mask]]:
    """GrabCut started from the best mask so far, from what stands out, from what floods left, and from faces."""
    backdrop, seed, salient = search.backdrop, search.best(""), search.found.get("salient")
    cuts: dict[str, Callable[[], Mask]] = {
        "grabcut-color": lambda: grabcut(small, backdrop, seed),
        "grabcut-surface": lambda: grabcut(flattened(backdrop), backdrop, seed),
    }
    if salient is not None and (seed is None or overlap(salient, seed) < SAME_MASK):
        cuts["grabcut-salient"] = lambda: grabcut(small, backdrop, salient)
    flood = search.best(*FLOODS)
    if flood is not None:
        # What the background reached without crossing an outline stays background, whatever its colour.
        cuts["grabcut-edges"] = lambda: grabcut(small, backdrop, flood, limit=grown(flood, 3))
    if search.faces:
        people, around = (likely_people(backdrop.ring.shape, search.faces, wide) for wide in (False, True))
        cuts["grabcut-people"] = lambda: grabcut(small, backdrop, people, limit=around)
    return cuts


def _second_cut(small: NDArray[np.uint8], search: Search) -> dict[str, Callable[[], Mask]]:
    """What GrabCut's first masks make together."""
    bridged = _bridged(search.found)
    if bridged is None or overlap(bridged, search.found.get("grabcut-color", ~bridged)) >= SAME_MASK:
        return {}
    return {"grabcut-bridged": lambda: grabcut(small, search.backdrop, bridged)}


def _mixed(opinion: Opinion, search: Search) -> dict[str, Callable[[], Mask]]:
    """What the network's masks make together with the background and with the best of the others."""
    likely = bools(opinion.mean > LIKELY)
    if not likely.any() or likely.all():
        return {}
    near = grown(bools(opinion.mean > UNLIKELY), NEAR)
    (unlike,) = search.backgrounds.unlike(likely, UNLIKE[:1])
    tries: dict[str, Callable[[], Mask]] = {"network-carried": lambda: _cleaned(unlike & near, search.backdrop)}
    other = search.best(*CLASSICAL)
    if other is not None:
        tries |= {
            "network-or": lambda: tidied(other | likely),
            "network-and": lambda: tidied(other & (opinion.mean > WIDE)),
        }
    return tries


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


def _cleaned(mask: Mask, backdrop: Backdrop) -> Mask:
    """Specks dropped, enclosed backdrop opened (a handle's eye), pinholes closed."""
    return tidied(with_open_eyes(mask, backdrop))
