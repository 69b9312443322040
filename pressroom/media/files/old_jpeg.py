"""TIFF with the JPEG of TIFF 6.0 (compression 6), unpacked by a process of its own: libtiff guesses at much of such a stream."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from pressroom.media.files import old_jpeg_worker
from pressroom.media.files.confined_picture import answer_of
from pressroom.media.files.tiff import Tiff

if TYPE_CHECKING:
    import pyvips

# Measured: less than 80 MB of addresses, and 150 MB for 8.5 megapixels, which take 0.4 s.
_BASE_BYTES, _BYTES_A_PIXEL = 300_000_000, 24
_BASE_SECONDS, _PIXELS_A_SECOND = 10, 4_000_000
_BANDS: Final = {"L": ("b-w", 1), "RGB": ("srgb", 3)}


def from_old_jpeg(path: Path, tiff: Tiff) -> pyvips.Image:
    """The picture as grey or RGB of 8 bits.

    Raises Corrupt for what cannot be decoded, in the bounds of memory and time of a picture of its size as well.
    """
    import pyvips

    if tiff.place.sub is not None:
        raise ValueError("unsupported: it lies under a smaller picture, compressed as JPEG of the kind of 1992")
    pixels = tiff.width * tiff.height
    head, data = answer_of(
        old_jpeg_worker.__file__,
        path,
        memory_bytes=_BASE_BYTES + _BYTES_A_PIXEL * pixels,
        seconds=_BASE_SECONDS + pixels // _PIXELS_A_SECOND,
        page=tiff.place.page,
        size=[tiff.width, tiff.height],
    )
    if "error" in head:
        raise OSError(head["error"])
    bands, channels = _BANDS[head["mode"]]
    found = np.frombuffer(data, np.uint8).reshape(tiff.height, tiff.width, channels)
    return pyvips.Image.new_from_array(np.ascontiguousarray(found), interpretation=bands)
