"""What the header of a BMP says of its colours, and pixels whose channels lie where masks say.

Microsoft, "Bitmap Header Types" and BITMAPV5HEADER; what is left open there is done as Firefox does.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from pressroom.media.color.primaries import D65
from pressroom.media.files.meaning import MOST_PROFILE_BYTES, Meaning, by_measures, by_profile

if TYPE_CHECKING:
    import pyvips

_FILE_HEADER: Final = 14
_V1, _V2, _V3, _V4, _V5 = 40, 52, 56, 108, 124
_BY_MASKS, _BY_MASKS_WITH_ALPHA = 3, 6
_MASKED_DEPTHS: Final = (16, 32)
_CALIBRATED, _EMBEDDED = 0, 0x4D424544
_ROWS_AT_ONCE: Final = 256


@dataclass(frozen=True, slots=True)
class Masked:
    """Pixels of 16 or 32 bits, and where in them red, green, blue and transparency are."""

    offset: int
    width: int
    height: int
    depth: int
    masks: tuple[int, ...]
    is_top_down: bool

    @property
    def row_bytes(self) -> int:
        return -(-self.width * self.depth // 32) * 4

    @property
    def has_alpha(self) -> bool:
        return self.masks[3] != 0


@dataclass(frozen=True, slots=True)
class Bmp:
    """`masked` is None where the pixels are Pillow's to decode."""

    meaning: Meaning
    masked: Masked | None = None


def read_bmp(file: BinaryIO, size: int) -> Bmp:
    """Raises OSError for masks that are none, and for masked pixels that the file does not hold."""
    head = file.read(_FILE_HEADER + _V5)
    header_bytes = int.from_bytes(head[_FILE_HEADER : _FILE_HEADER + 4], "little")
    if header_bytes < _V1 or header_bytes not in (_V1, _V2, _V3, _V4, _V5) or len(head) < _FILE_HEADER + header_bytes:
        return Bmp(Meaning())
    (offset,) = struct.unpack("<I", head[10:14])
    width, height, _, depth, compression = struct.unpack("<iiHHI", head[18:34])
    masked = None
    if compression in (_BY_MASKS, _BY_MASKS_WITH_ALPHA) and depth in _MASKED_DEPTHS:
        masks = struct.unpack("<4I", head[54:70].ljust(16, b"\0"))
        if compression == _BY_MASKS and header_bytes < _V3:
            masks = (*masks[:3], 0)
        masked = Masked(offset, width, abs(height), depth, masks, height < 0)
        _check(masked, size)
    return Bmp(_meaning(head, header_bytes, file, size), masked)


def _check(masked: Masked, size: int) -> None:
    for mask in masked.masks:
        lowest = mask & -mask
        if mask >> masked.depth or (mask and (mask // lowest + 1) & (mask // lowest)):
            raise OSError(f"unsupported: a mask of its colours ({mask:#x}) has gaps or lies outside its pixels")
    if not any(masked.masks[:3]):
        raise OSError("its colours have no masks")
    if masked.offset + masked.row_bytes * masked.height > size:
        raise OSError("image file is truncated")


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


def unmasked(path: Path, masked: Masked) -> pyvips.Image:
    """The pixels as RGB or RGBA of 8 bits."""
    import numpy as np
    import pyvips

    with path.open("rb") as file:
        file.seek(masked.offset)
        raw = np.frombuffer(file.read(masked.row_bytes * masked.height), f"<u{masked.depth // 8}")
    rows = raw.reshape(masked.height, -1)[:: 1 if masked.is_top_down else -1, : masked.width]
    masks = masked.masks if masked.has_alpha else masked.masks[:3]
    found = np.zeros((masked.height, masked.width, len(masks)), np.uint8)
    for start in range(0, masked.height, _ROWS_AT_ONCE):
        some = slice(start, start + _ROWS_AT_ONCE)
        for number, mask in enumerate(masks):
            if mask:
                values = (rows[some] & mask).astype(np.float64) * (255 / mask)
                found[some, :, number] = np.round(values)
    if masked.has_alpha and not found[:, :, 3].any():
        found = np.ascontiguousarray(found[:, :, :3])  # nothing would be seen: it is a filler
    return pyvips.Image.new_from_array(found, interpretation="srgb")
