"""A picture as a file of one format: written, opened again, its likeness on record."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from pressroom.domain.errors import Corrupt
from pressroom.domain.media import Made, suffix_of
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.encoding.pictures import Encoded, encode
from pressroom.media.encoding.reopen import reopen
from pressroom.media.files.images import flatten

TIFF = "tiff"
_SCREEN_DPI = 72


@dataclass(frozen=True, slots=True)
class Wanted:
    """`quality` None is the format's best without visible loss; pixels that are not there lie on `ground`."""

    format: str
    ground: str
    quality: int | None = None
    max_bytes: int | None = None


def packed(image: Image.Image, wanted: Wanted, folder: Path, stem: str, limits: MediaLimits) -> Made:
    """Raises Refused when `max_bytes` cannot be met, Corrupt when what is read again is not what was written."""
    target = folder / f"{stem}{suffix_of(wanted.format)}"
    details: dict[str, Any] = {"format": wanted.format}
    if wanted.format == TIFF:
        _write_tiff(image, target)
    else:
        found = encode(image, wanted.format, wanted.max_bytes, ground=wanted.ground, quality=wanted.quality)
        target.write_bytes(found.data)
        details |= _how(found)
    info, likeness = reopen(target, image if keeps_alpha(wanted.format) else flatten(image, wanted.ground), limits)
    if (info.width, info.height) != image.size:
        raise Corrupt(f"{target.name} came out as {info.width} x {info.height}, not {image.width} x {image.height}")
    return Made(target, info.mime, details={**details, "ssim": likeness})


def keeps_alpha(name: str) -> bool:
    """Whether half-transparent pixels survive; GIF has only pixels that are there or not."""
    return name in ("png", "webp", "avif", TIFF)


def _how(found: Encoded) -> dict[str, Any]:
    chosen = {"quality": found.quality, "colors": found.colors, "step": found.step}
    return {name: value for name, value in chosen.items() if value is not None}


def _write_tiff(image: Image.Image, target: Path) -> None:
    import pyvips

    pixels = pyvips.Image.new_from_memory(image.tobytes(), image.width, image.height, len(image.getbands()), "uchar")
    # A TIFF must tell a density; told nothing, libvips writes 25.4 dots an inch, and a banner is a metre wide on paper.
    told = pixels.copy(interpretation="srgb", xres=_SCREEN_DPI / 25.4, yres=_SCREEN_DPI / 25.4)
    told.tiffsave(str(target), compression="lzw", predictor="horizontal", keep="none")
