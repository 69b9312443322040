"""What lies behind the second painter's subjects: walls, light, materials, and rooms full of things."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from benchmarks.solids.mesh import Floats, Light, drawn, turned
from benchmarks.solids.subjects import FAMILIES, paint

Rng = np.random.Generator


def surroundings(kind: str, rng: Rng, width: int, height: int) -> Floats:
    """H x W x 3 in 0..1."""
    return np.clip(SURROUNDINGS[kind](rng, width, height), 0.01, 0.99).astype(np.float32)


def _place(width: int, height: int) -> tuple[Any, Any]:
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    return x, y


def _wall(rng: Rng) -> Any:
    """A colour that walls and paper have more often than things."""
    return np.asarray(paint(rng)) * 0.35 + rng.uniform(0.15, 0.62)


def cloud(rng: Rng, width: int, height: int, coarse: float, octaves: int = 5) -> Any:
    """Fractal noise around 0, deviation about 1; `coarse` is the largest blob as a share of the width."""
    total: Any = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        cells = max(2, round(2**octave / coarse))
        grid = rng.normal(0, 1, (cells + 1, cells + 1)).astype(np.float32)
        total += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) * 0.6**octave
    return total / (total.std() + 1e-6)


def plain(rng: Rng, width: int, height: int) -> Any:
    x, y = _place(width, height)
    lit = 1 + rng.uniform(-0.05, 0.05) * (x - 0.5) + rng.uniform(-0.08, 0.08) * (y - 0.5)
    return _wall(rng) * (lit + 0.006 * cloud(rng, width, height, 0.3))[..., None]


def gradient(rng: Rng, width: int, height: int) -> Any:
    """Two colours that turn into each other, a pool of light, or a sweep from wall to floor."""
    x, y = _place(width, height)
    one, two, kind = _wall(rng), _wall(rng), rng.integers(0, 3)
    angle = rng.uniform(0, 6.283)
    if kind == 0:
        share = (np.cos(angle) * (x - 0.5) + np.sin(angle) * (y - 0.5)) + 0.5
    elif kind == 1:
        share = 1.2 * np.hypot(x - rng.uniform(0.2, 0.8), y - rng.uniform(0.1, 0.7))
    else:
        share = 1 / (1 + np.exp(-(y - rng.uniform(0.55, 0.8)) * rng.uniform(8, 25)))
    share = np.clip(share, 0, 1)[..., None]
    return (one * (1 - share) + two * share) * (1 + 0.005 * cloud(rng, width, height, 0.1))[..., None]


def textured(rng: Rng, width: int, height: int) -> Any:
    """Planks, bricks, cloth, marble, grass, or plaster, in focus."""
    x, y = _place(width, height)
    kind, base = rng.integers(0, 6), _wall(rng)[None, None]
    fine = cloud(rng, width, height, 0.02, 3)[..., None]
    if kind == 0:
        plank = np.floor(x * rng.integers(4, 9))
        grain = cloud(rng, width, height, 0.4)
        rings = np.sin(40 * x + 3 * grain + 5 * plank)[..., None]
        seam = (np.abs(x * 6 - np.rint(x * 6)) < 0.012)[..., None]
        return base * (1 + 0.1 * rings + 0.04 * fine + 0.06 * np.sin(3 * plank)[..., None]) * np.where(seam, 0.6, 1)
    if kind == 1:
        across, down = rng.integers(5, 9), rng.integers(9, 16)
        row = np.floor(y * down)
        u, v = x * across + 0.5 * (row % 2), y * down
        mortar = ((u - np.floor(u) < 0.06) | (v - row < 0.1))[..., None]
        shade = np.sin(12.9 * np.floor(u) + 78.2 * row)[..., None]
        return np.where(mortar, 0.72, base * (1 + 0.15 * shade)) * (1 + 0.05 * fine)
    if kind == 2:
        threads = rng.uniform(50, 110)
        weave = np.sin(x * threads * 6.283 / 2) * np.sin(y * threads * 6.283 / 2)
        return base * (1 + 0.16 * weave[..., None] + 0.05 * fine)
    if kind == 3:
        veins = np.abs(np.sin(4 * x + 3 * y + 1.6 * cloud(rng, width, height, 0.5)))[..., None] ** 0.3
        return (0.45 + 0.45 * base) * (0.7 + 0.3 * veins) * (1 + 0.02 * fine)
    if kind == 4:
        blades = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 0.8, sigmaY=5)
        blades = (blades / blades.std())[..., None]
        return (
            np.array([0.3, 0.45, 0.18]) * (1 + 0.35 * blades) * (1 + 0.15 * cloud(rng, width, height, 0.3)[..., None])
        )
    rough = cloud(rng, width, height, rng.uniform(0.03, 0.1), 4)
    bump = cv2.Sobel(rough, cv2.CV_32F, 1, 1, ksize=3)
    return base * (1 + 0.05 * rough + rng.uniform(0.03, 0.1) * bump / (bump.std() + 1e-6))[..., None]


def busy(rng: Rng, width: int, height: int) -> Any:
    """A wall and a floor with other things of the painter's own before them, more or less out of focus."""
    room = np.array(gradient(rng, width, height) if rng.random() < 0.5 else textured(rng, width, height), np.float32)
    _, y = _place(width, height)
    room = np.where((y > rng.uniform(0.55, 0.85))[..., None], _wall(rng), room).astype(np.float32)
    light = Light((rng.uniform(-1, 1), 0.8, 0.6), 0.5, (1, 1, 1))
    names = [name for name in FAMILIES if name not in ("brush", "animal", "person")]
    for _ in range(rng.integers(4, 11)):
        thing = FAMILIES[names[rng.integers(0, len(names))]](rng)
        place = (rng.uniform(-1.1, 1.1), rng.uniform(-0.8, 0.8), 0)
        thing = turned(
            thing, rng.uniform(-1, 1), rng.uniform(0, 0.4), rng.normal(0, 0.3), rng.uniform(0.2, 0.55), place
        )
        color, cover = drawn(thing, light, (width, height), 6)
        room = color * cover[..., None] + room * (1 - cover[..., None])
    for _ in range(rng.integers(0, 14)):
        center = (int(rng.integers(0, width)), int(rng.integers(0, height)))
        spot = np.zeros((height, width), np.float32)
        cv2.circle(spot, center, int(rng.integers(4, max(5, width // 14))), 1.0, -1, cv2.LINE_AA)
        room += spot[..., None] * rng.uniform(0.05, 0.45) * paint(rng)
    return cv2.GaussianBlur(room, (0, 0), rng.uniform(0.8, 9.0) * width / 600)


SURROUNDINGS: dict[str, Callable[[Rng, int, int], Any]] = {
    "plain": plain, "gradient": gradient, "textured": textured, "busy": busy
}  # fmt: skip
