"""HEIC files put together box by box, as phones and cameras write them: the pixels are coded by x265."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image

ALPHA = b"urn:mpeg:hevc:2015:auxid:1\0"
GAIN_MAP = b"urn:com:apple:photo:2020:aux:hdrgainmap\0"


def saved(image: Image.Image, **options: Any) -> bytes:
    """As libheif writes it."""
    out = io.BytesIO()
    pillow_heif.from_pillow(image).save(out, **{"quality": 95, "chroma": 444, **options})
    return out.getvalue()


def deep(pixels: np.ndarray, mode: str, bits: int = 10) -> bytes:
    """Of 16-bit pixels, with 10 or 12 bits."""
    out = io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pillow_heif.options, "SAVE_HDR_TO_12_BIT", bits == 12)
        made = pillow_heif.from_bytes(f"{mode};16", (pixels.shape[1], pixels.shape[0]), pixels.tobytes())
        made.save(out, quality=95, chroma=444)
    return out.getvalue()


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def full(name: bytes, body: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(name, struct.pack(">I", version << 24 | flags) + body)


def size(width: int, height: int) -> bytes:
    return full(b"ispe", struct.pack(">II", width, height))


def turned(quarters: int) -> bytes:
    """Anticlockwise."""
    return box(b"irot", bytes([quarters]))


def mirrored(axis: int) -> bytes:
    return box(b"imir", bytes([axis]))


def cut(width: int, height: int, right: tuple[int, int] = (0, 1), down: tuple[int, int] = (0, 1)) -> bytes:
    return box(b"clap", struct.pack(">IIIIiIiI", width, 1, height, 1, *right, *down))


def nclx(primaries: int, transfer: int, matrix: int = 6) -> bytes:
    return box(b"colr", b"nclx" + struct.pack(">HHHB", primaries, transfer, matrix, 0x80))


def profile(data: bytes) -> bytes:
    return box(b"colr", b"prof" + data)


def auxiliary(kind: bytes) -> bytes:
    return full(b"auxC", kind)


@dataclass(frozen=True)
class Item:
    """`refers` are kinds of references with the numbers of items; items count from 1."""

    kind: bytes
    data: bytes
    properties: Sequence[bytes] = ()
    refers: Sequence[tuple[bytes, Sequence[int]]] = ()


def coded(image: Image.Image, *properties: bytes, refers: Sequence[tuple[bytes, Sequence[int]]] = ()) -> Item:
    """A picture as one item. `properties` come behind its size and its decoder's configuration."""
    whole = saved(image)
    at = whole.index(b"hvcC") - 4
    configuration = whole[at : at + int.from_bytes(whole[at : at + 4], "big")]
    at = whole.index(b"mdat") + 4
    return Item(b"hvc1", whole[at:], [size(*image.size), configuration, *properties], refers)


def grid(image: Image.Image, side: int, *properties: bytes, **told: Any) -> list[Item]:
    """As phones do: square tiles, of which those at the right and at the bottom reach beyond the picture."""
    columns, rows = -(-image.width // side), -(-image.height // side)
    canvas = Image.fromarray(
        np.pad(np.asarray(image), [(0, rows * side - image.height), (0, columns * side - image.width), (0, 0)], "edge")
    )
    tiles = [
        coded(canvas.crop((x * side, y * side, x * side + side, y * side + side)), *told.get("on_tiles", ()))
        for y in range(rows)
        for x in range(columns)
    ]
    laid = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, *image.size)
    parts = [(b"dimg", range(2, 2 + len(tiles)))]
    return [Item(b"grid", laid, [size(*image.size), *properties], parts), *tiles]


def heif(
    items: Sequence[Item], *, primary: int = 1, brands: bytes = b"heicmif1heic", pixels_first: bool = True
) -> bytes:
    """The file; `brands` are the main one, and then all of them."""
    ftyp = box(b"ftyp", brands[:4] + bytes(4) + brands[4:])
    mdat = box(b"mdat", b"".join(item.data for item in items))
    start = len(ftyp) + 8 if pixels_first else len(ftyp) + len(_meta(items, primary, 0)) + 8
    meta = _meta(items, primary, start)
    return ftyp + (mdat + meta if pixels_first else meta + mdat)


def _meta(items: Sequence[Item], primary: int, at: int) -> bytes:
    infos, places, linked, referred, listed = b"", b"", b"", b"", []
    for number, item in enumerate(items, 1):
        infos += full(b"infe", struct.pack(">HH", number, 0) + item.kind + b"\0", version=2)
        places += struct.pack(">HHHII", number, 0, 1, at, len(item.data))
        at += len(item.data)
        linked += struct.pack(">HB", number, len(item.properties))
        linked += b"".join(struct.pack(">H", len(listed) + n) for n in range(1, len(item.properties) + 1))
        listed += item.properties
        for kind, others in item.refers:
            referred += box(kind, struct.pack(f">HH{len(others)}H", number, len(others), *others))
    return full(
        b"meta",
        full(b"hdlr", bytes(4) + b"pict" + bytes(13))
        + full(b"pitm", struct.pack(">H", primary))
        + full(b"iinf", struct.pack(">H", len(items)) + infos)
        + full(b"iloc", struct.pack(">BBH", 0x44, 0, len(items)) + places)
        + (full(b"iref", referred) if referred else b"")
        + box(
            b"iprp",
            box(b"ipco", b"".join(listed)) + full(b"ipma", struct.pack(">I", len(items)) + linked, flags=1),
        ),
    )
