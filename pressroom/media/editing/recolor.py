"""One range of colours to another colour: light and shade, texture and edges stay."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pressroom.domain.errors import Permanent
from pressroom.media.color.oklab import codes_of, into_gamut, lab_of, lab_of_hex, linear_of
from pressroom.media.color.ranges import NAMED, Range, at_borders, at_shades, belonging, range_of
from pressroom.media.editing.remap import Bytes, Palette, each_strip, palette, remap
from pressroom.media.editing.surfaces import voted
from pressroom.media.subject.focal import find_focus

Floats = NDArray[np.float32]

_FEW = 0.2  # of what was recoloured: more of it both on the subject and beside it is hardly meant
_LEAST_SHARE = 0.0005  # of the visible pixels: below it a range is empty but for noise
_KEPT_HUE = 0.5  # of a pixel's hue difference from the range's middle: folds and reflections keep their play of colour
_REACH, _LEAST_REACH = 0.003, 2  # how far borders reach: share of the shorter side, and pixels
_FULL_SHARE = 0.75  # of the middle's saturation: from there on a pixel is all surface
_MOST_SLOPE = 1.6  # of lightness: more would show the noise in black
_MOST_GAIN = 3.0  # of saturation: more would lift the noise of a nearly grey original


@dataclass(frozen=True, slots=True)
class _Middle:
    """What is typical of the range in this picture."""

    lightness: float
    saturation: float  # chroma / lightness
    hue: float  # radians
    share: float  # of the visible pixels


def recolored(pixels: Bytes, source: str, target: str, tolerance: float) -> tuple[Bytes, dict[str, Any]]:
    """The pixels with the range `source` (a name or #rrggbb) around `target`, and what was found.

    Raises Permanent when the picture has (nearly) no such pixels.
    """
    wanted, present = range_of(source, tolerance), palette(pixels)
    middle = _middle(present, wanted)
    if middle.share < _LEAST_SHARE:
        raise Permanent(
            f"no part of the picture is {source}: {middle.share:.2%} of its pixels are",
            hint=f"it has {_what_there_is(present)}; or raise tolerance, now {tolerance:g}",
        )
    aim = lab_of_hex(target)

    def change(colors: Bytes) -> Bytes:
        return codes_of(into_gamut(_moved(lab_of(linear_of(colors)), middle, aim, neutral=wanted.hue is None)))

    mask = _mask(pixels, wanted, at_shades(wanted, tolerance))
    new = remap(pixels, change)
    result = pixels.copy()

    def blend(rows: slice) -> None:
        share = mask[rows].astype(np.int32)[..., None]
        old = pixels[rows, :, :3].astype(np.int32)
        result[rows, :, :3] = (old * (255 - share) + new[rows, :, :3] * share + 127) // 255

    each_strip(pixels, blend)
    seen = mask[pixels[..., 3] > 0] if pixels.shape[2] == 4 else mask
    details: dict[str, Any] = {"share": round(float(seen.mean()) / 255, 4)}
    strayed = _strayed(pixels, mask)
    if _FEW < strayed < 1 - _FEW:
        details["warning"] = (
            f"{strayed:.0%} of what was recoloured lies beside the subject: name its own colour (#rrggbb), or lower tolerance"
        )
    return result, details


def _strayed(pixels: Bytes, mask: Bytes) -> float:
    """The share of what was recoloured that lies outside what stands out; 0 where nothing does."""
    focus = find_focus(Image.fromarray(pixels))
    if not focus.boxes:
        return 0.0
    height, width = mask.shape
    outside = mask.astype(np.float32)
    for left, top, right, bottom in focus.roomy:
        outside[int(top * height) : math.ceil(bottom * height), int(left * width) : math.ceil(right * width)] = 0
    return float(outside.sum()) / max(1.0, float(mask.sum(dtype=np.float64)))


def _mask(pixels: Bytes, wanted: Range, shades: Range) -> Bytes:
    """How much of each pixel is recoloured, 0..255: surfaces of the range, and around them what is mixed with them."""
    loose = at_borders(wanted)

    def weigh(colors: Bytes) -> Bytes:
        lab = lab_of(linear_of(colors))
        planes = [belonging(lab, each) for each in (wanted, loose, shades)]
        return np.asarray(np.rint(np.column_stack(planes) * 255)).astype(np.uint8)

    weights = remap(pixels, weigh)
    reach = max(_LEAST_REACH, round(_REACH * min(pixels.shape[:2])))
    core = np.ascontiguousarray(weights[..., 0])
    if wanted.hue is not None:
        core = voted(pixels, core, np.ascontiguousarray(weights[..., 2]))
    # A speck smaller than a letter's stroke is noise of the camera or of JPEG.
    core = np.asarray(cv2.medianBlur(core, 3), np.uint8) if min(pixels.shape[:2]) > 2 else core
    near = cv2.GaussianBlur(cv2.dilate(core, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)), (0, 0), reach / 2)
    return np.asarray(np.maximum(core, np.minimum(near, weights[..., 1])))


def _middle(present: Palette, wanted: Range) -> _Middle:
    lab = lab_of(linear_of(present.colors))
    weight = np.asarray(belonging(lab, wanted) * present.counts, dtype=np.float32)
    total = float(weight.sum())
    share = total / max(1, int(present.counts.sum()))
    if total <= 0:
        return _Middle(0.5, 0.1, 0.0, 0.0)
    lightness = _median(lab[:, 0], weight)
    saturation = _median(
        np.asarray(np.hypot(lab[:, 1], lab[:, 2]) / np.maximum(lab[:, 0], 0.05), dtype=np.float32), weight
    )
    hue = float(np.arctan2(lab[:, 2] @ weight, lab[:, 1] @ weight))
    return _Middle(max(0.02, min(0.98, lightness)), max(1e-3, saturation), hue, share)


def _moved(lab: Floats, middle: _Middle, aim: Floats, *, neutral: bool) -> Floats:
    """Each colour as the same surface would look in the same light, were it of the colour `aim`."""
    target = float(np.clip(aim[0], 0.02, 0.98))
    aimed, angle = float(np.hypot(aim[1], aim[2])) / target, float(np.arctan2(aim[2], aim[1]))
    if neutral:
        # Black and white have no saturation to go by: lightness alone carries their shading.
        slope = min(_MOST_SLOPE, target / middle.lightness)
        new = np.clip(target + slope * (lab[:, 0] - middle.lightness), 0, 1)
        chroma, hue = new * aimed, np.full(len(lab), angle)
    else:
        new, chroma, hue = _moved_hue(lab, middle, (target, aimed, angle))
    return np.column_stack([new, chroma * np.cos(hue), chroma * np.sin(hue)]).astype(np.float32)


def _moved_hue(lab: Floats, middle: _Middle, aim: tuple[float, float, float]) -> tuple[Any, Any, Any]:
    """Lightness, chroma, hue. Less light scales OKLab's lightness and chroma alike (its cones are cube roots).

    What is less saturated than the middle is a highlight or the mixture at a border: only its share of the surface's
    colour is exchanged, all of its hue.
    """
    target, aimed, angle = aim
    lightness = np.minimum(lab[:, 0], 1)
    dark = lightness * (target / middle.lightness)
    light = 1 - (1 - lightness) * (1 - target) / (1 - middle.lightness)
    moved = np.where(lightness <= middle.lightness, dark, light)
    saturation = np.hypot(lab[:, 1], lab[:, 2]) / np.maximum(lab[:, 0], 0.05)
    share = np.clip(saturation / (_FULL_SHARE * middle.saturation), 0, 1)
    new = lightness + (moved - lightness) * share
    chroma = new * min(_MOST_GAIN, aimed / middle.saturation) * saturation
    away = np.arctan2(lab[:, 2], lab[:, 1]) - middle.hue
    return new, chroma, angle + _KEPT_HUE * ((away + np.pi) % (2 * np.pi) - np.pi)


def _median(values: Floats, weight: Floats) -> float:
    order = np.argsort(values)
    cumulated = np.cumsum(weight[order], dtype=np.float64)
    return float(values[order][np.searchsorted(cumulated, cumulated[-1] / 2)])


def _what_there_is(present: Palette) -> str:
    """The three most frequent named ranges, with their shares."""
    lab = lab_of(linear_of(present.colors))
    total = max(1, int(present.counts.sum()))
    shares = {name: float(belonging(lab, found) @ present.counts) / total for name, found in NAMED.items()}
    best = sorted(shares.items(), key=lambda item: -item[1])[:3]
    return ", ".join(f"{name} ({share:.0%})" for name, share in best if share > 0) or "no visible pixel"
