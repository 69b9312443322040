"""Putting a cut-out on a stage: size, place, shadow, and compositing without fringes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from pressroom.media.compositing.lighting import Light, light_of, relit
from pressroom.media.compositing.scenery import Floats, Stage
from pressroom.media.compositing.shadow import Direction, cast_shadow, contact_shadow
from pressroom.media.cutout.matting import subject_box
from pressroom.media.upscaling.enlarge import enlarged_to

Anchor = Literal["auto", "center", "bottom", "top", "left", "right"]
EDGE = 0.06  # distance from the canvas edge to a product anchored there, as a share of the canvas


@dataclass(frozen=True)
class Arrangement:
    """How the product stands: `scale` is its share of the canvas (None: what the stage has room for)."""

    scale: float | None
    anchor: Anchor
    shadow: Literal["contact", "cast", "none"]
    strength: float
    light: Direction | None = None  # None: the stage's own
    match: float = 0.5  # how far the product takes on the stage's light; 0 leaves it as it is


@dataclass(frozen=True)
class Staged:
    """The finished RGB picture, the product's box (x0, y0, x1, y1 in 0..1) and the light that it stands in."""

    pixels: NDArray[np.uint8]
    box: list[float]
    light: Light


def staged(cutout: NDArray[np.uint8], stage: Stage, how: Arrangement) -> Staged:
    """The product on its stage."""
    height, width = stage.picture.shape[:2]
    product = _trimmed(cutout)
    size = _fitted(product, (width, height), stage, how.scale)
    left, top = _corner(size, (width, height), stage, how.anchor)
    color, alpha = _layer(product, size, (left, top), (width, height))
    ground = stage.picture
    light = light_of(ground, how.light or stage.light)
    if stage.is_lit:
        color = relit(color, alpha, ground, light, how.match)
    if how.shadow != "none":
        shade = contact_shadow(alpha) if how.shadow == "contact" else cast_shadow(alpha, light.direction)
        shade = shade if stage.floor is None else shade * stage.floor
        ground = ground * (1 - how.strength * shade[..., None]) + _grain(shade)
    picture = ground * (1 - alpha[..., None]) + color
    box = [left / width, top / height, (left + size[0]) / width, (top + size[1]) / height]
    pixels = np.clip(np.rint(picture * 255), 0, 255).astype(np.uint8)
    return Staged(pixels, [round(value, 4) for value in box], light)


def _grain(shade: Floats) -> Floats:
    """Half a level of noise where a shadow lies, so that it fades without bands; always the same for a size."""
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, shade.shape) / 255
    return _floats(np.where(shade > 1e-3, noise, 0))[..., None]


def cover(picture: NDArray[np.uint8], size: tuple[int, int]) -> Floats:
    """The picture scaled to fill (width, height) and cropped around its middle, as floats in 0..1."""
    width, height = size
    factor = max(width / picture.shape[1], height / picture.shape[0])
    across, down = max(width, round(picture.shape[1] * factor)), max(height, round(picture.shape[0] * factor))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(picture, (across, down), interpolation=method)
    top, left = (down - height) // 2, (across - width) // 2
    return _floats(scaled[top : top + height, left : left + width] / 255)


def _trimmed(cutout: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = cutout.shape[:2]
    x0, y0, x1, y1 = subject_box(cutout[..., 3])
    return cutout[round(y0 * height) : round(y1 * height), round(x0 * width) : round(x1 * width)]


def _fitted(product: NDArray[Any], canvas: tuple[int, int], stage: Stage, scale: float | None) -> tuple[int, int]:
    """Pixels of the product on the canvas: as large as `scale` (or the stage's room) lets its box be."""
    room = stage.room if scale is None else (scale, scale)
    height, width = product.shape[:2]
    factor = min(min(room[0], stage.widest) * canvas[0] / width, room[1] * canvas[1] / height)
    return max(1, round(width * factor)), max(1, round(height * factor))


def _corner(size: tuple[int, int], canvas: tuple[int, int], stage: Stage, anchor: Anchor) -> tuple[int, int]:
    """Left and top of the product. `auto` stands it on the stage's ground, or centres it where there is none."""
    middle = ((canvas[0] - size[0]) / 2, (canvas[1] - size[1]) / 2)
    standing = stage.ground * canvas[1] - size[1] if stage.ground else middle[1]
    places = {
        "auto": (stage.x * canvas[0] - size[0] / 2, standing),
        "center": middle,
        "bottom": (middle[0], canvas[1] * (1 - EDGE) - size[1]),
        "top": (middle[0], canvas[1] * EDGE),
        "left": (canvas[0] * EDGE, standing),
        "right": (canvas[0] * (1 - EDGE) - size[0], standing),
    }
    x, y = places[anchor]
    return round(max(0, min(x, canvas[0] - size[0]))), round(max(0, min(y, canvas[1] - size[1])))


def _layer(
    product: NDArray[np.uint8], size: tuple[int, int], corner: tuple[int, int], canvas: tuple[int, int]
) -> tuple[Floats, Floats]:
    """Premultiplied colour and alpha of the product, resized and placed on an empty canvas."""
    if size[0] > product.shape[1]:
        product = enlarged_to(product, size, "conservative")
    alpha = _floats(product[..., 3]) / 255
    color = _floats(product[..., :3]) / 255 * alpha[..., None]
    small = np.clip(cv2.resize(np.dstack([color, alpha]), size, interpolation=cv2.INTER_AREA), 0, 1)
    layer = np.zeros((canvas[1], canvas[0], 4), np.float32)
    layer[corner[1] : corner[1] + size[1], corner[0] : corner[0] + size[0]] = small
    return np.minimum(layer[..., :3], layer[..., 3:]), np.ascontiguousarray(layer[..., 3])


def _floats(values: Any) -> Floats:
    return np.asarray(values).astype(np.float32)
