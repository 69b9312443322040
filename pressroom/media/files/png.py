"""PNG files chunk by chunk: whole or damaged, what they say of their colours, and the same without what stands in the way."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import Final

from pressroom.media.files.meaning import Meaning, by_code_points, by_measures, by_profile

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_CHUNK_FRAME: Final = 12  # bytes around a chunk's data: length, type, checksum
_CRITICAL: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
# What decoders are given of a file that holds anything else: pixels, how to show them, animation.
_SHOWN: Final = frozenset(
    {b"tRNS", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"sBIT", b"pHYs", b"eXIf", b"acTL", b"fcTL", b"fdAT"}
)
_HARMLESS: Final = frozenset(
    {b"bKGD", b"hIST", b"tIME", b"sPLT", b"oFFs", b"pCAL", b"sCAL", b"cICP", b"mDCV", b"cLLI", b"tEXt"}
)
_LENGTHS: Final = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"pHYs": 9, b"acTL": 8, b"cICP": 4}
_XMP: Final = b"XML:com.adobe.xmp\0"
_MOST_HARMLESS: Final = 60_000  # what Pillow takes of texts, and more than other chunks need
_MOST_TEXT: Final = 4_000_000
_GREY, _INDEXED = 0, 3
_SAMPLES: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
# Adam7: where each pass begins and how far its pixels are apart, across and down.
_PASSES: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_PIECE: Final = 1 << 20


@dataclass(slots=True)
class Png:
    """What the chunks of a PNG say. `sound` is the file without chunks that are damaged or that decoders may refuse."""

    sound: bytes
    size: tuple[int, int] = (0, 0)
    depth: int = 8
    colour: int = 2
    is_interlaced: bool = False
    has_clear_colour: bool = False
    has_exif: bool = False
    frames: int = 1
    xmp: bytes = b""
    _told: dict[bytes, bytes] = field(default_factory=dict)

    @property
    def needs_depth(self) -> bool:
        """Whether Pillow would lose something: 16 bits, or the transparent grey of 1 to 16 bits."""
        return self.depth == 16 or (self.has_clear_colour and self.colour == _GREY)

    @property
    def meaning(self) -> Meaning:
        """In the order of the PNG specification (third edition, 4.3): cICP, iCCP, sRGB, gAMA with cHRM."""
        told = self._told
        if b"cICP" in told:
            return by_code_points(told[b"cICP"][0], told[b"cICP"][1])
        if b"iCCP" in told and (profile := _profile(told[b"iCCP"])):
            return by_profile(profile)
        if b"sRGB" in told:
            return Meaning()
        gamma = int.from_bytes(told.get(b"gAMA", b""), "big")
        points = struct.unpack(">8I", told[b"cHRM"]) if b"cHRM" in told else None
        return by_measures(
            100_000 / gamma if gamma else None, None if points is None else tuple(value / 100_000 for value in points)
        )


def read_png(data: bytes) -> Png:
    """Check every chunk of a PNG. Raises OSError where one that is needed is missing, cut off or damaged."""
    found, position, has_pixels = Png(data), len(_SIGNATURE), False
    dropped: list[tuple[int, int]] = []
    while True:
        size, name = int.from_bytes(data[position : position + 4], "big"), data[position + 4 : position + 8]
        end = position + size + _CHUNK_FRAME
        if end > len(data):
            raise OSError("image file is truncated")
        is_right = zlib.crc32(memoryview(data)[position + 4 : end - 4]) == int.from_bytes(data[end - 4 : end], "big")
        if not is_right and (name in _CRITICAL or name in (b"fdAT", b"fcTL", b"tRNS")):
            raise OSError(f"checksum of chunk {name!r} at byte {position} is wrong")
        if name == b"CgBI":
            raise OSError("unsupported: it is a PNG of Apple's own kind (CgBI)")
        is_right = is_right and size == _LENGTHS.get(name, size)
        if name == b"iCCP" and not _profile(data[position + 8 : end - 4]):
            is_right = False
        has_pixels = has_pixels or (name == b"IDAT" and size > 0)
        if is_right and name != b"IDAT" and size <= _MOST_TEXT:
            _note(found, name, data[position + 8 : end - 4])
        is_taken = name in _CRITICAL or name in _SHOWN or (name in _HARMLESS and size <= _MOST_HARMLESS)
        if not (is_right and is_taken):
            dropped.append((position, end))
        if name == b"IEND":
            break
        position = end
    if not has_pixels:
        raise OSError("it holds no pixels")
    if found.colour == _INDEXED and b"PLTE" not in found._told:
        raise OSError("it has indexed colours and no palette")
    if dropped:
        starts, ends = [0, *(end for _, end in dropped)], [*(start for start, _ in dropped), len(data)]
        found.sound = b"".join(memoryview(data)[start:end] for start, end in zip(starts, ends, strict=True))
    return found


def check_pixels(png: Png) -> None:
    """Unpack the pixels without keeping them. Raises OSError where they are damaged, or fewer than the size declares."""
    inflater, unpacked, wanted = zlib.decompressobj(), 0, _bytes_of(png)
    position = len(_SIGNATURE)
    while unpacked < wanted and position < len(png.sound):
        size, name = int.from_bytes(png.sound[position : position + 4], "big"), png.sound[position + 4 : position + 8]
        data = png.sound[position + 8 : position + 8 + size] if name == b"IDAT" else b""
        while data and unpacked < wanted:
            unpacked += len(inflater.decompress(data, _PIECE))
            data = inflater.unconsumed_tail
        position += size + _CHUNK_FRAME
    if unpacked < wanted:
        raise OSError(f"image file is truncated: {unpacked:,} of {wanted:,} bytes of its pixels are there")


def _bytes_of(png: Png) -> int:
    """What the pixels take unpacked: each row with the number of its filter."""
    width, height = png.size
    passes = _PASSES if png.is_interlaced else ((0, 0, 1, 1),)
    bits, total = png.depth * _SAMPLES.get(png.colour, 1), 0
    for left, top, across, down in passes:
        wide, high = -(-(width - left) // across), -(-(height - top) // down)
        if wide > 0 and high > 0:
            total += high * (1 + (wide * bits + 7) // 8)
    return total


def _note(found: Png, name: bytes, chunk: bytes) -> None:
    if name == b"IHDR" and len(chunk) == 13:
        found.size = int.from_bytes(chunk[:4], "big"), int.from_bytes(chunk[4:8], "big")
        found.depth, found.colour, found.is_interlaced = chunk[8], chunk[9], chunk[12] == 1
    elif name == b"acTL":
        found.frames = max(1, int.from_bytes(chunk[:4], "big"))
    elif name == b"iTXt" and chunk.startswith(_XMP):
        found.xmp = _international_text(chunk[len(_XMP) :])
    elif name in (b"PLTE", b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM"):
        found._told.setdefault(name, chunk)
    found.has_exif = found.has_exif or name == b"eXIf"
    found.has_clear_colour = found.has_clear_colour or name == b"tRNS"


def _international_text(body: bytes) -> bytes:
    """The text of an iTXt chunk behind its keyword: flag, method, language, translated keyword, text."""
    parts = body[2:].split(b"\0", 2)
    if len(parts) < 3:
        return b""
    return _inflated(parts[2]) if body[:1] == b"\1" else parts[2]


def _profile(chunk: bytes) -> bytes:
    _name, _, rest = chunk.partition(b"\0")
    return _inflated(rest[1:])


def _inflated(data: bytes) -> bytes:
    """What was compressed; nothing of what is damaged or has more than four megabytes."""
    inflater = zlib.decompressobj()
    try:
        found = inflater.decompress(data, _MOST_TEXT)
    except zlib.error:
        return b""
    return found if inflater.eof else b""


def without_density(png: bytes) -> bytes:
    """The same PNG without the 25.4 dots an inch that libvips writes for pixels of which nobody has said how large they are.

    Printers and layout programs would set a picture of 1,080 pixels a metre wide.
    """
    at = png.find(b"pHYs", 0, png.find(b"IDAT")) - 4
    return png if at < 0 else png[:at] + png[at + _LENGTHS[b"pHYs"] + _CHUNK_FRAME :]
