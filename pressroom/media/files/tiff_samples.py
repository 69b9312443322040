"""TIFF layouts that libvips misreads or refuses, taken apart here: odd depths, tiles of planes, LZMA and Zstandard, CIELAB.

libtiff unpacks them as if they were grey bytes; what the bytes mean is worked out behind it.
"""

from __future__ import annotations

import io
import struct
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyvips
from PIL import TiffImagePlugin

from pressroom.media.color.srgb import LUMA_601
from pressroom.media.files.tiff import Parts, Tiff, parts_of
from pressroom.media.files.tiff_directory import Tag

Bytes: TypeAlias = npt.NDArray[np.uint8]
Values: TypeAlias = npt.NDArray[Any]

_PLAIN, _HORIZONTAL, _FLOATING = 1, 2, 3
_FLOAT: Final = 3
_WHITE_IS_ZERO, _INDEXED, _CHROMA = 0, 3, 6
_CIELAB: Final = 8
_ROWS_AT_ONCE: Final = 256  # a bit takes a byte while samples are put together
_BYTES_OF_24_BITS: Final = 3
_ROUNDING: Final = 0.01
_FULL_RANGE: Final = (0.0, 255.0, 128.0, 255.0, 128.0, 255.0)


def unpacked(path: Path, tiff: Tiff) -> pyvips.Image:
    """All channels of the picture, colours as libvips has them. Raises OSError for damage."""
    parts = parts_of(tiff)
    with path.open("rb") as file:
        planes = [_numbers(_rows(file, tiff, parts, plane), tiff, parts) for plane in range(parts.planes)]
    values = planes[0] if len(planes) == 1 else np.concatenate(planes, axis=2)
    if tiff.is_lab:
        return _lab(pyvips.Image.new_from_array(np.ascontiguousarray(values)), tiff)
    color, extra = _coloured(values[:, :, : tiff.colours], tiff), _full_range(values[:, :, tiff.colours :], tiff.bits)
    if tiff.is_multiplied and tiff.alpha is not None:
        color = _divided(color, extra[:, :, tiff.alpha - tiff.colours])
    whole = np.concatenate([color, extra.astype(color.dtype)], axis=2) if extra.size else color
    return pyvips.Image.new_from_array(np.ascontiguousarray(whole), interpretation=_interpretation(tiff, whole))


def _interpretation(tiff: Tiff, values: Values) -> str:
    is_deep = values.dtype == np.uint16
    if tiff.is_inks:
        return "cmyk"
    if tiff.colours == 1 and tiff.photometric != _INDEXED:
        return "grey16" if is_deep else "b-w"
    return "rgb16" if is_deep else "srgb"


def _rows(file: BinaryIO, tiff: Tiff, parts: Parts, plane: int) -> Bytes:
    """The bytes of one plane, unpacked: rows, tiles beside each other, bytes of a tile's row."""
    number = parts.across * parts.down
    offsets = parts.offsets[plane * number : (plane + 1) * number]
    width = -(-parts.wide * (1 if parts.planes > 1 else tiff.samples) * tiff.bits // 8)
    height = parts.down * parts.high if parts.is_tiled else tiff.height
    counts = parts.counts[plane * number : (plane + 1) * number] or _plain_counts(tiff, parts, width)
    if sum(counts) > file.seek(0, io.SEEK_END):
        raise OSError("parts of the picture lie upon each other")
    pieces = []
    for offset, count in zip(offsets, counts, strict=True):
        file.seek(offset)
        pieces.append(file.read(count))
    image = TiffImagePlugin.TiffImageFile(io.BytesIO(_as_grey(tiff, parts, pieces, width * parts.across, height)))
    image.load()
    return np.asarray(image).reshape(height, parts.across, width)


def _plain_counts(tiff: Tiff, parts: Parts, width: int) -> tuple[int, ...]:
    """How long the parts of a file are that does not say so."""
    if tiff.directory.one(Tag.COMPRESSION, 1) != _PLAIN:
        raise OSError("its directory does not say how long the parts of the picture are")
    if parts.is_tiled:
        return (width * parts.high,) * (parts.across * parts.down)
    return tuple(width * min(parts.high, tiff.height - row) for row in range(0, tiff.height, parts.high))


def _as_grey(tiff: Tiff, parts: Parts, pieces: list[bytes], width: int, height: int) -> bytes:
    """A TIFF of the same parts whose pixels are bytes."""
    entries: dict[int, tuple[int, ...]] = {
        Tag.WIDTH: (width,),
        Tag.HEIGHT: (height,),
        Tag.BITS: (8,),
        Tag.COMPRESSION: (tiff.directory.one(Tag.COMPRESSION, 1),),
        Tag.PHOTOMETRIC: (1,),
        Tag.FILL_ORDER: (tiff.directory.one(Tag.FILL_ORDER, 1),),
        Tag.SAMPLES: (1,),
    }
    entries |= (
        {Tag.TILE_WIDTH: (width // parts.across,), Tag.TILE_HEIGHT: (parts.high,)}
        if parts.is_tiled
        else {Tag.ROWS: (parts.high,)}
    )
    lengths = tuple(map(len, pieces))
    places, lengths_at = (Tag.TILES, Tag.TILE_BYTES) if parts.is_tiled else (Tag.STRIPS, Tag.STRIP_BYTES)
    entries |= {places: lengths, lengths_at: lengths}
    far = 8 + 2 + 12 * len(entries) + 4
    at = far + (8 * len(pieces) if len(pieces) > 1 else 0)
    entries[places] = _starts(at, lengths)
    directory, behind = b"", b""
    for tag, values in sorted(entries.items()):
        raw = struct.pack(f"<{len(values)}I", *values)
        directory += struct.pack("<HHI", tag, 4, len(values))
        directory += raw if len(raw) == 4 else struct.pack("<I", far + len(behind))
        behind += raw if len(raw) > 4 else b""
    return b"".join((b"II*\0\x08\0\0\0", struct.pack("<H", len(entries)), directory, bytes(4), behind, *pieces))


def _starts(at: int, lengths: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(accumulate(lengths[:-1], initial=at))


def _numbers(rows: Bytes, tiff: Tiff, parts: Parts) -> Values:
    """The samples of one plane: rows, columns, channels."""
    height, across, _ = rows.shape
    samples = 1 if parts.planes > 1 else tiff.samples
    values = _odd(rows, tiff, parts.wide * samples) if tiff.bits % 8 else _even(rows, tiff, samples)
    values = values.reshape(height, across, parts.wide, samples)
    if tiff.directory.one(Tag.PREDICTOR, 1) == _HORIZONTAL:
        values = np.cumsum(values, axis=2, dtype=values.dtype)
    values = values.reshape(height, across * parts.wide, samples)[: tiff.height, : tiff.width]
    if values.dtype.kind == "f":
        return values.astype(np.float32)
    # What is deeper than 16 bits is shown by the highest of them.
    return values if tiff.bits <= 16 else (values >> (tiff.bits - 16)).astype(np.uint16)


def _even(rows: Bytes, tiff: Tiff, samples: int) -> Values:
    size, order = tiff.bits // 8, tiff.directory.order
    is_float = tiff.directory.one(Tag.FORMAT, 1) == _FLOAT
    if tiff.directory.one(Tag.PREDICTOR, 1) == _FLOATING:
        # Technical note 3 of Photoshop: differences of bytes, those that count most first.
        summed = np.cumsum(rows.reshape(*rows.shape[:2], -1, samples), axis=2, dtype=np.uint8)
        rows = np.moveaxis(summed.reshape(*rows.shape[:2], size, -1), 2, 3)
        order = ">"
    if size == _BYTES_OF_24_BITS:
        single = rows.reshape(*rows.shape[:2], -1, size).astype(np.uint32)
        low, middle, high = np.moveaxis(single if order == "<" else single[..., ::-1], 3, 0)
        whole: Values = low | middle << 8 | high << 16
        return whole
    kind = np.dtype(f"{order}{'f' if is_float and size > 1 else 'u'}{size}")
    return np.frombuffer(rows.tobytes(), kind).reshape(*rows.shape[:2], -1).astype(kind.newbyteorder("="))


def _odd(rows: Bytes, tiff: Tiff, number: int) -> Values:
    """Samples that share bytes."""
    bits, kind = tiff.bits, np.uint8 if tiff.bits < 8 else np.uint16
    weights: Values = (1 << np.arange(bits - 1, -1, -1)).astype(kind)
    found = np.empty((*rows.shape[:2], number), kind)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        single = np.unpackbits(rows[start : start + _ROWS_AT_ONCE], axis=2)[:, :, : number * bits]
        found[start : start + _ROWS_AT_ONCE] = single.reshape(*single.shape[:2], number, bits) @ weights
    return found


def _full_range(values: Values, bits: int) -> Values:
    """Samples of an odd depth brought to all of 8 or 16 bits."""
    if bits == 8 or bits >= 16:
        return values
    table = np.arange(1 << bits) * (np.iinfo(values.dtype).max / ((1 << bits) - 1))
    return np.round(table).astype(values.dtype)[values]


def _coloured(values: Values, tiff: Tiff) -> Values:
    if tiff.photometric == _INDEXED:
        return _by_colour_map(values[:, :, 0], tiff)
    if tiff.photometric == _CHROMA:
        return _from_chroma(values, tiff)
    full = _full_range(values, tiff.bits)
    if tiff.photometric == _WHITE_IS_ZERO:
        return (1 if full.dtype.kind == "f" else np.iinfo(full.dtype).max) - full
    return full


def _by_colour_map(indexes: Values, tiff: Tiff) -> Values:
    table = np.array(tiff.directory.tags.get(Tag.COLOUR_MAP, ()), np.uint16)
    if len(table) != 3 << tiff.bits:
        raise OSError("it has indexed colours and no colour map that fits")
    if table.max() > 255:
        table = np.round(table / 257).astype(np.uint16)  # others write 8 bits where 16 belong
    return table.astype(np.uint8).reshape(3, -1).T[indexes]


def _from_chroma(values: Values, tiff: Tiff) -> Values:
    """TIFF 6.0, section 21."""
    fractions = tiff.directory.fractions
    weights = fractions.get(Tag.COEFFICIENTS, ())
    is_told = len(weights) == len(LUMA_601) and min(weights) > 0 and abs(sum(weights) - 1) < _ROUNDING
    red, green, blue = weights if is_told else LUMA_601
    limits = fractions.get(Tag.BLACK_WHITE, ())
    limits = limits if len(limits) == 6 and all(limits[n + 1] != limits[n] for n in (0, 2, 4)) else _FULL_RANGE
    low, high = np.array(limits[::2], np.float32), np.array(limits[1::2], np.float32)
    y, cb, cr = np.moveaxis((values - low) * (np.array((255, 127, 127), np.float32) / (high - low)), 2, 0)
    r, b = y + cr * (2 - 2 * red), y + cb * (2 - 2 * blue)
    return np.clip(np.round(np.stack([r, (y - red * r - blue * b) / green, b], axis=2)), 0, 255).astype(np.uint8)


def _lab(image: pyvips.Image, tiff: Tiff) -> pyvips.Image:
    """CIELAB has signed a and b, the kind of ICC unsigned ones (TIFF technical note 4); worked out as it is read."""
    is_deep, is_signed = tiff.bits == 16, tiff.photometric == _CIELAB
    light, *sides = (image.extract_band(number) for number in range(3))
    most, unit = (65_535 if is_signed else 65_280, 256) if is_deep else (255, 1)
    if is_signed:
        shown = [side.copy(format="short" if is_deep else "char") / unit for side in sides]
    else:
        shown = [side / unit - 128 for side in sides]
    lab = (light * (100 / most)).bandjoin(shown).cast("float").copy(interpretation="lab")
    return lab if image.bands == len(shown) + 1 else lab.bandjoin(image.extract_band(3, n=image.bands - 3))


def _divided(color: Values, alpha: Values) -> Values:
    """Colours that were multiplied by transparency, as they were before."""
    if color.dtype.kind == "f":
        return color
    most = np.iinfo(color.dtype).max
    share = np.maximum(alpha.astype(np.float32), 1)[:, :, None] / np.iinfo(alpha.dtype).max
    return np.minimum(np.round(color / share), most).astype(color.dtype)
