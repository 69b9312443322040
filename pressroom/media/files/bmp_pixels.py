"""The pixels of a BMP of every kind: indexes, channels where masks say, runs, and the linear light of 64 bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyvips

from pressroom.media.color.oklab import codes_of
from pressroom.media.files.bmp import Bmp

Bytes: TypeAlias = npt.NDArray[np.uint8]

_ROWS_AT_ONCE: Final = 256
_END_OF_ROW, _END_OF_PICTURE, _MOVE = 0, 1, 2
_HALVES: Final = tuple(bytes((byte >> 4, byte & 15)) for byte in range(256))
_ONE: Final = 1 << 13  # white of 64 bits a pixel: 2 bits before the point, 13 behind it and a sign (GDI+)


def pixels_of(path: Path, bmp: Bmp) -> pyvips.Image:
    """The pixels as RGB or RGBA of 8 bits. Raises OSError for runs that break off."""
    with path.open("rb") as file:
        if bmp.kind == "runs":
            file.seek(bmp.offset)
            found = _unrun(file.read(), bmp)
        else:
            raw = _rows(file, bmp)
            found = {"indexes": _indexed, "masks": _unmasked, "linear": _from_linear}[bmp.kind](raw, bmp)
    upright = found if bmp.is_top_down else found[::-1]
    return pyvips.Image.new_from_array(np.ascontiguousarray(upright), interpretation="srgb")


def _rows(file: BinaryIO, bmp: Bmp) -> Bytes:
    whole = bmp.row_bytes * bmp.height
    file.seek(bmp.offset)
    data = file.read(whole)
    return np.frombuffer(data.ljust(whole, b"\0"), np.uint8).reshape(bmp.height, bmp.row_bytes)


def _indexed(raw: Bytes, bmp: Bmp) -> Bytes:
    shifts = np.arange(8 - bmp.depth, -1, -bmp.depth, dtype=np.uint8)
    indexes = (raw[:, :, None] >> shifts & np.uint8((1 << bmp.depth) - 1)).reshape(bmp.height, -1)
    return _coloured(indexes[:, : bmp.width], bmp)


def _coloured(indexes: Bytes, bmp: Bmp) -> Bytes:
    return np.frombuffer(bmp.colours, np.uint8).reshape(-1, 3)[indexes]


def _unmasked(raw: Bytes, bmp: Bmp) -> Bytes:
    size = bmp.depth // 8
    single = raw[:, : bmp.width * size].reshape(bmp.height, bmp.width, size)
    masks = bmp.masks if bmp.has_alpha else bmp.masks[:3]
    found = np.zeros((bmp.height, bmp.width, len(masks)), np.uint8)
    for start in range(0, bmp.height, _ROWS_AT_ONCE):
        some = slice(start, start + _ROWS_AT_ONCE)
        for number, mask in enumerate(masks):
            found[some, :, number] = _channel(single[some], mask)
    if bmp.has_alpha and not found[:, :, 3].any():
        return found[:, :, :3]  # nothing would be seen: it is a filler
    return found


def _channel(single: Bytes, mask: int) -> npt.NDArray[Any]:
    """What lies under a mask, brought to all of 8 bits; `single` are rows, columns and the bytes of a pixel."""
    if not mask:
        return np.zeros(single.shape[:2], np.uint8)
    shift = (mask & -mask).bit_length() - 1
    if mask >> shift == 255 and shift % 8 == 0:
        return single[:, :, shift // 8]
    whole = np.zeros((*single.shape[:2], 4), np.uint8)
    whole[:, :, : single.shape[2]] = single
    return np.round((whole.view("<u4")[:, :, 0] & np.uint32(mask)).astype(np.float64) * (255 / mask))


def _from_linear(raw: Bytes, bmp: Bmp) -> Bytes:
    light = np.arange(_ONE + 1, dtype=np.float32) / np.float32(_ONE)
    numbers = raw.view("<i2").reshape(bmp.height, bmp.width, 4).clip(0, _ONE)
    colour = codes_of(light)[numbers[:, :, 2::-1]]
    return np.dstack([colour, np.round(light * 255).astype(np.uint8)[numbers[:, :, 3]]])


def _unrun(data: bytes, bmp: Bmp) -> Bytes:
    """Runs of pixels. What they leave out has the first colour, what they have too much of a row is dropped."""
    unit = 3 if bmp.depth == 24 else 1
    found, row_bytes = bytearray(bmp.width * bmp.height * unit), bmp.width * unit
    x = y = at = 0
    while y < bmp.height and at + 2 <= len(data):
        count, value = data[at], data[at + 1]
        at += 2
        if count == 0 and value == _END_OF_PICTURE:
            break
        if count == 0 and value == _END_OF_ROW:
            x, y = 0, y + 1
            continue
        if count == 0 and value == _MOVE:
            x, y, at = x + sum(data[at : at + 1]), y + sum(data[at + 1 : at + 2]), at + 2
            continue
        if count:
            taken, run = _repeated(data, at - 1, count, bmp.depth)
            at += taken - 1
        else:
            count = value
            taken, run = _verbatim(data, at, count, bmp.depth)
            at += taken + taken % 2
        start, room = y * row_bytes + x * unit, max(0, bmp.width - x) * unit
        found[start : start + min(len(run), room)] = run[:room]
        x += count
    else:
        if y < bmp.height - 1 or (y == bmp.height - 1 and x < bmp.width):
            raise OSError("image file is truncated")
    pixels = np.frombuffer(found, np.uint8)
    if unit == 1:
        return _coloured(pixels.reshape(bmp.height, bmp.width), bmp)
    return pixels.reshape(bmp.height, bmp.width, unit)[:, :, ::-1]


def _repeated(data: bytes, at: int, count: int, depth: int) -> tuple[int, bytes]:
    """How many bytes tell the pixel, or the two that take turns, and so many of them."""
    if depth == 4:
        return 1, (_HALVES[data[at]] * (count + 1 >> 1))[:count]
    size = depth // 8
    return size, data[at : at + size] * count


def _verbatim(data: bytes, at: int, count: int, depth: int) -> tuple[int, bytes]:
    taken = -(-count * depth // 8)
    run = data[at : at + taken]
    return taken, b"".join(_HALVES[byte] for byte in run)[:count] if depth == 4 else run
