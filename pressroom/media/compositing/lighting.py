"""The light of a picture, and a product put into it: colour temperature, exposure, side, and what the ground throws back.

A product keeps its own look: every change is bounded, and `strength` scales all of it. Light is calculated in linear values
(IEC 61966-2-1), since that is how it adds up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pressroom.media.color.oklab import encoded, linearized
from pressroom.media.color.srgb import LUMINANCE
from pressroom.media.compositing.shadow import Direction

Floats = NDArray[np.float32]

# Finlayson, Trezzi, "Shades of gray and colour constancy" (2004): the Minkowski norm that finds the illuminant best.
NORM = 6
WARMEST, DIMMEST, BRIGHTEST = 0.45, -0.6, 0.35  # bounds: of each channel's gain, as log2; of exposure, in stops
USUAL = 0.22  # linear luminance of a scene exposed as products usually are: their own photos are left alone in it
EXPOSED = 0.45  # share of a scene's difference from that which a product follows
LIT_SIDE = 0.16  # how much brighter the side towards the light gets, and darker the other, in stops
RIM, RIM_WIDTH = 0.5, 0.018  # light from behind: stops at the outline; its width as a share of the product's height
BOUNCED, BOUNCE_HEIGHT = (
    0.3,
    0.3,
)  # the ground's colour on the product's lower part: its share at the foot, how high it reaches
_ONE_SIDED = 1.12  # a side this many times brighter than the other is where the light comes from
_SIDES: dict[Direction, float] = {"left": -1, "back_left": -0.6, "right": 1, "back_right": 0.6}


@dataclass(frozen=True)
class Light:
    """`gains` by which white turns (red, green, blue; luminance 1), `stops` of exposure, and where it comes from."""

    gains: tuple[float, float, float]
    stops: float
    direction: Direction


def light_of(picture: Floats, direction: Direction | None = None) -> Light:
    """The light in an H x W x 3 picture (sRGB, 0..1); a `direction` of None is estimated from what is brighter."""
    small = linearized(_floats(cv2.resize(picture, (96, 96), interpolation=cv2.INTER_AREA)))
    white = (small**NORM).mean(axis=(0, 1)) ** (1 / NORM)
    bright = luminance(small)
    gains = np.log2(np.maximum(white, 1e-4) / max(float(luminance(white)), 1e-4))
    stops = EXPOSED * np.log2(max(float(np.exp(np.log(np.maximum(bright, 1e-3)).mean())), 1e-3) / USUAL)
    bounded = 2.0 ** np.clip(gains, -WARMEST, WARMEST)
    red, green, blue = (bounded / luminance(bounded)).tolist()
    return Light((red, green, blue), float(np.clip(stops, DIMMEST, BRIGHTEST)), direction or _side(bright))


def relit(color: Floats, alpha: Floats, ground: Floats, light: Light, strength: float) -> Floats:
    """Premultiplied H x W x 3 colour (sRGB, 0..1) of a product, as it looks in this light on this ground."""
    rows, columns = np.flatnonzero(alpha.max(axis=1) > 0.5), np.flatnonzero(alpha.max(axis=0) > 0.5)
    if strength <= 0 or not len(rows):
        return color
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    inside = alpha[box]
    own = linearized(color[box] / np.maximum(inside[..., None], 1e-3))
    stops = np.log2(np.array(light.gains, np.float32)) + light.stops + _shading(inside, light)[..., None]
    shown = own * _floats(2.0 ** (stops * strength))
    shown = shown + own * _bounce(ground, box)[None, None] * _height(inside)[..., None] * strength
    result = color.copy()
    result[box] = encoded(np.clip(shown, 0, 1)) * inside[..., None]
    return result


def _side(bright: Floats) -> Direction:
    """Where the upper part of a picture is brighter: the sky and windows are there, the ground only answers."""
    upper = bright[: bright.shape[0] * 2 // 3]
    third = upper.shape[1] // 3
    left, right = float(upper[:, :third].mean()), float(upper[:, -third:].mean())
    return "right" if right > left * _ONE_SIDED else "left"


def _shading(inside: Floats, light: Light) -> Floats:
    """Stops per pixel: brighter towards the light, and along the outline where it comes from behind."""
    height, width = inside.shape
    side = _SIDES.get(light.direction, 0.0)
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    stops = np.broadcast_to(LIT_SIDE * side * across, inside.shape).astype(np.float32)
    if light.direction.startswith("back"):
        deep = _floats(cv2.GaussianBlur(inside, (0, 0), max(0.8, height * RIM_WIDTH), borderType=cv2.BORDER_CONSTANT))
        rim = np.clip((1 - deep) * 2, 0, 1) * (1 + side * across) / (1 + abs(side))
        stops = _floats(stops + RIM * rim - RIM / 4)
    return stops


def _bounce(ground: Floats, box: tuple[slice, slice]) -> Floats:
    """Red, green and blue that the ground before the product adds to its foot, as shares of the product's own."""
    height = box[0].stop - box[0].start
    below = ground[max(0, box[0].stop - height // 20) : box[0].stop + height // 6, box[1]]
    if below.size == 0:
        return np.zeros(3, np.float32)
    return _floats(BOUNCED * linearized(below).mean(axis=(0, 1)))


def _height(inside: Floats) -> Floats:
    """1 at the foot, falling to 0 where the bounce ends."""
    up = np.linspace(1, 0, inside.shape[0], dtype=np.float32)[:, None]
    return np.broadcast_to(np.clip(1 - up / BOUNCE_HEIGHT, 0, 1) ** 2, inside.shape)


def luminance(values: Any) -> Floats:
    """Of linear values, along the last axis."""
    return _floats(np.asarray(values) @ np.array(LUMINANCE, np.float32))


def _floats(values: Any) -> Floats:
    return np.asarray(values).astype(np.float32)
