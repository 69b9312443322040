"""Videos and sounds with absurd headers, missing parts or ways out of the file."""

from __future__ import annotations

import struct
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.support.media import FFMPEG

File = tuple[str, bytes]


def files() -> Iterator[File]:
    yield from _truncated()
    yield from _absurd_mp4()
    yield from _absurd_others()
    yield from _ways_out()


@cache
def recording(suffix: str, *arguments: str) -> bytes:
    """Half a second of a small test picture with a tone."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"clip{suffix}"
        picture = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=0.5"]
        sound = ["-f", "lavfi", "-i", "sine=duration=0.5"]
        subprocess.run([FFMPEG, "-v", "error", *picture, *sound, *arguments, str(path)], check=True)
        return path.read_bytes()


def _truncated() -> Iterator[File]:
    plain = ("-map", "0:v", "-pix_fmt", "yuv420p")
    wholes = {
        "MP4": recording(".mp4", *plain),
        "MP4 with its index first": recording(".mp4", *plain, "-movflags", "+faststart"),
        "MOV": recording(".mov", *plain),
        "WebM": recording(".webm", "-map", "0:v", "-c:v", "libvpx", "-deadline", "realtime"),
        "AVI": recording(".avi", "-map", "0:v", "-c:v", "mjpeg"),
    }
    for name, whole in wholes.items():
        for share in (0.05, 0.4, 0.7):
            yield f"{name} cut off after {share:.0%}", whole[: int(len(whole) * share)]
    yield "FLAC cut off", recording(".flac", "-map", "1:a")[:60]
    yield "Ogg cut off", recording(".ogg", "-map", "1:a", "-c:a", "libvorbis")[:40]
    yield "WAV without samples", b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + struct.pack("<I", 16) + bytes(16)
    yield "MP3 of a tag only", b"ID3\x04\0\0\0\0\0\x0a" + bytes(10)
    yield "MP3 with a tag of 256 MB", b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(10)


def _box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + name + data


def _replaced(data: bytes, name: bytes, offset: int, value: bytes) -> bytes:
    """The file with bytes of its first box `name` replaced, counted from the box's content."""
    at = data.index(name) + 4 + offset
    return data[:at] + value + data[at + len(value) :]


def _absurd_mp4() -> Iterator[File]:
    whole = recording(".mp4", "-map", "0:v", "-pix_fmt", "yuv420p")
    start = _box(b"ftyp", b"isom\0\0\2\0isomiso2mp41")
    plain = recording(".mp4", "-map", "0:v", "-pix_fmt", "yuv420p", "-bf", "0", "-use_editlist", "0")
    slow = _replaced(plain, b"stts", 12, struct.pack(">I", 0x00FFFFFF))
    yield "MP4 of half a second with two hours of frames in it", slow
    for name in (b"mvhd", b"mdhd"):
        slow = _replaced(slow, name, 16, struct.pack(">I", 0x7FFFFFFF))
    yield "MP4 that lasts two hours in five frames", _replaced(slow, b"tkhd", 20, struct.pack(">I", 0x7FFFFFFF))
    yield "MP4 of 2 billion frames a second", _replaced(whole, b"mdhd", 12, struct.pack(">I", 0x7FFFFFFF))
    yield "MP4 with 4 billion samples", _replaced(whole, b"stsz", 8, struct.pack(">I", 0xFFFFFFFF))
    yield "MP4 whose pictures lie outside", _replaced(whole, b"stco", 8, struct.pack(">I", 0x7FFFFFFF))
    yield "MP4 without an index", start + _box(b"mdat", bytes(3000))
    yield "MP4 whose index is 3 million zeros", zeros_for_an_index(3_000_000)
    yield "MP4 with an empty index", start + _box(b"moov", b"")
    yield "MP4 with a box longer than the file", start + struct.pack(">I", 0x7FFFFFFF) + b"moov" + bytes(200)
    yield "MP4 with a box of no length", start + struct.pack(">I", 1) + b"moov" + struct.pack(">Q", 3) + bytes(100)
    nested = b""
    for _ in range(3000):
        nested = _box(b"moov", nested)
    yield "MP4 with boxes nested 3,000 deep", start + nested
    yield "MP4 with 100,000 empty tracks", start + _box(b"moov", _box(b"trak", b"") * 100_000)
    yield "MP4 of its first box only", start


def zeros_for_an_index(samples: int) -> bytes:
    """An MP4 with one track of so many samples of no bytes; each is an entry of the demuxer's index."""
    whole = recording(".mp4", "-map", "0:v", "-pix_fmt", "yuv420p")
    tables = {
        b"stsz": bytes(4) + struct.pack(">II", 0, samples) + bytes(4 * samples),
        b"stts": bytes(4) + struct.pack(">III", 1, samples, 512),
        b"stsc": bytes(4) + struct.pack(">IIII", 1, 1, samples, 1),
    }
    return b"".join(_with_tables(name, content, tables) for name, content in _boxes(whole))


def _with_tables(name: bytes, content: bytes, tables: dict[bytes, bytes]) -> bytes:
    if name in (b"moov", b"trak", b"mdia", b"minf", b"stbl"):
        content = b"".join(_with_tables(inner, data, tables) for inner, data in _boxes(content))
    return _box(name, tables.get(name, content))


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], data[at + 8 : at + length]
        at += length


def _absurd_others() -> Iterator[File]:
    avi = recording(".avi", "-map", "0:v", "-c:v", "mjpeg")
    for width, height in ((65_000, 65_000), (30_000, 48), (11_000, 11_000)):
        yield f"AVI of {width:,} x {height:,} pixels", _jpeg_size(avi, width, height)
    webm = recording(".webm", "-map", "0:v", "-c:v", "libvpx", "-deadline", "realtime")
    yield "WebM of 16,383 x 16,383 pixels", webm.replace(b"\x9d\x01\x2a\x40\0\x30\0", b"\x9d\x01\x2a\xff\x3f\xff\x3f")
    yield "AVI without streams", b"RIFF" + struct.pack("<I", 4) + b"AVI "
    matroska = b"\x1a\x45\xdf\xa3"
    yield "Matroska of a header only", matroska + b"\x93\x42\x82\x88matroska\x42\x87\x81\x04\x42\x85\x81\x02"
    yield "Matroska with an element of 2^56 bytes", matroska + b"\x01" + b"\xff" * 7 + bytes(40)
    yield "FLV without tags", b"FLV\x01\x05\0\0\0\x09\0\0\0\0"
    yield "MPEG of pack headers only", b"\0\0\x01\xba" * 100
    yield "WMV of its signature only", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(200)
    wav = recording(".wav", "-map", "1:a")
    yield "WAV of 60,000 channels", _replaced(wav, b"fmt ", 6, struct.pack("<H", 60_000))
    yield "WAV of no rate", _replaced(wav, b"fmt ", 8, struct.pack("<II", 0, 0))
    yield "AAC of sync bits only", b"\xff\xf1" + b"\xff" * 200


def _jpeg_size(avi: bytes, width: int, height: int) -> bytes:
    """Another size in the frame header of every picture of a Motion JPEG."""
    shown = b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", 48, 64)
    assert shown in avi
    return avi.replace(shown, shown[:5] + struct.pack(">HH", height, width))


def _ways_out() -> Iterator[File]:
    start = _box(b"ftyp", b"qt  \0\0\2\0qt  ")
    for name, target in (("the disk", b"file:///etc/passwd\0"), ("the web", b"http://example.invalid/a.mov\0")):
        link = _box(b"rdrf", bytes(4) + b"url " + struct.pack(">I", len(target)) + target)
        yield f"MOV that refers to {name}", start + _box(b"moov", _box(b"rmra", _box(b"rmda", link)))
