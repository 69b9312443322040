"""PNG files: every chunk whole."""

from __future__ import annotations

import zlib
from pathlib import Path

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHUNK_FRAME = 12  # bytes around a chunk's data: length, type, checksum


def check_png(path: Path) -> bool:
    """Check length and checksum of every chunk; returns whether there is EXIF (it may follow the pixels)."""
    data, position, has_exif, has_pixels = path.read_bytes(), len(_SIGNATURE), False, False
    while True:
        size, name = int.from_bytes(data[position : position + 4], "big"), data[position + 4 : position + 8]
        end = position + size + _CHUNK_FRAME
        if end > len(data):
            raise OSError("image file is truncated")
        if zlib.crc32(memoryview(data)[position + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            raise OSError(f"checksum of chunk {name!r} at byte {position} is wrong")
        has_exif = has_exif or name == b"eXIf"
        has_pixels = has_pixels or (name == b"IDAT" and size > 0)
        if name == b"IEND":
            if not has_pixels:
                raise OSError("it holds no pixels")
            return has_exif
        position = end
