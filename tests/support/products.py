"""Products drawn by computer, for the photos of scenes.py: shaded shapes, one function a family."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Points = list[tuple[float, float]]
Color = tuple[float, float, float]

OVERSAMPLE = 3


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

    def strokes(self, lines: list[Points], color: Any, width: float, wobble: float = 0.0) -> None:
        """Many thin lines of one thickness (hair, links of a chain), each a little lighter or darker than the colour."""
        canvas = np.zeros((self.side, self.side), np.float32)
        for line in lines:
            corners = np.round(np.array(line) * self.side).astype(np.int32)
            shade = float(1 + self.rng.uniform(-wobble, wobble))
            cv2.polylines(canvas, [corners], False, shade, max(1, round(width * self.side)))
        mask = canvas > 0
        self.rgb[mask] = np.clip(np.asarray(color, np.float32) * canvas[mask][:, None], 0.02, 0.98)
        self.alpha[mask] = 1

    def glaze(self, points: Points, color: Any, opacity: float) -> None:
        """A layer of glass: what lies behind shines through."""
        mask = self._mask(points)
        behind = self.alpha[mask] * (1 - opacity)
        together = opacity + behind
        tint = np.asarray(color, np.float32) * opacity
        self.rgb[mask] = (tint + self.rgb[mask] * behind[:, None]) / together[:, None]
        self.alpha[mask] = together

    def write(self, text: str, x: float, y: float, height: float, color: Any) -> None:
        """Lettering where something is painted already; (x, y) is its lower left corner."""
        canvas = np.zeros((self.side, self.side), np.uint8)
        place, thick = (round(x * self.side), round(y * self.side)), max(1, round(self.side * height / 9))
        cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, self.side * height / 24, 255, thick, cv2.LINE_AA)
        self.rgb[(canvas > 127) & (self.alpha > 0)] = np.asarray(color, np.float32)

    def print_pattern(self) -> None:
        """Stripes or dots over everything that is painted: fabric, printed cardboard."""
        y, x = np.mgrid[0 : self.side, 0 : self.side].astype(np.float32) / self.side
        angle, pitch = self.rng.uniform(0, np.pi), self.rng.uniform(0.04, 0.12)
        along = (x * np.cos(angle) + y * np.sin(angle)) / pitch
        across = (y * np.cos(angle) - x * np.sin(angle)) / pitch
        wave = np.sin(along * 2 * np.pi)
        marks = wave > 0.4 if self.rng.random() < 0.5 else wave * np.sin(across * 2 * np.pi) > 0.45
        color = np.clip(self.main + self.rng.uniform(-0.4, 0.4, 3), 0.05, 0.95).astype(np.float32)
        shade = self.rgb[marks].mean(axis=1, keepdims=True) / max(float(self.main.mean()), 0.05)
        self.rgb[marks] = np.clip(color * np.clip(shade, 0.6, 1.3), 0.02, 0.98)

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


def _handbag(easel: Easel) -> None:
    for reach in (0.2, 0.15):
        easel.paint(_ellipse(0.5, 0.42, reach, 0.3, 180, 360), easel.accent, "flat", width=0.028, closed=False)
    easel.paint([(0.24, 0.4), (0.76, 0.4), (0.88, 0.9), (0.12, 0.9)], easel.main, "down")
    easel.paint([(0.24, 0.4), (0.76, 0.4), (0.74, 0.6), (0.5, 0.66), (0.26, 0.6)], easel.main * 0.8, "down")
    easel.paint(_rectangle(0.46, 0.58, 0.54, 0.66, 0.02), (0.83, 0.7, 0.4), "ball")


def _necklace(easel: Easel) -> None:
    turns = np.linspace(np.pi * 0.04, np.pi * 0.96, 90)
    chain = [(0.5 - 0.4 * float(np.cos(a)), 0.12 + 0.56 * float(np.sin(a) ** 0.8)) for a in turns]
    easel.strokes([chain[n : n + 2] for n in range(len(chain) - 1)], easel.main, 0.014, 0.35)
    easel.paint(_ellipse(0.5, 0.75, 0.065, 0.085), easel.accent, "ball")
    easel.paint(_ellipse(0.5, 0.75, 0.065, 0.085), easel.main, "flat", width=0.016)


def _fur(easel: Easel, outline: Points, length: float) -> list[Points]:
    """Hairs that stand off an outline."""
    middle = np.mean(outline, axis=0)
    hairs: list[Points] = []
    for x, y in outline:
        out = np.array([x, y]) - middle
        out = out / max(float(np.linalg.norm(out)), 1e-6)
        for _ in range(9):
            lean = easel.rng.normal(0, 0.35)
            way = np.array(
                [out[0] * np.cos(lean) - out[1] * np.sin(lean), out[0] * np.sin(lean) + out[1] * np.cos(lean)]
            )
            root = np.array([x, y]) + easel.rng.normal(0, 0.008, 2) - out * 0.02
            tip = root + way * (length * easel.rng.uniform(0.5, 1.2) + 0.02)
            hairs.append([(float(root[0]), float(root[1])), (float(tip[0]), float(tip[1]))])
    return hairs


def _teddy(easel: Easel) -> None:
    parts = [(0.37, 0.16, 0.07, 0.07), (0.63, 0.16, 0.07, 0.07), (0.5, 0.66, 0.24, 0.25), (0.5, 0.28, 0.19, 0.18)]
    parts += [(0.3, 0.85, 0.11, 0.09), (0.7, 0.85, 0.11, 0.09), (0.24, 0.58, 0.08, 0.14), (0.76, 0.58, 0.08, 0.14)]
    for part in parts:
        easel.strokes(_fur(easel, _ellipse(*part), 0.035), easel.main, 0.0035, 0.3)
        easel.paint(_ellipse(*part), easel.main, "ball")
    for x, y, r in ((0.43, 0.25, 0.022), (0.57, 0.25, 0.022), (0.5, 0.33, 0.03)):
        easel.paint(_ellipse(x, y, r, r), (0.06, 0.05, 0.05), "flat")


def _headphones(easel: Easel) -> None:
    easel.paint(_ellipse(0.5, 0.48, 0.33, 0.36, 180, 360), easel.main, "flat", width=0.05, closed=False)
    for x in (0.17, 0.83):
        easel.paint(_ellipse(x, 0.56, 0.1, 0.17), easel.main * 0.85, "ball")
        easel.paint(_ellipse(x + (0.5 - x) * 0.18, 0.56, 0.06, 0.15), easel.accent, "round")
    ys = np.linspace(0.7, 0.97, 40)
    wire = [(0.2 + 0.5 * float(y - 0.7) + 0.04 * float(np.sin(y * 40)), float(y)) for y in ys]
    easel.paint(wire, easel.accent * 0.6, "flat", width=0.011, closed=False)


def _kettle(easel: Easel) -> None:
    easel.paint(_ellipse(0.48, 0.36, 0.26, 0.28, 185, 355), easel.accent * 0.7, "flat", width=0.022, closed=False)
    easel.paint([(0.68, 0.62), (0.9, 0.4), (0.95, 0.43), (0.76, 0.78)], easel.main * 0.85, "down")
    easel.paint([(0.22, 0.42), (0.74, 0.42), (0.82, 0.86), (0.14, 0.86)], easel.main)
    easel.paint(_ellipse(0.48, 0.42, 0.2, 0.05), easel.main * 0.7, "flat")
    easel.paint(_ellipse(0.48, 0.37, 0.035, 0.035), easel.accent, "ball")
    easel.glint(_rectangle(0.27, 0.48, 0.3, 0.82), 0.5)


def _watch(easel: Easel) -> None:
    easel.paint(_rectangle(0.41, 0.04, 0.59, 0.96, 0.03), easel.main, "round")
    for y in np.linspace(0.76, 0.92, 5):
        easel.cut(_ellipse(0.5, float(y), 0.012, 0.012))
    easel.paint(_ellipse(0.5, 0.5, 0.23, 0.23), (0.72, 0.73, 0.75), "ball")
    easel.paint(_ellipse(0.5, 0.5, 0.19, 0.19), easel.accent, "flat")
    easel.write("12", 0.45, 0.4, 0.05, (0.95, 0.95, 0.93))
    for x, y in ((0.5, 0.36), (0.6, 0.54)):
        easel.paint([(0.5, 0.5), (x, y)], (0.95, 0.95, 0.93), "flat", width=0.012, closed=False)
    easel.paint(_rectangle(0.72, 0.47, 0.76, 0.53, 0.01), (0.6, 0.6, 0.62), "flat")


def _tube(easel: Easel) -> None:
    easel.paint([(0.32, 0.06), (0.68, 0.06), (0.63, 0.78), (0.37, 0.78)], easel.main)
    easel.paint(_rectangle(0.4, 0.77, 0.6, 0.95, 0.01), easel.accent)
    easel.paint(_rectangle(0.37, 0.2, 0.63, 0.52), easel.accent * 0.9, "flat")
    easel.write("CREME", 0.385, 0.34, 0.05, (0.96, 0.95, 0.92))
    easel.write("50 ml", 0.42, 0.45, 0.03, (0.96, 0.95, 0.92))


def _vase(easel: Easel) -> None:
    """Low contrast is this one's point: see PALE."""
    side = [(0.41, 0.08), (0.43, 0.24), (0.3, 0.42), (0.25, 0.62), (0.32, 0.84), (0.4, 0.94)]
    easel.paint([*side, *[(1 - x, y) for x, y in reversed(side)]], easel.main)
    easel.paint(_ellipse(0.5, 0.085, 0.09, 0.02), easel.main * 0.7, "flat")
    easel.glint(_ellipse(0.38, 0.55, 0.025, 0.12), 0.3)


def _tumbler(easel: Easel) -> None:
    wall = [(0.26, 0.1), (0.74, 0.1), (0.67, 0.93), (0.33, 0.93)]
    easel.glaze(wall, (0.82, 0.88, 0.88), easel.rng.uniform(0.18, 0.32))
    easel.glaze([(0.285, 0.4), (0.715, 0.4), (0.675, 0.86), (0.325, 0.86)], easel.main, easel.rng.uniform(0.55, 0.85))
    easel.glaze(_rectangle(0.33, 0.87, 0.67, 0.93, 0.01), (0.7, 0.78, 0.78), 0.5)
    for a, b in (((0.26, 0.1), (0.33, 0.93)), ((0.74, 0.1), (0.67, 0.93))):
        across = 0.012 if a[0] < 0.5 else -0.012
        easel.glaze([a, (a[0] + across, a[1]), (b[0] + across, b[1]), b], (0.95, 0.97, 0.97), 0.6)
    easel.glaze(_rectangle(0.36, 0.2, 0.39, 0.8), (1, 1, 1), 0.35)


# A family's number is part of its pictures' seed: new ones go to the end.
FAMILIES: dict[str, Callable[[Easel], None]] = {
    "ball": _ball,
    "bottle": _bottle,
    "box": _box,
    "chair": _chair,
    "glasses": _glasses,
    "jar": _jar,
    "lamp": _lamp,
    "mug": _mug,
    "plant": _plant,
    "ring": _ring,
    "shoe": _shoe,
    "strap": _strap,
    "handbag": _handbag,
    "headphones": _headphones,
    "kettle": _kettle,
    "necklace": _necklace,
    "teddy": _teddy,
    "tube": _tube,
    "tumbler": _tumbler,
    "vase": _vase,
    "watch": _watch,
}
SEE_THROUGH = frozenset({"tumbler"})  # no outline at one half to compare: judged by the error of the alpha
PALE = frozenset({"vase"})  # the product's colour is near the background's
