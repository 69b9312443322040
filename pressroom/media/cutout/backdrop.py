"""What a photo's border says of its background: a smooth colour surface, its noise, the sharpness of its texture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pressroom.media.cutout.masks import Floats, Mask
from pressroom.media.cutout.surface_fit import fitted, product, quadratic_terms
from pressroom.media.subject.saliency import saliency

RING_SHARE = 0.03  # width of the border that is taken for background, of the shorter side
CALM_BORDER = 0.4  # share of the border that must follow the surface for its edges alone to count as the backdrop's
OUT_OF_FOCUS = 3.0  # Lab units per pixel; edges of blurred shapes behind a product stay below, cut-off products' above
MUCH_SHARPER = 2.5  # than the calm part's: a border with such edges has something cut off on it, however soft
# A blurred step is as steep seen with a wide filter as with a narrow one, a sharp one four times less: what the wide filter
# sees is taken off, so that shapes out of focus behind the product are no outline.
BLUR_SHARE = 1.0
BIN = 2.5  # Lab units; colours in one bin count as the same
BINS = 64  # per axis of `colors`


@dataclass(frozen=True)
class Backdrop:
    """`residual` is the Lab distance from the fitted surface in units of the border's own noise; all are H x W (x 3)."""

    lab: Floats
    delta: Floats  # Lab minus the fitted surface
    residual: Floats
    edges: Floats  # sharp ones: shapes out of focus have hardly any
    near_edges: Floats  # the sharpest edge within one pixel
    edge_noise: float
    faint_edges: Floats  # seen with a wider filter: outlines of little contrast rise above the noise
    faint_noise: float
    ring: Mask
    subject: Floats  # 0..1, how surely a pixel belongs to what stands out; 0.5 is the best divide
    colors: NDArray[np.int32]  # bin of each pixel's colour where the surface is taken out
    hues: NDArray[np.int32]  # coarser bin of each pixel's colour as it is


def study(small: NDArray[np.uint8]) -> Backdrop:
    """Fit the background surface through the border and measure noise, edges and texture against it."""
    lab = _floats(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB))
    calm = _floats(cv2.GaussianBlur(lab, (0, 0), 1.0))
    ring = _ring(small.shape[0], small.shape[1])
    delta = calm - _surface(calm, ring)
    spread = 1.5 + 1.4826 * np.median(np.abs(delta[ring]), axis=0)
    # Shadows darken a backdrop without changing its hue, so lightness below the surface counts half.
    scaled = _floats(delta / spread)
    scaled[..., 0] = np.where(scaled[..., 0] < 0, scaled[..., 0] * 0.5, scaled[..., 0])
    fine, middle, coarse = (edge_strength(lab, width) for width in (1.0, 2.0, 4.0))
    edges, faint = (
        _floats(np.maximum(fine - BLUR_SHARE * coarse, 0)),
        _floats(np.maximum(middle - BLUR_SHARE * coarse, 0)),
    )
    residual = _length(scaled)
    return Backdrop(
        lab=lab,
        delta=delta,
        residual=residual,
        edges=edges,
        near_edges=_floats(cv2.dilate(edges, np.ones((3, 3), np.uint8))),
        edge_noise=_edge_noise(edges, ring, residual),
        faint_edges=_floats(cv2.dilate(faint, np.ones((3, 3), np.uint8))),
        faint_noise=_edge_noise(faint, ring, residual),
        ring=ring,
        subject=_divided(saliency(lab)),
        colors=_binned(delta, (BIN, BIN, BIN), (BINS // 2,) * 3, BINS),
        hues=_binned(lab, (7, 9, 9), (0, 14, 14), 29),
    )


def edge_strength(lab: Floats, width: float = 1.0) -> Floats:
    """Colour change per pixel (Lab units) seen with a Gaussian of that width, the three channels combined."""
    soft = cv2.GaussianBlur(lab, (0, 0), width)
    across = cv2.Scharr(soft, cv2.CV_32F, 1, 0, scale=1 / 32)
    down = cv2.Scharr(soft, cv2.CV_32F, 0, 1, scale=1 / 32)
    return _floats(np.hypot(_length(_floats(across)), _length(_floats(down))))


def _length(vectors: Floats) -> Floats:
    first, second, third = cv2.split(vectors)
    return _floats(np.sqrt(first * first + second * second + third * third))


def _binned(
    values: Floats, step: tuple[float, float, float], zero: tuple[int, int, int], bins: int
) -> NDArray[np.int32]:
    place = [np.clip(np.rint(values[..., n] * (1 / step[n])) + zero[n], 0, bins - 1).astype(np.int32) for n in range(3)]
    return np.asarray((place[0] * bins + place[1]) * bins + place[2], np.int32)


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
    levels = np.clip(share * 255, 0, 255).astype(np.uint8)
    limit, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    half = max(float(limit) / 255, 1e-3)
    return _floats(np.clip((share - 0.5 * half) / half, 0, 1))


def _ring(height: int, width: int) -> Mask:
    thickness = max(1, round(min(height, width) * RING_SHARE))
    ring = np.ones((height, width), np.bool_)
    ring[thickness:-thickness, thickness:-thickness] = False
    return ring


def _surface(lab: Floats, ring: Mask) -> Floats:
    """The colour surface through the border; a product that touches it is ignored."""
    terms = quadratic_terms(*ring.shape)
    answer, _ = fitted(terms[ring], lab[ring], rounds=6, ridge=0.01, usual=2.0)
    return _floats(product(terms.reshape(-1, 6), answer).reshape(lab.shape))


def _floats(values: Any) -> Floats:
    return np.asarray(values).astype(np.float32, copy=False)
