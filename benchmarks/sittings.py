"""Every picture whose subject is known, whoever made it: painters' and photos; what a cut-out is learned and judged on."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks import fields, solids, stamps
from benchmarks.photos import Photo, photos
from tests.support import scenes

# The painters of tests/support/scenes.py, of solids/ and of fields/; things that others have cut out; and photos.
FLAT, SOLID, FIELD, STAMP, REAL = "flat", "solid", "field", "stamp", "real"


class Sitting(NamedTuple):
    """`maker` is one of those above; a stamp's family is the thing, a photo's family is its name, its background REAL."""

    maker: str
    family: str
    background: str
    seed: int


class Shown(NamedTuple):
    """`pixels` is H x W x 3 uint8 RGB, `alpha` H x W in 0..1; where `counts` (bool) is False nothing is sure."""

    pixels: NDArray[np.uint8]
    alpha: Any
    counts: NDArray[np.bool_]


PAINTED: Final[dict[str, Callable[[str, str, int], Any]]] = {
    FLAT: scenes.scene,
    SOLID: solids.picture,
    FIELD: fields.picture,
    STAMP: stamps.picture,
}


def sittings(
    flat: tuple[int, ...] = (),
    solid: tuple[int, ...] = (),
    field: tuple[int, ...] = (),
    stamp: tuple[int, ...] = (),
    real: bool = False,
) -> list[Sitting]:
    """All opaque families before all backgrounds for each seed of a maker; and the photos. What is not installed is left out."""
    opaque = [family for family in scenes.FAMILIES if family not in scenes.SEE_THROUGH]
    listed = [Sitting(FLAT, name, kind, seed) for seed in flat for name in opaque for kind in scenes.BACKGROUNDS]
    listed += [
        Sitting(SOLID, name, kind, seed) for seed in solid for name in solids.FAMILIES for kind in solids.BACKGROUNDS
    ]
    listed += [
        Sitting(FIELD, name, kind, seed) for seed in field for name in fields.FAMILIES for kind in fields.BACKGROUNDS
    ]
    listed += [
        Sitting(STAMP, name, kind, seed) for seed in stamp for name in stamps.things() for kind in stamps.BACKGROUNDS
    ]
    return listed + ([Sitting(REAL, name, REAL, 0) for name in _photos()] if real else [])


def shown(sitting: Sitting) -> Shown:
    """The picture: the same one for the same sitting."""
    if sitting.maker == REAL:
        photo = _photos()[sitting.family]
        return Shown(photo.pixels, photo.subject.astype(np.float32), photo.counts)
    made = PAINTED[sitting.maker](sitting.family, sitting.background, sitting.seed)
    return Shown(made.photo, made.alpha, np.ones(made.alpha.shape, np.bool_))


@cache
def _photos() -> dict[str, Photo]:
    return {photo.name: photo for photo in photos()}
