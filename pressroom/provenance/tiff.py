"""The XMP tag of a TIFF file, set without rewriting the picture."""

from __future__ import annotations

import struct
from typing import Final

_XMP_TAG: Final = 700
_BYTE: Final = 1


def tiff_with_xmp(data: bytes, packet: bytes) -> bytes:
    """The first directory is written anew at the end of the file with the packet in it; everything else stays in place.

    Raises ValueError for what is no classic TIFF.
    """
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or struct.unpack_from(order + "H", data, 2)[0] != 42:
        raise ValueError("no classic TIFF")
    start = struct.unpack_from(order + "I", data, 4)[0]
    count = struct.unpack_from(order + "H", data, start)[0]
    entries = [data[start + 2 + 12 * number : start + 14 + 12 * number] for number in range(count)]
    following = data[start + 2 + 12 * count : start + 6 + 12 * count]
    # Values and directories begin at even offsets.
    body = data + b"\0" * (len(data) % 2)
    entry = struct.pack(order + "HHII", _XMP_TAG, _BYTE, len(packet), len(body))
    body += packet + b"\0" * (len(packet) % 2)
    tags = sorted([entry, *(old for old in entries if _tag(old, order) != _XMP_TAG)], key=lambda old: _tag(old, order))
    directory = struct.pack(order + "H", len(tags)) + b"".join(tags) + following
    return body[:4] + struct.pack(order + "I", len(body)) + body[8:] + directory


def _tag(entry: bytes, order: str) -> int:
    return int(struct.unpack_from(order + "H", entry)[0])
