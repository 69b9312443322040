"""The colour profile of a GIF: an application extension before the first picture (GIF89a, 26; ICC.1:2001-04, B.5)."""

from __future__ import annotations

from typing import BinaryIO, Final

_HEAD_BYTES: Final = 13
_EXTENSION, _APPLICATION = b"\x21", 0xFF
_PROFILE: Final = b"ICCRGBG1012"
_MOST_PROFILE_BYTES: Final = 4_000_000
_MOST_BLOCKS: Final = 100_000


def profile_of(file: BinaryIO) -> bytes | None:
    """None where there is none, or nobody can say where it ends."""
    head = file.read(_HEAD_BYTES)
    if len(head) < _HEAD_BYTES:
        return None
    if head[10] & 0x80:
        file.seek(3 << (head[10] & 7) + 1, 1)
    for _ in range(_MOST_BLOCKS):
        if file.read(1) != _EXTENSION:
            return None
        label, size = file.read(1), file.read(1)
        name = file.read(size[0]) if size else b""
        if label == bytes([_APPLICATION]) and name == _PROFILE:
            return _blocks(file, _MOST_PROFILE_BYTES)
        if name and _blocks(file, 0) is None:
            return None
    return None


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
