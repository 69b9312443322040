"""Rays that walk through distance fields: colour, coverage and the shadow on floor and wall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.fields.shapes import Part, Points, together

STEPS: Final = 56
NEAR: Final = 0.002
DISTANCE: Final = 5.0  # from the eye to the middle of the thing
DEPTH: Final = 2.8  # how far from there anything of it is


@dataclass(frozen=True)
class Sight:
    """`turn` (3 x 3) goes from the picture's axes to the thing's; `light` points to the light, in the picture's axes."""

    turn: NDArray[np.float32]
    scale: float
    shift: tuple[float, float]
    light: NDArray[np.float32]
    ambient: float
    windows: float

    @classmethod
    def of(cls, rng: np.random.Generator) -> Sight:
        yaw, pitch, roll = rng.uniform(-0.9, 0.9), rng.uniform(0.0, 0.6), rng.normal(0, 0.06)
        (cy, sy), (cp, sp), (cr, sr) = ((np.cos(a), np.sin(a)) for a in (yaw, pitch, roll))
        around, over = (
            np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]]),
            np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]]),
        )
        aside = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
        light = np.array([rng.uniform(-0.8, 0.8), rng.uniform(0.5, 1.2), rng.uniform(0.3, 1.0)])
        return cls(
            (around @ over @ aside).astype(np.float32), rng.uniform(0.5, 0.8), (rng.uniform(-0.12, 0.12), rng.uniform(-0.1, 0.1)),
            (light / np.linalg.norm(light)).astype(np.float32), rng.uniform(0.3, 0.6), rng.uniform(0, 3.14),
        )  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """H x W (x 3), all 0..1."""

    color: Any
    cover: NDArray[np.float32]
    shadow: Any


def rendered(parts: Sequence[Part], sight: Sight, side: int) -> Seen:
    whole = together([part.shape for part in parts])
    y, x = np.mgrid[1 : -1 : side * 1j, -1 : 1 : side * 1j].astype(np.float32)
    plane = np.stack([(x - sight.shift[0]) / sight.scale, (y - sight.shift[1]) / sight.scale, np.zeros_like(x)], 2)
    eye = np.array([-sight.shift[0] / sight.scale, -sight.shift[1] / sight.scale, DISTANCE], np.float32)
    rays = plane.reshape(-1, 3) - eye
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    start, way = (eye @ sight.turn.T).astype(np.float32), (rays @ sight.turn.T).astype(np.float32)
    pixel = 2 / side / sight.scale
    travelled, closest = _walked(whole, start, way, pixel)
    cover = np.clip(0.5 - closest, 0, 1).reshape(side, side).astype(np.float32)
    color = np.zeros((side * side, 3), np.float32)
    hit = np.flatnonzero(cover.ravel() > 0)
    color[hit] = _lit(parts, whole, start + travelled[hit, None] * way[hit], way[hit], sight)
    return Seen(color.reshape(side, side, 3), cover, _shadow(cover, sight, side))


def _walked(whole: Any, start: Any, way: Points, pixel: float) -> tuple[Any, Any]:
    """Per ray how far it went, to where it was nearest, and how near that was, in pixels."""
    travelled = np.full(len(way), DISTANCE - DEPTH, np.float32)
    best, at = np.full(len(way), 9e9, np.float32), travelled.copy()
    active = np.arange(len(way))
    for _ in range(STEPS):
        far = whole(start + travelled[active, None] * way[active])
        size = pixel * travelled[active] / DISTANCE
        nearer = far / size < best[active]
        best[active[nearer]], at[active[nearer]] = (far / size)[nearer], travelled[active[nearer]]
        travelled[active] += np.maximum(far * 0.9, NEAR / 2)
        active = active[(far > -0.5 * size) & (travelled[active] < DISTANCE + DEPTH)]
        if not len(active):
            break
    return at, best


def _lit(parts: Sequence[Part], whole: Any, points: Points, way: Points, sight: Sight) -> Any:
    nearest = np.argmin([part.shape(points) for part in parts], axis=0)
    albedo, gloss = np.zeros_like(points), np.zeros(len(points), np.float32)
    for number, part in enumerate(parts):
        own = nearest == number
        albedo[own] = np.clip(part.color * (part.marks(points[own]) if part.marks else 1.0), 0.02, 0.97)
        gloss[own] = part.gloss
    steps = np.eye(3, dtype=np.float32) * 0.004
    normal = np.stack([whole(points + step) - whole(points - step) for step in steps], axis=1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9
    light = sight.turn @ sight.light
    diffuse = np.clip(normal @ light, 0, 1) * (1 - sight.ambient)
    occluded = np.clip(0.5 + whole(points + 0.12 * normal) / 0.24, 0.3, 1)
    mirror = way - 2 * np.einsum("ij,ij->i", way, normal)[:, None] * normal
    grazing = (1 - np.clip(-np.einsum("ij,ij->i", way, normal), 0, 1)) ** 4
    shine = _windows(mirror @ sight.turn, sight) * gloss * (0.12 + 0.6 * grazing)
    shown = albedo * (sight.ambient * occluded + diffuse + 0.1)[:, None] * (1 - 0.3 * gloss * grazing)[:, None]
    return np.clip(shown + shine[:, None], 0, 1)


def _windows(mirror: Points, sight: Sight) -> Any:
    """The light that comes from a direction of the room: two soft boxes and a dim ceiling."""
    turn = np.arctan2(mirror[:, 0], mirror[:, 2]) + sight.windows - 1.5
    box = (np.abs(np.abs(turn) - 0.9) < 0.35) & (np.abs(mirror[:, 1] - 0.25) < 0.45)
    return np.clip(3.0 * box + 0.5 * np.clip(mirror[:, 1], 0, 1), 0, 3)


def _shadow(cover: Any, sight: Sight, side: int) -> Any:
    """0..1 on what lies behind: dense and sharp at the foot, wide and faint further off."""
    rows = np.flatnonzero(cover.max(axis=1) > 0.5)
    foot = rows[-1] if len(rows) else side - 1
    layers = []
    for flat, blur, weight in ((0.06, 0.006, 0.5), (0.22, 0.02, 0.5), (0.4, 0.045, 0.35)):
        lean = -float(sight.light[0]) * flat * 1.6
        onto = np.array([[1, lean, -lean * foot], [0, flat, foot * (1 - flat)]], np.float32)
        cast = cv2.warpAffine(cover, onto, (side, side), flags=cv2.INTER_AREA)
        layers.append(weight * cv2.GaussianBlur(cast, (0, 0), blur * side))
    return np.clip(np.sum(layers, axis=0), 0, 1)
