"""Writers of one picture in one format at one setting: no metadata, the same pixels give the same bytes."""

from __future__ import annotations

import io
import os
import tempfile
from typing import BinaryIO, cast

import numpy as np
from PIL import Image

# The example tables of ITU-T T.81, annex K, which libjpeg scales by quality, row by row.
_LUMA_TABLE = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
_CHROMA_TABLE = (
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
    24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
)  # fmt: skip
_FULL_COLOUR, _HALF_COLOUR = 0, 2  # Pillow's numbers for 4:4:4 and 4:2:0
_WEBP_METHOD = 4
_AVIF_SPEED = 8  # against 6: a fifth to a third of the time for 6 % more bytes


def jpeg(image: Image.Image, quality: float, *, full_colour: bool, colour_quality: float | None = None) -> bytes:
    """A progressive JPEG of an RGB picture. `quality` may be a fraction; `colour_quality` is that of the colour planes."""
    tables = [_scaled(_LUMA_TABLE, quality), _scaled(_CHROMA_TABLE, colour_quality or quality)]
    subsampling = _FULL_COLOUR if full_colour else _HALF_COLOUR
    try:
        with _nameless_file() as file:
            _bare(image).save(file, "JPEG", progressive=True, qtables=tables, subsampling=subsampling)
            file.seek(0)
            return file.read()
    except OSError:
        # Pillow gives its encoder two bytes a pixel at most; noise at a high quality needs more.
        return _large_jpeg(image, quality, full_colour=full_colour)


def webp(image: Image.Image, quality: float) -> bytes:
    return saved(image, "WEBP", quality=quality, method=_WEBP_METHOD)


def avif(image: Image.Image, quality: float) -> bytes:
    # One thread: renditions are encoded side by side, and tiles for threads cost bytes.
    return saved(image, "AVIF", quality=round(quality), speed=_AVIF_SPEED, max_threads=1)


def png(image: Image.Image, level: int = 6) -> bytes:
    """An exact PNG. libvips' zlib takes a third of the time of Pillow's for the same size."""
    from pressroom.media.encoding.vips import from_array
    from pressroom.media.files.png import without_density

    data = from_array(np.asarray(image)).pngsave_buffer(compression=level, filter="all", keep="none")
    return without_density(bytes(data))


def bmp(image: Image.Image) -> bytes:
    return saved(image, "BMP")


def saved(image: Image.Image, name: str, **options: object) -> bytes:
    out = io.BytesIO()
    _bare(image).save(out, name, **options)
    return out.getvalue()


def _bare(image: Image.Image) -> Image.Image:
    bare = image if not image.info else image.copy()
    bare.info = {}
    return bare


def _nameless_file() -> BinaryIO:
    """A file for Pillow's JPEG encoder, which lets go of the interpreter's lock only where it can write into one."""
    memory_file = getattr(os, "memfd_create", None)  # Linux alone has it
    if memory_file is None:
        return cast("BinaryIO", tempfile.TemporaryFile())
    return os.fdopen(memory_file("jpeg"), "w+b")


def _scaled(table: tuple[int, ...], quality: float) -> list[int]:
    """libjpeg's rule for a quality of 1 to 100, continued to fractions: steps of size become a tenth as large."""
    percent = 5000 / quality if quality < 50 else 200 - 2 * quality
    return [int(min(255, max(1, (value * percent + 50) // 100))) for value in table]


def _large_jpeg(image: Image.Image, quality: float, *, full_colour: bool) -> bytes:
    from pressroom.media.encoding.vips import from_array

    mode = "off" if full_colour else "on"
    pixels = from_array(np.asarray(image))
    return bytes(
        pixels.jpegsave_buffer(Q=int(quality), interlace=True, optimize_coding=True, subsample_mode=mode, keep="none")
    )
