"""The directories of a TIFF, read within the bounds of the file, and the one that holds the picture. TIFF 6.0, BigTIFF."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import BinaryIO, Final

_TYPES: Final = {
    1: "B",
    2: "s",
    3: "H",
    4: "I",
    5: "II",
    6: "b",
    7: "s",
    8: "h",
    9: "i",
    10: "ii",
    11: "f",
    12: "d",
    13: "I",
    16: "Q",
    17: "q",
    18: "Q",
}
_MOST_ENTRIES: Final = 4_096
_MOST_VALUES: Final = 4_000_000
_MOST_FRACTIONS: Final = 6
_MOST_LOOKED_AT: Final = 64  # directories in which the full picture is looked for
_OLD_REDUCED: Final = 2


class Tag(IntEnum):
    SUBFILE = 254
    OLD_SUBFILE = 255
    WIDTH = 256
    HEIGHT = 257
    BITS = 258
    COMPRESSION = 259
    PHOTOMETRIC = 262
    FILL_ORDER = 266
    MAKE = 271
    STRIPS = 273
    ORIENTATION = 274
    SAMPLES = 277
    ROWS = 278
    STRIP_BYTES = 279
    PLANAR = 284
    PREDICTOR = 317
    WHITE_POINT = 318
    CHROMATICITIES = 319
    COLOUR_MAP = 320
    TILE_WIDTH = 322
    TILE_HEIGHT = 323
    TILES = 324
    TILE_BYTES = 325
    SUB_DIRECTORIES = 330
    INK_SET = 332
    INK_NAMES = 333
    EXTRA = 338
    FORMAT = 339
    COEFFICIENTS = 529
    SUBSAMPLING = 530
    BLACK_WHITE = 532
    XMP = 700
    ICC = 34675
    DNG = 50706


_FRACTIONS: Final = frozenset({Tag.WHITE_POINT, Tag.CHROMATICITIES, Tag.COEFFICIENTS, Tag.BLACK_WHITE})
_TAKEN: Final = frozenset({Tag.XMP, Tag.ICC, Tag.INK_NAMES})
_NEEDED: Final = frozenset(Tag) - _FRACTIONS - _TAKEN - {Tag.MAKE, Tag.DNG}


@dataclass(frozen=True, slots=True)
class Directory:
    """What is told of one picture. `order` is struct's sign for the byte order, `following` where the next directory is."""

    order: str
    tags: dict[int, tuple[int, ...]]
    fractions: dict[int, tuple[float, ...]]
    taken: dict[int, bytes]
    present: frozenset[int]
    following: int

    def one(self, tag: Tag, default: int | None = None) -> int:
        if tag in self.tags:
            return self.tags[tag][0]
        if default is None:
            raise OSError(f"its directory lacks entry {tag}")
        return default

    @property
    def is_whole(self) -> bool:
        """Whether it is the picture itself: not a smaller version of another one, and not a mask (TIFF 6.0, page 36)."""
        return not self.one(Tag.SUBFILE, 0) & 0b101 and self.one(Tag.OLD_SUBFILE, 0) != _OLD_REDUCED


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture is: the number of its page, and where it lies under that page, its number there."""

    page: int = 0
    sub: int | None = None


class DirectoryReader:
    """Reads directories within the bounds of the file."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size
        head = file.read(16)
        self._order = "<" if head[:2] == b"II" else ">"
        (version,) = struct.unpack(self._order + "H", head[2:4])
        self._is_big = version == 43
        start = head[8:16] if self._is_big else head[4:8]
        self.first = self._directory(self._offset(start))

    def picture(self) -> tuple[Directory, Place]:
        """The first whole picture: files may begin with a thumbnail, and keep the picture behind or under it."""
        if self.first.is_whole:
            return self.first, Place()
        return next(self._whole_ones(), (self.first, Place()))

    def pages(self, most: int) -> int:
        """How many pictures follow one another, counted up to one more than `most`."""
        pages, offset, seen = 1, self.first.following, set[int]()
        while offset and offset not in seen and pages <= most:
            seen.add(offset)
            try:
                _, offset = self._entries(offset)
            except (OSError, struct.error):
                break
            pages += 1
        return pages

    def _whole_ones(self) -> Iterator[tuple[Directory, Place]]:
        directory, page, seen = self.first, 0, set[int]()
        while len(seen) < _MOST_LOOKED_AT:
            for sub, offset in enumerate(directory.tags.get(Tag.SUB_DIRECTORIES, ())[:_MOST_LOOKED_AT]):
                found = self._if_readable(offset)
                if found is not None and found.is_whole:
                    yield found, Place(page, sub)
            if not directory.following or directory.following in seen:
                return
            seen.add(directory.following)
            following = self._if_readable(directory.following)
            if following is None:
                return
            directory, page = following, page + 1
            if directory.is_whole:
                yield directory, Place(page)

    def _if_readable(self, offset: int) -> Directory | None:
        try:
            return self._directory(offset)
        except (OSError, struct.error):
            return None

    def _at(self, offset: int, count: int) -> bytes:
        if offset < 0 or count < 0 or offset + count > self._size:
            raise OSError("image file is truncated: an entry of its directory leads outside the file")
        self._file.seek(offset)
        return self._file.read(count)

    def _entries(self, offset: int) -> tuple[bytes, int]:
        """The entries of the directory at an offset, and where the next one is."""
        width, form = (8, "Q") if self._is_big else (2, "H")
        (count,) = struct.unpack(self._order + form, self._at(offset, width))
        if not 0 < count <= _MOST_ENTRIES:
            raise OSError(f"its directory declares {count:,} entries")
        entries = self._at(offset + width, count * self._entry_bytes)
        return entries, self._offset(self._at(offset + width + len(entries), 8 if self._is_big else 4))

    @property
    def _entry_bytes(self) -> int:
        return 20 if self._is_big else 12

    def _directory(self, offset: int) -> Directory:
        entries, following = self._entries(offset)
        form = self._order + ("HHQ8s" if self._is_big else "HHI4s")
        found, present = Directory(self._order, {}, {}, {}, frozenset(), following), set[int]()
        for number in range(0, len(entries), self._entry_bytes):
            tag, kind, count, value = struct.unpack(form, entries[number : number + self._entry_bytes])
            present.add(tag)
            if tag in _NEEDED:
                found.tags[tag] = self._numbers(tag, kind, count, value)
            elif tag in _FRACTIONS:
                found.fractions[tag] = self._fractions(kind, count, value)
            elif tag in _TAKEN and kind in (1, 2, 7):
                found.taken[tag] = self._optional(count, value)
        return Directory(self._order, found.tags, found.fractions, found.taken, frozenset(present), following)

    def _numbers(self, tag: int, kind: int, count: int, value: bytes) -> tuple[int, ...]:
        letter = _TYPES.get(kind, "s")
        if len(letter) > 1 or letter in "sfd" or not 0 < count <= _MOST_VALUES:
            raise OSError(f"entry {tag} of its directory declares {count:,} values of type {kind}")
        size = struct.calcsize(letter) * count
        raw = value[:size] if size <= len(value) else self._at(self._offset(value), size)
        return struct.unpack(f"{self._order}{count}{letter}", raw)

    def _fractions(self, kind: int, count: int, value: bytes) -> tuple[float, ...]:
        """Numbers that only say more of the colours; where they are none, they say nothing."""
        letter = _TYPES.get(kind, "s")
        if letter == "s" or not 0 < count <= _MOST_FRACTIONS:
            return ()
        form = self._order + letter * count
        raw = self._optional(struct.calcsize(form), value)
        if len(raw) < struct.calcsize(form):
            return ()
        values = struct.unpack(form, raw)
        if len(letter) == 1:
            return tuple(map(float, values))
        return tuple(above / below if below else 0.0 for above, below in zip(values[::2], values[1::2], strict=True))

    def _optional(self, count: int, value: bytes) -> bytes:
        """Metadata; one that leads nowhere says nothing."""
        if count <= len(value):
            return value[:count]
        try:
            return self._at(self._offset(value), count)
        except OSError:
            return b""

    def _offset(self, value: bytes) -> int:
        return int.from_bytes(value, "little" if self._order == "<" else "big")
