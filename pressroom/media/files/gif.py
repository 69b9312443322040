"""What Pillow does not tell of a GIF: its colour profile, and how much of the canvas its first frame covers.

GIF89a; the profile stands in an application extension (ICC.1:2001-04, B.5).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final, TypeAlias

from pressroom.media.files.meaning import MOST_PROFILE_BYTES

Corners: TypeAlias = tuple[int, int, int, int]  # left, top, right, bottom

_HEAD_BYTES: Final = 13
_EXTENSION, _PICTURE, _APPLICATION = b"\x21", b"\x2c", b"\xff"
_PROFILE: Final = b"ICCRGBG1012"
_MOST_BLOCKS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Gif:
    """`first` is where the first frame lies, None where it covers the canvas: what is around it is transparent."""

    profile: bytes | None = None
    first: Corners | None = None


def read_gif(file: BinaryIO) -> Gif:
    """What stands before the pixels of the first frame; nothing where the blocks are damaged."""
    head = file.read(_HEAD_BYTES)
    if len(head) < _HEAD_BYTES:
        return Gif()
    if head[10] & 0x80:
        file.seek(3 << (head[10] & 7) + 1, 1)
    profile = None
    for _ in range(_MOST_BLOCKS):
        sign = file.read(1)
        if sign == _PICTURE:
            return Gif(profile, _first(struct.unpack("<HH", head[6:10]), file.read(8)))
        if sign != _EXTENSION:
            break
        label, size = file.read(1), file.read(1)
        name = file.read(size[0]) if size else b""
        is_profile = label == _APPLICATION and name == _PROFILE
        found = _blocks(file, MOST_PROFILE_BYTES if is_profile else 0) if name else b""
        if is_profile:
            profile = found
    return Gif(profile)


def _first(canvas: tuple[int, ...], place: bytes) -> Corners | None:
    if len(place) < 8:
        return None
    left, top, width, height = struct.unpack("<4H", place)
    covers = left == 0 and top == 0 and width >= canvas[0] and height >= canvas[1]
    return None if covers else (left, top, left + width, top + height)


def _blocks(file: BinaryIO, most: int) -> bytes | None:
    """What the blocks hold up to the empty one; only that they end where nothing is to be kept."""
    found = bytearray()
    for _ in range(_MOST_BLOCKS):
        size = file.read(1)
        if not size:
            return None
        if size == b"\0":
            return bytes(found)
        block = file.read(size[0])
        if most:
            found += block
        if len(found) > most > 0:
            return None
    return None
