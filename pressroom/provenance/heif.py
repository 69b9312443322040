"""The XMP item of an AVIF file, added without touching the picture (ISO/IEC 14496-12 and 23008-12)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

_XMP_TYPE: Final = b"application/rdf+xml\0"
_IN_FILE: Final = 0  # construction method: offsets count from the beginning of the file


@dataclass(frozen=True, slots=True)
class _Item:
    """Where the parts of one item lie."""

    id: int
    method: int
    reference: int
    extents: tuple[tuple[int, int], ...]

    def moved(self, border: int, delta: int) -> _Item:
        """The same item after what lies behind `border` moved by `delta`."""
        if self.method != _IN_FILE:
            return self
        shifted = ((at + delta if at >= border else at, size) for at, size in self.extents)
        return replace(self, extents=tuple(shifted))


def avif_with_xmp(data: bytes, packet: bytes) -> bytes:
    """Raises ValueError for animated files, files that carry XMP already, and what is no still AVIF."""
    boxes = list(_boxes(data, 0, len(data)))
    kinds = [kind for kind, _, _ in boxes]
    if b"meta" not in kinds or b"moov" in kinds:
        raise ValueError("no still picture")
    _, start, end = boxes[kinds.index(b"meta")]
    head, parts = data[start + 8 : start + 12], {kind: data[a:b] for kind, a, b in _boxes(data, start + 12, end)}
    if _XMP_TYPE in parts[b"iinf"]:
        raise ValueError("it carries XMP already")
    items = _locations(parts[b"iloc"])
    primary = _primary(parts[b"pitm"])
    number = max(item.id for item in items) + 1
    parts[b"iinf"] = _with_info(parts[b"iinf"], number)
    parts[b"iref"] = _with_reference(parts.get(b"iref"), number, primary)
    # The size of the new table does not depend on its numbers, so the first pass says how far everything moves.
    own = _Item(number, _IN_FILE, 0, ((0, len(packet)),))
    parts[b"iloc"] = _location_box([*items, own])
    delta = 12 + sum(map(len, parts.values())) - (end - start)
    moved = [item.moved(end, delta) for item in items]
    parts[b"iloc"] = _location_box([*moved, replace(own, extents=((len(data) + delta + 8, len(packet)),))])
    meta = _box(b"meta", head + b"".join(parts.values()))
    return b"".join([data[:start], meta, data[end:], _box(b"mdat", packet)])


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, beginning and end of every box."""
    while at + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, at)
        if size == 1:
            size = struct.unpack_from(">Q", data, at + 8)[0]
        size = size or end - at
        if size < 8 or at + size > end:
            raise ValueError(f"box {kind!r} runs out of the file")
        yield kind, at, at + size
        at += size


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _primary(box: bytes) -> int:
    return int(struct.unpack_from(">H" if box[8] == 0 else ">I", box, 12)[0])


def _with_info(box: bytes, number: int) -> bytes:
    """The item table with one more entry."""
    wide = box[8] != 0
    count = struct.unpack_from(">I" if wide else ">H", box, 12)[0]
    entry = b"\2\0\0\0" + struct.pack(">HH4s", number, 0, b"mime") + b"XMP\0" + _XMP_TYPE
    rest = box[16 if wide else 14 :]
    return _box(b"iinf", box[8:12] + struct.pack(">I" if wide else ">H", count + 1) + rest + _box(b"infe", entry))


def _with_reference(box: bytes | None, number: int, primary: int) -> bytes:
    """The table of references with one that says: this describes the picture."""
    wide = box is not None and box[8] != 0
    entry = _box(b"cdsc", struct.pack(">IHI" if wide else ">HHH", number, 1, primary))
    return _box(b"iref", (b"\0\0\0\0" if box is None else box[8:]) + entry)


def _locations(box: bytes) -> list[_Item]:
    version, sizes = box[8], struct.unpack_from(">H", box, 12)[0]
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    reader = _Reader(box, 14)
    items = []
    for _ in range(reader.number(4 if version == 2 else 2)):
        item = reader.number(4 if version == 2 else 2)
        method = reader.number(2) & 15 if version else _IN_FILE
        reference, base = reader.number(2), reader.number(base_size)
        extents = []
        for _ in range(reader.number(2)):
            reader.number(index_size)
            extents.append((base + reader.number(offset_size), reader.number(length_size)))
        items.append(_Item(item, method, reference, tuple(extents)))
    return items


def _location_box(items: list[_Item]) -> bytes:
    """Numbers of four bytes, no base offsets, and version 1 only where parts lie elsewhere than in the file.

    c2pa 0.91 moves base offsets wrongly, so that a signed file of libheif's could not be decoded, and fails on version 1.
    """
    version = 1 if any(item.method != _IN_FILE for item in items) else 0
    out = [bytes([version, 0, 0, 0]), struct.pack(">HH", 0x4400, len(items))]
    for item in items:
        out.append(struct.pack(">HH" if version else ">H", *(item.id, item.method)[: 1 + version]))
        out.append(struct.pack(">HH", item.reference, len(item.extents)))
        out += [struct.pack(">II", at, size) for at, size in item.extents]
    return _box(b"iloc", b"".join(out))


class _Reader:
    """Big-endian numbers of any width, one after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at

    def number(self, size: int) -> int:
        value = int.from_bytes(self._data[self._at : self._at + size], "big")
        self._at += size
        return value
