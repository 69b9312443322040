"""Shapes as distance fields: each gives, for N points, how far they are outside of it (negative: inside)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]  # N x 3: x to the right, y up, z to the viewer
Distances = NDArray[np.float32]  # N
Shape = Callable[[Points], Distances]


@dataclass(frozen=True)
class Part:
    """`color` in 0..1, `gloss` 0 (chalk) to 1 (glaze); `marks` gives the colour's factor at N points."""

    shape: Shape
    color: Any
    gloss: float = 0.3
    marks: Callable[[Points], Any] | None = None


def rod(start: Any, end: Any, first: float, last: float | None = None) -> Shape:
    """A round bar from `start` to `end` that gets thinner from one radius to the other, with round ends."""
    a, b = np.asarray(start, np.float32), np.asarray(end, np.float32)
    along = b - a
    taper = (first if last is None else last) - first

    def distance(points: Points) -> Distances:
        from_a = points - a
        share = np.clip(from_a @ along / (along @ along), 0, 1)
        away = from_a - share[:, None] * along
        return np.asarray(np.sqrt(np.einsum("ij,ij->i", away, away)) - first - taper * share, np.float32)

    return distance


def bent(points: Sequence[Any], radius: float) -> Shape:
    """Rods one after the other."""
    return together([rod(a, b, radius) for a, b in pairwise(points)])


def ball(center: Any, radii: Any) -> Shape:
    """An ellipsoid."""
    middle, size = np.asarray(center, np.float32), np.asarray(radii, np.float32)

    def distance(points: Points) -> Distances:
        scaled = (points - middle) / size
        far = np.sqrt(np.einsum("ij,ij->i", scaled, scaled))
        steep = np.sqrt(np.einsum("ij,ij->i", scaled / size, scaled / size))
        return np.asarray(far * (far - 1) / np.maximum(steep, 1e-4), np.float32)

    return distance


def slab(center: Any, half: Any, rounding: float = 0.03) -> Shape:
    """A box with round edges."""
    middle, size = np.asarray(center, np.float32), np.asarray(half, np.float32) - rounding

    def distance(points: Points) -> Distances:
        over = np.abs(points - middle) - size
        outside = np.linalg.norm(np.maximum(over, 0), axis=1)
        return np.asarray(outside + np.minimum(over.max(axis=1), 0) - rounding, np.float32)

    return distance


def can(center: Any, radius: float, half: float, rounding: float = 0.02) -> Shape:
    """An upright cylinder."""
    middle = np.asarray(center, np.float32)

    def distance(points: Points) -> Distances:
        off = points - middle
        out = np.hypot(off[:, 0], off[:, 2]) - radius + rounding
        up = np.abs(off[:, 1]) - half + rounding
        outside = np.hypot(np.maximum(out, 0), np.maximum(up, 0))
        return np.asarray(outside + np.minimum(np.maximum(out, up), 0) - rounding, np.float32)

    return distance


def hoop(center: Any, axis: int, radius: float, thickness: float, stretch: float = 1.0) -> Shape:
    """A ring around the axis 0, 1 or 2; `stretch` makes it taller."""
    middle = np.asarray(center, np.float32)
    others = [n for n in range(3) if n != axis]

    def distance(points: Points) -> Distances:
        off = (points - middle) / np.array([1, stretch, 1], np.float32)
        out = np.hypot(off[:, others[0]], off[:, others[1]]) - radius
        return np.asarray(np.hypot(out, off[:, axis]) - thickness, np.float32)

    return distance


def gem(center: Any, size: float) -> Shape:
    """An octahedron."""
    middle = np.asarray(center, np.float32)
    return lambda points: np.asarray((np.abs(points - middle).sum(axis=1) - size) * 0.577, np.float32)


def together(shapes: Sequence[Shape], soft: float = 0.0) -> Shape:
    """All of them, their seams filled by about `soft`."""

    def distance(points: Points) -> Distances:
        found: Any = shapes[0](points)
        for shape in shapes[1:]:
            other = shape(points)
            blend = np.maximum(soft - np.abs(found - other), 0) / soft if soft else 0.0
            found = np.minimum(found, other) - blend * blend * soft / 4
        return np.asarray(found, np.float32)

    return distance


def without(shape: Shape, cut: Shape) -> Shape:
    return lambda points: np.maximum(shape(points), -cut(points))


def within(shape: Shape, limit: Shape) -> Shape:
    return lambda points: np.maximum(shape(points), limit(points))
