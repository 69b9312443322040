"""What lies behind the third painter's things: sweeps of paper, wallpaper and tiles in perspective, shelves out of focus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from benchmarks.fields.subjects import tone

Rng = np.random.Generator


def plain(rng: Rng, side: int) -> Any:
    """A sweep of paper with a pool of light."""
    y, x = _grid(side)
    base = np.clip(0.45 * tone(rng) + rng.uniform(0.25, 0.5), 0.05, 0.97)
    pool = 1.0 - rng.uniform(0.0, 0.12) * np.hypot(x - rng.uniform(-0.5, 0.5), y - rng.uniform(-0.5, 0.5))
    return base * pool[..., None]


def gradient(rng: Rng, side: int) -> Any:
    """From one colour above to another below, a horizon softly drawn or none."""
    y, x = _grid(side)
    above, below = (np.clip(0.5 * tone(rng) + rng.uniform(0.15, 0.5), 0.03, 0.97) for _ in range(2))
    edge, soft = rng.uniform(-0.2, 0.7), rng.uniform(0.1, 0.9)
    share = (np.clip((y + rng.uniform(-0.3, 0.3) * x - edge) / soft, -1, 1) + 1) / 2
    return above * (1 - share[..., None]) + below * share[..., None]


def textured(rng: Rng, side: int) -> Any:
    """Chequered or hexagonal tiles seen at an angle, damask, terrazzo, corrugated board, or knitting."""
    y, x = _grid(side)
    one = np.clip(0.5 * tone(rng) + rng.uniform(0.15, 0.5), 0.03, 0.97)
    two = np.clip(one + rng.choice([-1, 1]) * rng.uniform(0.08, 0.3) + rng.normal(0, 0.04, 3), 0.02, 0.98)
    far = 1 / (1.6 - 0.6 * y)
    u, v = x * far * rng.uniform(4, 9), far * rng.uniform(6, 14)
    kind = rng.integers(0, 5)
    if kind == 0:
        share = ((np.floor(u) + np.floor(v)) % 2).astype(np.float32)
    elif kind == 1:
        share = (np.sin(11 * x + 3 * np.sin(7 * y)) * np.sin(13 * y + 2 * np.sin(9 * x)) > 0.25).astype(np.float32)
    elif kind == 2:
        share = _blots(rng, side)
    elif kind == 3:
        share = (0.5 + 0.5 * np.sin(rng.uniform(60, 130) * (x + 0.2 * y))).astype(np.float32)
    else:
        share = (0.5 + 0.5 * np.sin(70 * x + 1.5 * np.sin(90 * y)) * np.cos(45 * y)).astype(np.float32)
    share = cv2.GaussianBlur(share, (0, 0), 0.7)[..., None]
    return (one * (1 - share) + two * share) * (1 + 0.05 * rng.normal(0, 1, (side, side, 1)))


def busy(rng: Rng, side: int) -> Any:
    """Shelves with books, boxes and frames, more or less out of focus, and a table's edge."""
    room = np.array(gradient(rng, side), np.float32)
    for shelf in range(rng.integers(2, 5)):
        bottom = int(side * (0.15 + 0.27 * shelf + rng.uniform(0, 0.08)))
        left = int(rng.integers(0, side // 4))
        while left < side:
            width, height = int(rng.integers(6, side // 7)), int(rng.uniform(0.08, 0.24) * side)
            if rng.random() < 0.8:
                cv2.rectangle(room, (left, bottom - height), (left + width, bottom), tone(rng).tolist(), -1)
            if rng.random() < 0.3:
                cv2.line(
                    room, (left, bottom - height // 2), (left + width, bottom - height // 2), tone(rng).tolist(), 3
                )
            left += width + int(rng.integers(0, 20))
        cv2.rectangle(room, (0, bottom), (side, bottom + 8), tone(rng).tolist(), -1)
    for _ in range(rng.integers(0, 8)):
        middle = (int(rng.integers(0, side)), int(rng.integers(0, side)))
        cv2.circle(room, middle, int(rng.integers(5, side // 10)), tone(rng).tolist(), -1, cv2.LINE_AA)
    return cv2.GaussianBlur(room, (0, 0), rng.uniform(0.8, 8.0))


def _blots(rng: Rng, side: int) -> Any:
    noise = cv2.GaussianBlur(rng.normal(0, 1, (side, side)).astype(np.float32), (0, 0), rng.uniform(3, 9))
    return (noise > noise.std() * 0.6).astype(np.float32)


def _grid(side: int) -> tuple[Any, Any]:
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j].astype(np.float32)
    return y, x


WALLS: dict[str, Callable[[Rng, int], Any]] = {"plain": plain, "gradient": gradient, "textured": textured, "busy": busy}
