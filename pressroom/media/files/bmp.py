"""What the header of a BMP says: where its pixels are, how they are stored and what their numbers mean.

Microsoft, "Bitmap Header Types" and BITMAPV5HEADER; IBM, "Presentation Manager Programming Reference" (OS/2). What is left
open there is done as Firefox does.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final, Literal

from pressroom.media.color.primaries import D65
from pressroom.media.files.meaning import MOST_PROFILE_BYTES, Meaning, by_measures, by_profile

Kind = Literal["indexes", "masks", "runs", "linear", "jpeg", "png"]

_ARRAY, _ARRAY_HEADER = b"BA", 14  # of OS/2: several pictures for screens of several kinds, the first is shown
_FILE_HEADER: Final = 14
_CORE, _OS2, _V1, _V2, _V3, _V4, _V5 = 12, 16, 40, 52, 56, 108, 124
_OS2_WHOLE: Final = 64
_PLAIN, _RUNS_OF_8, _RUNS_OF_4, _BY_MASKS, _JPEG, _PNG, _BY_MASKS_WITH_ALPHA = range(7)
_RUNS_OF_24: Final = 4  # what OS/2 calls it where Windows has JPEG
_HUFFMAN: Final = 3  # likewise, where Windows has masks
_RUNS: Final = {(_RUNS_OF_8, 8), (_RUNS_OF_4, 4), (_RUNS_OF_24, 24)}
_INDEXED: Final = (1, 2, 4, 8)
_LINEAR: Final = 64
_USUAL_MASKS: Final = {
    16: (0x7C00, 0x3E0, 0x1F, 0),
    24: (0xFF0000, 0xFF00, 0xFF, 0),
    32: (0xFF0000, 0xFF00, 0xFF, 0),
}
_CALIBRATED, _EMBEDDED = 0, 0x4D424544
_MOST_COLOURS: Final = 256


@dataclass(frozen=True, slots=True)
class Bmp:
    """`offset` is where the pixels begin. `masks` are where in a pixel red, green, blue and transparency are; `colours` are
    what its indexes mean: red, green and blue one after the other.
    """

    kind: Kind
    offset: int
    width: int
    height: int
    depth: int
    is_top_down: bool
    meaning: Meaning
    masks: tuple[int, ...] = ()
    colours: bytes = b""

    @property
    def row_bytes(self) -> int:
        return -(-self.width * self.depth // 32) * 4

    def check_length(self, size: int) -> None:
        """Raises OSError where a file of so many bytes does not hold all rows; runs tell their end themselves."""
        filled = self.row_bytes - -(-self.width * self.depth // 8)  # what fills the last row up may be left out
        if self.kind in ("indexes", "masks", "linear") and self.offset + self.row_bytes * self.height - filled > size:
            raise OSError("image file is truncated")

    @property
    def has_alpha(self) -> bool:
        return self.kind == "linear" or (self.kind == "masks" and self.masks[3] != 0)


@dataclass(frozen=True, slots=True)
class _Told:
    base: int
    head: bytes
    header_bytes: int
    offset: int
    width: int
    height: int
    depth: int
    compression: int
    used: int


def read_bmp(file: BinaryIO, size: int) -> Bmp:
    """Raises OSError for a header that is none, and for masks that are none."""
    told = _told(file)
    kind = _kind(told)
    masks = _masks(told) if kind == "masks" else ()
    colours, behind = _colours(told, file) if kind in ("indexes", "runs") else (b"", 0)
    start = told.base + _FILE_HEADER + told.header_bytes
    return Bmp(
        kind=kind,
        offset=told.offset if told.offset > start else behind or start,
        width=told.width,
        height=abs(told.height),
        depth=told.depth,
        is_top_down=told.height < 0,
        meaning=_meaning(told.head, told.header_bytes, file, size),
        masks=masks,
        colours=colours,
    )


def _told(file: BinaryIO) -> _Told:
    start = file.read(_ARRAY_HEADER)
    base = _ARRAY_HEADER if start[:2] == _ARRAY else 0
    file.seek(base)
    head = file.read(_FILE_HEADER + _V5)
    header_bytes = int.from_bytes(head[_FILE_HEADER : _FILE_HEADER + 4], "little")
    if header_bytes not in (_CORE, *range(_OS2, _OS2_WHOLE + 1), _V4, _V5):
        raise OSError(f"unsupported: its header has {header_bytes:,} bytes, as no kind of BMP has")
    if len(head) < _FILE_HEADER + header_bytes:
        raise OSError("image file is truncated")
    (offset,) = struct.unpack("<I", head[10:14])
    if header_bytes == _CORE:
        width, height, _, depth = struct.unpack("<HHHH", head[18:26])
        return _Told(base, head, header_bytes, offset, width, height, depth, _PLAIN, 0)
    # A header of OS/2 may end anywhere behind the depth: what it lacks is zero.
    width, height, _, depth, compression, *_, used = struct.unpack(
        "<iiHHIIiiI", head[18 : _FILE_HEADER + header_bytes][:32].ljust(32, b"\0")
    )
    return _Told(base, head, header_bytes, offset, width, height, depth, compression, used)


def _kind(told: _Told) -> Kind:
    if (told.compression, told.depth) in _RUNS:
        return "runs"
    if told.compression in (_JPEG, _PNG):
        return "jpeg" if told.compression == _JPEG else "png"
    if told.compression == _HUFFMAN and told.depth == 1:
        raise OSError("unsupported: it is compressed as OS/2 does with fax pages")
    if told.compression in (_BY_MASKS, _BY_MASKS_WITH_ALPHA) and told.depth in _USUAL_MASKS:
        return "masks"
    if told.compression != _PLAIN:
        raise OSError(f"unsupported: it is compressed by method {told.compression} with {told.depth} bits a pixel")
    if told.depth in _INDEXED:
        return "indexes"
    if told.depth in _USUAL_MASKS:
        return "masks"
    if told.depth == _LINEAR:
        return "linear"
    raise OSError(f"unsupported: it holds {told.depth} bits a pixel")


def _masks(told: _Told) -> tuple[int, ...]:
    if told.compression == _PLAIN:
        return _USUAL_MASKS[told.depth]
    masks: tuple[int, ...] = struct.unpack("<4I", told.head[54:70].ljust(16, b"\0"))
    if told.compression == _BY_MASKS and told.header_bytes < _V3:
        masks = (*masks[:3], 0)
    for mask in masks:
        lowest = mask & -mask
        if mask >> told.depth or (mask and (mask // lowest + 1) & (mask // lowest)):
            raise OSError(f"unsupported: a mask of its colours ({mask:#x}) has gaps or lies outside its pixels")
    if not any(masks[:3]):
        raise OSError("its colours have no masks")
    return masks


def _colours(told: _Told, file: BinaryIO) -> tuple[bytes, int]:
    """The colours of the indexes, as many as there can be, and where they end. One that is not there is black."""
    if told.depth not in _INDEXED:
        return b"", 0
    start, wide = told.base + _FILE_HEADER + told.header_bytes, 3 if told.header_bytes == _CORE else 4
    most = 1 << told.depth
    number = told.used or most
    if told.offset > start:
        number = min(number, (told.offset - start) // wide)
    file.seek(start)
    raw = file.read(min(number, most) * wide)
    whole = raw[: len(raw) // wide * wide]
    found = bytearray(3 * most)
    for channel in range(3):
        part = whole[2 - channel :: wide]
        found[channel : 3 * len(part) : 3] = part
    return bytes(found), start + min(number, _MOST_COLOURS) * wide


def _meaning(head: bytes, header_bytes: int, file: BinaryIO, size: int) -> Meaning:
    if header_bytes < _V4:
        return Meaning()
    (kind,) = struct.unpack("<I", head[70:74])
    if kind == _CALIBRATED:
        points = [struct.unpack("<3i", head[at : at + 12]) for at in (74, 86, 98)]
        gammas = [value / 65_536 for value in struct.unpack("<3I", head[110:122])]
        if any(min(point) < 0 or not sum(point) for point in points):
            return Meaning()  # Photoshop writes zeros
        chromaticities = [part / sum(point) for point in points for part in point[:2]]
        gamma = sum(gammas) / 3
        # The white is not told. Programs take the gamma for that of the display, or for what is undone by it.
        return by_measures(1 / gamma if 0 < gamma < 1 else gamma, (*D65, *chromaticities))
    if kind == _EMBEDDED and header_bytes == _V5:
        start, length = struct.unpack("<II", head[126:134])
        if 0 < length <= MOST_PROFILE_BYTES and _FILE_HEADER + start + length <= size:
            file.seek(_FILE_HEADER + start)
            return by_profile(file.read(length))
    return Meaning()
