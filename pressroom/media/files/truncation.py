"""Whether a file is all there, from what its container declares: no index is loaded, nothing is decoded."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, Literal

from pressroom.domain.errors import Corrupt
from pressroom.media.files.sniff import Format

_CHUNKED: Final[dict[bytes, Literal["little", "big"]]] = {b"RIFF": "little", b"FORM": "big"}
_NO_LENGTH = 0x7FFF_0000
_CARELESS_BYTES = 64
_MAX_BOXES = 100_000  # outermost boxes; fragmented recordings have two a second
_UNKNOWN_LENGTH = -1  # Matroska: written live, ends where the file ends
_EBML, _SEGMENT = 0x1A45DFA3, 0x18538067
# The tables of an MP4's index and where each tells how many entries it has; demuxers hold 24 bytes and more for each.
_TABLES = {
    b"stsz": 8,
    b"stz2": 8,
    b"trun": 4,
    **dict.fromkeys((b"stts", b"ctts", b"stsc", b"stco", b"co64", b"stss"), 4),
}
_HOLDS_TABLES = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"})
_MOST_ENTRIES = 2_000_000
_DEEPEST = 6  # moov, trak, mdia, minf, stbl


def check_whole(path: Path, found: Format) -> None:
    """Raises Corrupt for a picture, recording or model that breaks off before its end, as far as its format tells."""
    has_end = _HAS_END.get(found.name)
    if has_end is None:
        check_ends(path, found)
    elif not has_end(path.read_bytes()):
        raise Corrupt(f"{path.name} is cut off: its end is missing", hint="copy or export it again", path=str(path))


def check_ends(path: Path, found: Format) -> None:
    """Raises Corrupt where the container says that more bytes follow than there are."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if found.demuxer == "mov" or found.name in ("avif", "heic"):
            end = _mp4_end(file, size)
            if end <= size and found.demuxer:
                _check_index(path, file, size)
        elif found.demuxer == "matroska":
            end = _matroska_end(file)
        elif found.name in ("avi", "webp"):
            end = 8 + struct.unpack("<4xI", file.read(8))[0]
        elif found.name in ("wav", "aiff"):
            end = _chunks_end(file)
        elif found.name == "glb":
            end = struct.unpack("<8xI", file.read(12))[0]
        else:
            return
    if end > size:
        raise Corrupt(
            f"{path.name} is cut off: {size:,} of {end:,} bytes are there",
            hint="copy or export it again",
            path=str(path),
        )


def _chunks_end(file: BinaryIO) -> int:
    """Where the chunks of a WAV or AIFF end, but for what careless programs count too much; 0 where it is not told.

    Whoever writes into a pipe knows no length and leaves one that no file has; RF64 has it elsewhere.
    """
    form, size = struct.unpack("4s4s", file.read(8))
    if form not in _CHUNKED:
        return 0
    told = int.from_bytes(size, _CHUNKED[form])
    return 0 if told >= _NO_LENGTH else 8 + told - _CARELESS_BYTES


def _png_has_end(data: bytes) -> bool:
    """Chunk after chunk to the last one (PNG, section 5.3)."""
    position = 8
    while position + 12 <= len(data):
        if data[position + 4 : position + 8] == b"IEND":
            return True
        position += 12 + int.from_bytes(data[position : position + 4], "big")
    return False


def _jpeg_has_end(data: bytes) -> bool:
    """Segment after segment, and over the pixels between them, in which a zero follows each 255 (ITU T.81, annex B)."""
    position = data.find(b"\xff", 2)
    while 0 <= position < len(data) - 1:
        marker = data[position + 1]
        if marker == _END_OF_IMAGE:
            return True
        if marker in _ALONE:
            position = data.find(b"\xff", position + (1 if marker == 0xFF else 2))
        else:
            position = data.find(b"\xff", position + 2 + int.from_bytes(data[position + 2 : position + 4], "big"))
    return False


_END_OF_IMAGE = 0xD9
_ALONE = frozenset({0x00, 0x01, 0xFF, *range(0xD0, 0xD9)})  # markers without a length, a stuffed 255, and fill
_HAS_END = {"png": _png_has_end, "jpeg": _jpeg_has_end}


def _check_index(path: Path, file: BinaryIO, size: int) -> None:
    """Raises Corrupt where an MP4 has no index, or tables that no recording within the limits needs."""
    entries, has_index = 0, False
    for name, position, end in _boxes(file, 0, size, [_MAX_BOXES]):
        has_index = has_index or name == b"moov"
        if name in _TABLES:
            file.seek(position)
            head = file.read(12)
            at = _TABLES[name]
            # One size for all samples (after version and flags) means no table of sizes.
            is_table = name != b"stsz" or head[4:8] == bytes(4)
            entries += int.from_bytes(head[at : at + 4], "big") if is_table and position + at + 4 <= end else 0
    if not has_index:
        raise Corrupt(f"{path.name} is cut off: its index is missing", hint="copy or export it again", path=str(path))
    if entries > _MOST_ENTRIES:
        raise Corrupt(
            f"{path.name} is damaged: its index has {entries:,} entries, at most {_MOST_ENTRIES:,} are read",
            hint="export it again",
            path=str(path),
        )


def _boxes(file: BinaryIO, start: int, end: int, left: list[int], depth: int = 0) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of the content of each box, those that hold tables followed by what is in them."""
    position = start
    while position + 8 <= end and left[0] > 0:
        left[0] -= 1
        file.seek(position)
        head = file.read(16)
        length, used = int.from_bytes(head[:4], "big"), 8
        if length == 1:
            length, used = int.from_bytes(head[8:16], "big"), 16
        stop = end if length == 0 else min(position + length, end)
        if stop < position + used:
            return
        yield head[4:8], position + used, stop
        if head[4:8] in _HOLDS_TABLES and depth < _DEEPEST:
            yield from _boxes(file, position + used, stop, left, depth + 1)
        position = stop


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
