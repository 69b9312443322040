"""The primary picture of an AVIF or HEIC, as its boxes tell it: ISO/IEC 23008-12 (HEIF), 14496-12, 23000-22 (MIAF)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

_MOST_META: Final = 8_000_000
_MOST_BOXES: Final = 20_000  # a photo of a phone has some sixty items and as many properties
_ALPHA: Final = (b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1")
_DERIVED: Final = frozenset({b"grid", b"iovl", b"iden"})
_IN_FILE, _IN_META = 0, 1  # construction methods
_MOST_EXIF: Final = 1_000_000
_DEEPEST: Final = 4  # a turned part of a grid of tiles is two deep
HEVC: Final = frozenset({b"hvc1", b"hev1"})
_PROFILES: Final = (b"prof", b"rICC")

Property = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Still:
    """`coded` is its width and height before it is cut and turned, `shown` afterwards.

    `codings` are the types of the items that hold its pixels (`hvc1`). `profile` is ICC data, `points` are primaries and
    transfer (CICP); None where it tells none.
    """

    coded: tuple[int, int]
    shown: tuple[int, int]
    has_alpha: bool
    codings: frozenset[bytes]
    profile: bytes | None
    points: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class _Items:
    primary: int
    types: dict[int, bytes]
    properties: dict[int, list[Property]]
    references: list[tuple[bytes, int, tuple[int, ...]]]

    def parts(self, item: int) -> tuple[int, ...]:
        """What an item is put together from."""
        return next((to for kind, source, to in self.references if kind == b"dimg" and source == item), ())


def code_points(path: Path) -> tuple[int, int] | None:
    """Primaries and transfer (CICP) of the primary picture; None where it tells none or the boxes cannot be read."""
    try:
        with path.open("rb") as file:
            still = read_still(file)
    except ValueError:
        return None
    return still.points if still else None


def read_still(file: BinaryIO) -> Still | None:
    """None for a file without a primary picture, such as a sequence. Raises ValueError for boxes that cannot be read."""
    try:
        meta = _meta(file)
        items = None if meta is None else _items(meta)
        return None if items is None else _still(items)
    except (struct.error, IndexError) as exc:
        raise ValueError("its boxes cannot be read") from exc


def exif_block(file: BinaryIO) -> bytes | None:
    """The TIFF that the Exif of a picture is; None where there is none or the boxes cannot be read."""
    try:
        parts = dict(_boxes(_meta(file) or b""))
        item = next((number for number, kind in _types(parts.get(b"iinf", b"")).items() if kind == b"Exif"), None)
        method, extents = (0, []) if item is None else _place(parts.get(b"iloc", b""), item)
    except (struct.error, IndexError, ValueError):
        return None
    data = b""
    for start, length in extents:
        if method == _IN_FILE and len(data) + length <= _MOST_EXIF:
            file.seek(start)
            data += file.read(length)
        elif method == _IN_META:
            data += parts.get(b"idat", b"")[start : start + length]
    return data[4 + int.from_bytes(data[:4], "big") :] or None


def _place(iloc: bytes, item: int) -> tuple[int, list[tuple[int, int]]]:
    """Where an item lies: in the file or in the `idat` box, and from where to where of it."""
    version, sizes = iloc[0], iloc[4:6]
    wide = 4 if version == 2 else 2
    of_start, of_length, of_base = sizes[0] >> 4, sizes[0] & 15, sizes[1] >> 4
    of_index = sizes[1] & 15 if version else 0
    at = 6 + wide
    for _ in range(min(int.from_bytes(iloc[6:at], "big"), _MOST_BOXES)):
        number, at = int.from_bytes(iloc[at : at + wide], "big"), at + wide
        method, at = (iloc[at + 1] & 15, at + 2) if version else (_IN_FILE, at)
        base, at = int.from_bytes(iloc[at + 2 : at + 2 + of_base], "big"), at + 2 + of_base
        count, at = int.from_bytes(iloc[at : at + 2], "big"), at + 2
        step = of_index + of_start + of_length
        if number == item:
            numbers = ((at + of_index + step * n, of_start, of_length) for n in range(min(count, _MOST_BOXES)))
            return method, [
                (
                    base + int.from_bytes(iloc[a : a + start], "big"),
                    int.from_bytes(iloc[a + start : a + start + length], "big"),
                )
                for a, start, length in numbers
            ]
        at += step * count
    return _IN_FILE, []


def _meta(file: BinaryIO) -> bytes | None:
    """What the box of the items holds; it stands before the pixels or behind them."""
    position = 0
    for _ in range(_MOST_BOXES):
        file.seek(position)
        head = file.read(16)
        if len(head) < 8:
            return None
        size, used = int.from_bytes(head[:4], "big"), 8
        if size == 1:
            size, used = int.from_bytes(head[8:16], "big"), 16
        if head[4:8] == b"meta":
            if size > _MOST_META:
                raise ValueError(f"its items have {size:,} bytes, at most {_MOST_META:,} are read")
            file.seek(position + used + 4)
            return file.read(_MOST_META if size == 0 else max(0, size - used - 4))
        if size < used:
            return None
        position += size
    return None


def _items(meta: bytes) -> _Items | None:
    parts = dict(_boxes(meta))
    pitm = parts.get(b"pitm")
    if pitm is None:
        return None
    held = dict(_boxes(parts.get(b"iprp", b"")))
    return _Items(
        primary=int.from_bytes(pitm[4:6] if pitm[:1] == b"\0" else pitm[4:8], "big"),
        types=_types(parts.get(b"iinf", b"")),
        properties=_properties(list(_boxes(held.get(b"ipco", b""))), held.get(b"ipma", b"")),
        references=_references(parts.get(b"iref", b"")),
    )


def _still(items: _Items) -> Still | None:
    primary = items.primary
    own = items.properties.get(primary, [])
    coded = next((struct.unpack(">II", body[4:12]) for name, body in own if name == b"ispe"), (0, 0))
    # A grid may leave its colours to its tiles.
    colours = next((body for part in (primary, *items.parts(primary)) if (body := _colours(items, part))), [])
    auxiliary = [source for kind, source, to in items.references if kind == b"auxl" and primary in to]
    return Still(
        coded=(coded[0], coded[1]),
        shown=_shown(coded[0], coded[1], own),
        has_alpha=any(_is_alpha(items.properties.get(item, [])) for item in auxiliary),
        codings=frozenset(_codings(items, primary, _DEEPEST)),
        profile=next((body[4:] for body in colours if body[:4] in _PROFILES), None),
        points=next((struct.unpack(">HH", body[4:8]) for body in colours if body[:4] == b"nclx"), None),
    )


def _colours(items: _Items, item: int) -> list[bytes]:
    return [body for name, body in items.properties.get(item, []) if name == b"colr"]


def _shown(width: int, height: int, own: list[Property]) -> tuple[int, int]:
    for name, body in own:
        if name == b"clap":
            across, by, down, of = struct.unpack(">IIII", body[:16])
            width, height = round(across / by) if by else 0, round(down / of) if of else 0
        elif name == b"irot" and body[0] & 1:
            width, height = height, width
    return width, height


def _is_alpha(own: list[Property]) -> bool:
    return any(name == b"auxC" and body[4:].split(b"\0")[0] in _ALPHA for name, body in own)


def _codings(items: _Items, item: int, depth: int) -> Iterator[bytes]:
    kind = items.types.get(item, b"")
    if kind not in _DERIVED or depth == 0:
        yield kind
        return
    for part in dict.fromkeys(items.parts(item)):
        yield from _codings(items, part, depth - 1)


def _boxes(data: bytes) -> Iterator[Property]:
    position = 0
    for _ in range(_MOST_BOXES):
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


def _types(iinf: bytes) -> dict[int, bytes]:
    found = {}
    for name, body in _boxes(iinf[6 if iinf[:1] == b"\0" else 8 :]):
        if name == b"infe" and body[0] >= 2:
            width = 2 if body[0] == 2 else 4
            found[int.from_bytes(body[4 : 4 + width], "big")] = body[6 + width : 10 + width]
    return found


def _references(iref: bytes) -> list[tuple[bytes, int, tuple[int, ...]]]:
    width = 2 if iref[:1] == b"\0" else 4
    found = []
    for kind, body in _boxes(iref[4:]):
        numbers = [int.from_bytes(body[at : at + width], "big") for at in range(width + 2, len(body), width)]
        found.append((kind, int.from_bytes(body[:width], "big"), tuple(numbers)))
    return found


def _properties(listed: list[Property], ipma: bytes) -> dict[int, list[Property]]:
    """The properties of each item, in their order."""
    if not ipma:
        return {}
    version, is_wide, count, at = ipma[0], ipma[3] & 1, int.from_bytes(ipma[4:8], "big"), 8
    step, mask = (2, 0x7FFF) if is_wide else (1, 0x7F)
    width = 2 if version < 1 else 4
    found: dict[int, list[Property]] = {}
    for _ in range(min(count, _MOST_BOXES)):
        item, at = int.from_bytes(ipma[at : at + width], "big"), at + width
        number, at = ipma[at], at + 1
        own = [int.from_bytes(ipma[at + step * n : at + step * (n + 1)], "big") & mask for n in range(number)]
        found[item] = [listed[value - 1] for value in own if 0 < value <= len(listed)]
        at += step * number
    return found
