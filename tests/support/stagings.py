"""Whole pictures composed by computer, with the boxes of their subjects: one or two products anywhere in a scene.

Backgrounds, light, distractors, sizes and places vary; unlike in `scenes`, subjects are off-centre and small. Same seed, same
picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pressroom.media.geometry import Region
from tests.support.scenes import FAMILIES, OVERSAMPLE, Easel

Floats = NDArray[np.float32]
Random = np.random.Generator

SHAPES = ((960, 640), (640, 960), (800, 800), (1120, 630), (720, 900))
_APART_LAB = 24  # a subject's colour differs from the place it stands on by this much


@dataclass(frozen=True)
class Staging:
    """`photo` is uint8 RGB; `boxes` are its subjects in shares of width and height."""

    photo: NDArray[np.uint8]
    boxes: tuple[Region, ...]
    background: str


def _noise(rng: Random, width: int, height: int, cells: float, stretch: float = 1.0) -> Floats:
    rows, columns = max(2, round(cells * height / width)), max(2, round(cells / stretch))
    grid = rng.standard_normal((rows, columns)).astype(np.float32)
    return np.asarray(cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _color(rng: Random, low: float = 0.1, high: float = 0.95, muted: float = 0.6) -> Floats:
    color = rng.uniform(low, high, 3)
    return np.asarray(color + (color.mean() - color) * muted, np.float32)


def _studio(rng: Random, width: int, height: int) -> Floats:
    base, other = _color(rng, 0.4, 0.97, 0.8), _color(rng, 0.3, 0.9, 0.8)
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    mix = np.clip(np.hypot(x - rng.uniform(0.2, 0.8), y - rng.uniform(0.1, 0.6)), 0, 1)[..., None]
    return np.asarray(base * (1 - mix) + other * mix, np.float32)


def _room(rng: Random, width: int, height: int) -> Floats:
    """A wall with a picture, a window or a shelf, and a floor of boards."""
    picture = np.broadcast_to(_color(rng, 0.5, 0.95, 0.8), (height, width, 3)).astype(np.float32).copy()
    picture += _noise(rng, width, height, 60)[..., None] * 0.012
    floor = int(height * rng.uniform(0.6, 0.85))
    for _ in range(int(rng.integers(0, 3))):
        w, h = rng.uniform(0.1, 0.25, 2) * min(width, height)
        x, y = rng.uniform(0, width - w), rng.uniform(0, max(1, floor - h))
        ends = ((int(x), int(y)), (int(x + w), int(y + h)))
        cv2.rectangle(picture, *ends, _color(rng).tolist(), -1)
        cv2.rectangle(picture, *ends, _color(rng, 0.1, 0.5).tolist(), max(2, int(w * 0.05)))
    boards = _color(rng, 0.25, 0.7, 0.4) + _noise(rng, width, height - floor, 8, 0.3)[..., None] * 0.04
    picture[floor:] = boards
    for row in np.linspace(floor, height, 6)[:-1]:
        cv2.line(picture, (0, int(row)), (width, int(row)), (boards.mean(axis=(0, 1)) * 0.7).tolist(), 2)
    return cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.8, 5))


def _outdoors(rng: Random, width: int, height: int) -> Floats:
    """Sky with clouds over hills over grass."""
    top, low = np.array([0.35, 0.55, 0.85]), np.array([0.85, 0.9, 0.95])
    down = np.linspace(0, 1, height)[:, None, None]
    picture = np.asarray(top * (1 - down) + low * down, np.float32) * np.ones((1, width, 1), np.float32)
    picture += np.clip(_noise(rng, width, height, 6, 0.6) * 0.1, 0, 0.3)[..., None]
    horizon = rng.uniform(0.35, 0.6)
    x = np.arange(width)
    for step in range(3):
        line = (horizon + 0.07 * step) * height + height * 0.04 * np.sin(
            x / width * rng.uniform(4, 14) + rng.uniform(0, 6)
        )
        below = np.arange(height)[:, None] > line[None, :]
        picture[below] = np.array([0.35, 0.5, 0.45]) * (1 - 0.2 * step) + rng.uniform(-0.06, 0.06, 3)
    grass = np.arange(height)[:, None] > (horizon + 0.2) * height + x[None, :] * 0
    blades = _noise(rng, width, height, 200, 2.5)[..., None] * 0.07
    green = np.array([0.3, 0.48, 0.2]) + rng.uniform(-0.1, 0.12, 3)
    picture[grass] = (green + blades)[grass]
    return cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.7, 2.5))


def _wall(rng: Random, width: int, height: int) -> Floats:
    """Bricks, tiles or planks, evenly lit."""
    color, joint = _color(rng, 0.3, 0.85, 0.5), _color(rng, 0.3, 0.85, 0.8)
    picture = np.broadcast_to(joint, (height, width, 3)).astype(np.float32).copy()
    high = height / rng.uniform(8, 18)
    wide = high * rng.choice([1.0, 2.5, 12.0])
    for row, y in enumerate(np.arange(0, height, high)):
        for x in np.arange(-wide * (row % 2) / 2, width, wide):
            shade = (color * rng.uniform(0.88, 1.1)).tolist()
            cv2.rectangle(picture, (int(x), int(y)), (int(x + wide - 3), int(y + high - 3)), shade, -1)
    picture += _noise(rng, width, height, 160)[..., None] * 0.02
    return cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.7, 2))


def _lights(rng: Random, width: int, height: int) -> Floats:
    """Dark, with discs of light out of focus."""
    picture = np.broadcast_to(_color(rng, 0.05, 0.3, 0.5), (height, width, 3)).astype(np.float32).copy()
    for _ in range(int(rng.integers(12, 40))):
        disc = np.zeros_like(picture)
        at = int(rng.uniform(0, width)), int(rng.uniform(0, height * 0.8))
        cv2.circle(disc, at, int(rng.uniform(0.01, 0.05) * width), _color(rng, 0.3, 1, 0.1).tolist(), -1)
        picture += disc * 0.5
    return cv2.GaussianBlur(picture, (0, 0), rng.uniform(3, 9))


def _foliage(rng: Random, width: int, height: int) -> Floats:
    """Leaves all over, sharp or soft."""
    picture = np.broadcast_to(np.float32([0.12, 0.22, 0.1]), (height, width, 3)).astype(np.float32).copy()
    for _ in range(260):
        at = int(rng.uniform(0, width)), int(rng.uniform(0, height))
        axes = int(rng.uniform(0.02, 0.07) * width), int(rng.uniform(0.008, 0.02) * width)
        green = np.array([0.2, 0.42, 0.16]) * rng.uniform(0.5, 1.5) + rng.uniform(-0.04, 0.04, 3)
        cv2.ellipse(picture, at, axes, rng.uniform(0, 180), 0, 360, green.tolist(), -1)
    return cv2.GaussianBlur(picture, (0, 0), rng.uniform(1, 8))


def _table(rng: Random, width: int, height: int) -> Floats:
    """Seen from above: wood grain or marble or cloth."""
    stretch = rng.choice([0.08, 1.0, 3.0])
    grain = sum(w * _noise(rng, width, height, cells, stretch) for cells, w in ((5, 0.5), (14, 0.3), (40, 0.3)))
    return np.asarray(_color(rng, 0.35, 0.9, 0.6) + np.asarray(grain)[..., None] * rng.uniform(0.03, 0.08), np.float32)


BACKGROUNDS: dict[str, Callable[[Random, int, int], Floats]] = {
    "studio": _studio,
    "room": _room,
    "outdoors": _outdoors,
    "wall": _wall,
    "lights": _lights,
    "foliage": _foliage,
    "table": _table,
}


def _apart(main: Any, place: Floats) -> bool:
    pair = cv2.cvtColor(np.array([[main, place]], np.float32), cv2.COLOR_RGB2LAB)[0]
    return bool(np.linalg.norm(pair[0] - pair[1]) > _APART_LAB)


def _placed(picture: Floats, rng: Random, box: tuple[int, int, int]) -> Region | None:
    """Draw one product into the square (left, top, side); returns its true box in pixels."""
    left, top, side = box
    place = picture[top : top + side, left : left + side]
    main = _color(rng, 0.06, 0.95, float(rng.choice([0.0, 0.5, 0.85])))
    for _ in range(20):
        if _apart(main, place.mean(axis=(0, 1))):
            break
        main = _color(rng, 0.06, 0.95, float(rng.choice([0.0, 0.5])))
    easel = Easel(side, rng, (float(main[0]), float(main[1]), float(main[2])))
    FAMILIES[str(rng.choice(sorted(FAMILIES)))](easel)
    turn = cv2.getRotationMatrix2D((easel.side / 2, easel.side / 2), rng.uniform(-8, 8), 0.94)
    whole = (side * OVERSAMPLE, side * OVERSAMPLE)
    alpha = cv2.resize(cv2.warpAffine(easel.alpha, turn, whole), (side, side), interpolation=cv2.INTER_AREA)
    color = cv2.resize(
        cv2.warpAffine(easel.rgb * easel.alpha[..., None], turn, whole), (side, side), interpolation=cv2.INTER_AREA
    )
    shadow = cv2.GaussianBlur(np.roll(alpha, max(2, side // 30), axis=0), (0, 0), side / 25)
    place *= 1 - 0.35 * (shadow * (1 - alpha))[..., None]
    place[:] = place * (1 - alpha[..., None]) + color
    rows, columns = np.flatnonzero(alpha.max(1) > 0.5), np.flatnonzero(alpha.max(0) > 0.5)
    if not len(rows) or not len(columns):
        return None
    return left + columns[0], top + rows[0], left + columns[-1] + 1, top + rows[-1] + 1


def _distract(picture: Floats, rng: Random, taken: list[tuple[int, int, int]]) -> None:
    """Small things that are no subject: spots, strokes, marks like small print; never on a subject."""
    height, width = picture.shape[:2]
    least = min(width, height)
    for _ in range(int(rng.integers(0, 5))):
        reach = int(rng.uniform(0.012, 0.035) * least)
        x, y = int(rng.uniform(reach, width - reach)), int(rng.uniform(reach, height - reach))
        if any(
            x + 3 * reach > a and x - 3 * reach < a + s and y + reach > b and y - reach < b + s for a, b, s in taken
        ):
            continue
        color = _color(rng, 0.02, 0.98, 0.3).tolist()
        kind = rng.integers(3)
        if kind == 0:
            cv2.circle(picture, (x, y), reach, color, -1, cv2.LINE_AA)
        elif kind == 1:
            end = (int(x + rng.uniform(-3, 3) * reach), int(y + rng.uniform(-1, 1) * reach))
            cv2.line(picture, (x, y), end, color, max(2, reach // 4), cv2.LINE_AA)
        else:
            for row in range(2):
                for column in range(5):
                    at = (x + (column - 2) * reach // 2, y + row * reach // 2)
                    cv2.rectangle(picture, at, (at[0] + reach // 4, at[1] + reach // 5), color, -1)


def _squares(rng: Random, width: int, height: int, count: int) -> list[tuple[int, int, int]]:
    """Where the subjects go: anywhere, not on top of each other, the second at least half as large."""
    least = min(width, height)
    while True:
        first = rng.uniform(0.25, 0.65) * least
        sides = [int(first), *(int(first * rng.uniform(0.55, 1.0)) for _ in range(count - 1))]
        placed: list[tuple[int, int, int]] = []
        for side in sides:
            edge = 0.02 * least
            placed.append(
                (int(rng.uniform(edge, width - side - edge)), int(rng.uniform(edge, height - side - edge)), side)
            )
        if count == 1 or not _touching(*placed):
            return placed


def _touching(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    return all(one[axis] < other[axis] + other[2] and other[axis] < one[axis] + one[2] for axis in (0, 1))


def staging(number: int, seed: int, subjects: int = 1) -> Staging:
    rng = np.random.default_rng([seed, number, subjects])
    background = sorted(BACKGROUNDS)[number % len(BACKGROUNDS)]
    width, height = SHAPES[int(rng.integers(len(SHAPES)))]
    picture = np.clip(BACKGROUNDS[background](rng, width, height), 0, 1).astype(np.float32)
    squares = _squares(rng, width, height, subjects)
    _distract(picture, rng, squares)
    found = [box for box in (_placed(picture, rng, square) for square in squares) if box]
    picture += rng.normal(0, rng.uniform(0.004, 0.014), picture.shape)
    photo = np.clip(picture * 255, 0, 255).astype(np.uint8)
    boxes = tuple((a / width, b / height, c / width, d / height) for a, b, c, d in found)
    return Staging(photo, boxes, background)
