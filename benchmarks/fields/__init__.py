"""The benchmarks' third painter: distance fields on a floor before a wall, with soft shadows and reflected windows.

It shares nothing with the other two. Nothing is learned or tuned on its pictures: they are reported only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.fields.marching import Sight, rendered
from benchmarks.fields.subjects import FAMILIES
from benchmarks.fields.walls import WALLS

BACKGROUNDS: Final = ("plain", "gradient", "textured", "busy", "low contrast")
SIDE: Final = 480


@dataclass(frozen=True)
class Picture:
    """`photo` is H x W x 3 uint8 RGB, `alpha` H x W in 0..1."""

    photo: NDArray[np.uint8]
    alpha: NDArray[np.float32]


def picture(family: str, background: str, seed: int) -> Picture:
    """The same arguments give the same picture."""
    rng = np.random.default_rng([seed, *family.encode(), *background.encode()])
    parts = FAMILIES[family](rng)
    sight = Sight.of(rng)
    wall = WALLS["plain" if background == "low contrast" else background](rng, SIDE)
    if background == "low contrast":
        ground = wall.reshape(-1, 3).mean(axis=0)
        parts = [_near(part, ground, rng) for part in parts]
    seen = rendered(parts, sight, SIDE)
    behind = wall * (1 - seen.shadow[..., None] * rng.uniform(0.25, 0.65))
    scene = seen.color * seen.cover[..., None] + behind * (1 - seen.cover[..., None])
    return Picture(_exposed(scene, rng), seen.cover)


def _near(part: Any, ground: Any, rng: np.random.Generator) -> Any:
    """The part in a colour close to the wall's."""
    shift = rng.choice([-1, 1]) * rng.uniform(0.05, 0.14) + rng.normal(0, 0.025, 3)
    color = np.clip(ground / 0.85 + shift + 0.15 * (part.color - np.mean(part.color)), 0.03, 0.97)
    return type(part)(part.shape, color, part.gloss * 0.5, None)


def _exposed(scene: Any, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Softness, dark corners, grain that is coarser than a pixel, a JPEG of quality 85."""
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    scene = cv2.GaussianBlur(np.asarray(scene, np.float32), (0, 0), rng.uniform(0.4, 1.1))
    scene = scene * (1 - rng.uniform(0, 0.4) * np.hypot(x, y) ** 3 / 2)[..., None]
    grain = cv2.GaussianBlur(rng.normal(0, 1, (SIDE, SIDE)), (0, 0), 0.8) * rng.uniform(0.005, 0.04)
    levels = np.rint(np.clip(scene + grain[..., None], 0, 1) * 255).astype(np.uint8)
    packed = cv2.imencode(".jpg", levels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR_RGB), np.uint8)


__all__ = ["BACKGROUNDS", "FAMILIES", "Picture", "picture"]
