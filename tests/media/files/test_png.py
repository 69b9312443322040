"""Every byte of a PNG counts: one that is wrong, missing or moved is noticed before a decoder sees it."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pressroom.media.files.png import read_png
from tests.support.media import gradient

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


HEADER, END = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)), chunk(b"IEND")
PIXELS = chunk(b"IDAT", zlib.compress(bytes(4)))


def written() -> bytes:
    out = io.BytesIO()
    gradient(12, 9).save(out, "PNG")
    return out.getvalue()


WHOLE = written()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def test_a_whole_file_is_taken_as_it_is() -> None:
    assert read_png(WHOLE).sound == WHOLE
    assert read_png(SIGNATURE + HEADER + PIXELS + END).frames == 1


# Chunks that decide how it looks: header, pixels, end. `WHOLE` has no others.
@given(at=st.integers(8, len(WHOLE) - 1), change=st.integers(1, 255))
def test_a_changed_byte_never_changes_the_picture_unnoticed(at: int, change: int) -> None:
    """It is refused, or what decoders are given shows every pixel as it was."""
    data = bytearray(WHOLE)
    data[at] ^= change
    try:
        found = opened(read_png(bytes(data)).sound)
    except OSError:  # by the reader, or by the decoder where a chunk's name was hit
        return

    assert found.tobytes() == opened(WHOLE).tobytes()


@given(kept=st.integers(0, len(WHOLE) - 1))
def test_a_lost_end_is_noticed(kept: int) -> None:
    with pytest.raises(OSError, match="truncated"):
        read_png(WHOLE[:kept])


def test_the_broken_chunk_is_named_with_its_place() -> None:
    broken = PIXELS[:-1] + bytes([PIXELS[-1] ^ 1])

    with pytest.raises(OSError, match=rf"checksum of chunk b'IDAT' at byte {8 + len(HEADER)} is wrong"):
        read_png(SIGNATURE + HEADER + broken + END)


@pytest.mark.parametrize("pixels", [b"", chunk(b"IDAT")])
def test_a_file_without_pixels_is_none(pixels: bytes) -> None:
    with pytest.raises(OSError, match="holds no pixels"):
        read_png(SIGNATURE + HEADER + pixels + END)


@pytest.mark.parametrize("told", [b"gAMA", b"tEXt", b"teXt", b"iCCP"])
def test_what_is_told_beside_the_pixels_and_damaged_is_left_out(told: bytes) -> None:
    note = bytearray(chunk(told, b"words about it"))
    note[-1] ^= 1

    found = read_png(SIGNATURE + HEADER + bytes(note) + PIXELS + END)

    assert found.sound == SIGNATURE + HEADER + PIXELS + END


def test_chunks_that_nobody_knows_are_not_given_to_decoders() -> None:
    found = read_png(SIGNATURE + HEADER + chunk(b"abCd", b"of a camera") + PIXELS + END)

    assert found.sound == SIGNATURE + HEADER + PIXELS + END


@pytest.mark.parametrize(("mode", "needs_depth"), [("RGB", False), ("L", False), ("I;16", True), ("P", False)])
def test_depth_is_needed_where_pillow_would_lose_some(mode: str, needs_depth: bool) -> None:
    out = io.BytesIO()
    Image.new(mode, (3, 2)).save(out, "PNG")

    assert read_png(out.getvalue()).needs_depth == needs_depth


@pytest.mark.parametrize("is_packed", [False, True])
def test_xmp_is_read_packed_or_not(is_packed: bool) -> None:
    words = b"<x:xmpmeta/>"
    body = bytes([is_packed, 0]) + b"en\0keyword\0" + (zlib.compress(words) if is_packed else words)

    assert read_png(SIGNATURE + HEADER + chunk(b"iTXt", b"XML:com.adobe.xmp\0" + body) + PIXELS + END).xmp == words


def test_indexed_colours_need_a_palette() -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 3, 0, 0, 0))

    with pytest.raises(OSError, match="no palette"):
        read_png(SIGNATURE + header + PIXELS + END)
