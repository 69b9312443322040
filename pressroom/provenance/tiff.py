"""XMP and a manifest in a TIFF file, added without rewriting the picture."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from pressroom.provenance.layout import Data, Gap, Layout, Piece

_XMP_TAG: Final = 700
_C2PA_TAG: Final = 0xCD41  # C2PA specification 2.3, A.3.3
_BYTE: Final = 1
_UNDEFINED: Final = 7


def tiff(data: Data, packet: bytes, store_bytes: int) -> Layout:
    """The first directory is written anew at the end of the file, behind both; everything else stays in place.

    A packet and a manifest that are there are blanked out. Raises ValueError for what is no classic TIFF.
    """
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or struct.unpack_from(order + "H", data, 2)[0] != 42:
        raise ValueError("no classic TIFF")
    start = struct.unpack_from(order + "I", data, 4)[0]
    count = struct.unpack_from(order + "H", data, start)[0]
    entries = [data[start + 2 + 12 * number : start + 14 + 12 * number] for number in range(count)]
    following = data[start + 2 + 12 * count : start + 6 + 12 * count]
    kept = [old for old in entries if _tag(old, order) not in (_XMP_TAG, _C2PA_TAG)]
    # Values and directories begin at even offsets.
    own = _even(packet)
    xmp_at = len(data) + len(data) % 2
    store_at = xmp_at + len(own)
    kept.append(struct.pack(order + "HHII", _XMP_TAG, _BYTE, len(packet), xmp_at))
    if store_bytes:
        kept.append(struct.pack(order + "HHII", _C2PA_TAG, _UNDEFINED, store_bytes, store_at))
    kept.sort(key=lambda entry: _tag(entry, order))
    directory = struct.pack(order + "H", len(kept)) + b"".join(kept) + following
    head = data[:4] + struct.pack(order + "I", store_at + store_bytes + store_bytes % 2)
    old = [_place(entry, order) for entry in entries if _tag(entry, order) in (_XMP_TAG, _C2PA_TAG)]
    before: list[Piece] = [head, *_without(data, old), b"\0" * (len(data) % 2), own]
    return Layout(before, Gap(store_bytes, bytes), [b"\0" * (store_bytes % 2), directory])


def _place(entry: bytes, order: str) -> range:
    size, at = struct.unpack_from(order + "II", entry, 4)
    return range(at, at + size)


def _without(data: Data, old: list[range]) -> Iterator[Piece]:
    """What follows the header, with these places blank."""
    at = 8
    for place in sorted(old, key=lambda place: place.start):
        if len(place) > 4 and at <= place.start and place.stop <= len(data):
            yield memoryview(data)[at : place.start]
            yield b" " * len(place)
            at = place.stop
    yield memoryview(data)[at:]


def _even(value: bytes) -> bytes:
    return value + b"\0" * (len(value) % 2)


def _tag(entry: bytes, order: str) -> int:
    return int(struct.unpack_from(order + "H", entry)[0])
