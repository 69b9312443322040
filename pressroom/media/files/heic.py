"""The pixels of a HEIC, decoded by a process of its own: the decoder's data is a stranger's."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.media.files import heic_worker
from pressroom.media.files.confined_picture import answer_of, too_much
from pressroom.media.files.heif import Still

if TYPE_CHECKING:
    import pyvips

# Measured: 200 MB of addresses and 15 bytes a pixel, with 10 bits and transparency 25; a 12-megapixel photo takes 0.4 s.
_BASE_BYTES, _BYTES_A_PIXEL = 300_000_000, 32
_BASE_SECONDS, _PIXELS_A_SECOND = 10, 2_000_000
_BANDS: Final = {"L": "b-w", "LA": "b-w", "RGB": "srgb", "RGBA": "srgb"}
_DEEP: Final = {"b-w": "grey16", "srgb": "rgb16"}
_TAKEN_FOR_BOMB: Final = "exceeds the maximum image size"  # libheif before 1.23.6, over a `clap`


def from_heic(path: Path, still: Still) -> pyvips.Image:
    """The primary picture, upright, with 8 bits or, where it has more, 16; colours that alpha had been multiplied by divided.

    Raises Corrupt for what cannot be decoded, in the bounds of memory and time of a picture of its size as well; Permanent
    where the decoder is not installed.
    """
    head, data = _answer(path, still)
    mode, _, bits = str(head["mode"]).partition(";")
    mode = mode.replace("I", "L")  # deep greys
    width, height = head["size"]
    if (width, height) != still.shown:
        told, held = (f"{across:,} x {down:,}" for across, down in (still.shown, (width, height)))
        raise Corrupt(f"{path.name} is damaged: it declares {told} pixels and holds {held}", path=str(path))
    deep = bool(bits)
    pixels = np.frombuffer(data, "<u2" if deep else np.uint8).reshape(height, width, len(mode))
    if deep and bits != "16":
        pixels = _to_sixteen(pixels, (1 << int(bits)) - 1)
    return _image(pixels, mode)


def _to_sixteen(pixels: np.ndarray[Any, Any], most: int) -> np.ndarray[Any, Any]:
    levels = (np.arange(1 << 16, dtype=np.uint32).clip(max=most) * 65_535 + most // 2) // most
    return np.take(levels.astype(np.uint16), pixels)


def _image(pixels: np.ndarray[Any, Any], mode: str) -> pyvips.Image:
    import pyvips

    bands = _BANDS[mode.replace("a", "A")]
    whole = bands if pixels.dtype == np.uint8 else _DEEP[bands]
    image = pyvips.Image.new_from_array(np.ascontiguousarray(pixels), interpretation=whole)
    if not mode.endswith("a"):
        return image
    most = 255 if pixels.dtype == np.uint8 else 65_535
    return image.unpremultiply(max_alpha=most).cast(image.format).copy(interpretation=whole)


def _answer(path: Path, still: Still) -> tuple[dict[str, Any], memoryview]:
    pixels = still.coded[0] * still.coded[1]
    seconds = _BASE_SECONDS + pixels // _PIXELS_A_SECOND
    memory_bytes = _BASE_BYTES + _BYTES_A_PIXEL * pixels
    head, data = answer_of(heic_worker.__file__, path, memory_bytes=memory_bytes, seconds=seconds)
    if "error" in head:
        raise _refusal(path, still, head["error"], head["text"])
    return head, data


def _refusal(path: Path, still: Still, kind: str, text: str) -> Corrupt | Permanent:
    if kind == "library":
        return Permanent(
            f"{path.name} is a HEIC picture, and what reads it cannot be loaded: {text}",
            hint="install the package `pi-heif`, or export the picture as JPEG",
        )
    if kind == "memory":
        return too_much(path)
    if _TAKEN_FOR_BOMB in text and math.prod(still.shown) < math.prod(still.coded):
        return Corrupt(
            f"{path.name} is stored in a way that is not opened (more than 64 pixels of it are cut away by a box)",
            hint="export it as JPEG",
            path=str(path),
        )
    return Corrupt(f"{path.name} is damaged: {text}", hint="copy or export it again", path=str(path))
