"""Product photos composed by computer, so that every pixel's true alpha and colour is known. Same seed, same picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.support.products import FAMILIES, OVERSAMPLE, PALE, SEE_THROUGH, Color, Easel, Floats

BACKGROUNDS = ("plain", "gradient", "textured", "busy")
SHARPENED, SOFTENED = 0.25, 0.5  # a quarter of the photos is sharpened in the camera, a quarter is a little soft


@dataclass(frozen=True)
class Scene:
    """`photo` is uint8 RGB after noise and JPEG; `alpha` and `foreground` are the truth in 0..1."""

    photo: NDArray[np.uint8]
    alpha: Floats
    foreground: Floats
    family: str
    background: str


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


def _base_and_main(rng: np.random.Generator, least: float = 28, most: float = 999) -> tuple[Floats, Color]:
    """A background and a product colour, `least` to `most` Lab units apart; above 28 a person sees it at a glance."""
    while True:
        level = rng.choice([0.93, 0.85, 0.7, 0.5, 0.25], p=[0.3, 0.25, 0.2, 0.15, 0.1])
        base = np.clip(level + rng.uniform(-0.12, 0.05, 3), 0.05, 0.97).astype(np.float32)
        main = rng.uniform(0.08, 0.92, 3).astype(np.float32)
        # Half of all products are muted: steel, glass, leather, paper.
        main += (main.mean() - main) * np.float32(rng.choice([0, 0.85], p=[0.5, 0.5]))
        pair = cv2.cvtColor(np.array([[base, main]], np.float32), cv2.COLOR_RGB2LAB)[0]
        if least < np.linalg.norm(pair[0] - pair[1]) < most:
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
    key = [seed, list(FAMILIES).index(family), BACKGROUNDS.index(background)]
    rng, light = np.random.default_rng(key), np.random.default_rng([*key, 1])
    base, main = _base_and_main(rng, *_contrast(family, light))
    easel = Easel(min(width, height), rng, main)
    if light.random() < 0.2:
        # A lid, a strap, a sole in the backdrop's own colour, told apart by its shading and its outline alone.
        easel.accent = np.clip(base + light.uniform(-0.07, 0.07, 3), 0.05, 0.95).astype(np.float32)
    FAMILIES[family](easel)
    if light.random() < 0.2 and family not in SEE_THROUGH:
        easel.print_pattern()
    foreground, alpha = _placed(easel, rng, width, height)
    behind = _backdrop(background, rng, base, width, height) * _ground_shadow(alpha, rng)[..., None]
    behind = behind * _vignette(light, width, height)[..., None] * _cast_shadow(alpha, light)[..., None]
    # A soft lens softens the outline: the truth is soft, too.
    kind = light.random()
    if SHARPENED < kind < SOFTENED:
        foreground, alpha = _softened(foreground, alpha)
    picture = behind * (1 - alpha[..., None]) + foreground * alpha[..., None]
    if kind < SHARPENED:
        picture = (picture + 0.4 * (picture - cv2.GaussianBlur(picture, (0, 0), 1.0))).astype(np.float32)
    picture += rng.normal(0, rng.uniform(0.004, 0.014), picture.shape)
    quality = int(light.integers(82, 95))
    encoded = cv2.imencode(
        ".jpg", np.clip(picture[..., ::-1] * 255, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )[1]
    photo = cv2.imdecode(encoded, cv2.IMREAD_COLOR)[..., ::-1]
    return Scene(np.ascontiguousarray(photo, np.uint8), alpha, np.clip(foreground, 0, 1), family, background)


def _contrast(family: str, light: np.random.Generator) -> tuple[float, float]:
    """The least and the greatest distance of product and background, Lab: one product in six is hard to tell apart."""
    if family in PALE:
        return 9, 20
    return (14, 28) if light.random() < 1 / 6 else (28, 999)


def _vignette(light: np.random.Generator, width: int, height: int) -> Floats:
    """The fall-off of light towards one side and the corners, in half of the pictures."""
    strength = float(light.uniform(0.05, 0.25)) * (light.random() < 0.5)
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    far = np.hypot(x - light.uniform(-0.4, 0.4), y - light.uniform(-0.5, 0.3))
    return (1 - strength * np.clip(far / 1.6, 0, 1) ** 2).astype(np.float32)


def _cast_shadow(alpha: Floats, light: np.random.Generator) -> Floats:
    """The product's shadow thrown to one side over the ground, soft, in two of five pictures."""
    height, width = alpha.shape
    strength, lean = float(light.uniform(0.15, 0.4)), float(light.uniform(-0.9, 0.9))
    if light.random() > 0.4:
        return np.ones_like(alpha)
    foot = float(np.flatnonzero(alpha.max(1) > 0.5)[-1])
    # A point h above the ground falls lean * h to the side and 0.35 h up: the shadow lies flat behind the product.
    flat = np.array([[1, -lean, lean * foot], [0, 0.35, 0.65 * foot]], np.float32)
    thrown = cv2.warpAffine(alpha, flat, (width, height))
    return (1 - strength * cv2.GaussianBlur(thrown, (0, 0), width * float(light.uniform(0.006, 0.02)))).astype(
        np.float32
    )


def _softened(foreground: Floats, alpha: Floats) -> tuple[Floats, Floats]:
    soft = cv2.GaussianBlur(alpha, (0, 0), 0.7)
    color = cv2.GaussianBlur(foreground * alpha[..., None], (0, 0), 0.7)
    return color / np.maximum(soft, 1e-4)[..., None], soft


def iou(found: Floats, truth: Floats) -> float:
    """Intersection over union of two alphas, each cut at one half."""
    a, b = found >= 0.5, truth >= 0.5
    return float((a & b).sum() / max(1, (a | b).sum()))


def boundary_f(found: Floats, truth: Floats, pixels: int = 2) -> float:
    """Harmonic mean of the shares of both outlines that lie within `pixels` of the other one."""
    outlines = [
        (mask & (cv2.erode(mask.astype(np.uint8), np.ones((3, 3))) == 0)) for mask in (found >= 0.5, truth >= 0.5)
    ]
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * pixels + 1,) * 2)
    near = [cv2.dilate(outline.astype(np.uint8), kernel) > 0 for outline in outlines]
    precision = float((outlines[0] & near[1]).sum() / max(1, outlines[0].sum()))
    recall = float((outlines[1] & near[0]).sum() / max(1, outlines[1].sum()))
    return 2 * precision * recall / max(precision + recall, 1e-9)


def edge_color_error(rgba: NDArray[np.uint8], truth: Scene) -> float:
    """Mean error of the colours along the true outline that are kept, 0..255, each as strong as it shows (times alpha)."""
    edge = (truth.alpha > 0.05) & (truth.alpha < 0.95) & (rgba[..., 3] > 12)
    if not edge.any():
        return float("nan")
    error = np.abs(rgba[edge][:, :3] / 255 - truth.foreground[edge]) * truth.alpha[edge][:, None]
    return float(error.mean() * 255)
