"""Which format suits a picture: decided once for all its renditions, so that every platform gets the same look."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageChops

from pressroom.media.encoding import codecs
from pressroom.media.encoding.pictures import FORMATS
from pressroom.media.encoding.ssim import likeness
from pressroom.media.renditions.levels import Levels

_SAMPLE_SIDE = 128
# A drawing has few colours in a sparse sample, and most of its neighbours are equal; a photograph in black and white has
# few colours, too, but its neighbours differ.
_DRAWN_COLOURS, _DRAWN_FLAT = 256, 0.5
DRAWN_QUALITY: Final = 95  # of a JPEG, which draws rings around sharp edges below
# A drawing is tried at this size; a JPEG is taken where it is that much smaller than the exact PNG and looks the same.
_TRIED_SIDE, _MUCH_SMALLER, _SAME_LOOK = 1080, 0.55, 0.99


@dataclass(frozen=True, slots=True)
class Suited:
    """Formats, the one that suits best first, and the quality that lossy ones start from; None for their usual one."""

    wishes: tuple[str, ...]
    jpeg_quality: int | None = None

    def of(self, allowed: Sequence[str]) -> str:
        """The allowed format that suits best; the first one where none does."""
        known = [name for name in allowed if name in FORMATS]
        return next((name for name in self.wishes if name in known), known[0])


def suited(master: Levels, *, keeps_alpha: bool) -> Suited:
    """PNG or WebP for transparency, JPEG for photographs, for drawings PNG or a fine JPEG: see `_MUCH_SMALLER`."""
    if keeps_alpha:
        return Suited(("png", "webp"))
    if not _is_drawn(master):
        return Suited(("jpeg", "webp"))
    return Suited(("jpeg", "png") if _is_cheap_as_jpeg(master) else ("png", "jpeg"), DRAWN_QUALITY)


def _is_drawn(master: Levels) -> bool:
    if master.sample(_SAMPLE_SIDE).getcolors(_DRAWN_COLOURS) is None:
        return False
    image = master.whole()
    moved = ImageChops.difference(image.convert("L"), ImageChops.offset(image.convert("L"), min(image.width - 1, 1), 0))
    return moved.histogram()[0] / (image.width * image.height) >= _DRAWN_FLAT


def _is_cheap_as_jpeg(master: Levels) -> bool:
    scale = min(1.0, _TRIED_SIDE / max(master.size))
    size = (max(1, round(master.size[0] * scale)), max(1, round(master.size[1] * scale)))
    shown = master.shown([((0, 0, *master.size), size)])[0].convert("RGB")
    lossy = codecs.jpeg(shown, DRAWN_QUALITY, full_colour=True)
    if len(lossy) > _MUCH_SMALLER * len(codecs.png(shown)):
        return False
    with Image.open(io.BytesIO(lossy)) as found:
        return likeness(shown, found.convert("RGB")) >= _SAME_LOOK
