"""Product photos composed by computer, so that every pixel's true alpha and colour is known. Same seed, same picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Points = list[tuple[float, float]]
Color = tuple[float, float, float]

BACKGROUNDS = ("plain", "gradient", "textured", "busy")
OVERSAMPLE = 3


@dataclass(frozen=True)
class Scene:
    """`photo` is uint8 RGB after noise and JPEG; `alpha` and `foreground` are the truth in 0..1."""

    photo: NDArray[np.uint8]
    alpha: Floats
    foreground: Floats
    family: str
    background: str


class Easel:
    """Draws shaded shapes on a transparent unit square, oversampled; (0, 0) is top left."""

    def __init__(self, side: int, rng: np.random.Generator, main: Color) -> None:
        self.side = side * OVERSAMPLE
        self.rng = rng
        self.main = np.array(main, np.float32)
        self.accent = np.clip(self.main * 0.55 + rng.uniform(0, 0.4, 3), 0.05, 0.95).astype(np.float32)
        self.rgb: Floats = np.zeros((self.side, self.side, 3), np.float32)
        self.alpha: Floats = np.zeros((self.side, self.side), np.float32)

    def _mask(self, points: Points, width: float = 0.0, closed: bool = True) -> NDArray[np.bool_]:
        canvas = np.zeros((self.side, self.side), np.uint8)
        corners = np.round(np.array(points) * self.side).astype(np.int32)
        if width:
            cv2.polylines(canvas, [corners], closed, 255, max(1, round(width * self.side)))
        else:
            cv2.fillPoly(canvas, [corners], 255)
        return canvas > 0

    def paint(self, points: Points, color: Any, shade: str = "round", **line: Any) -> None:
        mask = self._mask(points, **line)
        columns = np.flatnonzero(mask.any(0))
        rows = np.flatnonzero(mask.any(1))
        x = (np.arange(self.side) - columns[0]) / max(1, np.ptp(columns))
        y = (np.arange(self.side) - rows[0]) / max(1, np.ptp(rows))
        light = np.ones((self.side, self.side), np.float32)
        if shade == "round":
            light = np.broadcast_to(0.72 + 0.38 * np.sin(np.pi * np.clip(x * 0.9 + 0.12, 0, 1)), light.shape)
        elif shade == "ball":
            far = (x[None, :] - 0.38) ** 2 + (y[:, None] - 0.32) ** 2
            light = 1.12 - 0.75 * far
        elif shade == "down":
            light = np.broadcast_to(1.05 - 0.25 * y[:, None], light.shape)
        self.rgb[mask] = np.clip(np.asarray(color, np.float32) * light[mask][:, None], 0.02, 0.98)
        self.alpha[mask] = 1

    def cut(self, points: Points) -> None:
        self.alpha[self._mask(points)] = 0

    def glint(self, points: Points, strength: float = 0.35) -> None:
        soft = cv2.GaussianBlur(self._mask(points).astype(np.float32), (0, 0), self.side / 90)[..., None]
        self.rgb += soft * strength * (1 - self.rgb)


def _ellipse(cx: float, cy: float, rx: float, ry: float, start: float = 0, stop: float = 360) -> Points:
    angles = np.radians(np.linspace(start, stop, 72))
    return [(cx + rx * float(np.cos(a)), cy + ry * float(np.sin(a))) for a in angles]


def _rectangle(x0: float, y0: float, x1: float, y1: float, radius: float = 0.0) -> Points:
    corners = [(x1 - radius, y0 + radius, -90), (x1 - radius, y1 - radius, 0), (x0 + radius, y1 - radius, 90)]
    corners.append((x0 + radius, y0 + radius, 180))
    if radius == 0:
        return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    return [point for x, y, a in corners for point in _ellipse(x, y, radius, radius, a, a + 90)[::8]]


def _bottle(easel: Easel) -> None:
    body = [(0.36, 0.95), (0.35, 0.42), (0.37, 0.34), (0.44, 0.26), (0.45, 0.12), (0.55, 0.12), (0.56, 0.26)]
    easel.paint([*body, (0.63, 0.34), (0.65, 0.42), (0.64, 0.95)], easel.main)
    easel.paint(_rectangle(0.44, 0.05, 0.56, 0.13, 0.01), easel.accent)
    easel.paint(_rectangle(0.352, 0.5, 0.648, 0.78), (0.93, 0.91, 0.86))
    easel.paint(_rectangle(0.42, 0.58, 0.58, 0.61), easel.accent, "flat")
    easel.glint(_rectangle(0.4, 0.4, 0.42, 0.9))


def _mug(easel: Easel) -> None:
    easel.paint(_ellipse(0.68, 0.52, 0.2, 0.22), easel.main, "ball")
    easel.cut(_ellipse(0.68, 0.52, 0.13, 0.15))
    easel.paint([(0.2, 0.22), (0.66, 0.22), (0.64, 0.86), (0.6, 0.9), (0.26, 0.9), (0.22, 0.86)], easel.main)
    easel.paint(_ellipse(0.43, 0.22, 0.23, 0.05), easel.main * 0.6, "flat")
    easel.paint(_ellipse(0.43, 0.56, 0.11, 0.12), easel.accent, "flat")


def _box(easel: Easel) -> None:
    easel.paint([(0.12, 0.32), (0.6, 0.4), (0.6, 0.93), (0.12, 0.8)], easel.main, "down")
    easel.paint([(0.6, 0.4), (0.9, 0.29), (0.9, 0.76), (0.6, 0.93)], easel.main * 0.62, "down")
    easel.paint([(0.12, 0.32), (0.42, 0.22), (0.9, 0.29), (0.6, 0.4)], np.clip(easel.main * 1.15, 0, 0.97), "flat")
    easel.paint([(0.22, 0.46), (0.5, 0.51), (0.5, 0.68), (0.22, 0.62)], easel.accent, "flat")


def _ring(easel: Easel) -> None:
    easel.paint(_ellipse(0.5, 0.6, 0.33, 0.33), easel.main, "ball")
    easel.cut(_ellipse(0.5, 0.6, 0.25, 0.25))
    easel.paint(
        [(0.42, 0.28), (0.38, 0.2), (0.45, 0.12), (0.55, 0.12), (0.62, 0.2), (0.58, 0.28)], easel.accent, "ball"
    )
    easel.glint(_ellipse(0.28, 0.45, 0.03, 0.08))


def _strap(easel: Easel) -> None:
    xs = np.linspace(0.1, 0.9, 40)
    line = [(float(x), 0.5 + 0.27 * float(np.sin(x * 7))) for x in xs]
    easel.paint(line, easel.main, "down", width=0.06, closed=False)
    easel.paint(line, easel.main * 0.75, "flat", width=0.012, closed=False)
    easel.paint(_rectangle(0.42, 0.33, 0.58, 0.52, 0.03), easel.accent, "ball")


def _ball(easel: Easel) -> None:
    easel.paint(_ellipse(0.5, 0.55, 0.36, 0.36), easel.main, "ball")
    easel.paint(_ellipse(0.5, 0.55, 0.36, 0.09), easel.accent, "round")
    easel.glint(_ellipse(0.36, 0.36, 0.06, 0.05), 0.6)


def _shoe(easel: Easel) -> None:
    upper = [(0.1, 0.42), (0.14, 0.36), (0.3, 0.38), (0.42, 0.48), (0.62, 0.55), (0.84, 0.6), (0.93, 0.72)]
    easel.paint([*upper, (0.92, 0.8), (0.1, 0.8)], easel.main, "down")
    easel.paint(_rectangle(0.08, 0.76, 0.94, 0.86, 0.03), (0.92, 0.92, 0.9), "flat")
    easel.paint([(0.2, 0.6), (0.5, 0.52), (0.45, 0.74), (0.22, 0.74)], easel.accent, "flat")


def _lamp(easel: Easel) -> None:
    easel.paint(_rectangle(0.485, 0.4, 0.515, 0.9), easel.accent)
    easel.paint([(0.36, 0.1), (0.64, 0.1), (0.78, 0.44), (0.22, 0.44)], easel.main)
    easel.paint(_ellipse(0.5, 0.9, 0.19, 0.04), easel.accent, "round")


def _plant(easel: Easel) -> None:
    for angle in np.linspace(-1.1, 1.1, 7):
        tip = np.array([0.5 + 0.42 * np.sin(angle), 0.58 - 0.5 * np.cos(angle)])
        side = np.array([np.cos(angle), np.sin(angle)]) * 0.045
        middle = (tip + np.array([0.5, 0.6])) / 2
        leaf = [(0.5, 0.62), tuple(middle + side), tuple(tip), tuple(middle - side)]
        easel.paint([(float(x), float(y)) for x, y in leaf], (0.16, 0.38 + 0.1 * float(angle % 0.7), 0.17), "ball")
    easel.paint([(0.34, 0.6), (0.66, 0.6), (0.61, 0.94), (0.39, 0.94)], easel.main)


def _glasses(easel: Easel) -> None:
    for x in (0.28, 0.72):
        easel.paint(_ellipse(x, 0.5, 0.19, 0.16), easel.main, "flat", width=0.03)
    easel.paint([(0.46, 0.47), (0.5, 0.45), (0.54, 0.47)], easel.main, "flat", width=0.025, closed=False)
    for x, end in ((0.1, 0.03), (0.9, 0.97)):
        easel.paint([(x, 0.45), (end, 0.4)], easel.accent, "flat", width=0.03, closed=False)


def _chair(easel: Easel) -> None:
    for x0, x1 in ((0.27, 0.22), (0.73, 0.78), (0.36, 0.35), (0.64, 0.65)):
        easel.paint([(x0, 0.6), (x1, 0.95)], easel.accent, "flat", width=0.03, closed=False)
    easel.paint(_rectangle(0.27, 0.08, 0.73, 0.5, 0.06), easel.main, "down")
    easel.paint([(0.24, 0.5), (0.76, 0.5), (0.82, 0.62), (0.18, 0.62)], easel.main * 0.8, "down")


def _jar(easel: Easel) -> None:
    easel.paint(_rectangle(0.2, 0.3, 0.8, 0.92, 0.07), easel.main)
    easel.paint(_rectangle(0.18, 0.14, 0.82, 0.34, 0.03), easel.accent)
    easel.paint(_rectangle(0.2, 0.5, 0.8, 0.76), np.clip(easel.main + 0.25, 0, 0.95))
    easel.glint(_rectangle(0.28, 0.36, 0.32, 0.88))


FAMILIES: dict[str, Callable[[Easel], None]] = {
    "bottle": _bottle,
    "mug": _mug,
    "box": _box,
    "ring": _ring,
    "strap": _strap,
    "ball": _ball,
    "shoe": _shoe,
    "lamp": _lamp,
    "plant": _plant,
    "glasses": _glasses,
    "chair": _chair,
    "jar": _jar,
}


def _noise(rng: np.random.Generator, width: int, height: int, cells: tuple[int, int]) -> Floats:
    grid = rng.standard_normal((max(2, cells[1]), max(2, cells[0]))).astype(np.float32)
    return cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)


def _gradient(rng: np.random.Generator, base: Floats, width: int, height: int) -> Floats:
    other = np.clip(base * rng.uniform(0.55, 0.8) + rng.uniform(-0.06, 0.06, 3), 0.03, 0.97)
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    if rng.random() < 0.5:
        angle = rng.uniform(0, 2 * np.pi)
        mix = (x * np.cos(angle) + y * np.sin(angle)) / 2.8 + 0.5
    else:
        mix = np.hypot(x - rng.uniform(-0.3, 0.3), y - rng.uniform(-0.3, 0.3)) / 1.7
    mix = np.clip(mix, 0, 1)[..., None]
    return (base * (1 - mix) + other * mix).astype(np.float32)


def _textured(rng: np.random.Generator, base: Floats, width: int, height: int) -> Floats:
    stretch = float(rng.choice([1, 1, 8]))
    grain = np.zeros((height, width), np.float32)
    for octave, weight in ((6, 0.4), (14, 0.3), (40, 0.25), (110, 0.3)):
        grain += weight * _noise(rng, width, height, (int(octave / stretch) + 2, octave))
    tint = rng.uniform(0.6, 1.0, 3).astype(np.float32)
    return np.clip(base + grain[..., None] * tint * rng.uniform(0.04, 0.08), 0.02, 0.98).astype(np.float32)


def _busy(rng: np.random.Generator, base: Floats, width: int, height: int) -> Floats:
    picture = np.broadcast_to(base, (height, width, 3)).astype(np.float32).copy()
    for _ in range(int(rng.integers(5, 9))):
        color = np.clip(base + rng.uniform(-0.28, 0.28, 3), 0.04, 0.96)
        x, y = int(rng.uniform(0, width)), int(rng.uniform(0, height * 0.65))
        reach = int(rng.uniform(0.06, 0.2) * width)
        if rng.random() < 0.5:
            cv2.circle(picture, (x, y), reach, color.tolist(), -1)
        else:
            cv2.rectangle(picture, (x - reach, y - 2 * reach), (x + reach // 2, y + reach), color.tolist(), -1)
    picture = cv2.GaussianBlur(picture, (0, 0), width * 0.018)
    table = int(height * rng.uniform(0.68, 0.8))
    board = np.clip(base * rng.uniform(0.55, 0.85) + rng.uniform(-0.05, 0.05, 3), 0.03, 0.95)
    grain = _noise(rng, width, height - table, (6, 40))[..., None] * 0.02
    picture[table:] = board + grain
    return cv2.GaussianBlur(picture, (0, 0), max(0.8, width * 0.003))


def _base_and_main(rng: np.random.Generator) -> tuple[Floats, Color]:
    """A background colour and a product colour that a person tells apart at a glance."""
    while True:
        level = rng.choice([0.93, 0.85, 0.7, 0.5, 0.25], p=[0.3, 0.25, 0.2, 0.15, 0.1])
        base = np.clip(level + rng.uniform(-0.12, 0.05, 3), 0.05, 0.97).astype(np.float32)
        main = rng.uniform(0.08, 0.92, 3).astype(np.float32)
        # Half of all products are muted: steel, glass, leather, paper.
        main += (main.mean() - main) * np.float32(rng.choice([0, 0.85], p=[0.5, 0.5]))
        pair = cv2.cvtColor(np.array([[base, main]], np.float32), cv2.COLOR_RGB2LAB)[0]
        if np.linalg.norm(pair[0] - pair[1]) > 28:
            return base, (float(main[0]), float(main[1]), float(main[2]))


def _backdrop(kind: str, rng: np.random.Generator, base: Floats, width: int, height: int) -> Floats:
    if kind == "plain":
        return np.broadcast_to(base, (height, width, 3)).astype(np.float32).copy()
    return {"gradient": _gradient, "textured": _textured, "busy": _busy}[kind](rng, base, width, height)


def _ground_shadow(alpha: Floats, rng: np.random.Generator) -> Floats:
    """Darkening under and beside the product, 1 where there is none."""
    height, width = alpha.shape
    rows = np.flatnonzero(alpha.max(1) > 0.5)
    columns = np.flatnonzero(alpha.max(0) > 0.5)
    shade = np.zeros_like(alpha)
    center = (int(columns.mean() + rng.uniform(-0.03, 0.06) * width), int(rows[-1] - 0.01 * height))
    cv2.ellipse(shade, center, (int(np.ptp(columns) * 0.45), int(height * 0.035)), 0, 0, 360, 1.0, -1)
    return 1 - rng.uniform(0.15, 0.4) * cv2.GaussianBlur(shade, (0, 0), width * 0.02)


def _placed(easel: Easel, rng: np.random.Generator, width: int, height: int) -> tuple[Floats, Floats]:
    """The drawing turned a little, at its place in the frame: foreground colour and alpha."""
    reach = rng.uniform(0.62, 0.85) * min(width, height) / easel.side
    turn = cv2.getRotationMatrix2D((easel.side / 2, easel.side / 2), rng.uniform(-6, 6), reach)
    turn[0, 2] += width / 2 - easel.side / 2 + rng.uniform(-0.05, 0.05) * width
    turn[1, 2] += height / 2 - easel.side / 2 + rng.uniform(-0.02, 0.03) * height
    # Shrinking by area keeps the oversampled edge: first to the frame at full oversampling, then down.
    big = turn * OVERSAMPLE
    size = (width * OVERSAMPLE, height * OVERSAMPLE)
    alpha = cv2.warpAffine(easel.alpha, big, size, flags=cv2.INTER_LINEAR)
    color = cv2.warpAffine(easel.rgb * easel.alpha[..., None], big, size, flags=cv2.INTER_LINEAR)
    alpha = cv2.GaussianBlur(cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA), (0, 0), 0.6)
    color = cv2.GaussianBlur(cv2.resize(color, (width, height), interpolation=cv2.INTER_AREA), (0, 0), 0.6)
    return color / np.maximum(alpha, 1e-4)[..., None], alpha


def scene(family: str, background: str, seed: int, width: int = 480, height: int = 480) -> Scene:
    rng = np.random.default_rng([seed, sorted(FAMILIES).index(family), BACKGROUNDS.index(background)])
    base, main = _base_and_main(rng)
    easel = Easel(min(width, height), rng, main)
    FAMILIES[family](easel)
    foreground, alpha = _placed(easel, rng, width, height)
    behind = _backdrop(background, rng, base, width, height) * _ground_shadow(alpha, rng)[..., None]
    picture = behind * (1 - alpha[..., None]) + foreground * alpha[..., None]
    picture += rng.normal(0, rng.uniform(0.004, 0.014), picture.shape)
    encoded = cv2.imencode(
        ".jpg", np.clip(picture[..., ::-1] * 255, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 90]
    )[1]
    photo = cv2.imdecode(encoded, cv2.IMREAD_COLOR)[..., ::-1]
    return Scene(np.ascontiguousarray(photo, np.uint8), alpha, np.clip(foreground, 0, 1), family, background)


def iou(found: Floats, truth: Floats) -> float:
    """Intersection over union of two alphas, each cut at one half."""
    a, b = found >= 0.5, truth >= 0.5
    return float((a & b).sum() / max(1, (a | b).sum()))
