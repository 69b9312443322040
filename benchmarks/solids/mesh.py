"""Solids made of small four-cornered faces, lit and drawn through a lens: the workshop of the benchmarks' second painter.

It shares nothing with `tests/support/scenes.py`, which draws flat shapes: here everything has depth, is turned, is seen in
perspective and is lit from one side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Texture = Callable[[Any, Any], Any]  # of two arrays of places on a surface, 0..1: the colour's factor there

SHIFT = 4  # bits of a pixel that OpenCV's corners have


@dataclass(frozen=True)
class Solid:
    """N faces: `corners` is N x 4 x 3 (x to the right, y up, z to the viewer), `color` N x 3 in 0..1, `gloss` N in 0..1."""

    corners: Floats
    color: Floats
    gloss: Floats


def joined(parts: Sequence[Solid]) -> Solid:
    return Solid(
        np.concatenate([part.corners for part in parts]),
        np.concatenate([part.color for part in parts]),
        np.concatenate([part.gloss for part in parts]),
    )


def sheet(points: Any, color: Any, gloss: float = 0.2, texture: Texture | None = None) -> Solid:
    """A surface through a grid of points, R x C x 3."""
    grid = np.asarray(points, np.float32)
    corners = np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], axis=2).reshape(-1, 4, 3)
    rows, columns = grid.shape[0] - 1, grid.shape[1] - 1
    v, u = np.mgrid[0:rows, 0:columns].astype(np.float32)
    factor = 1.0 if texture is None else np.asarray(texture(u / columns, v / rows)).reshape(rows * columns, -1)
    albedo = np.clip(np.broadcast_to(np.asarray(color, np.float32), (rows * columns, 3)) * factor, 0.02, 0.97)
    return Solid(corners, albedo.astype(np.float32), np.full(rows * columns, gloss, np.float32))


def revolved(profile: Sequence[tuple[float, float]], color: Any, steps: int = 72, **look: Any) -> Solid:
    """Turned on a lathe: (radius, height) pairs around the vertical axis, their curve drawn smooth."""
    radius, height = _smooth(np.array(profile), 60).T
    turn = np.linspace(0, 2 * np.pi, steps)
    return sheet(
        np.stack([radius[:, None] * np.cos(turn), np.repeat(height[:, None], steps, 1), radius[:, None] * np.sin(turn)], 2),
        color,
        **look,
    )  # fmt: skip


def block(center: Any, half: Any, color: Any, power: float = 0.25, steps: int = 40, **look: Any) -> Solid:
    """A superquadric: power 1 is an ellipsoid, near 0 a box with rounded edges."""
    up, around = np.meshgrid(
        np.linspace(-np.pi / 2, np.pi / 2, steps), np.linspace(-np.pi, np.pi, 2 * steps), indexing="ij"
    )

    def bent(values: Any) -> Any:
        return np.sign(values) * np.abs(values) ** power

    unit = [bent(np.cos(up)) * bent(np.cos(around)), bent(np.sin(up)), bent(np.cos(up)) * bent(np.sin(around))]
    return sheet(np.stack(unit, 2) * np.array(half) + np.array(center), color, **look)


def tube(path: Any, radius: Any, color: Any, steps: int = 18, length: int = 60, **look: Any) -> Solid:
    """A pipe along a curve through the points; `radius` is one number or one for each point."""
    points = np.asarray(path, np.float64)
    radii = np.broadcast_to(np.asarray(radius, np.float64), len(points))
    line = _smooth(np.column_stack([points, radii]), length)
    along = np.gradient(line[:, :3], axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    side = np.cross(along, (0.31, 0.17, 0.94))
    side /= np.linalg.norm(side, axis=1, keepdims=True) + 1e-9
    third = np.cross(along, side)
    turn = np.linspace(0, 2 * np.pi, steps)
    ring = side[:, None] * np.cos(turn)[None, :, None] + third[:, None] * np.sin(turn)[None, :, None]
    return sheet(line[:, None, :3] + ring * line[:, None, 3:], color, **look)


def ring(center: Any, radius: tuple[float, float], thickness: float, color: Any, **look: Any) -> Solid:
    """A closed pipe around an ellipse in the plane of the picture."""
    turn = np.linspace(0, 2 * np.pi, 25)
    path = np.stack([radius[0] * np.cos(turn), radius[1] * np.sin(turn), 0 * turn], 1) + np.array(center)
    return tube(path, thickness, color, length=96, **look)


def hair(solid: Solid, length: float, count: int, rng: np.random.Generator, width: float = 0.004) -> Solid:
    """Strands that stand on faces of a solid, away from its middle and a little down."""
    picked = rng.integers(0, len(solid.corners), count)
    root = solid.corners[picked].mean(axis=1)
    out = root - solid.corners.mean(axis=(0, 1))
    out = out / (np.linalg.norm(out, axis=1, keepdims=True) + 1e-6) + rng.normal(0, 0.3, out.shape) + (0, -0.3, 0)
    tip = root + out * length * rng.uniform(0.4, 1.2, (count, 1))
    across = rng.normal(0, 1, out.shape)
    across *= width / (np.linalg.norm(across, axis=1, keepdims=True) + 1e-6)
    corners = np.stack([root - across, root + across, tip + across * 0.2, tip - across * 0.2], 1).astype(np.float32)
    color = np.clip(solid.color[picked] * rng.uniform(0.75, 1.2, (count, 1)), 0.02, 0.97).astype(np.float32)
    return Solid(corners, color, np.full(count, 0.05, np.float32))


def turned(
    solid: Solid, yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0, scale: float = 1.0, move: Any = (0, 0, 0)
) -> Solid:
    """Turned by angles in radians (around the vertical, the horizontal, the view), enlarged, moved."""
    (cy, sy), (cp, sp), (cr, sr) = ((np.cos(a), np.sin(a)) for a in (yaw, pitch, roll))
    around = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    over = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    aside = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    corners = solid.corners @ (aside @ over @ around).T * scale + np.asarray(move)
    return Solid(corners.astype(np.float32), solid.color, solid.gloss)


@dataclass(frozen=True)
class Light:
    """`direction` points to the light; `ambient` is what comes from everywhere, `tint` its colour."""

    direction: tuple[float, float, float]
    ambient: float
    tint: tuple[float, float, float]


def drawn(solid: Solid, light: Light, size: tuple[int, int], distance: float) -> tuple[Floats, Floats]:
    """(H x W x 3 colour, H x W coverage of 0 or 1) at `size` (width, height); the shorter side shows -1..1 at z = 0."""
    width, height = size
    corners = solid.corners
    scale = min(size) / 2 * distance / np.maximum(distance - corners[..., 2], 0.2)
    flat = np.stack([width / 2 + corners[..., 0] * scale, height / 2 - corners[..., 1] * scale], axis=2)
    order = np.argsort(corners[..., 2].mean(axis=1))
    shown = _lit(solid, light, distance)[order]
    color, cover = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.uint8)
    for polygon, tone in zip(np.rint(flat[order] * 2**SHIFT).astype(np.int32), shown.tolist(), strict=True):
        cv2.fillConvexPoly(color, polygon, tone, cv2.LINE_8, SHIFT)
        cv2.fillConvexPoly(cover, polygon, 1, cv2.LINE_8, SHIFT)
    return color, cover.astype(np.float32)


def _lit(solid: Solid, light: Light, distance: float) -> Floats:
    corners = solid.corners
    normal = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
    view = np.array((0, 0, distance)) - corners.mean(axis=1)
    view /= np.linalg.norm(view, axis=1, keepdims=True)
    normal *= np.where((normal * view).sum(axis=1) < 0, -1, 1)[:, None]
    toward = np.array(light.direction) / np.linalg.norm(light.direction)
    diffuse = np.clip(0.25 + 0.75 * (normal @ toward), 0, 1)[:, None]
    half = view + toward
    half /= np.linalg.norm(half, axis=1, keepdims=True)
    shine = np.clip((normal * half).sum(axis=1), 0, 1)
    spark = solid.gloss * (0.5 * shine**30 + 0.15 * shine**6)
    sky = 0.85 + 0.15 * normal[:, 1:2]
    shown = solid.color * (light.ambient * sky + (1.05 - light.ambient) * diffuse) * np.array(light.tint)
    return np.clip(shown + spark[:, None] * np.array(light.tint), 0, 1).astype(np.float32)


def _smooth(points: Any, count: int) -> Any:
    """A curve through the points (Catmull-Rom), `count` places on it."""
    if len(points) < 3:
        return np.linspace(points[0], points[-1], count)
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    where = np.linspace(0, len(points) - 1 - 1e-6, count)
    start = where.astype(int)
    t = (where - start)[:, None]
    a, b, c, d = (padded[start + n] for n in range(4))
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
