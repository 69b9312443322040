"""Make the ground under words quiet and far enough in lightness: choose the text colour, and how strong a scrim is needed."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pressroom.media.color.oklab import linearized
from pressroom.media.color.spaces import AA_NORMAL, distance, from_oklch, luminance, parse, to_hex, to_oklch
from pressroom.media.color.srgb import LUMINANCE
from pressroom.media.geometry import Bounds, Box
from pressroom.media.lettering.ground import Ground

if TYPE_CHECKING:
    from PIL.Image import Image

# The share of pixels at either end that may fall short: specks that no letter's legibility hangs on.
TAIL = 2.0
STRONGEST, STEP = 0.94, 0.02
# A picture whose lightness wanders more than this (standard deviation, 0..1) under the words, and has edges in more than
# this share of it, gets at least a light scrim: the outline of one large shape is no texture.
BUSY, EDGES = 0.11, 0.05
EDGE, EDGE_REACH = 0.06, 1 / 400  # a step of lightness that counts as one, over this share of the shorter side
BUSY_STRENGTH = 0.28
# A pale veil on a ground that is darker or more saturated than this (OKLCH) counts for so many times what it changes.
PALE, FAINT, MILKY = 0.78, 0.07, 3.0
# Logos whose channels wander less than this (standard deviation, 0..1) are of one colour.
ONE_COLOR = 0.06
# Blur under words in the middle of a busy picture, as a share of its shorter side.
FROST = 0.035
# The mask is made small and enlarged: it is a blur anyway.
MASK_SIDE = 192
LUMA = np.array(LUMINANCE)
AIM = AA_NORMAL * 1.03  # rounding to 8 bits must not undo it
# Air around words that a veil fills, as a share of the picture's shorter side; beside a subject, of the gap to it.
AIR, AIR_BESIDE = 0.05, 0.1
# A veil that ended in less than this (of the shorter side) would show an edge, which is worse than a breath of it on a subject.
SHORTEST_FADE = 0.1


def plan_ground(picture: Image, boxes: list[Box], light: str, dark: str, *, color: str | None, scrim: str) -> Ground:
    """The text colour whose scrim changes the picture least, and that scrim. `scrim` is auto, none or always."""
    pixels = np.concatenate([_pixels(picture, box) for box in boxes])
    candidates = [color] if color else [light, dark]
    busy = unrest(picture, boxes) > BUSY and _edges(picture, boxes) > EDGES
    grounds = [_ground(pixels, candidate, scrim, busy) for candidate in candidates]
    mean = mean_color(pixels)
    lightness, chroma, _ = to_oklch(mean)
    # On dark or saturated photos a pale veil looks like fog.
    milky = MILKY if lightness < PALE or chroma > FAINT else 1.0

    def cost(ground: Ground) -> tuple[float, float]:
        is_paler = to_oklch(ground.scrim)[0] > lightness
        changed = ground.strength * distance(ground.scrim, mean) * (milky if is_paler else 1.0)
        return round(changed, 2), -ground.contrast

    # Equal change: the one that reads better.
    return min(grounds, key=cost)


def unrest(picture: Image, boxes: list[Box]) -> float:
    """How much the lightness wanders under the boxes: the standard deviation, from 0 to 0.5."""
    return float((pixels_under(picture, boxes) @ LUMA).std())


def _edges(picture: Image, boxes: list[Box]) -> float:
    """The share of the boxes in which the lightness changes from one place to the next."""
    step = max(1, round(min(picture.size) * EDGE_REACH))
    found = []
    for box in boxes:
        width = _area(box)[2] - _area(box)[0]
        light = (_pixels(picture, box) @ LUMA).reshape(-1, width)
        across, down = np.abs(light[:, step:] - light[:, :-step]), np.abs(light[step:] - light[:-step])
        found += [change.ravel() > EDGE for change in (across, down)]
    return float(np.concatenate(found).mean()) if any(each.size for each in found) else 0.0


def _ground(pixels: np.ndarray[Any, Any], text: str, scrim: str, busy: bool) -> Ground:
    bright_text = luminance(text) > 0.35
    _, chroma, hue = to_oklch(mean_color(pixels))
    veil = from_oklch(0.15 if bright_text else 0.975, min(chroma, 0.06 if bright_text else 0.03), hue)
    if scrim == "none":
        return Ground(text, veil, 0.0, worst_contrast(pixels, text))
    least = BUSY_STRENGTH if busy or scrim == "always" else 0.0

    def reads(step: int) -> bool:
        return worst_contrast(_veiled(pixels, veil, least + step * STEP), text) >= AIM

    # A stronger veil never reads worse, so the weakest that is enough can be halved towards.
    strength = least + STEP * bisect_left(range(math.ceil((STRONGEST - least) / STEP)), True, key=reads)
    return Ground(text, veil, round(strength, 3), worst_contrast(_veiled(pixels, veil, strength), text), busy)


def worst_contrast(pixels: np.ndarray[Any, Any], text: str) -> float:
    """The contrast of the text with the unkindest pixels (leaving out the extreme 2 % at either end)."""
    shades = linearized(pixels) @ LUMA
    low, high = np.percentile(shades, [TAIL, 100 - TAIL])
    own = luminance(text)
    if low < own < high:
        return 1.0
    near = high if own >= high else low
    return float((max(own, near) + 0.05) / (min(own, near) + 0.05))


def mean_color(pixels: np.ndarray[Any, Any]) -> str:
    red, green, blue = (float(channel) for channel in pixels.mean(axis=0))
    return to_hex((red, green, blue))


def logo_color(logo: Image) -> str | None:
    """The colour of a logo in one colour; None for one in several, which must not be repainted."""
    pixels = np.asarray(logo.convert("RGBA"), dtype=np.float32).reshape(-1, 4) / 255
    visible = pixels[pixels[:, 3] > 0.9][:, :3]
    if len(visible) == 0 or float(visible.std(axis=0).max()) > ONE_COLOR:
        return None
    return mean_color(visible)


def pixels_under(picture: Image, boxes: list[Box]) -> np.ndarray[Any, Any]:
    """The picture's pixels in the boxes, n x 3 from 0 to 1."""
    return np.concatenate([_pixels(picture, box) for box in boxes])


def lay_scrim(picture: Image, boxes: list[Box], ground: Ground, position: str, subjects: Sequence[Box] = ()) -> Image:
    """The picture with a soft veil under the boxes that runs out to the near edge, and fades into the picture.

    It has faded where a subject begins, as far as the words leave a gap to that.
    """
    from PIL import Image as Images
    from PIL import ImageFilter

    if ground.strength <= 0:
        return picture
    mask = _mask(picture.size, boxes, position, subjects)
    alpha = Images.fromarray(np.rint(mask * ground.strength * 255).astype(np.uint8), "L")
    veil = Images.new("RGB", picture.size, ground.scrim)
    base = picture.convert("RGB")
    if ground.busy and position == "center":
        # Words in the middle stand on nothing else than the pattern itself: frosted glass calms it.
        frost = base.filter(ImageFilter.GaussianBlur(min(picture.size) * FROST))
        base.paste(frost, mask=Images.fromarray(np.rint(mask * 255).astype(np.uint8), "L"))
    base.paste(veil, mask=alpha)
    if picture.mode == "RGBA":
        base.putalpha(picture.getchannel("A"))
    return base


def _mask(size: tuple[int, int], boxes: list[Box], position: str, subjects: Sequence[Box]) -> np.ndarray[Any, Any]:
    from PIL import Image as Images

    width, height = size
    scale = min(1.0, MASK_SIDE / max(size))
    small = max(2, round(width * scale)), max(2, round(height * scale))
    unit = min(size) * scale
    fade = max(1.0, math.sqrt(unit * max(small)) * 0.34)
    area, hurry = _kept_off(_reach(boxes, size, position), _around(boxes), subjects, size, fade / scale)
    xs = (np.arange(small[0]) + 0.5) / scale
    ys = (np.arange(small[1]) + 0.5) / scale
    outside_x = np.maximum(0.0, np.maximum((area.x - xs) * hurry[0], (xs - area.right) * hurry[2])) * scale
    outside_y = np.maximum(0.0, np.maximum((area.y - ys) * hurry[1], (ys - area.bottom) * hurry[3])) * scale
    distance = np.minimum(1.0, np.hypot(outside_x[None, :], outside_y[:, None]) / fade)
    # Full strength wherever there are letters; the fall-off (smootherstep) begins outside.
    mask = 1 - distance**3 * (distance * (distance * 6 - 15) + 10)
    large = Images.fromarray(mask.astype(np.float32), "F").resize(size, Images.Resampling.BICUBIC)
    clipped: np.ndarray[Any, Any] = np.clip(np.asarray(large), 0.0, 1.0)
    return clipped


def _reach(boxes: list[Box], size: tuple[int, int], position: str) -> Box:
    """All boxes with some air, drawn out to the edges that the position names."""
    width, height = size
    around = _around(boxes).inset(-AIR * min(size))
    left, top, right, bottom = around.x, around.y, around.right, around.bottom
    sides = position.split("_")
    if "top" in sides:
        top = 0.0
    if "bottom" in sides:
        bottom = float(height)
    if "left" in sides:
        left = 0.0
    if "right" in sides:
        right = float(width)
    if position in ("top", "bottom"):
        left, right = 0.0, float(width)
    if position in ("left", "right"):
        top, bottom = 0.0, float(height)
    return Box(left, top, right - left, bottom - top)


def _around(boxes: Sequence[Box]) -> Box:
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    return Box(left, top, right - left, bottom - top)


def _kept_off(
    area: Box, words: Box, subjects: Sequence[Box], size: tuple[int, int], fade: float
) -> tuple[Box, tuple[float, ...]]:
    """The area of full strength kept off subjects, and how many times faster than usual it fades to the left, top, right, bottom.

    It gives way on the side where there is the most room between words and subject; where there is none the words decide.
    """
    edges, hurry = [area.x, area.y, area.right, area.bottom], [1.0] * 4
    own = (words.x, words.y, words.right, words.bottom)
    for subject in subjects:
        theirs = (subject.right, subject.bottom, subject.x, subject.y)
        gaps = [(own[side] - theirs[side]) * (1 if side < 2 else -1) for side in range(4)]
        side = max(range(4), key=gaps.__getitem__)
        if gaps[side] <= 0:
            continue
        air = min(AIR * min(size), gaps[side] * AIR_BESIDE)
        edges[side] = max(edges[side], own[side] - air) if side < 2 else min(edges[side], own[side] + air)
        hurry[side] = max(hurry[side], fade / max(gaps[side] - air, SHORTEST_FADE * min(size)))
    left, top, right, bottom = edges
    return Box(left, top, right - left, bottom - top), tuple(hurry)


def _pixels(picture: Image, box: Box) -> np.ndarray[Any, Any]:
    """Pixels of the box; transparent ones as they look on white."""
    part = np.asarray(picture.crop(_area(box)).convert("RGBA"), dtype=np.float32).reshape(-1, 4) / 255
    alpha = part[:, 3:]
    return part[:, :3] * alpha + (1 - alpha)


def _area(box: Box) -> Bounds:
    return int(box.x), int(box.y), max(int(box.x) + 1, round(box.right)), max(int(box.y) + 1, round(box.bottom))


def _veiled(pixels: np.ndarray[Any, Any], veil: str, strength: float) -> np.ndarray[Any, Any]:
    return pixels * (1 - strength) + np.array(parse(veil), dtype=np.float32) * strength
