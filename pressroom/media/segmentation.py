"""Finding the product in a photo: several candidate masks at reduced size, judged by one quality score.

Nothing is learned and nothing is downloaded. What is known of the background comes from the picture's border: a smooth
colour surface fitted through it, its noise, and the sharpness of its texture. What stands out to a viewer (saliency)
starts one candidate and has a say in the score.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pressroom.media.saliency import saliency

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

WORK_SIDE = 560  # longest side that is segmented; the alpha is refined at full size afterwards
RING_SHARE = 0.03  # width of the border that is taken for background, of the shorter side
GRABCUT_ROUNDS = 3
HOLE_LIKENESS = 0.8  # share of an enclosed area's colours that must occur outside before it counts as a hole
MIN_SUBJECT_SHARE = 0.002  # below: dust; the thinnest real product (a necklace) fills about 0.01
MAX_SUBJECT_SHARE = 0.96
NEARLY_EQUAL = 0.025
WHOLE_PART = 0.05  # of the subject's area; a looser outline alone adds less beyond four pixels
MIN_QUALITY = 0.1  # empty backdrops with noise and texture stay below 0.06, weak but real products above 0.11


CALM_BORDER = 0.4  # share of the border that must follow the surface for its edges alone to count as the backdrop's
OUT_OF_FOCUS = 3.0  # Lab units per pixel; edges of blurred shapes behind a product stay below, cut-off products' above
MUCH_SHARPER = 2.5  # than the calm part's: a border with such edges has something cut off on it, however soft
BESIDE_THE_POINT = 0.35  # below this overlap with what stands out a mask is mere specks, a badge or the table
SAME_MASK = 0.9  # overlap (IoU) of two starting masks that lead GrabCut to the same end


@dataclass(frozen=True)
class Backdrop:
    """What the border says: `residual` is the Lab distance from the fitted surface in units of the border's own noise."""

    lab: Floats
    delta: Floats  # Lab minus the fitted surface, H x W x 3
    residual: Floats
    edges: Floats
    edge_noise: float
    ring: Mask
    subject: Floats  # 0..1, how surely a pixel belongs to what stands out; 0.5 is the best divide


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
    candidates = _candidates(small, backdrop)
    scores = {name: quality(mask, backdrop) for name, mask in candidates.items()}
    if not scores:
        return None
    best = _chosen(candidates, scores)
    if scores[best] < MIN_QUALITY:
        return None
    return Segmentation(candidates[best], best, scores[best], scores)


def _chosen(candidates: dict[str, Mask], scores: dict[str, float]) -> str:
    """The best score, unless a nearly equal one has a whole part more: what is lost (a sole, a label) leaves few traces."""
    best = max(scores, key=lambda name: scores[name])
    around = _grown(candidates[best], 4)
    more = {
        name: float((candidates[name] & ~around).sum())
        for name in scores
        if scores[name] >= scores[best] - NEARLY_EQUAL
    }
    fullest = max(more, key=lambda name: more[name])
    return fullest if more[fullest] > WHOLE_PART * candidates[best].sum() else best


def reduced(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture with its longer side at most WORK_SIDE."""
    height, width = rgb.shape[:2]
    factor = min(1.0, WORK_SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return rgb if size == (width, height) else _bytes(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA))


def study(small: NDArray[np.uint8]) -> Backdrop:
    """Fit the background surface through the border and measure noise, edges and texture against it."""
    lab = _floats(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB))
    calm = _floats(cv2.GaussianBlur(lab, (0, 0), 1.0))
    ring = _ring(small.shape[0], small.shape[1])
    delta = calm - _surface(calm, ring)
    spread = 1.5 + 1.4826 * np.median(np.abs(delta[ring]), axis=0)
    # Shadows darken a backdrop without changing its hue, so lightness below the surface counts half.
    scaled = delta / spread
    scaled[..., 0] = np.where(scaled[..., 0] < 0, scaled[..., 0] * 0.5, scaled[..., 0])
    edges = edge_strength(lab)
    residual = _floats(np.linalg.norm(scaled, axis=2))
    edge_noise = _edge_noise(edges, ring, residual)
    return Backdrop(lab, delta, residual, edges, edge_noise, ring, _divided(saliency(lab)))


def _edge_noise(edges: Floats, ring: Mask, residual: Floats) -> float:
    """The sharpness of the backdrop's own edges: colourful shapes out of focus count, a product that is cut off does not."""
    whole = float(np.percentile(edges[ring], 95))
    calm_ring = ring & (residual < 6)
    if calm_ring.sum() <= CALM_BORDER * ring.sum():
        return whole
    calm = float(np.percentile(edges[calm_ring], 95))
    return whole if whole < min(OUT_OF_FOCUS, MUCH_SHARPER * calm) else calm


def _divided(share: Floats) -> Floats:
    """The map stretched so that the threshold which divides it best (Otsu 1979) comes to lie at one half."""
    levels = _bytes(np.clip(share * 255, 0, 255))
    limit, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    half = max(float(limit) / 255, 1e-3)
    return _floats(np.clip((share - 0.5 * half) / half, 0, 1))


def edge_strength(lab: Floats) -> Floats:
    """Colour change per pixel (Lab units), the strongest of the three channels combined."""
    soft = cv2.GaussianBlur(lab, (0, 0), 1.0)
    across = cv2.Scharr(soft, cv2.CV_32F, 1, 0) / 32
    down = cv2.Scharr(soft, cv2.CV_32F, 0, 1) / 32
    return _floats(np.sqrt((across**2 + down**2).sum(axis=2)))


def _ring(height: int, width: int) -> Mask:
    thickness = max(1, round(min(height, width) * RING_SHARE))
    ring = np.ones((height, width), np.bool_)
    ring[thickness:-thickness, thickness:-thickness] = False
    return ring


def _surface(lab: Floats, ring: Mask) -> Floats:
    """A quadratic colour surface through the border, by least squares re-weighted so that a touching product is ignored."""
    height, width = ring.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width * 2 - 1, y / height * 2 - 1
    terms = np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=2)
    design, target = terms[ring], lab[ring]
    weight = np.ones(len(design), np.float32)
    for _ in range(6):
        # A little ridge keeps the centre, which no sample touches, from running away.
        normal = (design * weight[:, None]).T @ design + np.diag([0, 1, 1, 4, 4, 4]) * weight.sum() * 0.01
        answer = np.linalg.solve(normal + np.eye(6) * 1e-3, (design * weight[:, None]).T @ target)
        error = np.linalg.norm(target - design @ answer, axis=1)
        weight = 1 / (1 + (error / (2.0 + 1.5 * np.median(error))) ** 2)
    return _floats(terms @ answer)


def _candidates(small: NDArray[np.uint8], backdrop: Backdrop) -> dict[str, Mask]:
    found: dict[str, Mask] = {}
    for factor in (0.8, 1.3, 2.0, 3.2):
        found[f"flood-{factor}"] = _without_tails(_cleaned(_flooded(backdrop, factor), backdrop))
    for limit in (4.0, 7.0):
        found[f"surface-{limit:g}"] = _cleaned(backdrop.residual > limit, backdrop)
    salient = _cleaned(backdrop.subject > 0.5, backdrop)
    plausible = {name: mask for name, mask in (*found.items(), ("salient", salient)) if _plausible(mask)}
    scores = {name: quality(mask, backdrop) for name, mask in plausible.items()}
    start = max(scores, key=lambda name: scores[name], default=None)
    seed = plausible[start] if start else None
    found["grabcut-color"] = _cleaned(_grabcut(small, backdrop, seed), backdrop)
    found["grabcut-surface"] = _cleaned(_grabcut(_flattened(backdrop), backdrop, seed), backdrop)
    if _plausible(salient) and (seed is None or _overlap(salient, seed) < SAME_MASK):
        found["grabcut-salient"] = _cleaned(_grabcut(small, backdrop, salient), backdrop)
    bridged = _bridged(found)
    if bridged is not None and _overlap(bridged, found["grabcut-color"]) < SAME_MASK:
        found["grabcut-bridged"] = _cleaned(_grabcut(small, backdrop, bridged), backdrop)
        found["bridged"] = _cleaned(bridged, backdrop)
    return {name: mask for name, mask in found.items() if _plausible(mask)}


def _overlap(one: Mask, other: Mask) -> float:
    return float((one & other).sum()) / max(1.0, float((one | other).sum()))


def _bridged(found: dict[str, Mask]) -> Mask | None:
    """GrabCut's masks with the gaps closed that a label or sole in the background's colour leaves."""
    both = found["grabcut-color"] | found["grabcut-surface"]
    if not _plausible(both):
        return None
    rows, columns = np.flatnonzero(both.any(1)), np.flatnonzero(both.any(0))
    reach = max(3, int(max(np.ptp(rows), np.ptp(columns)) * 0.16))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    padded = cv2.copyMakeBorder(both.astype(np.uint8), reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel)
    return _bools(closed[reach:-reach, reach:-reach])


def _plausible(mask: Mask) -> bool:
    return MIN_SUBJECT_SHARE < float(mask.mean()) < MAX_SUBJECT_SHARE


def _flooded(backdrop: Backdrop, factor: float) -> Mask:
    """What the background does not reach from the border without crossing an edge `factor` times its own sharpest."""
    limit = max(1.2, backdrop.edge_noise * factor)
    open_ground = (backdrop.edges < limit).astype(np.uint8)
    # A gap of one or two pixels in the product's outline is no door.
    open_ground = _bytes(cv2.erode(open_ground, np.ones((3, 3), np.uint8)))
    open_ground[backdrop.ring & (backdrop.residual < 8)] = 1
    _, labels = cv2.connectedComponents(open_ground, connectivity=4)
    outside = np.isin(labels, np.unique(labels[backdrop.ring & (open_ground > 0)])) & (open_ground > 0)
    # The flood stops short of the edge by the erosion and the edge filter's reach.
    return ~_grown(outside, 2)


def _without_tails(mask: Mask) -> Mask:
    """A bulky mask without the thin lines that edges in the background add to it."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    bulk = _bools(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, kernel))
    return _without_small(bulk, share=0.1) if bulk.sum() > 0.7 * mask.sum() else mask


def _grown(mask: Mask, pixels: int) -> Mask:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * pixels + 1, 2 * pixels + 1))
    return _bools(cv2.dilate(mask.astype(np.uint8), kernel))


def _flattened(backdrop: Backdrop) -> NDArray[np.uint8]:
    """The picture with the background surface taken out and shadows weakened, as bytes around 128."""
    delta = backdrop.delta.copy()
    delta[..., 0] = np.where(delta[..., 0] < 0, delta[..., 0] * 0.6, delta[..., 0])
    return _bytes(np.clip(delta * 1.6 + 128, 0, 255))


def _grabcut(picture: NDArray[np.uint8], backdrop: Backdrop, seed: Mask | None) -> Mask:
    """GrabCut started from the best mask so far, or from the distance to the background surface."""
    height, width = backdrop.ring.shape
    if min(height, width) < 8:
        return np.zeros((height, width), np.bool_)
    marks = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    likely = seed if seed is not None else backdrop.residual > np.percentile(backdrop.residual, 75)
    marks[likely] = cv2.GC_PR_FGD
    core = cv2.erode(likely.astype(np.uint8), np.ones((3, 3), np.uint8), iterations=max(2, min(height, width) // 40))
    if seed is not None:
        marks[(core > 0) & (backdrop.residual > 3)] = cv2.GC_FGD
    marks[backdrop.ring & (backdrop.residual < 6)] = cv2.GC_BGD
    if not ((marks & 1) == 1).any() or not ((marks & 1) == 0).any():
        return np.zeros((height, width), np.bool_)
    cv2.setRNGSeed(1)
    colors = (np.zeros((1, 65)), np.zeros((1, 65)))
    whole = (0, 0, width, height)  # only looked at when started from a rectangle
    cv2.grabCut(np.ascontiguousarray(picture), marks, whole, *colors, GRABCUT_ROUNDS, cv2.GC_INIT_WITH_MASK)
    return _bools((marks & 1) == 1)


def _cleaned(mask: Mask, backdrop: Backdrop) -> Mask:
    """Specks dropped, enclosed backdrop opened (a handle's eye), pinholes closed."""
    mask = _opened_holes(mask, backdrop)
    mask = _without_small(mask, share=0.03)
    return ~_without_small(~mask, share=0.0, pixels=max(6, int(mask.size * 0.0001)))


def _opened_holes(mask: Mask, backdrop: Backdrop) -> Mask:
    """Enclosed areas are decided by colour: what looks like the background outside is a hole, anything else is product."""
    if mask.all() or not mask.any():
        return mask
    known = _BackgroundColors(backdrop, _reached_from_frame(~mask))
    result = mask | ~known.outside
    calm = mask & (backdrop.edges < max(1.2, backdrop.edge_noise * 1.3))
    area_limit = max(12, int(mask.size * 0.0004))
    for part in (*_parts(calm, area_limit), *_parts(~mask & ~known.outside, area_limit)):
        if known.share(part) > HOLE_LIKENESS:
            result[_grown(part, 2)] = False
    return result


class _BackgroundColors:
    """The colours outside the subject, as a set of bins in the space where the background surface is taken out."""

    def __init__(self, backdrop: Backdrop, outside: Mask) -> None:
        self.outside = outside
        self._bins = np.clip(np.rint(backdrop.delta / 2.5) + 40, 1, 79).astype(np.int32)
        counts = np.zeros((81, 81, 81), np.float32)
        np.add.at(counts, tuple(self._bins[outside].T), 1)
        common = counts > max(3.0, 0.0002 * outside.sum())
        grown = common.copy()
        for axis in range(3):
            grown |= np.roll(common, 1, axis) | np.roll(common, -1, axis)
        self._known = grown

    def share(self, part: Mask) -> float:
        """Share of the part's pixels whose colour also occurs outside."""
        return float(self._known[tuple(self._bins[part].T)].mean())


def _parts(mask: Mask, min_pixels: int) -> list[Mask]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    return [_bools(labels == n) for n in range(1, count) if stats[n, cv2.CC_STAT_AREA] >= min_pixels]


def _reached_from_frame(mask: Mask) -> Mask:
    """The parts of the mask that touch the picture's edge."""
    _, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    touching = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    return _bools(np.isin(labels, touching[touching > 0]))


def _without_small(mask: Mask, share: float, pixels: int = 0) -> Mask:
    """Drop connected parts below `share` of the largest one or below `pixels`."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    if count <= 1:
        return mask
    areas = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    areas[0] = 0
    keep = areas >= max(pixels, share * areas.max(), 1)
    keep[0] = False
    return _bools(keep[labels])


def quality(mask: Mask, backdrop: Backdrop) -> float:
    """0..1: how much the mask's outline lies on sharp edges and how unlike inside and outside are near it."""
    if not _plausible(mask):
        return 0.0
    outline = mask & ~_bools(cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)))
    inner = ~_frame(mask.shape)
    drawn = outline & inner
    if drawn.sum() < 8:
        return 0.0
    nearby = cv2.dilate(backdrop.edges, np.ones((3, 3), np.uint8))[drawn]
    strength = np.clip((nearby - backdrop.edge_noise) / (nearby + backdrop.edge_noise + 1), 0, 1)
    on_edges = 0.5 * float(strength.mean()) + 0.5 * float(np.percentile(strength, 20))
    touching = float((mask & ~inner).sum()) / max(1.0, float((~inner).sum()))
    losses = (1 - 0.8 * _missed_edges(mask, backdrop)) * (1 - 0.3 * _scattered(mask)) * (1 - min(1.0, 1.5 * touching))
    return float(np.sqrt(on_edges * _separation(mask, backdrop))) * losses * _relevance(mask, backdrop)


def _relevance(mask: Mask, backdrop: Backdrop) -> float:
    """A mask may hold more than stands out (a sole in the floor's colour), but not something else altogether."""
    share = _standing_out(mask, backdrop)
    return (0.65 + 0.35 * share) * min(1.0, share / BESIDE_THE_POINT)


def _standing_out(mask: Mask, backdrop: Backdrop) -> float:
    """0..1: how much of what a viewer takes for the subject is kept, and, counting less, how little else is."""
    kept = float(backdrop.subject[mask].sum())
    return 0.75 * kept / max(1.0, float(backdrop.subject.sum())) + 0.25 * kept / float(mask.sum())


def _missed_edges(mask: Mask, backdrop: Backdrop) -> float:
    """0..1: sharp edges left outside (a lost label, sole or pot), most of all within its hull, per length of outline."""
    sharp = (backdrop.edges > max(3.0, backdrop.edge_noise * 2)) & ~_grown(mask, 4)
    hull = np.zeros(mask.shape, np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(np.argwhere(mask)[:, ::-1].astype(np.int32)), 1)
    beside = _grown(mask, max(5, int(0.2 * np.sqrt(mask.sum()))))
    weight = np.where(hull > 0, 1.0, np.where(beside, 0.8, 0.1))
    outline = mask & ~_bools(cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)))
    # An edge is about three pixels wide where the filter has spread it.
    return min(1.0, float((sharp * weight).sum()) / 3 / max(1.0, float(outline.sum())))


def _scattered(mask: Mask) -> float:
    """0..1: share of the mask that is not in its largest connected part."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return 1 - float(areas.max()) / float(areas.sum())


def _frame(shape: tuple[int, ...]) -> Mask:
    frame = np.ones(shape[:2], np.bool_)
    frame[2:-2, 2:-2] = False
    return frame


def _separation(mask: Mask, backdrop: Backdrop) -> float:
    """1 when colours alone tell inside from outside: overlap of their histograms over Lab, weighted per class."""
    bins = np.clip((backdrop.lab / (7, 9, 9)).astype(np.int32) + np.array([0, 14, 14]), 0, 28)
    index = bins[..., 0] * 841 + bins[..., 1] * 29 + bins[..., 2]
    inside = np.bincount(index[mask], minlength=29**3) / max(1, mask.sum())
    outside = np.bincount(index[~mask], minlength=29**3) / max(1, (~mask).sum())
    return 1 - float(np.minimum(inside, outside).sum())


def _bools(values: Any) -> Mask:
    return np.asarray(values).astype(np.bool_)


def _bytes(values: Any) -> NDArray[np.uint8]:
    return np.asarray(values).astype(np.uint8)


def _floats(values: Any) -> Floats:
    return np.asarray(values).astype(np.float32)
