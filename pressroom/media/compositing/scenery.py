"""Generated sets for product pictures: drawn with numpy from a palette, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pressroom.media.color.oklab import encoded_of, into_gamut, lab_of_hex
from pressroom.media.color.spaces import mix
from pressroom.media.compositing.shadow import Direction

Floats = NDArray[np.float32]

_MIXED = 24  # steps mixed in Oklab between two colours of a gradient; between them straight lines do
FALLBACK_PALETTE = {"primary": "#c96f4a", "secondary": "#5b7a6b", "accent": "#e9b872", "background": "#f4efe8"}


@dataclass(frozen=True)
class Stage:
    """`picture` is H x W x 3 in 0..1; a product stands at (`x`, `ground`) and fits in `room` (shares of the canvas).

    `widest` is what the ground carries: a product never stands over its edge, whatever size is asked for. `light` is where
    the set's light comes from (None: to be seen from the picture); a stage that `is_lit` colours what stands on it. `floor` is
    1 where a shadow may lie (None: everywhere).
    """

    picture: Floats
    x: float
    ground: float
    room: tuple[float, float]
    widest: float = 1.0
    light: Direction | None = "left"
    is_lit: bool = True
    floor: Floats | None = None


class _Canvas:
    """Coordinates and soft shapes: x and y in 0..1, `unit` is the shorter side in pixels."""

    def __init__(self, width: int, height: int, palette: Mapping[str, str], seed: int) -> None:
        self.width, self.height, self.unit = width, height, min(width, height)
        self.x = ((np.arange(width, dtype=np.float32) + 0.5) / width)[None, :]
        self.y = ((np.arange(height, dtype=np.float32) + 0.5) / height)[:, None]
        self.rng = np.random.default_rng(seed)
        colors = {**FALLBACK_PALETTE, **{name: color for name, color in palette.items() if color}}
        self.named = {name: colors[name] for name in FALLBACK_PALETTE}
        self.colors = {name: _rgb(color) for name, color in self.named.items()}

    def mixed(self, first: Any, second: Any, share: Any) -> Floats:
        return _floats(first + (second - first) * _floats(np.broadcast_to(share, (self.height, self.width)))[..., None])

    def glow(self, x: float, y: float, reach: float) -> Floats:
        """1 at the point, falling softly to 0; `reach` is a share of the shorter side."""
        across = (self.x - x) * self.width / self.unit / reach
        down = (self.y - y) * self.height / self.unit / reach
        return _floats(np.exp(-(across**2 + down**2)))

    def disc(self, x: float, y: float, radius: tuple[float, float], softness: float = 0.0) -> Floats:
        """An ellipse with a smooth edge; radii are shares of the shorter side, softness is in pixels."""
        across = (self.x - x) * self.width / (radius[0] * self.unit)
        down = (self.y - y) * self.height / (radius[1] * self.unit)
        distance = (np.sqrt(across**2 + down**2) - 1) * min(radius) * self.unit
        return _floats(np.clip(0.5 - distance / max(1.0, softness), 0, 1))

    def below(self, y: float, softness: float) -> Floats:
        """0 above the height `y`, 1 below; softness is a share of the canvas."""
        share = np.clip((self.y - y) / softness + 0.5, 0, 1)
        return _floats(np.broadcast_to(share * share * (3 - 2 * share), (self.height, self.width)))

    def polygon(self, points: list[tuple[float, float]]) -> Floats:
        """Filled, in 0..1 coordinates, with sub-pixel corners."""
        mask = np.zeros((self.height, self.width), np.uint8)
        corners = np.array([(x * self.width * 16, y * self.height * 16) for x, y in points]).round().astype(np.int32)
        cv2.fillPoly(mask, [corners], 255, lineType=cv2.LINE_AA, shift=4)
        return _floats(mask / 255)

    def soft(self, values: Floats, share: float) -> Floats:
        return _floats(cv2.GaussianBlur(values, (0, 0), max(0.5, share * self.unit)))


def draw_stage(name: str, size: tuple[int, int], palette: Mapping[str, str], seed: int) -> Stage:
    """The scene `name` (a key of SCENES) at (width, height) in the palette's colours."""
    canvas = _Canvas(*size, palette, seed)
    stage = SCENES[name](canvas)
    # A grain below one level of grey keeps long gradients from banding.
    grain = canvas.rng.uniform(-0.5, 0.5, (canvas.height, canvas.width, 1)) * 1.6 / 255
    return replace(stage, picture=_floats(np.clip(stage.picture + grain, 0, 1)))


def plain_stage(colors: Sequence[str], size: tuple[int, int], angle: float = 90.0) -> Stage:
    """One flat colour, or a gradient through several: `angle` 0 runs to the right, 90 downwards. Mixed in Oklab."""
    width, height = size
    turn = np.radians(angle)
    x = (np.arange(width, dtype=np.float32) + 0.5 - width / 2)[None, :]
    y = (np.arange(height, dtype=np.float32) + 0.5 - height / 2)[:, None]
    reach = abs(width * np.cos(turn)) + abs(height * np.sin(turn))
    share = np.clip((x * np.cos(turn) + y * np.sin(turn)) / reach + 0.5, 0, 1)
    if len(colors) == 1:
        picture = np.broadcast_to(_rgb(colors[0]), (height, width, 3)).astype(np.float32)
    else:
        stops = np.concatenate([*(_between(*pair) for pair in pairwise(colors)), [_rgb(colors[-1])]])
        place = np.linspace(0, 1, len(stops))
        picture = np.stack([np.interp(share, place, stops[:, channel]) for channel in range(3)], axis=-1)
        # Less than a level of grain keeps it from banding.
        picture = _floats(
            np.clip(picture + np.random.default_rng(0).uniform(-0.5, 0.5, (height, width, 1)) / 255, 0, 1)
        )
    return Stage(picture, 0.5, 0.0, (0.78, 0.78), is_lit=False)


def _between(first: str, last: str) -> Floats:
    """_MIXED steps from the first colour on towards the last, which is not among them; not rounded to levels."""
    start, end = lab_of_hex(first), lab_of_hex(last)
    shares = np.arange(_MIXED)[:, None] / _MIXED
    return encoded_of(into_gamut(_floats(start + (end - start) * shares)))


def _studio(canvas: _Canvas) -> Stage:
    white = np.ones(3, np.float32)
    base = canvas.colors["background"] * 0.82 + canvas.colors["primary"] * 0.18
    wall = canvas.mixed(base * 0.8, base * 0.55 + white * 0.43, canvas.glow(0.5, 0.4, 0.62))
    floor = canvas.mixed(base * 0.84, base * 0.5 + white * 0.48, canvas.glow(0.5, 0.86, 0.7))
    return Stage(_blend(wall, floor, canvas.below(0.7, 0.16)), 0.5, 0.86, (0.8, 0.78))


def _podium(canvas: _Canvas) -> Stage:
    paper, main, accent = canvas.colors["background"], canvas.colors["primary"], canvas.colors["accent"]
    wall = canvas.mixed(paper * 0.9 + main * 0.06, paper * 0.98 + 0.02, canvas.glow(0.35, 0.3, 0.8))
    disc = canvas.disc(0.5, 0.42, (0.36, 0.36))
    picture = _blend(wall, canvas.mixed(accent * 0.75 + paper * 0.25, accent, canvas.y), disc * 0.9)
    floor = canvas.mixed(paper * 0.86 + main * 0.05, paper * 0.96, canvas.glow(0.5, 0.8, 0.5))
    picture = _blend(picture, floor, canvas.below(0.78, 0.004))
    # Wide pictures get a wider podium, so that wide products find a place on it.
    reach = 0.36 * max(1.0, canvas.width / canvas.height) ** 0.5
    top, flat, deep = 0.8, reach / 6, 0.15 * canvas.unit / canvas.height
    shade = canvas.soft(canvas.disc(0.53, top + deep + 0.005, (reach * 1.06, flat * 1.05)), 0.025)
    picture = picture * (1 - 0.4 * shade[..., None])
    side = _side(canvas, top, deep, (reach, flat))
    round_light = 0.72 + 0.34 * np.cos((canvas.x - 0.5 + 0.12) * canvas.width / canvas.unit / reach * 1.35)
    picture = _blend(picture, canvas.mixed(main * 0, main * 0.92 + paper * 0.08, round_light), side)
    lid = canvas.mixed(main * 0.72 + paper * 0.28, main * 0.4 + paper * 0.6, canvas.glow(0.44, top - 0.01, 0.3))
    widest = 1.8 * reach * canvas.unit / canvas.width
    floor = canvas.disc(0.5, top, (reach, flat))
    return Stage(_blend(picture, lid, floor), 0.5, top + 0.012, (0.56, 0.66), widest, floor=floor)


def _side(canvas: _Canvas, top: float, deep: float, radius: tuple[float, float]) -> Floats:
    """A standing cylinder's visible side: between the ellipses of its lid and its foot."""
    reach = radius[0] * canvas.unit / canvas.width
    middle = canvas.polygon(
        [(0.5 - reach, top), (0.5 + reach, top), (0.5 + reach, top + deep), (0.5 - reach, top + deep)]
    )
    return np.maximum(middle, canvas.disc(0.5, top + deep, radius))


def _gradient(canvas: _Canvas) -> Stage:
    light, main, second, accent = (canvas.named[name] for name in ("background", "primary", "secondary", "accent"))
    stops = [_rgb(mix(*pair)) for pair in ((light, accent, 0.3), (light, main, 0.45), (light, second, 0.55))]
    turn = canvas.rng.uniform(0.5, 1.1)
    share = np.clip((canvas.x * np.cos(turn) + canvas.y * np.sin(turn)) / (np.cos(turn) + np.sin(turn)), 0, 1)
    picture = _ramp(stops, share)
    for color in (mix(light, accent, 0.7), light, mix(light, main, 0.7)):
        x, y = canvas.rng.uniform(0.1, 0.9), canvas.rng.uniform(0.05, 0.7)
        picture = _blend(picture, _rgb(color), canvas.glow(x, y, canvas.rng.uniform(0.3, 0.5)) * 0.6)
    return Stage(_blend(picture, _rgb(light), canvas.glow(0.5, 0.5, 0.42) * 0.35), 0.5, 0.86, (0.82, 0.76))


def _sunset(canvas: _Canvas) -> Stage:
    stops = [_rgb(color) for color in ("#4a3b6b", "#a4527a", "#e8795e", "#f7b267", "#fbe0b0")]
    horizon = 0.7
    sky = _ramp(stops, np.clip(canvas.y / horizon, 0, 1))
    picture = np.broadcast_to(sky, (canvas.height, canvas.width, 3)).astype(np.float32)
    x = canvas.rng.uniform(0.3, 0.7)
    picture = _blend(picture, _rgb("#ffe9b8"), canvas.glow(x, horizon - 0.1, 0.4) * 0.55)
    picture = _blend(picture, _rgb("#fff4d6"), canvas.disc(x, horizon - 0.12, (0.12, 0.12), canvas.unit * 0.012))
    floor = _ramp(
        [_rgb("#e2a06f"), _rgb("#b56a63"), _rgb("#6d4565")], np.clip((canvas.y - horizon) / (1 - horizon), 0, 1)
    )
    floor = _blend(np.broadcast_to(floor, picture.shape), _rgb("#ffdca0"), canvas.glow(x, horizon + 0.05, 0.32) * 0.65)
    light: Direction = "back_left" if x < 0.46 else "back_right" if x > 0.54 else "back"
    return Stage(_blend(picture, floor, canvas.below(horizon, 0.012)), 0.5, 0.87, (0.8, 0.76), light=light)


def _ramp(stops: list[Floats], share: Floats) -> Floats:
    """A column of colours through the stops, evenly spaced."""
    place = np.linspace(0, 1, len(stops))
    return _floats(np.stack([np.interp(share, place, [stop[c] for stop in stops]) for c in range(3)], axis=-1))


def _window(canvas: _Canvas) -> Stage:
    paper = canvas.colors["background"] * 0.8 + canvas.colors["primary"] * 0.2
    shade, lit = paper * 0.74, np.minimum(paper * 1.0 + 0.07, 1)
    left, lean = canvas.rng.uniform(0.08, 0.2), canvas.rng.uniform(0.14, 0.24)
    light = np.zeros((canvas.height, canvas.width), np.float32)
    for column in range(2):
        for row in range(3):
            x, y = left + column * 0.34, 0.04 + row * 0.24
            slope = lean * 0.55
            corners = [(x, y), (x + 0.3, y + slope * 0.5), (x + 0.3, y + 0.21 + slope * 0.5), (x, y + 0.21)]
            light = np.maximum(light, canvas.polygon([(px + (py - 0.4) * lean, py) for px, py in corners]))
    picture = canvas.mixed(shade, lit, canvas.soft(light, 0.012) * (1 - canvas.below(0.74, 0.02)))
    table = canvas.mixed(paper * 0.62, paper * 0.98, canvas.glow(0.62, 0.88, 0.42))
    return Stage(_blend(picture, table, canvas.below(0.74, 0.006)), 0.5, 0.88, (0.8, 0.78), light="right")


def _botanical(canvas: _Canvas) -> Stage:
    wall = canvas.mixed(_rgb("#cfd8c3"), _rgb("#f1f2e6"), canvas.glow(0.4, 0.4, 0.75))
    for depth, (dark, blur) in enumerate(((0.16, 0.022), (0.28, 0.009))):
        wall = wall * (1 - canvas.soft(_leaves(canvas, depth), blur) * dark)[..., None]
    table = canvas.mixed(_rgb("#d8cbb4"), _rgb("#f3ead9"), canvas.glow(0.5, 0.87, 0.5))
    picture = _blend(wall, table, canvas.below(0.76, 0.006))
    return Stage(picture, 0.5, 0.88, (0.8, 0.78))


def _leaves(canvas: _Canvas, depth: int) -> Floats:
    """Shadows of two fern branches reaching in from the upper corners."""
    mask = np.zeros((canvas.height, canvas.width), np.float32)
    for side in (0, 1):
        start = np.array([side * 1.04 - 0.02, canvas.rng.uniform(0.0, 0.25) + 0.1 * depth])
        heading = (0.35 if side == 0 else np.pi - 0.35) + canvas.rng.uniform(-0.3, 0.3)
        for step in range(11):
            stem = start + np.array([np.cos(heading), np.sin(heading)]) * step * 0.034
            heading += 0.05 if side == 0 else -0.05
            for hand in (-1, 1):
                mask = np.maximum(mask, canvas.polygon(_leaf(stem, heading + hand * 0.95, 0.19 * (1 - step / 13))))
    return mask


def _leaf(stem: Any, heading: float, length: float) -> list[tuple[float, float]]:
    along, across = np.array([np.cos(heading), np.sin(heading)]), np.array([-np.sin(heading), np.cos(heading)])
    shares = np.linspace(0, 1, 9)
    widths = 0.16 * np.sin(np.pi * shares**0.8)
    edge = [stem + along * s * length + across * w * length for s, w in zip(shares, widths, strict=True)]
    back = [stem + along * s * length - across * w * length for s, w in zip(shares, widths, strict=True)]
    return [(float(p[0]), float(p[1])) for p in [*edge, *back[::-1]]]


SCENES: dict[str, Callable[[_Canvas], Stage]] = {
    "studio": _studio,
    "podium": _podium,
    "gradient": _gradient,
    "sunset": _sunset,
    "window": _window,
    "botanical": _botanical,
}


def _blend(under: Any, over: Any, share: Floats) -> Floats:
    return _floats(under + (over - under) * share[..., None])


def _rgb(color: str) -> Floats:
    digits = color.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    return np.array([int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)], np.float32)


def _floats(values: Any) -> Floats:
    return np.asarray(values).astype(np.float32)
