"""Pictures written byte by byte, as libraries do not write them: six patches of known colours."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[Any]
PATCHES = ((255, 255, 255), (128, 128, 128), (55, 55, 55), (200, 50, 50), (50, 180, 60), (40, 60, 200))
GREYS = tuple((red,) * 3 for red, _, _ in PATCHES)
_SIDE = 16


def patches() -> Pixels:
    """16 x 96 pixels of RGB: a patch beside the other."""
    return np.repeat(np.array(PATCHES, np.uint8), _SIDE, axis=0)[None].repeat(_SIDE, 0)


def greys() -> Pixels:
    return patches()[:, :, 0]


def seen(image: Image.Image) -> list[tuple[int, ...]]:
    """The colour in the middle of each patch."""
    return [image.getpixel((number * _SIDE + _SIDE // 2, _SIDE // 2)) for number in range(len(PATCHES))]  # type: ignore[misc]


def is_near(image: Image.Image, wanted: tuple[tuple[int, ...], ...], tolerance: int = 2) -> bool:
    return all(
        abs(a - b) <= tolerance
        for got, want in zip(seen(image), wanted, strict=True)
        for a, b in zip(got, want, strict=False)
    )


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def write_png(
    path: Path, pixels: Pixels, depth: int = 8, colour: int = 2, chunks: tuple[tuple[bytes, bytes], ...] = ()
) -> Path:
    """Depths below 8 pack several pixels into a byte."""
    rows = b""
    for row in pixels:
        if depth >= 8:
            rows += b"\0" + row.astype(">u2" if depth == 16 else "u1").tobytes()
        else:
            bits = np.array(
                [[value >> shift & 1 for shift in reversed(range(depth))] for value in row.tolist()], np.uint8
            )
            rows += b"\0" + np.packbits(bits.ravel()).tobytes()
    head = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], depth, colour, 0, 0, 0)
    parts = [png_chunk(b"IHDR", head), *(png_chunk(*chunk) for chunk in chunks)]
    parts += [png_chunk(b"IDAT", zlib.compress(rows)), png_chunk(b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    return path


def write_tiff(
    path: Path,
    pixels: Pixels,
    photometric: int,
    *,
    order: str = "<",
    planar: int = 1,
    is_big: bool = False,
    is_tiled: bool = False,
    bits: int = 0,
    cut: int = 0,
    pack: Callable[[bytes], bytes] = bytes,
    more: dict[int, tuple[int, tuple[int, ...] | bytes]] | None = None,
) -> Path:
    """A TIFF of one strip or one tile a plane; `more` adds or replaces entries: tag -> (type, values).

    `bits` puts fewer bits of each number into the file, `cut` whole bytes of numbers of 32 bits; `pack` compresses a plane.
    """
    whole = pixels if pixels.ndim == 3 else pixels[:, :, None]
    height, width, samples = whole.shape
    planes = [whole] if planar == 1 else [whole[:, :, number : number + 1] for number in range(samples)]
    data = [
        pack(_bits(plane, bits) if bits else _bytes(plane, order, cut or pixels.dtype.itemsize * 8)) for plane in planes
    ]
    part = (324, 325) if is_tiled else (273, 279)
    entries: dict[int, tuple[int, tuple[int, ...] | bytes]] = {
        256: (4, (width,)),
        257: (4, (height,)),
        258: (3, (bits or cut or pixels.dtype.itemsize * 8,) * samples),
        259: (3, (1,)),
        262: (3, (photometric,)),
        part[0]: (4, (0,) * len(data)),
        277: (3, (samples,)),
        part[1]: (4, tuple(map(len, data))),
        284: (3, (planar,)),
        339: (3, ({"u": 1, "i": 2, "f": 3, "c": 6}[pixels.dtype.kind],) * samples),
    }
    entries |= {322: (4, (width,)), 323: (4, (height,))} if is_tiled else {278: (4, (height,))}
    entries |= more or {}
    head = 16 if is_big else 8
    at = head + (8 if is_big else 2) + len(entries) * (20 if is_big else 12) + (8 if is_big else 4)
    far = at + sum(len(_values(kind, values, order)) for kind, values in entries.values())
    if part[0] not in (more or {}):
        offsets = tuple(far + sum(map(len, data[:number])) for number in range(len(data)))
        entries[part[0]] = (4, offsets)
    directory, extra, room = b"", b"", 8 if is_big else 4
    for tag, (kind, values) in sorted(entries.items()):
        raw = _values(kind, values, order)
        count = len(values)
        directory += struct.pack(order + ("HHQ" if is_big else "HHI"), tag, kind, count)
        if len(raw) <= room:
            directory += raw.ljust(room, b"\0")
        else:
            directory += struct.pack(order + ("Q" if is_big else "I"), at + len(extra))
            extra += raw
    name = b"II" if order == "<" else b"MM"
    start = struct.pack(order + "HHHQ", 43, 8, 0, 16) if is_big else struct.pack(order + "HI", 42, 8)
    number = struct.pack(order + ("Q" if is_big else "H"), len(entries))
    path.write_bytes(name + start + number + directory + bytes(room) + extra.ljust(far - at, b"\0") + b"".join(data))
    return path


def _bytes(plane: Pixels, order: str, bits: int) -> bytes:
    """The lowest bits of each number."""
    whole = plane.astype(plane.dtype.newbyteorder(order))
    single = whole.view(np.uint8).reshape(-1, plane.dtype.itemsize)
    return (single[:, : bits // 8] if order == "<" else single[:, -(bits // 8) :]).tobytes()


def _bits(plane: Pixels, bits: int) -> bytes:
    """The highest bits of 16, rows filled up to bytes."""
    single = (plane.reshape(len(plane), -1, 1).astype(np.uint32) >> np.arange(15, 15 - bits, -1)) & 1
    return np.packbits(single.reshape(len(plane), -1), axis=1).tobytes()


def _values(kind: int, values: tuple[int, ...] | bytes, order: str) -> bytes:
    if isinstance(values, bytes):
        return values
    if kind == 5:  # a fraction: how many ten thousandths
        return b"".join(struct.pack(order + "II", value, 10_000) for value in values)
    return struct.pack(order + str(len(values)) + {1: "B", 3: "H", 4: "I"}[kind], *values)
