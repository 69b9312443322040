"""Pictures that declare what nobody can decode, unpack without end, or are damaged."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image

File = tuple[str, bytes]
HUGE = ((50_000, 50_000), (65_500, 3_000), (20_001, 10), (12_000, 12_000))
PNG = b"\x89PNG\r\n\x1a\n"
CUTS = (0.02, 0.3, 0.6, 0.9, 0.98)


def files() -> Iterator[File]:
    yield from _declared_bombs()
    yield from _compressed_bombs()
    yield from _truncated()
    yield from _damaged()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *extra: bytes, body: bytes = b"", bits: int = 8, colour: int = 2) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return PNG + chunk(b"IHDR", header) + b"".join(extra) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def sample(name: str, **options: object) -> bytes:
    """A whole little picture with noise in it, so that every byte counts."""
    pixels = np.random.default_rng(5).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, name, **options)
    return out.getvalue()


def _declared_bombs() -> Iterator[File]:
    whole = sample("JPEG")
    frame = whole.index(b"\xff\xc0") + 5
    bmp, gif = bytearray(sample("BMP")), bytearray(sample("GIF"))
    avif = sample("AVIF")
    size = avif.index(b"ispe") + 8
    for width, height in HUGE:
        shown = f"{width} x {height}"
        yield f"PNG of {shown}", png(width, height, body=zlib.compress(bytes(1000)))
        yield f"grey PNG of {shown}", png(width, height, body=zlib.compress(bytes(1000)), bits=1, colour=0)
        if max(width, height) < 65_536:
            yield f"JPEG of {shown}", whole[:frame] + struct.pack(">HH", height, width) + whole[frame + 4 :]
            yield f"GIF of {shown}", bytes(gif[:6]) + struct.pack("<HH", width, height) + bytes(gif[10:])
        yield f"BMP of {shown}", bytes(bmp[:18]) + struct.pack("<ii", width, height) + bytes(bmp[26:])
        yield f"BMP of {shown} upside down", bytes(bmp[:18]) + struct.pack("<ii", width, -height) + bytes(bmp[26:])
        yield f"TIFF of {shown}", tiff(width, height)
        yield f"TIFF of {shown}, deflated", tiff(width, height, compression=8)
        yield f"WebP canvas of {shown}", _webp(b"VP8X", b"\x10\0\0\0" + _three(width - 1) + _three(height - 1))
        yield f"AVIF of {shown}", avif[:size] + struct.pack(">II", width, height) + avif[size + 8 :]
    yield "lossless WebP of 16,384 x 16,384", _webp(b"VP8L", b"\x2f" + struct.pack("<I", 0x0FFFFFFF) + bytes(8))
    yield "lossy WebP of 16,383 x 16,383", _webp(b"VP8 ", b"\x30\x01\x00\x9d\x01\x2a\xff\x3f\xff\x3f" + bytes(12))


def tiff(width: int, height: int, *, compression: int = 1, more: tuple[tuple[int, int, int, int], ...] = ()) -> bytes:
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, compression), (262, 3, 1, 1)]
    entries += [(273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, 40), *more]
    packed = b"".join(
        struct.pack("<HHI", tag, kind, count) + struct.pack("<I", value) for tag, kind, count, value in entries
    )
    return b"II*\0" + struct.pack("<I", 48) + bytes(40) + struct.pack("<H", len(entries)) + packed + bytes(4)


def _webp(name: bytes, data: bytes) -> bytes:
    data += b"\0" * (len(data) % 2)
    body = b"WEBP" + name + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _three(value: int) -> bytes:
    return struct.pack("<I", value & 0xFFFFFF)[:3]


def _compressed_bombs() -> Iterator[File]:
    jpeg = sample("JPEG")
    for name, marker in (("segments", 0xE7), ("comments", 0xFE), ("tables", 0xDB), ("profiles", 0xE2)):
        part = struct.pack(">BBH", 0xFF, marker, 67) + bytes(65)
        yield f"JPEG of 100,000 {name}", jpeg[:2] + part * 100_000 + jpeg[2:]
    scans = sample("JPEG", progressive=True)
    last = scans.rindex(b"\xff\xda")
    yield "JPEG of 10,000 scans", scans[:-2] + scans[last:-2] * 10_000 + scans[-2:]
    yield "GIF of 40,000 frames", _gif_frames(40_000)
    yield "APNG of 40,000 frames", _apng_frames(40_000)
    yield "animated WebP of 40,000 frames", _webp_frames(40_000)


def _gif_frames(count: int) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", 4, 4, 0x80, 0, 0) + bytes(6)
    frame = b"\x21\xf9\x04\0\0\0\0\0" + b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return head + frame * count + b"\x3b"


def _apng_frames(count: int) -> bytes:
    pixels = zlib.compress(bytes(4) * 1)
    control = chunk(b"acTL", struct.pack(">II", count, 0))
    frames = []
    for number in range(count):
        frames.append(chunk(b"fcTL", struct.pack(">IIIIIHHBB", max(0, 2 * number - 1), 1, 1, 0, 0, 1, 10, 0, 0)))
        if number:
            frames.append(chunk(b"fdAT", struct.pack(">I", 2 * number) + pixels))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    first, rest = frames[0], b"".join(frames[1:])
    return PNG + header + control + first + chunk(b"IDAT", pixels) + rest + chunk(b"IEND", b"")


def _webp_frames(count: int) -> bytes:
    still = sample_tiny_webp()
    frame = _three(0) * 2 + _three(0) * 2 + _three(10) + b"\0" + still
    piece = b"ANMF" + struct.pack("<I", len(frame)) + frame + b"\0" * (len(frame) % 2)
    head = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + _three(0) * 2 + b"ANIM" + struct.pack("<I", 6) + bytes(6)
    body = b"WEBP" + head + piece * count
    return b"RIFF" + struct.pack("<I", len(body)) + body


def sample_tiny_webp() -> bytes:
    """The picture chunk of a WebP of one pixel."""
    out = io.BytesIO()
    Image.new("RGB", (1, 1)).save(out, "WEBP", lossless=True)
    return out.getvalue()[12:]


def _truncated() -> Iterator[File]:
    wholes = {name: sample(name) for name in ("JPEG", "PNG", "GIF", "TIFF", "BMP", "WEBP", "AVIF")}
    wholes["progressive JPEG"] = sample("JPEG", progressive=True)
    wholes["lossless WEBP"] = sample("WEBP", lossless=True)
    for name, whole in wholes.items():
        for share in CUTS:
            yield f"{name} cut off after {share:.0%}", whole[: int(len(whole) * share)]


def _damaged() -> Iterator[File]:
    whole = bytearray(sample("PNG"))
    middle = len(whole) // 2
    whole[middle] ^= 0xFF
    yield "PNG with a wrong checksum", bytes(whole)
    yield "PNG without pixels", png(8, 8)
    yield "PNG of no width", png(0, 8, body=zlib.compress(b""))
    yield "PNG with an impossible bit depth", png(8, 8, body=zlib.compress(bytes(300)), bits=7)
    yield "PNG with a chunk of 4 GB", PNG + struct.pack(">I", 0xFFFFFFFF) + b"IHDR" + bytes(40)
    yield "PNG whose first chunk is not its header", PNG + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    yield "PNG without an end", png(8, 8, body=zlib.compress(bytes(200)))[:-12]
    jpeg = sample("JPEG")
    frame = jpeg.index(b"\xff\xc0")
    yield "JPEG of no width", jpeg[: frame + 5] + bytes(4) + jpeg[frame + 9 :]
    yield "JPEG with 200 channels", jpeg[: frame + 9] + b"\xc8" + jpeg[frame + 10 :]
    yield "JPEG without a frame", jpeg[:frame] + b"\xff\xd9"
    yield "JPEG of markers only", b"\xff\xd8\xff" + b"\xe0\x00\x02\xff" * 50
    yield "JPEG with a segment longer than the file", b"\xff\xd8\xff\xe1\xff\xff" + bytes(100)
    yield "arithmetic JPEG with missing tables", jpeg.replace(b"\xff\xc4", b"\xff\xcc", 1)
    yield "GIF of no size", b"GIF89a" + bytes(20)
    yield "GIF without frames", b"GIF89a" + struct.pack("<HHBBB", 4, 4, 0, 0, 0) + b"\x3b"
    yield "BMP with a header of 4 GB", b"BM" + struct.pack("<IHHII", 100, 0, 0, 54, 0xFFFFFFF0) + bytes(50)
    yield "BMP whose pixels begin after its end", b"BM" + struct.pack("<IHHI", 100, 0, 0, 0xFFFFFF) + sample("BMP")[14:]
    yield "TIFF whose directory points to itself", b"II*\0" + struct.pack("<I", 8) + struct.pack("<HI", 0, 8)
    yield "TIFF whose directory lies outside", b"II*\0" + struct.pack("<I", 0xFFFFFF00) + bytes(30)
    yield "TIFF of 65,535 entries", b"II*\0" + struct.pack("<IH", 8, 0xFFFF) + bytes(200)
    yield "TIFF with 4 billion strips", tiff(64, 64, more=((324, 4, 0xFFFFFFFF, 8),))
    yield "TIFF with more rows than bytes", tiff(64, 64)
    yield "TIFF whose strips are longer than it", tiff(8, 5, more=((279, 4, 1, 0x7FFFFFFF),))
    yield "TIFF whose strips begin behind its end", tiff(8, 5, more=((273, 4, 1, 0x7FFFFFFF),))
    yield "TIFF with a width that is text", tiff(8, 5, more=((256, 2, 4, 0x64697700),))
    yield "TIFF with three channels in one", tiff(8, 5, more=((277, 3, 1, 3),))
    yield "TIFF with an unknown compression", tiff(64, 64, compression=0x7777)
    yield "WebP whose chunk is longer than the file", _webp(b"VP8 ", bytes(20))[:-4] + b"\xff\xff\xff\x7f"
    yield "WebP without a picture", _webp(b"EXIF", bytes(20))
    yield "AVIF without a picture", struct.pack(">I", 24) + b"ftypavif\0\0\0\0avifmif1" + bytes(40)
