"""Shadows that a cut-out throws on the ground it stands on, derived from its own outline."""

from __future__ import annotations

from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

CONTACT_DEPTH = 0.08  # parts within this share of the product's height above its lowest point touch the ground


Direction = Literal["left", "right", "above", "front", "back", "back_left", "back_right"]
# Where the tip of a cast shadow falls for a light from there: aside and back, as shares of the product's height. Light from
# behind throws it towards the viewer.
FALLS: dict[Direction, tuple[float, float]] = {
    "left": (0.42, 0.26), "right": (-0.42, 0.26), "above": (0.0, 0.06), "front": (0.0, 0.4),
    "back": (0.0, -0.3), "back_left": (0.3, -0.26), "back_right": (-0.3, -0.26),
}  # fmt: skip


def contact_shadow(alpha: Floats) -> Floats:
    """0..1 darkening where an H x W alpha meets the ground: a tight dark core in a wide soft one."""
    box = _box(alpha)
    if box is None:
        return np.zeros_like(alpha)
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    weight, lowest = _feet(alpha, y1, height)
    feet = np.zeros_like(alpha)
    columns = np.flatnonzero(weight > 0.01)
    thickness = max(1, round(height * 0.012))
    for column in columns:
        bottom = lowest[column]
        feet[max(0, bottom - thickness) : bottom + thickness, column] = weight[column]
    core = _blurred(feet, width * 0.012 + 0.6, height * 0.008 + 0.6)
    wide = _blurred(feet, width * 0.07 + 1, height * 0.036 + 1)
    return _floats(1 - (1 - 0.8 * _scaled(core)) * (1 - 0.62 * _scaled(wide)))


def cast_shadow(alpha: Floats, light: Direction = "left") -> Floats:
    """0..1 darkening of a shadow that falls away from the light, softer with distance, plus the contact."""
    box = _box(alpha)
    if box is None:
        return np.zeros_like(alpha)
    _, y0, _, y1 = box
    height = float(y1 - y0)
    lean, depth = FALLS[light]
    # (x, y) -> lying on the ground: squashed towards the foot line and leaning to the side.
    lay = np.array([[1, -lean, lean * y1], [0, depth, y1 * (1 - depth)]])
    size = (alpha.shape[1], alpha.shape[0])
    lying = cv2.warpAffine(alpha, lay, size, flags=cv2.INTER_LINEAR)
    near, far = (
        _blurred(lying, height * 0.012 + 0.6, height * 0.008 + 0.6),
        _blurred(lying, height * 0.05, height * 0.03),
    )
    away = np.clip((y1 - np.arange(alpha.shape[0], dtype=np.float32)) / (height * depth), 0, 1)[:, None]
    fallen = (near * (1 - away) + far * away) * (0.62 - 0.34 * away)
    return _floats(1 - (1 - fallen) * (1 - contact_shadow(alpha)))


def _box(alpha: Floats) -> tuple[int, int, int, int] | None:
    rows, columns = np.flatnonzero(alpha.max(axis=1) > 0.5), np.flatnonzero(alpha.max(axis=0) > 0.5)
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _feet(alpha: Floats, ground: int, height: int) -> tuple[Floats, NDArray[np.int64]]:
    """Per column: how nearly the product touches the ground there (0..1), and its lowest row."""
    solid = alpha > 0.5
    lowest = alpha.shape[0] - np.argmax(solid[::-1], axis=0)
    gap = (ground - lowest) / max(1.0, height * CONTACT_DEPTH)
    weight = np.where(solid.any(axis=0), np.exp(-(gap**2)), 0)
    return _floats(weight), lowest.astype(np.int64)


def _blurred(values: Any, across: float, down: float) -> Floats:
    return _floats(cv2.GaussianBlur(values, (0, 0), sigmaX=across, sigmaY=down, borderType=cv2.BORDER_CONSTANT))


def _scaled(values: Floats) -> Floats:
    """The same shape with its darkest point at 1."""
    return _floats(values / max(float(values.max()), 1e-6))


def _floats(values: Any) -> Floats:
    return np.asarray(values).astype(np.float32)
