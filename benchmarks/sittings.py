"""Every picture whose subject is known, whoever made it: two painters' and photos; what a cut-out is learned and judged on."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks import solids
from benchmarks.photos import Photo, photos
from tests.support import scenes

FLAT, SOLID, REAL = "flat", "solid", "real"  # the painters of tests/support/scenes.py and of solids/, and photos


class Sitting(NamedTuple):
    """`maker` is FLAT, SOLID or REAL; a photo's family is its name, its background REAL."""

    maker: str
    family: str
    background: str
    seed: int


class Shown(NamedTuple):
    """`pixels` is H x W x 3 uint8 RGB, `alpha` H x W in 0..1; where `counts` (bool) is False nothing is sure."""

    pixels: NDArray[np.uint8]
    alpha: Any
    counts: NDArray[np.bool_]


def sittings(flat: tuple[int, ...] = (), solid: tuple[int, ...] = (), real: bool = False) -> list[Sitting]:
    """All opaque families before all backgrounds for each seed of either painter, and the photos that are installed."""
    opaque = [family for family in scenes.FAMILIES if family not in scenes.SEE_THROUGH]
    listed = [Sitting(FLAT, name, kind, seed) for seed in flat for name in opaque for kind in scenes.BACKGROUNDS]
    listed += [
        Sitting(SOLID, name, kind, seed) for seed in solid for name in solids.FAMILIES for kind in solids.BACKGROUNDS
    ]
    return listed + ([Sitting(REAL, name, REAL, 0) for name in _photos()] if real else [])


def shown(sitting: Sitting) -> Shown:
    """The picture: the same one for the same sitting."""
    if sitting.maker == REAL:
        photo = _photos()[sitting.family]
        return Shown(photo.pixels, photo.subject.astype(np.float32), photo.counts)
    made: Any = (
        scenes.scene(sitting.family, sitting.background, sitting.seed)
        if sitting.maker == FLAT
        else solids.picture(sitting.family, sitting.background, sitting.seed)
    )
    return Shown(made.photo, made.alpha, np.ones(made.alpha.shape, np.bool_))


@cache
def _photos() -> dict[str, Photo]:
    return {photo.name: photo for photo in photos()}
