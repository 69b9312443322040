"""The directory of a TIFF: what it declares, and whether the file holds that. TIFF 6.0, BigTIFF."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import ceil, prod
from typing import BinaryIO, Final

_TYPES: Final = {
    1: "B",
    2: "s",
    3: "H",
    4: "I",
    6: "b",
    7: "s",
    8: "h",
    9: "i",
    11: "f",
    12: "d",
    13: "I",
    16: "Q",
    17: "q",
    18: "Q",
}
_MOST_ENTRIES: Final = 4_096
_MOST_VALUES: Final = 4_000_000
_SUBFILE, _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 254, 256, 257, 258, 259, 262
_STRIPS, _ORIENTATION, _SAMPLES, _ROWS, _STRIP_BYTES, _PLANAR = 273, 274, 277, 278, 279, 284
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES, _EXTRA, _FORMAT = 322, 323, 324, 325, 338, 339
_XMP, _ICC, _DNG = 700, 34675, 50706
_CFA, _LINEAR_RAW, _REDUCED = 32803, 34892, 1  # TIFF/EP, DNG 1.7.1; TIFF 6.0 page 36
_NEEDED: Final = frozenset(
    {_SUBFILE, _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _STRIPS, _ORIENTATION, _SAMPLES, _ROWS, _STRIP_BYTES}
    | {_PLANAR, _TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES, _EXTRA, _FORMAT}
)
_TAKEN: Final = frozenset({_XMP, _ICC})
_BIT_DEPTHS: Final = frozenset({1, 2, 4, 8, 16, 32})
_PLAIN, _PER_PLANE = 1, 2
_UNSIGNED, _FLOAT, _UNKNOWN = 1, 3, 4
_ALPHA: Final = frozenset({1, 2})  # what ExtraSamples calls transparency, multiplied or not
_PHOTOMETRICS: Final = {0: 1, 1: 1, 2: 3, 3: 1, 5: 4, 6: 3, 8: 3}  # and how many samples each takes
_CHROMA, _CIELAB = 6, 8


@dataclass(frozen=True, slots=True)
class Tiff:
    """The first picture of a file."""

    width: int
    height: int
    bits: int
    samples: int
    photometric: int
    has_alpha: bool
    orientation: int | None
    is_raw: bool
    profile: bytes | None
    xmp: bytes
    pages: int
    is_pillows: bool = False  # libvips misreads it: 8-bit CIELAB, and YCbCr neither compressed nor subsampled


def read_tiff(file: BinaryIO, size: int, most_pages: int) -> Tiff:
    """The first directory, its entries checked against the file. Raises OSError for one that cannot be what it says."""
    reader = _Directory(file, size)
    tags = reader.tags
    is_raw = (
        _DNG in reader.present
        or bool(_one(tags, _SUBFILE, 0) & _REDUCED)
        or _one(tags, _PHOTOMETRIC, 1)
        in (
            _CFA,
            _LINEAR_RAW,
        )
    )
    found = Tiff(
        width=_one(tags, _WIDTH),
        height=_one(tags, _HEIGHT),
        bits=_one(tags, _BITS, 1),
        samples=_one(tags, _SAMPLES, 1),
        photometric=_one(tags, _PHOTOMETRIC, 1),
        has_alpha=bool(_ALPHA & set(tags.get(_EXTRA, ()))),
        orientation=tags.get(_ORIENTATION, (None,))[0],
        is_raw=is_raw,
        profile=reader.taken.get(_ICC),
        xmp=reader.taken.get(_XMP, b""),
        pages=reader.pages(most_pages),
        is_pillows=_is_pillows(tags),
    )
    if not is_raw:
        _check(found, tags, size)
    return found


class _Directory:
    """Reads entries within the bounds of the file."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size
        head = file.read(16)
        self._order = "<" if head[:2] == b"II" else ">"
        (version,) = struct.unpack(self._order + "H", head[2:4])
        self._is_big = version == 43
        offset = struct.unpack(self._order + ("Q" if self._is_big else "I"), head[8:16] if self._is_big else head[4:8])[
            0
        ]
        self.tags: dict[int, tuple[int, ...]] = {}
        self.taken: dict[int, bytes] = {}
        self.present: set[int] = set()
        self._next = self._read(offset)

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
        link = self._at(offset + width + len(entries), 8 if self._is_big else 4)
        return entries, int.from_bytes(link, "little" if self._order == "<" else "big")

    @property
    def _entry_bytes(self) -> int:
        return 20 if self._is_big else 12

    def _read(self, offset: int) -> int:
        entries, following = self._entries(offset)
        form = self._order + ("HHQ8s" if self._is_big else "HHI4s")
        for number in range(0, len(entries), self._entry_bytes):
            tag, kind, count, value = struct.unpack(form, entries[number : number + self._entry_bytes])
            self.present.add(tag)
            if tag in _NEEDED:
                self.tags[tag] = self._numbers(tag, kind, count, value)
            elif tag in _TAKEN and kind in (1, 2, 7):
                self.taken[tag] = self._optional(count, value)
        return following

    def _numbers(self, tag: int, kind: int, count: int, value: bytes) -> tuple[int, ...]:
        letter = _TYPES.get(kind, "s")
        if letter in "sfd" or not 0 < count <= _MOST_VALUES:
            raise OSError(f"entry {tag} of its directory declares {count:,} values of type {kind}")
        size = struct.calcsize(letter) * count
        raw = value[:size] if size <= len(value) else self._at(self._offset(value), size)
        return struct.unpack(f"{self._order}{count}{letter}", raw)

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

    def pages(self, most: int) -> int:
        """How many pictures follow one another, counted up to one more than `most`."""
        pages, offset, seen = 1, self._next, set[int]()
        while offset and offset not in seen and pages <= most:
            seen.add(offset)
            try:
                _, offset = self._entries(offset)
            except (OSError, struct.error):
                break
            pages += 1
        return pages


def _one(tags: dict[int, tuple[int, ...]], tag: int, default: int | None = None) -> int:
    if tag in tags:
        return tags[tag][0]
    if default is None:
        raise OSError(f"its directory lacks entry {tag}")
    return default


def _is_pillows(tags: dict[int, tuple[int, ...]]) -> bool:
    photometric, bits = _one(tags, _PHOTOMETRIC, 1), _one(tags, _BITS, 1)
    if photometric == _CHROMA and _one(tags, _COMPRESSION, 1) == _PLAIN:
        return sum(tags.get(_STRIP_BYTES, ())) == 3 * _one(tags, _WIDTH) * _one(tags, _HEIGHT)
    return photometric == _CIELAB and bits == 8


def _check(found: Tiff, tags: dict[int, tuple[int, ...]], size: int) -> None:
    bits, formats = tags.get(_BITS, (1,)), set(tags.get(_FORMAT, (_UNSIGNED,)))
    if found.photometric not in _PHOTOMETRICS:
        raise OSError(f"unsupported: its colours are of a kind (photometric {found.photometric}) that is not opened")
    if len(set(bits)) > 1 or bits[0] not in _BIT_DEPTHS:
        raise OSError(f"unsupported: it holds {', '.join(map(str, sorted(set(bits))))} bits a channel")
    if formats - {_UNSIGNED, _FLOAT, _UNKNOWN}:
        raise OSError("unsupported: it holds signed or complex numbers")
    if found.samples < _PHOTOMETRICS[found.photometric]:
        raise OSError(f"it declares {found.samples} channels, its colours need {_PHOTOMETRICS[found.photometric]}")
    is_tiled = _TILES in tags
    offsets = tags.get(_TILES if is_tiled else _STRIPS, ())
    counts = tags.get(_TILE_BYTES if is_tiled else _STRIP_BYTES, ())
    wide, high = (
        (_one(tags, _TILE_WIDTH), _one(tags, _TILE_HEIGHT))
        if is_tiled
        else (
            found.width,
            min(_one(tags, _ROWS, found.height), found.height),
        )
    )
    if not (found.width > 0 and found.height > 0 and wide > 0 and high > 0):
        raise OSError("it declares a picture or parts of no size")
    planes = found.samples if _one(tags, _PLANAR, 1) == _PER_PLANE else 1
    parts = prod((ceil(found.width / wide), ceil(found.height / high), planes))
    if len(offsets) != parts or (counts and len(counts) != parts):
        raise OSError(f"its directory names {len(offsets)} parts of the picture, it has {parts}")
    if any(offset >= size or offset + count > size for offset, count in zip(offsets, counts, strict=False)):
        raise OSError("image file is truncated: parts of the picture lie outside the file")
    if _one(tags, _COMPRESSION, 1) == _PLAIN and found.photometric != _CHROMA:
        row = ceil(wide * (1 if planes > 1 else found.samples) * found.bits / 8)
        last = high if is_tiled else (found.height - 1) % high + 1
        needed = row * high * (parts - planes) + row * last * planes if not is_tiled else row * high * parts
        if sum(counts) < needed and len(counts) > 0 and any(counts):
            raise OSError(f"its parts hold {sum(counts):,} bytes, the picture takes {needed:,}")
