"""What can be told of a picture without knowing what it is of: its colours by name, light or dark, transparent, faces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from pressroom.media.color.oklab import lab_of, linear_of
from pressroom.media.color.ranges import NAMED, belonging
from pressroom.media.subject.face_detection import SIDE, find_faces

_COLOR_SIDE: Final = 64
MOST_COLORS: Final = 3
LEAST_SHARE: Final = 0.15  # of the picture, below which a colour is no main one
LIGHT, DARK = 0.8, 0.35  # mean OKLab lightness; the middle grey of people is 0.6
_CLEAR: Final = 0.01  # share of pixels that let something through: fewer are the soft corners of a rounded border
_SEEN: Final = 128  # of 255: how opaque a pixel is that counts as one of the picture
_FACE_CONFIDENCE: Final = 0.9


@dataclass(frozen=True, slots=True)
class Trait:
    """`confidence` is from 0 to 1."""

    word: str
    confidence: float


def traits_of(picture: Image.Image) -> list[Trait]:
    """Of an upright picture in sRGB, RGB or RGBA. About 20 ms."""
    return [*_transparent(picture), *_colors(picture), *_faces(picture)]


def _transparent(picture: Image.Image) -> Iterator[Trait]:
    if picture.mode == "RGBA":
        clear = float(np.mean(np.asarray(picture.getchannel("A")) < _SEEN))
        if clear >= _CLEAR:
            yield Trait("transparent", 1.0)


def _colors(picture: Image.Image) -> Iterator[Trait]:
    """The names of its main colours, and whether it is light or dark. What cannot be seen does not count."""
    small = picture.copy()
    small.thumbnail((_COLOR_SIDE, _COLOR_SIDE))
    pixels = np.asarray(small.convert("RGBA")).reshape(-1, 4)
    seen = pixels[pixels[:, 3] >= _SEEN][:, :3]
    if not len(seen):
        return
    lab = lab_of(linear_of(seen))
    shares = {name: float(np.mean(belonging(lab, found))) for name, found in NAMED.items()}
    main = sorted((name for name in shares if shares[name] >= LEAST_SHARE), key=lambda name: -shares[name])
    yield from (Trait(name, round(min(1.0, 0.5 + shares[name]), 2)) for name in main[:MOST_COLORS])
    lightness = float(np.mean(lab[:, 0]))
    if lightness >= LIGHT:
        yield Trait("light", round(min(1.0, 0.5 + (lightness - LIGHT) / (1 - LIGHT) / 2), 2))
    elif lightness <= DARK:
        yield Trait("dark", round(min(1.0, 0.5 + (DARK - lightness) / DARK / 2), 2))


def _faces(picture: Image.Image) -> Iterator[Trait]:
    small = picture.convert("RGBA")
    small.thumbnail((SIDE, SIDE))
    ground = Image.new("RGBA", small.size, (128, 128, 128, 255))
    count = len(find_faces(np.asarray(Image.alpha_composite(ground, small).convert("RGB"))))
    if count:
        yield Trait("face" if count == 1 else "faces", _FACE_CONFIDENCE)
