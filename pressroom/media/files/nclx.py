"""The colours that an AVIF or HEIC tells in its boxes: ISO/IEC 23008-12 (HEIF), 14496-12."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

_MOST_META = 2_000_000
_MOST_PROPERTIES = 1_000


def code_points(path: Path) -> tuple[int, int] | None:
    """Primaries and transfer (CICP) of the primary item; None where it tells none or the boxes cannot be read."""
    with path.open("rb") as file:
        head = file.read(_MOST_META)
    try:
        return _of_primary(head)
    except (struct.error, IndexError, ValueError):
        return None


def _of_primary(head: bytes) -> tuple[int, int] | None:
    meta = next((body for name, body in _boxes(head) if name == b"meta"), b"")[4:]
    parts = dict(_boxes(meta))
    properties = dict(_boxes(parts.get(b"iprp", b"")))
    listed = list(_boxes(properties.get(b"ipco", b"")))
    pitm = parts.get(b"pitm", b"")
    primary = int.from_bytes(pitm[4:6] if pitm[:1] == b"\0" else pitm[4:8], "big")
    own = _associated(properties.get(b"ipma", b""), primary)
    for number in own or range(1, len(listed) + 1):
        name, body = listed[number - 1]
        if name == b"colr" and body[:4] == b"nclx":
            return struct.unpack(">HH", body[4:8])
    return None


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 0
    for _ in range(_MOST_PROPERTIES):
        if position + 8 > len(data):
            return
        size, head = int.from_bytes(data[position : position + 4], "big"), 8
        if size == 1:
            size, head = int.from_bytes(data[position + 8 : position + 16], "big"), 16
        end = len(data) if size == 0 else position + size
        if size != 0 and size < head:
            return
        yield data[position + 4 : position + 8], data[position + head : end]
        position = end


def _associated(ipma: bytes, item: int) -> list[int]:
    """The properties of an item, by their numbers from 1."""
    if not ipma:
        return []
    version, is_wide, count, at = ipma[0], ipma[3] & 1, int.from_bytes(ipma[4:8], "big"), 8
    for _ in range(min(count, _MOST_PROPERTIES)):
        width = 2 if version < 1 else 4
        found, at = int.from_bytes(ipma[at : at + width], "big"), at + width
        number, at = ipma[at], at + 1
        step = 2 if is_wide else 1
        mask = 0x7FFF if is_wide else 0x7F
        own = [int.from_bytes(ipma[at + step * n : at + step * (n + 1)], "big") & mask for n in range(number)]
        if found == item:
            return [value for value in own if value]
        at += step * number
    return []
