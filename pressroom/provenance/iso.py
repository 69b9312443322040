"""ISO base media files (MP4, MOV and the boxes of AVIF): ISO/IEC 14496-12."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from pressroom.provenance.layout import C2PA_BOX, Data, Gap, Layout

_XMP_BOX: Final = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
# The way from a movie to its tables of chunk offsets.
_PATH: Final = (b"trak", b"mdia", b"minf", b"stbl")
_WIDTHS: Final = {b"stco": "I", b"co64": "Q"}
_PURPOSE: Final = b"\0\0\0\0manifest\0" + bytes(8)

Span: TypeAlias = tuple[bytes, int, int]


def boxes(data: Data, at: int, end: int) -> Iterator[Span]:
    """Kind, beginning and end of every box. Raises ValueError where one runs out of the file."""
    while at + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, at)
        if size == 1:
            size = struct.unpack_from(">Q", data, at + 8)[0]
        size = size or end - at
        if size < 8 or at + size > end:
            raise ValueError(f"box {kind!r} runs out of the file")
        yield kind, at, at + size
        at += size


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def xmp_box(packet: bytes) -> bytes:
    return box(b"uuid", _XMP_BOX + packet)


def wrapped(store: bytes) -> bytes:
    return box(b"uuid", C2PA_BOX + _PURPOSE + store)


def is_fragmented(data: Data) -> bool:
    """Whether pictures lie in fragments, which have offsets of their own in many places."""
    return any(kind == b"moof" for kind, _, _ in boxes(data, 0, len(data)))


def without_last_xmp(data: Data) -> bytes:
    """A file without the packet at its end."""
    *_, (kind, at, _) = boxes(data, 0, len(data))
    return data[:at] if kind == b"uuid" and data[at + 8 : at + 24] == _XMP_BOX else data[:]


def kept_boxes(data: Data) -> list[Span]:
    """Every top-level box but those that are going to be written anew. Raises ValueError when the first is no ftyp."""
    found = list(boxes(data, 0, len(data)))
    if not found or found[0][0] != b"ftyp":
        raise ValueError("no ftyp box at its beginning")
    return [
        each for each in found if each[0] != b"uuid" or data[each[1] + 8 : each[1] + 24] not in (C2PA_BOX, _XMP_BOX)
    ]


def moves(kept: Sequence[Span], sizes: Sequence[int], start: int) -> Callable[[int], int]:
    """Where a byte of a kept box is when the boxes, then of these sizes, follow each other from `start` on."""
    starts = [begin for _, begin, _ in kept]
    shifts = []
    for begin, size in zip(starts, sizes, strict=True):
        shifts.append(start - begin)
        start += size
    return lambda at: at + shifts[max(0, bisect_right(starts, at) - 1)]


def movie(data: Data, packet: bytes, store_bytes: int) -> Layout:
    """MP4 and MOV: the manifest behind ftyp, then XMP, then the rest, whose chunk offsets follow it."""
    first, *kept = kept_boxes(data)
    gap, own = Gap(store_bytes, wrapped), xmp_box(packet)
    view = memoryview(data)
    move = moves(kept, [end - at for _, at, end in kept], first[2] + gap.size + len(own))
    after = [_moved(data[at:end], move) if kind == b"moov" else view[at:end] for kind, at, end in kept]
    return Layout([view[: first[2]]], gap, [own, *after], boxed=True)


def _moved(moov: bytes, move: Callable[[int], int]) -> bytes:
    """The movie box with its chunk offsets moved."""
    made = bytearray(moov)
    for kind, at, end in _tables(moov, 8, len(moov), _PATH):
        width = _WIDTHS[kind]
        count = struct.unpack_from(">I", moov, at + 12)[0]
        if at + 16 + count * struct.calcsize(width) > end:
            raise ValueError(f"table {kind!r} is cut off")
        form = f">{count}{width}"
        struct.pack_into(form, made, at + 16, *map(move, struct.unpack_from(form, moov, at + 16)))
    return bytes(made)


def _tables(moov: bytes, at: int, end: int, path: Sequence[bytes]) -> Iterator[Span]:
    for kind, begin, finish in boxes(moov, at, end):
        if not path and kind in _WIDTHS:
            yield kind, begin, finish
        elif path and kind == path[0]:
            yield from _tables(moov, begin + 8, finish, path[1:])
