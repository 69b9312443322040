"""What a camera says of a photo: which of it may travel to a copy in another format, and how it gets there."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path
from typing import Final

from pressroom.media.files.exif import exif_of
from pressroom.provenance.carriers import png_chunk, webp_with

_EXIF_IFD: Final = 0x8769
# Exif 3.0 (CIPA DC-008-2023). Left out for good: the place, the maker's notes and serial numbers, which tell where
# somebody lives and which camera is theirs; the thumbnail, which may show what was cut away; the orientation, because
# pixels are upright by now.
_PICTURE: Final = (
    0x010E,  # ImageDescription
    0x010F,  # Make
    0x0110,  # Model
    0x0132,  # DateTime
    0x013B,  # Artist
    0x8298,  # Copyright
)
_EXPOSURE: Final = (
    0x9000,  # ExifVersion
    *(0x829A, 0x829D, 0x8822, 0x8827),  # ExposureTime, FNumber, ExposureProgram, PhotographicSensitivity
    *(0x9003, 0x9004, 0x9010, 0x9011, 0x9012),  # when it was taken and digitised, and the zones of these times
    *(0x9201, 0x9202, 0x9203, 0x9204, 0x9205),  # shutter speed, aperture, brightness, bias, widest aperture
    *(0x9207, 0x9208, 0x9209, 0x920A),  # MeteringMode, LightSource, Flash, FocalLength
    *(0xA403, 0xA405, 0xA432, 0xA433, 0xA434),  # WhiteBalance, FocalLengthIn35mmFilm, the lens
)
_MOST_BYTES: Final = 16_000
_VP8X_EXIF: Final = 0x08


def camera_data(path: Path) -> bytes | None:
    """The Exif block that a copy of this picture may carry; None when it has none that can be read."""
    from PIL import Image, UnidentifiedImageError

    with suppress(OSError, UnidentifiedImageError, ValueError, SyntaxError, TypeError, KeyError, struct.error):
        kept = Image.Exif()
        found = exif_of(path)
        exposure = found.get_ifd(_EXIF_IFD)
        kept.update({tag: _as_written(found[tag]) for tag in _PICTURE if tag in found})
        if taken := {tag: exposure[tag] for tag in _EXPOSURE if tag in exposure}:
            kept[_EXIF_IFD] = taken
        block = kept.tobytes()
        return block.removeprefix(b"Exif\0\0") if kept and len(block) <= _MOST_BYTES else None
    return None


def _as_written(value: object) -> object:
    """Pillow takes text for Latin-1 when it reads and for ASCII when it writes, while cameras write UTF-8 too."""
    return value.encode("latin-1", "replace") if isinstance(value, str) else value


def with_exif(data: bytes, name: str, block: bytes) -> bytes:
    """A jpeg, png or webp file, fresh from its encoder, with this Exif block."""
    if name == "jpeg":
        body = b"Exif\0\0" + block
        # Behind JFIF, which insists on standing first.
        at = 4 + struct.unpack_from(">H", data, 4)[0] if data[2:4] == b"\xff\xe0" else 2
        return data[:at] + struct.pack(">HH", 0xFFE1, len(body) + 2) + body + data[at:]
    if name == "png":
        return data[:33] + png_chunk(b"eXIf", block) + data[33:]
    return webp_with(data, b"EXIF", _VP8X_EXIF, block)


def put_camera_data(source: Path, target: Path, name: str) -> None:
    """Give `target` what the camera said of `source`, if it said anything."""
    block = camera_data(source)
    if block is not None:
        target.write_bytes(with_exif(target.read_bytes(), name, block))
