"""Sorts of JPEG: what is opened is right, the rest is named; one of a hundred thousand segments takes no memory."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.images import inspect_image, is_plain_jpeg, open_image
from tests.support.handmade import PATCHES, Pixels, is_near, patches, seen

LIMITS = MediaLimits()


def jpeg(mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(patches()).convert(mode).save(out, "JPEG", **{"quality": 95, "subsampling": "4:4:4", **options})  # type: ignore[arg-type]
    return out.getvalue()


def test_progressive_grey_and_cmyk_files_are_opened(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    for data, tolerance in ((jpeg(progressive=True), 6), (jpeg("CMYK"), 6)):
        path.write_bytes(data)

        assert is_near(open_image(path, LIMITS), PATCHES, tolerance), seen(open_image(path, LIMITS))
    path.write_bytes(jpeg("L", subsampling=-1))
    assert open_image(path, LIMITS).mode == "RGB"
    assert not is_plain_jpeg(path, LIMITS)


def lossless(pixels: Pixels) -> bytes:
    """ISO/IEC 10918-1, annex H: differences from the pixel to the left, their lengths in four bits each."""
    height, width, _ = pixels.shape
    bits = ""
    for row in range(height):
        for column in range(width):
            for channel in range(3):
                before = pixels[row, column - 1] if column else pixels[row - 1, 0] if row else np.full(3, 128)
                difference = int(pixels[row, column, channel]) - int(before[channel])
                length = abs(difference).bit_length()
                value = difference if difference > 0 else difference + (1 << length) - 1
                bits += f"{length:04b}" + (f"{value:0{length}b}" if length else "")
    data = (
        int(bits.ljust(-(-len(bits) // 8) * 8, "1"), 2).to_bytes(-(-len(bits) // 8), "big").replace(b"\xff", b"\xff\0")
    )
    table = bytes(1) + bytes([0, 0, 0, 9, *[0] * 12]) + bytes(range(9))
    frame = struct.pack(">BHHB", 8, height, width, 3) + b"R\x11\0G\x11\0B\x11\0"
    scan = b"\x03R\0G\0B\0\x01\0\0"
    parts = [(0xC3, frame), (0xC4, table), (0xDA, scan)]
    head = b"".join(struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body for marker, body in parts)
    return b"\xff\xd8" + head + data + b"\xff\xd9"


def test_a_lossless_file_is_accepted_when_planned_as_it_is_when_opened(tmp_path: Path) -> None:
    """Nothing decodes it at a fraction of its size."""
    path = tmp_path / "scan.jpg"
    path.write_bytes(lossless(patches()))

    assert inspect_image(path, LIMITS).width == 96
    assert is_near(open_image(path, LIMITS), PATCHES, 0), seen(open_image(path, LIMITS))
    assert not is_plain_jpeg(path, LIMITS)


NAMED = {0xF7: "a JPEG-LS", 0xC5: "a hierarchical JPEG", 0xCB: "a lossless arithmetic JPEG"}


@pytest.mark.parametrize("marker", NAMED)
def test_sorts_that_are_not_opened_are_named_with_what_to_do(tmp_path: Path, marker: int) -> None:
    path = tmp_path / "scan.jpg"
    path.write_bytes(jpeg().replace(b"\xff\xc0", bytes([0xFF, marker]), 1))

    with pytest.raises(Corrupt, match=rf"scan\.jpg is {NAMED[marker]}") as refused:
        inspect_image(path, LIMITS)
    assert "export it" in refused.value.hint


@pytest.mark.parametrize("bits", [12, 16])
def test_more_than_eight_bits_are_named(tmp_path: Path, bits: int) -> None:
    data, path = jpeg(), tmp_path / "scan.jpg"
    at = data.index(b"\xff\xc0") + 4
    path.write_bytes(data[:at] + bytes([bits]) + data[at + 1 :])

    with pytest.raises(Corrupt, match=rf"a JPEG of {bits} bits a channel"):
        inspect_image(path, LIMITS)


@pytest.mark.parametrize("marker", [0xE5, 0xFE, 0xDB])
def test_a_hundred_thousand_segments_are_refused(tmp_path: Path, marker: int) -> None:
    data, path = jpeg(), tmp_path / "photo.jpg"
    path.write_bytes(data[:2] + (struct.pack(">BBH", 0xFF, marker, 67) + bytes(65)) * 100_000 + data[2:])

    with pytest.raises(Corrupt, match=r"more than 5,000 segments"):
        inspect_image(path, LIMITS)


def test_thousands_of_scans_are_refused(tmp_path: Path) -> None:
    data, path = jpeg(progressive=True), tmp_path / "photo.jpg"
    last = data.rindex(b"\xff\xda")
    path.write_bytes(data[:-2] + data[last:-2] * 600 + data[-2:])

    with pytest.raises(Corrupt, match=r"more than 500 scans"):
        inspect_image(path, LIMITS)
