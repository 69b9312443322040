"""Render the sample product photo: a lacquered serum bottle with a brass cap on a paper sweep, lit by two softboxes.

The picture is computed, not taken: a surface of revolution is ray marched, its lacquer and brass reflect an analytic
studio, and the shadow on the sweep is the occlusion of the same studio. It repeats: same machine, same bytes.

    python deployments/campaigns/make_sample_photo.py deployments/campaigns/product-launch/product.jpg
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image
from sample_label import label_texture

Array = npt.NDArray[np.float32]

WIDTH, HEIGHT = 1600, 2000
OVERSAMPLE = 2
SEED = 20

# The scene's unit is the bottle's radius. y points up, the camera looks along +z.
EYE = np.array([0.0, 3.6, -15.5], np.float32)
TARGET = np.array([0.0, 2.28, 0.0], np.float32)
FOCAL = 4.75  # of half the picture's width
GROUND_SIZE = 14.0

LACQUER = np.array([0.020, 0.072, 0.048], np.float32)
BRASS = np.array([0.83, 0.60, 0.30], np.float32)
PAPER = np.array([0.80, 0.735, 0.655], np.float32)
LABEL_HALF_ANGLE = 0.76
LABEL_BOTTOM, LABEL_TOP = 0.52, 2.52
BODY, CAP, COLLAR = 0, 1, 2


@dataclass(frozen=True)
class Softbox:
    """A rectangular light: where it hangs, its half sizes along `right` and `up`, and how bright it is."""

    center: tuple[float, float, float]
    right: tuple[float, float, float]
    up: tuple[float, float, float]
    size: tuple[float, float]
    light: tuple[float, float, float]
    edge: float


LIGHTS = (
    Softbox((-7.4, 4.6, 3.0), (0.38, 0.0, 0.925), (0.0, 1.0, 0.0), (1.5, 4.6), (9.0, 8.7, 8.2), 0.30),
    Softbox((7.0, 4.4, 3.8), (0.45, 0.0, -0.893), (0.0, 1.0, 0.0), (0.8, 4.8), (7.0, 7.2, 7.6), 0.35),
    Softbox((-6.5, 7.0, -9.0), (0.81, 0.0, -0.586), (0.0, 1.0, 0.0), (3.2, 3.2), (7.4, 7.2, 6.9), 0.50),
    Softbox((0.0, 11.0, 1.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (4.5, 3.2), (3.4, 3.3, 3.2), 0.30),
)


def main() -> None:
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "product.jpg")
    Image.fromarray(develop(render())).save(target, quality=90, subsampling=0, optimize=True, progressive=True)


def render() -> Array:
    """The scene as linear light, HEIGHT x WIDTH x 3."""
    sweep = render_sweep()
    left, top, right, bottom = bottle_box()
    rays = camera_rays(left, top, right, bottom, OVERSAMPLE)
    color, cover = shade_rays(np.broadcast_to(EYE, rays.shape).reshape(-1, 3), rays.reshape(-1, 3))
    color, cover = color.reshape(rays.shape), cover.reshape(rays.shape[:2])
    size = (right - left, bottom - top)
    color = cv2.resize(color * cover[..., None], size, interpolation=cv2.INTER_AREA)
    cover = cv2.resize(cover, size, interpolation=cv2.INTER_AREA)[..., None]
    sweep[top:bottom, left:right] = sweep[top:bottom, left:right] * (1 - cover) + color
    return sweep


def develop(light: Array) -> npt.NDArray[np.uint8]:
    """Linear light to sRGB bytes with a film-like shoulder, a soft vignette and sensor noise."""
    rng = np.random.default_rng(SEED)
    y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j].astype(np.float32)
    light = 1.06 * light * (1 - 0.16 * np.clip(x * x * 0.7 + y * y * 0.6, 0, None) ** 1.4)[..., None]
    glow = cv2.GaussianBlur(np.clip(light - 0.85, 0, 3), (0, 0), 9)
    light = light + 0.10 * glow
    curve = np.where(light < 0.7, light, 0.7 + 0.3 * (1 - np.exp(-(light - 0.7) / 0.3)))
    srgb = np.where(curve <= 0.0031308, 12.92 * curve, 1.055 * np.clip(curve, 1e-6, None) ** (1 / 2.4) - 0.055)
    grain = cv2.GaussianBlur(rng.normal(0, 1, (HEIGHT, WIDTH, 3)).astype(np.float32), (0, 0), 0.7)
    srgb = cv2.GaussianBlur(srgb, (0, 0), 0.55) + grain * 0.0055
    return np.asarray(np.clip(srgb * 255 + 0.5, 0, 255), np.uint8)


def camera_rays(left: int, top: int, right: int, bottom: int, oversample: int = 1) -> Array:
    """Unit directions through a window of the picture, rows x columns x 3."""
    forward = unit(TARGET - EYE)
    side = unit(np.cross(np.array([0, 1, 0], np.float32), forward))
    up = np.cross(forward, side)
    columns = left + (np.arange((right - left) * oversample, dtype=np.float32) + 0.5) / oversample
    rows = top + (np.arange((bottom - top) * oversample, dtype=np.float32) + 0.5) / oversample
    x, y = np.meshgrid((columns - WIDTH / 2) / (WIDTH / 2), (HEIGHT / 2 - rows) / (WIDTH / 2))
    rays = FOCAL * forward + x[..., None] * side + y[..., None] * up
    return unit(rays.astype(np.float32))


def bottle_box() -> tuple[int, int, int, int]:
    """Pixels around the bottle, with a margin: left, top, right, bottom."""
    corners = np.array([[x, y, z] for x in (-1.1, 1.1) for y in (-0.1, 4.95) for z in (-1.1, 1.1)], np.float32)
    forward = unit(TARGET - EYE)
    side = unit(np.cross(np.array([0, 1, 0], np.float32), forward))
    up = np.cross(forward, side)
    away = corners - EYE
    depth = away @ forward / FOCAL
    x = WIDTH / 2 * (1 + (away @ side) / depth)
    y = HEIGHT / 2 - WIDTH / 2 * (away @ up) / depth
    return int(x.min()) - 8, int(y.min()) - 8, int(x.max()) + 8, int(y.max()) + 8


def unit(vectors: Array) -> Array:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def rounded_box(r: Array, y: Array, box: tuple[float, float, float], radius: float) -> Array:
    """Signed distance in the (r, y) half plane; box is (half width, bottom, top)."""
    half_width, bottom, top = box
    a = np.abs(r) - (half_width - radius)
    b = np.abs(y - (bottom + top) / 2) - ((top - bottom) / 2 - radius)
    return np.hypot(np.maximum(a, 0), np.maximum(b, 0)) + np.minimum(np.maximum(a, b), 0) - radius


def distances(points: Array) -> tuple[Array, Array, Array]:
    """Signed distances to the lacquered body, the knurled cap and the collar."""
    r = np.hypot(points[:, 0], points[:, 2])
    y = points[:, 1]
    glass = rounded_box(r, y, (1.0, 0.0, 3.18), 0.26)
    foot = rounded_box(r, y, (0.93, -0.2, 0.5), 0.12)
    neck = rounded_box(r, y, (0.36, 2.7, 3.45), 0.04)
    h = np.clip(0.5 + 0.5 * (neck - glass) / 0.22, 0, 1)
    body = neck * (1 - h) + glass * h - 0.22 * h * (1 - h)
    body = np.maximum(np.maximum(body, -y), np.minimum(foot, body))
    angle = np.arctan2(points[:, 2], points[:, 0])
    grip = np.clip((y - 3.72) * 14, 0, 1) * np.clip((4.56 - y) * 14, 0, 1)
    cap = rounded_box(r, y, (0.55, 3.60, 4.72), 0.07) + 0.011 * grip * (0.5 + 0.5 * np.cos(72 * angle))
    collar = rounded_box(r, y, (0.47, 3.36, 3.58), 0.035)
    collar = np.minimum(collar, rounded_box(r, y, (0.43, 3.40, 3.90), 0.02))  # the thread that shows between them
    return body, cap, collar


def march(origins: Array, rays: Array, start: float, stop: float) -> Array:
    """Distance along each ray to the bottle, or infinity."""
    travelled = np.full(len(rays), start, np.float32)
    active = np.arange(len(rays))
    result = np.full(len(rays), np.inf, np.float32)
    for _ in range(320):
        points = origins[active] + rays[active] * travelled[active, None]
        gap = np.minimum.reduce(distances(points)).astype(np.float32)
        hit = gap < 0.0012
        result[active[hit]] = travelled[active[hit]]
        travelled[active] += gap * 0.85
        active = active[~hit & (travelled[active] < stop)]
        if not len(active):
            break
    return result


def normals(points: Array) -> Array:
    step = 0.0015
    gradient = np.empty_like(points)
    for axis in range(3):
        offset = np.zeros(3, np.float32)
        offset[axis] = step
        ahead = np.minimum.reduce(distances(points + offset))
        gradient[:, axis] = ahead - np.minimum.reduce(distances(points - offset))
    return unit(gradient)


def studio(origins: Array, rays: Array) -> Array:
    """Light that arrives along the ray from the softboxes, the dim room and the paper sweep."""
    height = rays[:, 1:2]
    room = 0.10 + 0.22 * np.clip(height + 0.25, 0, 1) + 0.30 * np.clip(rays[:, 2:3], 0, 1) ** 2
    color = room * np.array([1.0, 0.97, 0.93], np.float32)
    down = np.clip(-height * 9, 0, 1)
    reach = np.clip(origins[:, 1:2] / np.maximum(-height, 1e-3), 0, 12)
    contact = np.clip(0.30 + 0.20 * reach, 0, 1)
    color = color * (1 - down) + PAPER * 0.62 * contact * down
    for light in LIGHTS:
        color = color + softbox_light(light, origins, rays)
    return color.astype(np.float32)


def softbox_light(box: Softbox, origins: Array, rays: Array) -> Array:
    center, right, up = (np.array(part, np.float32) for part in (box.center, box.right, box.up))
    normal = np.cross(right, up)
    facing = rays @ normal
    reach = ((center - origins) @ normal) / np.where(np.abs(facing) < 1e-4, 1e-4, facing)
    where = origins + rays * reach[:, None] - center
    a = np.abs(where @ right) / box.size[0]
    b = np.abs(where @ up) / box.size[1]
    inside = smooth(1 + box.edge / 2, 1 - box.edge / 2, np.maximum(a, b)) * (1 - 0.35 * np.clip(a * a + b * b, 0, 1.4))
    return (inside * (reach > 0))[:, None] * np.array(box.light, np.float32)


def smooth(low: float, high: float, value: Array) -> Array:
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def directions(count: int) -> Array:
    """Evenly spread unit vectors (Fibonacci lattice)."""
    index = np.arange(count, dtype=np.float32) + 0.5
    y = 1 - 2 * index / count
    angle = np.pi * (1 + 5**0.5) * index
    radius = np.sqrt(1 - y * y)
    return np.stack([radius * np.cos(angle), y, radius * np.sin(angle)], axis=1).astype(np.float32)


def irradiance(facing: Array) -> Array:
    """Diffuse light on surfaces that face these ways, seen from the middle of the bottle."""
    around = directions(1500)
    light = studio(np.broadcast_to(np.array([0, 1.9, 0], np.float32), around.shape), around)
    total = np.zeros((len(facing), 3), np.float32)
    for begin in range(0, len(facing), 20_000):
        cosines = np.clip(facing[begin : begin + 20_000] @ around.T, 0, None)
        total[begin : begin + 20_000] = cosines @ light * (4 / len(around))
    return total


def irradiance_of(normal: Array) -> Array:
    """Irradiance by interpolation in a table over height and angle: the bottle has millions of samples."""
    rows, columns = 65, 128
    polar, turn = np.mgrid[0 : np.pi : rows * 1j, -np.pi : np.pi : columns * 1j].astype(np.float32)
    facing = np.stack([np.sin(polar) * np.cos(turn), np.cos(polar), np.sin(polar) * np.sin(turn)], axis=-1)
    table = irradiance(facing.reshape(-1, 3)).reshape(rows, columns, 3)
    x = (np.arctan2(normal[:, 2], normal[:, 0]) + np.pi) / (2 * np.pi) * (columns - 1)
    y = np.arccos(np.clip(normal[:, 1], -1, 1)) / np.pi * (rows - 1)
    wide = 4096  # cv2.remap takes maps of fewer than 32,768 rows and columns
    pad = -len(x) % wide
    maps = [np.pad(axis, (0, pad)).reshape(-1, wide).astype(np.float32) for axis in (x, y)]
    parts = [
        cv2.remap(table, maps[0][at : at + 8000], maps[1][at : at + 8000], cv2.INTER_LINEAR)
        for at in range(0, len(maps[0]), 8000)
    ]
    return np.concatenate(parts).reshape(-1, 3)[: len(normal)]


def shade_rays(origins: Array, rays: Array) -> tuple[Array, Array]:
    """Colour and coverage (0 or 1) of the bottle along each ray."""
    away = march(origins, rays, 0.0 if origins[0, 2] > -5 else 12.0, 22.0)
    hit = np.flatnonzero(np.isfinite(away))
    color = np.zeros((len(rays), 3), np.float32)
    points = origins[hit] + rays[hit] * away[hit, None]
    color[hit] = shade(points, normals(points), rays[hit])
    return color, np.isfinite(away).astype(np.float32)


def shade(points: Array, normal: Array, rays: Array) -> Array:
    part = np.argmin(np.stack(distances(points)), axis=0)
    diffuse = irradiance_of(normal) * occlusion(points)[:, None]
    mirror = rays - 2 * np.sum(rays * normal, axis=1, keepdims=True) * normal
    facing = np.clip(-np.sum(rays * normal, axis=1), 0, 1)
    shine = reflected(points, mirror)
    fresnel = (0.045 + 0.955 * (1 - facing) ** 5)[:, None]
    lacquer = LACQUER * diffuse + fresnel * shine
    brushed = blurred_studio(points, mirror)
    tint = BRASS + (1 - BRASS) * ((1 - facing) ** 5)[:, None]
    brass = tint * (0.55 * shine + 0.45 * brushed + 0.06 * diffuse)
    texture, alpha = label_at(points)
    paper = texture * diffuse * 0.92 + 0.25 * fresnel * brushed
    lacquer = lacquer * (1 - alpha) + paper * alpha
    return np.where((part == BODY)[:, None], lacquer, brass).astype(np.float32)


def reflected(points: Array, mirror: Array) -> Array:
    """What a sharp reflection sees; parts of the bottle hide the studio from each other."""
    lifted = points + mirror * 0.02
    hidden = np.ones(len(points), np.float32)
    for reach in (0.06, 0.12, 0.22, 0.36, 0.55):
        gap = np.minimum.reduce(distances(lifted + mirror * reach))
        hidden = np.minimum(hidden, np.clip(0.15 + 9 * gap / (1 + reach), 0, 1))
    return studio(lifted, mirror) * hidden[:, None]


def blurred_studio(points: Array, mirror: Array) -> Array:
    rng = np.random.default_rng(SEED)
    total = np.zeros_like(points)
    for _ in range(12):
        total += studio(points, unit(mirror + rng.normal(0, 0.16, 3).astype(np.float32)))
    return total / 12


def occlusion(points: Array) -> Array:
    """Darkening towards the ground and under the collar."""
    ground = 0.45 + 0.55 * smooth(0.0, 0.9, points[:, 1])
    radius = np.hypot(points[:, 0], points[:, 2])
    shoulder = 1 - 0.6 * smooth(0.75, 0.42, radius) * smooth(3.05, 3.3, points[:, 1]) * (points[:, 1] < 3.4)
    return ground * shoulder


def label_at(points: Array) -> tuple[Array, Array]:
    """The paper label's colour and coverage where it is wrapped around the body."""
    texture = label_texture()
    angle = np.arctan2(points[:, 0], -points[:, 2])
    u = (angle / LABEL_HALF_ANGLE + 1) / 2
    v = (LABEL_TOP - points[:, 1]) / (LABEL_TOP - LABEL_BOTTOM)
    rows, columns = texture.shape[:2]
    x = np.clip(u * columns - 0.5, 0, columns - 1.001)
    y = np.clip(v * rows - 0.5, 0, rows - 1.001)
    left, top = x.astype(np.int32), y.astype(np.int32)
    a, b = (x - left)[:, None], (y - top)[:, None]
    upper = texture[top, left] * (1 - a) + texture[top, left + 1] * a
    lower = texture[top + 1, left] * (1 - a) + texture[top + 1, left + 1] * a
    sample = upper * (1 - b) + lower * b
    inside = (u > 0) & (u < 1) & (v > 0) & (v < 1) & (points[:, 2] < 0)
    return sample[:, :3], sample[:, 3:] * inside[:, None]


def render_sweep() -> Array:
    """The backdrop with its falloff, the bottle's soft shadow and a faint reflection, HEIGHT x WIDTH x 3."""
    small = 4
    rays = camera_rays(0, 0, WIDTH, HEIGHT)[::small, ::small].reshape(-1, 3)
    rows, columns = HEIGHT // small, WIDTH // small
    reach = np.where(rays[:, 1] < -1e-3, EYE[1] / np.maximum(-rays[:, 1], 1e-3), 1e3)
    points = EYE + rays * reach[:, None]
    visible = ground_light(points).reshape(rows, columns, 3)
    visible = cv2.GaussianBlur(visible, (0, 0), 1.6)
    bend = smooth(0.5, 22.0, points[:, 2]).reshape(rows, columns, 1)
    open_light = visible[-12:, :, :].mean(axis=(0, 1))
    ground = visible / open_light
    y, x = np.mgrid[1 : -1 : rows * 1j, -1 : 1 : columns * 1j].astype(np.float32)
    halo = np.exp(-(((x - 0.10) / 0.85) ** 2 + ((y - 0.22) / 0.75) ** 2))[..., None]
    wall = 0.70 + 0.36 * halo - 0.10 * np.clip(x, 0, 1)[..., None] * 0.9
    level = PAPER * (ground * 0.93 * (1 - bend) + wall * bend)
    sweep = cv2.resize(level.astype(np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return add_ground_reflection(sweep)


def ground_light(points: Array) -> Array:
    """Light on the ground around the bottle: the studio's, less what the bottle hides."""
    rng = np.random.default_rng(SEED)
    near = np.flatnonzero((np.abs(points[:, 0]) < GROUND_SIZE) & (np.abs(points[:, 2]) < GROUND_SIZE))
    above = directions(1400)
    above = above[above[:, 1] > 0.03]
    result = np.ones((len(points), 3), np.float32)
    total = np.zeros((len(near), 3), np.float32)
    spots = points[near] * np.array([1, 0, 1], np.float32)
    for ray in above:
        wobble = unit(ray + rng.normal(0, 0.035, (len(near), 3)).astype(np.float32))
        light = studio(np.zeros((1, 3), np.float32), ray[None])
        total += light * ray[1] * (1 - hidden_by_bottle(spots, wobble))[:, None]
    result[near] = total
    result[np.setdiff1d(np.arange(len(points)), near)] = total.max(axis=0)
    return result


def hidden_by_bottle(points: Array, rays: Array) -> Array:
    """1 where an upright cylinder for the foot, the body or the cap blocks the ray."""
    hidden = np.zeros(len(points), np.bool_)
    flat = rays[:, 0] ** 2 + rays[:, 2] ** 2 + 1e-9
    along = points[:, 0] * rays[:, 0] + points[:, 2] * rays[:, 2]
    for radius, bottom, top in ((0.84, 0.0, 0.24), (0.97, 0.22, 3.12), (0.54, 3.1, 4.7)):
        inner = along**2 - flat * (points[:, 0] ** 2 + points[:, 2] ** 2 - radius**2)
        root = np.sqrt(np.maximum(inner, 0))
        near, far = (-along - root) / flat, (-along + root) / flat
        low = np.maximum(np.maximum(near, 0), bottom / rays[:, 1])
        high = np.minimum(far, top / rays[:, 1])
        hidden |= (inner > 0) & (high > low)
    return hidden.astype(np.float32)


def add_ground_reflection(sweep: Array) -> Array:
    """The satin paper's faint mirror image of the bottle, softer the further it is from the foot."""
    left, _, right, bottom = bottle_box()
    left, right = left - 60, right + 60
    top, bottom = bottom - 260, min(bottom + 420, HEIGHT)
    rays = camera_rays(left, top, right, bottom)
    flat = rays.reshape(-1, 3)
    spots = EYE + flat * (EYE[1] / np.maximum(-flat[:, 1], 1e-3))[:, None]
    color, cover = shade_rays(spots.astype(np.float32), flat * np.array([1, -1, 1], np.float32))
    shape = rays.shape[:2]
    image = cv2.GaussianBlur(color.reshape(*shape, 3) * cover.reshape(*shape, 1), (0, 0), 7)
    mask = cv2.GaussianBlur(cover.reshape(shape), (0, 0), 7)[..., None]
    fade = np.linspace(1, 0, shape[0], dtype=np.float32)[:, None, None] ** 1.2
    strength = 0.20 * fade
    window = sweep[top:bottom, left:right]
    sweep[top:bottom, left:right] = window * (1 - strength * mask) + image * strength
    return sweep


if __name__ == "__main__":
    main()
