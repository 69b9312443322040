"""Cutting a product out of its photo: soft alpha along the outline at full size, and colours free of the old background."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pressroom.domain.errors import Permanent
from pressroom.media.cutout.backdrop import edge_strength
from pressroom.media.cutout.mask_quality import plausible
from pressroom.media.cutout.masks import Floats, Mask, bools
from pressroom.media.cutout.network import bundled, open_network
from pressroom.media.cutout.network_masks import LIKELY, tidied
from pressroom.media.cutout.segmentation import reduced, segment

BAND = 2.5  # half width of the uncertain band along the outline, in pixels of the reduced picture
TILE = 256  # full-size pixels worked on at once: memory stays bounded at any picture size
COLOR_NOISE = 14.0  # 0..255; where product and background differ by less, the outline's position decides
CLEAR, SOLID = 0.02, 0.98  # alphas beyond these are noise; wider limits leave the old background in nearly solid pixels
PURITY = 10  # power of the alpha: of two mixed pixels the purer one knows far more of its own colour
THREADS = 2
LEAST_FEATHER = 0.02  # pixels; less changes no level of an eight-bit alpha
GREY = np.full((1, 3), 1 / (3 * 255), np.float32)
MIN_SIDE = 8  # smaller pictures hold no outline to find

Zoom: TypeAlias = tuple[float, float]  # full-size pixels per pixel of the reduced picture, across and down


@dataclass(frozen=True)
class Way:
    """Who finds the outline: ways of our own, with the bundled network among them or not; or a network of the user's `alone`."""

    with_network: bool = True
    alone: Path | None = None


@dataclass(frozen=True)
class Cutout:
    """`rgba` is uint8, straight alpha, 0 where fully transparent. `box` is (x0, y0, x1, y1) in 0..1 of the picture.

    `method` names the way that found the mask. Where that was a network of the user's, `network_sha256` is its file's and
    `quality` is None: it says nothing of how sure it is. Else `quality` is 0..1.
    """

    rgba: NDArray[np.uint8]
    method: str
    quality: float | None
    box: tuple[float, float, float, float]
    network_sha256: str | None = None


def cut_out(rgb: NDArray[np.uint8], way: Way | None = None) -> Cutout:
    """Cut the subject out of an H x W x 3 photo.

    Raises Permanent when no subject stands out or the network is not there, Corrupt when its file holds none.
    """
    height, width = rgb.shape[:2]
    found = _found(rgb, way or Way()) if min(height, width) >= MIN_SIDE else None
    if found is None:
        raise Permanent(
            f"no subject found in the {width} x {height} picture",
            hint="use a photo where one subject stands out from what lies behind it",
            width=width,
            height=height,
        )
    mask, method, quality, sha256 = found
    rgba = refined(rgb, mask)
    return Cutout(rgba, method, quality, subject_box(rgba[..., 3]), sha256)


def _found(rgb: NDArray[np.uint8], way: Way) -> tuple[Mask, str, float | None, str | None] | None:
    if way.alone is None:
        best = segment(rgb, bundled() if way.with_network else None)
        return None if best is None else (best.mask, best.method, round(best.quality, 3), None)
    network = open_network(way.alone)
    mask = tidied(bools(network.likelihood(reduced(rgb)) > LIKELY))
    return (mask, network.name, None, network.sha256) if plausible(mask) else None


def subject_box(alpha: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    """(x0, y0, x1, y1) in 0..1 around everything at least half visible. Raises Permanent when nothing is."""
    rows, columns = np.flatnonzero((alpha >= 128).any(1)), np.flatnonzero((alpha >= 128).any(0))
    if not len(rows):
        raise Permanent("the picture is fully transparent", hint="use a picture that shows something")
    height, width = alpha.shape
    corners = (columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height)
    return (round(corners[0], 4), round(corners[1], 4), round(corners[2], 4), round(corners[3], 4))


def feathered(alpha: NDArray[np.uint8], radius: float) -> NDArray[np.uint8]:
    """The alpha softened inwards by `radius` pixels: never more opaque, so no background comes back."""
    if radius < LEAST_FEATHER:
        return alpha
    # The picture's edge is no outline: a product that is cut off there stays solid.
    soft = cv2.GaussianBlur(alpha, (0, 0), radius / 2, borderType=cv2.BORDER_REPLICATE)
    inward = np.clip(soft.astype(np.float32) * 2 - 255, 0, 255)
    return np.minimum(alpha, np.rint(inward)).astype(np.uint8)


def refined(rgb: NDArray[np.uint8], mask: Mask) -> NDArray[np.uint8]:
    """RGBA at the photo's size from a mask at reduced size.

    Colours that change slowly (of the product, of what lies behind it) are estimated at the mask's size; only the
    uncertain band is worked on at full size.
    """
    zoom = (rgb.shape[1] / mask.shape[1], rgb.shape[0] / mask.shape[0])
    small = _reduced(rgb, mask.shape).astype(np.float32)
    depth = settled(small, mask)
    alpha = _full_alpha(rgb, depth, _around(small, mask, depth), zoom)
    result = np.asarray(cv2.merge([cv2.bitwise_and(rgb, rgb, mask=alpha), alpha]), np.uint8)
    _write_mixed_color(result, rgb, depth, _mixed_colors(small, _floats(_reduced(alpha, mask.shape))), zoom)
    return result


def settled(small: Floats, mask: Mask) -> Floats:
    """Signed distance to the outline (positive inside, in the mask's pixels) after it is moved, as a whole, onto the edge."""
    depth = _depth(mask)
    return _floats(depth - _overreach(small, depth))


def _overreach(small: Floats, depth: Floats) -> float:
    """How far outside the sharpest edge the mask's outline runs on the whole, in its pixels: masks of some kinds are wide."""
    edges = edge_strength(_floats(cv2.cvtColor(small / 255, cv2.COLOR_RGB2LAB)))
    steps = np.arange(-1.5, 2.75, 0.25)
    means = [float(edges[near].mean()) if (near := np.abs(depth - step) < 0.5).any() else 0.0 for step in steps]
    return float(steps[int(np.argmax(means))])


def _full_alpha(rgb: NDArray[np.uint8], depth: Floats, around: Floats, zoom: Zoom) -> NDArray[np.uint8]:
    """`around` is H x W x 6: the local product colour and the local background colour."""
    scale = max(1.0, *zoom)
    solid = (depth > 0).astype(np.uint8) * 255
    # Whole tiles without an outline are nearly all there are: their alpha is the mask's.
    alpha = np.asarray(cv2.resize(solid, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_NEAREST), np.uint8)

    def write(tile: tuple[Any, Any, Any]) -> None:
        outer, inner, target = tile
        soft = _alpha(
            rgb[outer].astype(np.float32), _enlarged(depth, outer, zoom), _enlarged(around, outer, zoom), scale
        )
        alpha[target] = _bytes(soft * 255)[inner]

    _in_threads(write, _outline_tiles(rgb.shape, depth, zoom, margin=math.ceil(3 * scale)))
    return alpha


def _write_mixed_color(
    rgba: NDArray[np.uint8], rgb: NDArray[np.uint8], depth: Floats, mixed: Floats, zoom: Zoom
) -> None:
    """The product's share of the photo's colours where it is mixed with what lies behind."""

    def write(tile: tuple[Any, Any, Any]) -> None:
        part, photo = rgba[tile[0]], rgb[tile[0]]
        soft = (part[..., 3] > 0) & (part[..., 3] < 255)
        if soft.any():
            opacity = part[soft][:, 3:].astype(np.float32) / 255
            product, behind = np.split(_enlarged(mixed, tile[0], zoom)[soft], 2, axis=1)
            color = product + opacity * (photo[soft] - opacity * product - (1 - opacity) * behind)
            part[soft, :3] = _bytes(color)

    _in_threads(write, _outline_tiles(rgb.shape, depth, zoom, margin=0))


def _in_threads(work: Callable[[Any], None], tiles: Iterator[Any]) -> None:
    # Most of the time is spent in OpenCV, which lets the other thread run.
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, tiles))


def _outline_tiles(shape: tuple[int, ...], depth: Floats, zoom: Zoom, margin: int) -> Iterator[tuple[Any, Any, Any]]:
    """The tiles that hold part of the uncertain band."""
    band = np.abs(depth) < BAND + 1
    for tile in _tiles(shape[0], shape[1], margin):
        rows, columns = tile[2]
        top, left = int(rows.start / zoom[1]), int(columns.start / zoom[0])
        if band[
            max(0, top - 1) : int(rows.stop / zoom[1]) + 2, max(0, left - 1) : int(columns.stop / zoom[0]) + 2
        ].any():
            yield tile


def _around(small: Floats, mask: Mask, depth: Floats) -> Floats:
    """H x W x 6: mean colour of the nearest sure product, and of the nearest sure background."""
    product = _local_mean(small, _sure_product(mask).astype(np.float32), 4)
    behind = _local_mean(small, (depth < -BAND).astype(np.float32), 4)
    return _floats(np.dstack([product, behind]))


def _mixed_colors(small: Floats, alpha: Floats) -> Floats:
    """H x W x 6: product and background colour on both sides of the outline (blur fusion, Forte 2021, two widths)."""
    alpha = _floats(alpha / 255)
    color, behind = small, small
    near_product, near_behind = small, small
    opacity = alpha[..., None]
    pure_product, pure_behind = _floats(alpha**PURITY), _floats((1 - alpha) ** PURITY)
    for radius in (5.0, 3.0):
        near_product = _local_mean(color, pure_product, radius)
        near_behind = _local_mean(behind, pure_behind, radius)
        color = np.clip(near_product + opacity * (small - opacity * near_product - (1 - opacity) * near_behind), 0, 255)
        behind = near_behind
    return _floats(np.dstack([near_product, near_behind]))


def _reduced(picture: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    size = (shape[1], shape[0])
    if picture.shape[:2] == shape[:2]:
        return picture
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA)).astype(np.uint8)


def _depth(mask: Mask) -> Floats:
    """Signed distance to the outline: pixels of the reduced picture, positive inside."""
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    return _floats(np.where(mask, inside - 0.5, 0.5 - outside))


def _sure_product(mask: Mask) -> Mask:
    """Pixels whose colour is the product's own; in thin parts (a strap, a frame) their middle line."""
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    thickest = cv2.dilate(inside, np.ones((9, 9), np.uint8))
    return mask & ((inside > BAND) | (inside >= 0.75 * thickest))


def _tiles(height: int, width: int, margin: int) -> Iterator[tuple[Any, Any, Any]]:
    """(area with margin, the inner part of it, where that goes) as pairs of slices."""
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            bottom, right = min(top + TILE, height), min(left + TILE, width)
            y0, x0 = max(0, top - margin), max(0, left - margin)
            outer = np.s_[y0 : min(height, bottom + margin), x0 : min(width, right + margin)]
            inner = np.s_[top - y0 : bottom - y0, left - x0 : right - x0]
            yield outer, inner, np.s_[top:bottom, left:right]


def _enlarged(small: Floats, area: tuple[slice, slice], zoom: Zoom) -> Floats:
    """The part of a reduced picture that belongs to `area` of the full one, interpolated."""
    rows, columns = area
    size = (columns.stop - columns.start, rows.stop - rows.start)
    step = np.array(
        [
            [1 / zoom[0], 0, (columns.start + 0.5) / zoom[0] - 0.5],
            [0, 1 / zoom[1], (rows.start + 0.5) / zoom[1] - 0.5],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return _floats(cv2.warpAffine(small, step, size, flags=flags, borderMode=cv2.BORDER_REPLICATE))


def _alpha(photo: Floats, depth: Floats, around: Floats, scale: float) -> Floats:
    """Where each pixel lies between the local product colour (1) and the local background colour (0).

    The outline's position bounds it: deep inside stays solid, far outside stays clear.
    """
    product, behind = around[..., :3], around[..., 3:]
    across = product - behind
    length = _dot(across, across)
    by_color = np.clip(_dot(photo - behind, across) / np.maximum(length, 1), 0, 1)
    by_place = np.clip(depth / 1.2 + 0.5, 0, 1)
    trust = length / (length + COLOR_NOISE**2 * 3)
    alpha = trust * by_color + (1 - trust) * by_place
    # Colours near the outline that are neither (a rim, a stripe) must not open holes or grow a fringe.
    lowest, highest = np.clip((depth - 0.8) / 1.0, 0, 1), np.clip((depth + 2.2) / 1.0, 0, 1)
    alpha = _guided(_floats(cv2.transform(photo, GREY)), np.clip(alpha, lowest, highest), max(1, round(scale * 0.8)))
    alpha = np.clip((np.clip(alpha, lowest, highest) - CLEAR) / (SOLID - CLEAR), 0, 1)
    alpha[depth >= BAND] = 1
    alpha[depth <= -BAND] = 0
    return _floats(alpha)


def _dot(one: Floats, other: Floats) -> Floats:
    """Of the colours of each pixel. Three of numpy's slices are added ten times as fast as it sums an axis of three."""
    both = one * other
    return _floats(both[..., 0] + both[..., 1] + both[..., 2])


def _local_mean(photo: Floats, weight: Floats, radius: float) -> Floats:
    """Mean colour of the weighted pixels around each pixel; wider where there are none nearby."""
    result = np.zeros_like(photo)
    missing = np.ones(weight.shape, np.bool_)
    for reach in (radius, radius * 3, radius * 9):
        size = (2 * math.ceil(reach) + 1,) * 2
        share = cv2.blur(weight, size, borderType=cv2.BORDER_REFLECT)
        fresh = missing & (share > 1e-3)
        if fresh.any():
            total = cv2.blur(photo * weight[..., None], size, borderType=cv2.BORDER_REFLECT)
            result[fresh] = total[fresh] / share[fresh][:, None]
            missing &= ~fresh
        if not missing.any():
            break
    return result


def _guided(guide: Floats, values: Floats, radius: int, smoothing: float = 4e-4) -> Floats:
    """Edge-keeping smoothing: values become locally linear in the guide (He, Sun, Tang 2010)."""
    size = (2 * radius + 1,) * 2

    def mean(array: Floats) -> Floats:
        return _floats(cv2.blur(array, size, borderType=cv2.BORDER_REFLECT))

    guide_mean, value_mean = mean(guide), mean(values)
    slope = (mean(guide * values) - guide_mean * value_mean) / (mean(guide * guide) - guide_mean**2 + smoothing)
    offset = value_mean - slope * guide_mean
    return mean(slope) * guide + mean(offset)


def _bytes(values: Any) -> NDArray[np.uint8]:
    return np.asarray(np.clip(np.rint(values), 0, 255)).astype(np.uint8)


def _floats(values: Any) -> Floats:
    return np.asarray(values).astype(np.float32)
