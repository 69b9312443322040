"""The benchmarks' second painter: solids in perspective and one light, before surroundings of five kinds, seen through a lens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.solids.mesh import Floats, Light, Solid, drawn, turned
from benchmarks.solids.subjects import FAMILIES, LIVING, paint
from benchmarks.solids.surroundings import SURROUNDINGS, surroundings

OVERSAMPLE = 3
BACKGROUNDS = ("plain", "gradient", "textured", "busy", "low contrast")
CLOSE = 0.09  # mean difference to the surroundings' colour, 0..1 of each channel, at low contrast


@dataclass(frozen=True)
class Picture:
    """`photo` is H x W x 3 uint8 RGB, `alpha` H x W in 0..1."""

    photo: NDArray[np.uint8]
    alpha: Floats


def picture(family: str, background: str, seed: int, width: int = 600, height: int = 600) -> Picture:
    """The same arguments give the same picture."""
    rng = np.random.default_rng([seed, *family.encode(), *background.encode()])
    size = (width * OVERSAMPLE, height * OVERSAMPLE)
    light = Light(
        (rng.uniform(-1, 1), rng.uniform(0.3, 1.2), rng.uniform(0.4, 1)), rng.uniform(0.35, 0.7), _warmth(rng)
    )
    kind = "plain" if background == "low contrast" else background
    behind = surroundings(kind, rng, width, height)
    solid = _posed(FAMILIES[family](rng), family, rng)
    if background == "low contrast":
        solid = _near(solid, behind, rng)
    color, cover = drawn(solid, light, size, rng.uniform(4, 9))
    small = [
        cv2.resize(layer, (width, height), interpolation=cv2.INTER_AREA) for layer in (color * cover[..., None], cover)
    ]
    premultiplied, alpha = np.asarray(small[0], np.float32), np.asarray(small[1], np.float32)
    behind = _shadowed(behind, alpha, light, rng, falls=family not in LIVING)
    scene = premultiplied + behind * (1 - alpha[..., None])
    return Picture(_photographed(scene, rng), alpha)


def _warmth(rng: np.random.Generator) -> tuple[float, float, float]:
    warm = rng.uniform(-0.07, 0.1)
    return (1 + warm, 1.0, 1 - warm)


def _posed(solid: Solid, family: str, rng: np.random.Generator) -> Solid:
    """Turned a little, and as large as the frame asks: living ones fill it and are cut off by it."""
    living = family in LIVING
    turn = rng.uniform(-0.6, 0.6), rng.uniform(0.0, 0.35), rng.normal(0, 0.08)
    solid = turned(solid, turn[0], turn[1] * (0.3 if living else 1), turn[2] if rng.random() < 0.7 else turn[2] * 5)
    flat = solid.corners.reshape(-1, 3)
    low, high = flat.min(axis=0), flat.max(axis=0)
    reach = float(max(high[0] - low[0], high[1] - low[1]))
    scale = rng.uniform(1.9, 3.0) / reach if living else rng.uniform(1.0, 1.75) / reach
    middle = -(low + high) / 2 * scale
    drop = -rng.uniform(0.1, 0.5) * max(0.0, scale * reach - 1.7) if living else rng.uniform(-0.12, 0.06)
    return turned(solid, scale=scale, move=middle + np.array((rng.uniform(-0.15, 0.15), drop, 0)))


def _near(solid: Solid, behind: Floats, rng: np.random.Generator) -> Solid:
    """Its colours drawn together around one that differs little from what lies behind."""
    ground = behind.reshape(-1, 3).mean(axis=0)
    aim = np.clip(ground + rng.choice([-1, 1]) * CLOSE * rng.uniform(0.6, 1.4) + rng.normal(0, 0.03, 3), 0.05, 0.95)
    own = solid.color - solid.color.mean(axis=0)
    return replace(solid, color=np.clip(aim + 0.25 * own, 0.03, 0.97).astype(np.float32))


def _shadowed(behind: Floats, alpha: Floats, light: Light, rng: np.random.Generator, falls: bool) -> Floats:
    """Darker where it stands, and where the light does not reach."""
    if not falls or rng.random() < 0.2:
        return behind
    height, width = alpha.shape
    rows = np.flatnonzero(alpha.max(axis=1) > 0.5)
    foot = rows[-1] if len(rows) else height - 1
    lean, flat = -light.direction[0] * rng.uniform(0.3, 0.9), rng.uniform(0.1, 0.35)
    onto = np.array([[1, lean, -lean * foot], [0, flat, foot * (1 - flat)]], np.float32)
    cast = cv2.GaussianBlur(cv2.warpAffine(alpha, onto, (width, height)), (0, 0), rng.uniform(0.008, 0.03) * height)
    near = cv2.GaussianBlur(np.roll(alpha, round(0.01 * height), axis=0), (0, 0), 0.012 * height)
    dark = rng.uniform(0.1, 0.5) * cast + rng.uniform(0.0, 0.25) * near
    return np.asarray(behind * (1 - np.clip(dark, 0, 0.8))[..., None], np.float32)


def _photographed(scene: Any, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Lens (softness, dark corners, colour fringes), sensor (noise that is smoothed again), tone curve, JPEG."""
    height, width = scene.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    scene = cv2.GaussianBlur(scene, (0, 0), rng.uniform(0.35, 1.3))
    for channel, factor in ((0, 1 + rng.uniform(0, 0.0015)), (2, 1 - rng.uniform(0, 0.0015))):
        zoom = cv2.getRotationMatrix2D((width / 2, height / 2), 0, factor)
        scene[..., channel] = cv2.warpAffine(
            scene[..., channel], zoom, (width, height), borderMode=cv2.BORDER_REPLICATE
        )
    scene = scene * (1 - rng.uniform(0, 0.3) * (x * x + y * y) / 2)[..., None] * rng.uniform(0.85, 1.12)
    noise = rng.normal(0, rng.uniform(0.003, 0.025), scene.shape)
    scene = scene + cv2.GaussianBlur(noise, (0, 0), rng.uniform(0.4, 0.9))
    bytes_ = np.rint(np.clip(scene, 0, 1) ** rng.uniform(0.85, 1.15) * 255).astype(np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(72, 96))]
    packed = cv2.imencode(".jpg", bytes_[..., ::-1], quality)[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR_RGB), np.uint8)


__all__ = ["BACKGROUNDS", "FAMILIES", "LIVING", "SURROUNDINGS", "Picture", "paint", "picture"]
