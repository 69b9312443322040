"""Whether a recording is all there, from the lengths that its container declares: no frame is decoded."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from pressroom.domain.errors import Corrupt
from pressroom.media.files.sniff import Format

_MAX_BOXES = 100_000  # outermost boxes; fragmented recordings have two a second
_UNKNOWN_LENGTH = -1  # Matroska: written live, ends where the file ends
_EBML, _SEGMENT = 0x1A45DFA3, 0x18538067


def check_ends(path: Path, found: Format) -> None:
    """Raises Corrupt where the container says that more bytes follow than there are."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if found.demuxer == "mov":
            end = _mp4_end(file, size)
        elif found.demuxer == "matroska":
            end = _matroska_end(file)
        elif found.name == "avi":
            end = 8 + struct.unpack("<4xI", file.read(8))[0]
        else:
            return
    if end > size:
        raise Corrupt(
            f"{path.name} is cut off: {size:,} of {end:,} bytes are there",
            hint="copy or export it again",
            path=str(path),
        )


def _mp4_end(file: BinaryIO, size: int) -> int:
    """Where the last outermost box ends (ISO/IEC 14496-12, section 4.2)."""
    position = 0
    for _ in range(_MAX_BOXES):
        file.seek(position)
        head = file.read(16)
        if len(head) < 8:
            return position
        length = int.from_bytes(head[:4], "big")
        if length == 1 and len(head) == 16:
            length = int.from_bytes(head[8:], "big")
        if length < 8:  # 0: up to the end of the file; less than its own head: damaged, which the demuxer names
            return size
        position += length
        if position >= size:
            return position
    return size


def _matroska_end(file: BinaryIO) -> int:
    """Where the segment ends (RFC 8794: element ids and sizes of variable length)."""
    position = 0
    for expected in (_EBML, _SEGMENT):
        head = file.read(12)
        if len(head) < 5 or int.from_bytes(head[:4], "big") != expected:
            return 0
        length, used = _variable(head[4:])
        position += 4 + used
        if expected == _SEGMENT and length == _UNKNOWN_LENGTH:
            return 0
        position += length
        file.seek(position)
    return position


def _variable(data: bytes) -> tuple[int, int]:
    """A size and how many bytes it takes."""
    used = 9 - data[0].bit_length()
    if used > 8 or len(data) < used:
        return 0, 1
    value = int.from_bytes(data[:used], "big") & (1 << 7 * used) - 1
    return (_UNKNOWN_LENGTH if value == (1 << 7 * used) - 1 else value), used
