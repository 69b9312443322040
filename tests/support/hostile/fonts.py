"""Fonts that are not fonts, or not any more."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from pressroom.media.typography.fonts import find_font
from tests.support.hostile.pictures import sample


def files() -> Iterator[tuple[str, bytes]]:
    whole = find_font("oswald").path.read_bytes()
    yield "an empty file", b""
    yield "text", b"not a font at all"
    yield "a picture", sample("PNG")
    yield "a web page", b"<!DOCTYPE html><html></html>"
    yield "a WOFF", b"wOFF\0\1\0\0" + bytes(100)
    yield "a WOFF2", b"wOF2\0\1\0\0" + bytes(100)
    yield "a collection", b"ttcf\0\1\0\0" + struct.pack(">II", 1, 16) + whole
    yield "PostScript Type 1", b"%!PS-AdobeFont-1.0: Evil\n"
    yield "an SVG font", b'<svg xmlns="http://www.w3.org/2000/svg"><font/></svg>'
    yield "a zip", b"PK\x03\x04" + bytes(60)
    yield "a signature only", whole[:4]
    yield "a table of contents only", whole[:300]
    yield "the first half", whole[: len(whole) // 2]
    yield "no tables", whole[:4] + bytes(200)
    yield "65,535 tables", whole[:4] + b"\xff\xff" + whole[6:300]
    tables = struct.unpack(">H", whole[4:6])[0]
    outside = bytearray(whole)
    for number in range(tables):
        at = 12 + number * 16
        outside[at + 8 : at + 16] = struct.pack(">II", 0xFFFFFF00, 0xFFFF)
    yield "tables that lie outside", bytes(outside)
    yield "a table as long as 4 GB", _glyphs_replaced(whole, tables)
    yield "33 MB of zeros behind a signature", whole[:4] + zlib.decompress(zlib.compress(bytes(33_000_000)))


def _glyphs_replaced(whole: bytes, tables: int) -> bytes:
    changed = bytearray(whole)
    for number in range(tables):
        at = 12 + number * 16
        if whole[at : at + 4] in (b"glyf", b"loca", b"head"):
            changed[at + 12 : at + 16] = b"\xff\xff\xff\xff"
    return bytes(changed)
