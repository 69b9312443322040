"""XMP and a manifest in an AVIF file, added without touching the picture (ISO/IEC 14496-12 and 23008-12)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pressroom.provenance.iso import box, boxes, kept_boxes, moves, wrapped
from pressroom.provenance.layout import Data, Gap, Layout

_XMP_TYPE: Final = b"application/rdf+xml\0"
_IN_FILE: Final = 0  # construction method: offsets count from the beginning of the file


@dataclass(frozen=True, slots=True)
class _Item:
    """Where the parts of one item lie."""

    id: int
    method: int
    reference: int
    extents: tuple[tuple[int, int], ...]

    def moved(self, move: Callable[[int], int]) -> _Item:
        if self.method != _IN_FILE:
            return self
        return replace(self, extents=tuple((move(at), size) for at, size in self.extents))


def avif(data: Data, packet: bytes, store_bytes: int) -> Layout:
    """The manifest behind ftyp, XMP at the end, and an item table that knows where everything went.

    A packet that is there is blanked out. Raises ValueError for animated files and what is no still AVIF.
    """
    first, *kept = kept_boxes(data)
    kinds = [kind for kind, _, _ in kept]
    if b"meta" not in kinds or b"moov" in kinds:
        raise ValueError("no still picture")
    _, start, end = kept[kinds.index(b"meta")]
    head, parts = data[start + 8 : start + 12], {kind: data[a:b] for kind, a, b in boxes(data, start + 12, end)}
    items = _locations(parts[b"iloc"])
    number = _xmp_item(parts[b"iinf"])
    if number is None:
        number = max(item.id for item in items) + 1
        parts[b"iinf"] = _with_info(parts[b"iinf"], number)
        parts[b"iref"] = _with_reference(parts.get(b"iref"), number, _primary(parts[b"pitm"]))
    others, old = [item for item in items if item.id != number], [item for item in items if item.id == number]
    # The size of the new table does not depend on its numbers, so the first pass says where everything will be.
    own = _Item(number, _IN_FILE, 0, ((0, len(packet)),))
    parts[b"iloc"] = _location_box([*others, own])
    gap = Gap(store_bytes, wrapped)
    sizes = [12 + sum(map(len, parts.values())) if kind == b"meta" else b - a for kind, a, b in kept]
    move = moves(kept, sizes, first[2] + gap.size)
    at = first[2] + gap.size + sum(sizes) + 8
    parts[b"iloc"] = _location_box([*(item.moved(move) for item in others), replace(own, extents=((at, len(packet)),))])
    meta = box(b"meta", head + b"".join(parts.values()))
    after = [meta if kind == b"meta" else _without(data, a, b, old) for kind, a, b in kept]
    return Layout([data[: first[2]]], gap, [*after, box(b"mdat", packet)], boxed=True)


def _without(data: Data, start: int, end: int, items: Sequence[_Item]) -> bytes:
    """A box with what these items had in it blanked out."""
    made = bytearray(data[start:end])
    for at, size in (extent for item in items if item.method == _IN_FILE for extent in item.extents):
        if start <= at and at + size <= end:
            made[at - start : at - start + size] = b" " * size
    return bytes(made)


def _xmp_item(table: bytes) -> int | None:
    """The number of the item that is XMP (ISO/IEC 14496-12, 8.11.6)."""
    for _, at, end in boxes(table, 14 if table[8] == 0 else 16, len(table)):
        if table[at:end].endswith(_XMP_TYPE) or _XMP_TYPE + b"\0" in table[at:end]:
            return int(struct.unpack_from(">I" if table[at + 8] == 3 else ">H", table, at + 12)[0])
    return None


def _primary(table: bytes) -> int:
    return int(struct.unpack_from(">H" if table[8] == 0 else ">I", table, 12)[0])


def _with_info(table: bytes, number: int) -> bytes:
    """The item table with one more entry."""
    wide = table[8] != 0
    count = struct.unpack_from(">I" if wide else ">H", table, 12)[0]
    entry = b"\2\0\0\0" + struct.pack(">HH4s", number, 0, b"mime") + b"XMP\0" + _XMP_TYPE
    rest = table[16 if wide else 14 :]
    return box(b"iinf", table[8:12] + struct.pack(">I" if wide else ">H", count + 1) + rest + box(b"infe", entry))


def _with_reference(table: bytes | None, number: int, primary: int) -> bytes:
    """The table of references with one that says: this describes the picture."""
    wide = table is not None and table[8] != 0
    entry = box(b"cdsc", struct.pack(">IHI" if wide else ">HHH", number, 1, primary))
    return box(b"iref", (b"\0\0\0\0" if table is None else table[8:]) + entry)


def _locations(table: bytes) -> list[_Item]:
    version, sizes = table[8], struct.unpack_from(">H", table, 12)[0]
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    reader = _Reader(table, 14)
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
    """Numbers of four bytes, no base offsets, and version 1 only where parts lie elsewhere than in the file."""
    version = 1 if any(item.method != _IN_FILE for item in items) else 0
    out = [bytes([version, 0, 0, 0]), struct.pack(">HH", 0x4400, len(items))]
    for item in items:
        out.append(struct.pack(">HH" if version else ">H", *(item.id, item.method)[: 1 + version]))
        out.append(struct.pack(">HH", item.reference, len(item.extents)))
        out += [struct.pack(">II", at, size) for at, size in item.extents]
    return box(b"iloc", b"".join(out))


class _Reader:
    """Big-endian numbers of any width, one after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at

    def number(self, size: int) -> int:
        value = int.from_bytes(self._data[self._at : self._at + size], "big")
        self._at += size
        return value
