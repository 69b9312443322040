"""Damaged or odd metadata never refuses a sound picture; which way up it is shown is found wherever it is told."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import pyvips
from PIL import Image

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.images import inspect_image, open_image
from tests.support.handmade import PATCHES, is_near, patches, png_chunk, seen, write_png, write_tiff

LIMITS = MediaLimits()
NONSENSE = b"LoremIpsum"
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" {}</rdf:RDF></x:xmpmeta>'
)
SIDEWAYS = (
    XMP.format('tiff:Orientation="6"/>'),
    XMP.format("tiff:Orientation = '6' />"),
    XMP.format("><tiff:Orientation>6</tiff:Orientation></rdf:Description>"),
)


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.fromarray(patches()).save(out, "JPEG", quality=95, subsampling="4:4:4")
    return out.getvalue()


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def with_segments(*segments: bytes, jfif: bool = True) -> bytes:
    whole = jpeg()
    first = 4 + int.from_bytes(whole[4:6], "big")
    return whole[: first if jfif else 2] + b"".join(segments) + whole[first:]


JPEGS = {
    "a JFIF segment of 5 bytes": with_segments(segment(0xE0, b"JFIF\0"), jfif=False),
    "an empty JFIF segment": with_segments(segment(0xE0, b""), jfif=False),
    "half a JFIF segment": with_segments(segment(0xE0, b"JFIF\0\1\2\0\0"), jfif=False),
    "two JFIF segments": with_segments(segment(0xE0, b"JFIF\0\1\2\0\0\1\0\1\0\0"), segment(0xE0, b"JFXX\0")),
    "Exif of its name only": with_segments(segment(0xE1, b"Exif\0\0")),
    "Exif of nonsense": with_segments(segment(0xE1, b"Exif\0\0" + NONSENSE * 3)),
    "Exif of an absurd directory": with_segments(segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff\xff\xff")),
    "Exif of an endless directory": with_segments(segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(40))),
    "a short ICC segment": with_segments(segment(0xE2, b"ICC_PROFILE\0")),
    "an ICC segment of nonsense": with_segments(segment(0xE2, b"ICC_PROFILE\0\1\1" + NONSENSE)),
    "the second ICC segment of three": with_segments(segment(0xE2, b"ICC_PROFILE\0\2\3" + NONSENSE)),
    "an ICC segment number nought": with_segments(segment(0xE2, b"ICC_PROFILE\0\0\0" + NONSENSE)),
    "a short Adobe segment": with_segments(segment(0xEE, b"Adobe")),
    "a Photoshop segment of nonsense": with_segments(segment(0xED, b"Photoshop 3.0\0" + NONSENSE)),
    "a Photoshop resource that is too long": with_segments(segment(0xED, b"Photoshop 3.0\0008BIM\4\4\0\0\xff\xff\xff\xff")),
    "an MPF segment of nonsense": with_segments(segment(0xE2, b"MPF\0" + NONSENSE)),
    "an MPF segment that is cut off": with_segments(segment(0xE2, b"MPF\0II*\0\x08\0\0\0\x05\0")),
    "XMP of nonsense": with_segments(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + NONSENSE)),
    "an empty comment": with_segments(segment(0xFE, b"")),
    "fill bytes between segments": with_segments(b"\xff\xff\xff" + segment(0xFE, b"x")),
    "a thousand comments": with_segments(*[segment(0xFE, b"x" * 100)] * 1_000),
}  # fmt: skip


@pytest.mark.parametrize("name", JPEGS)
def test_a_jpeg_opens_all_the_same(tmp_path: Path, name: str) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(JPEGS[name])

    image, info = open_image(path, LIMITS), inspect_image(path, LIMITS)

    assert is_near(image, PATCHES, 6), seen(image)
    assert (info.width, info.height) == (96, 16)


def bad(name: bytes, data: bytes) -> bytes:
    """A chunk whose checksum is wrong."""
    return png_chunk(name, data)[:-4] + b"\0\1\2\3"


LONG = zlib.compress(b"x" * 50_000_000)
PNGS = {
    "Exif of nonsense": png_chunk(b"eXIf", NONSENSE),
    "a wrong checksum in a text": bad(b"tEXt", b"Comment\0hello"),
    "a wrong checksum in a time": bad(b"tIME", bytes(7)),
    "a wrong checksum in a profile": bad(b"iCCP", b"x\0\0" + zlib.compress(b"y")),
    "a wrong checksum in a chunk that nobody knows": bad(b"prVt", b"abc"),
    "50 megabytes of compressed text": png_chunk(b"zTXt", b"Raw profile\0\0" + LONG),
    "50 megabytes of international text": png_chunk(b"iTXt", b"Comment\0\1\0\0\0" + LONG),
    "a megabyte of text": png_chunk(b"tEXt", b"Comment\0" + b"x" * 1_000_000),
    "a thousand texts": png_chunk(b"tEXt", b"Comment\0" + b"x" * 60_000) * 100,
    "text that is not compressed": png_chunk(b"zTXt", b"Comment\0\0" + NONSENSE),
    "text of an unknown compression": png_chunk(b"zTXt", b"Comment\0\7" + NONSENSE),
    "international text that ends early": png_chunk(b"iTXt", b"Comment\0"),
    "a profile of nonsense": png_chunk(b"iCCP", b"x\0\0" + zlib.compress(NONSENSE)),
    "a profile that is not compressed": png_chunk(b"iCCP", b"x\0\0" + NONSENSE),
    "a profile of 50 megabytes": png_chunk(b"iCCP", b"x\0\0" + LONG),
    "an empty profile": png_chunk(b"iCCP", b""),
    "a gamma of three bytes": png_chunk(b"gAMA", b"abc"),
    "a resolution of two bytes": png_chunk(b"pHYs", b"ab"),
    "an intent of no bytes": png_chunk(b"sRGB", b""),
    "chromaticities of no area": png_chunk(b"cHRM", bytes(32)),
    "a private chunk": png_chunk(b"vpAg", b"abc"),
}


@pytest.mark.parametrize("name", PNGS)
def test_a_png_opens_all_the_same(tmp_path: Path, name: str) -> None:
    path = write_png(tmp_path / "logo.png", patches())
    whole = path.read_bytes()
    path.write_bytes(whole[:33] + PNGS[name] + whole[33:])

    image, info = open_image(path, LIMITS), inspect_image(path, LIMITS)

    assert is_near(image, PATCHES, 0), seen(image)
    assert (info.width, info.height) == (96, 16)


def test_a_wrong_checksum_in_what_is_shown_is_refused(tmp_path: Path) -> None:
    path = write_png(tmp_path / "logo.png", patches())
    whole = path.read_bytes()
    path.write_bytes(whole[:-14] + b"\0\0" + whole[-12:])

    with pytest.raises(Corrupt, match=r"checksum of chunk b'IDAT'"):
        inspect_image(path, LIMITS)


@pytest.mark.parametrize("rows", [b"\0" * 9, np.random.default_rng(5).bytes(96 * 3 * 15)])
def test_fewer_pixels_than_declared_are_refused_when_planned(tmp_path: Path, rows: bytes) -> None:
    path = write_png(tmp_path / "logo.png", patches())
    whole = path.read_bytes()
    at = whole.index(b"IDAT") - 4
    path.write_bytes(whole[:at] + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b""))

    with pytest.raises(Corrupt, match=r"logo\.png is cut off"):
        inspect_image(path, LIMITS)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 9), (33, 17)])
def test_every_depth_and_size_has_as_many_pixels_as_it_declares(
    tmp_path: Path, mode: str, size: tuple[int, int]
) -> None:
    Image.new(mode, size).save(tmp_path / "plain.png")
    grey = pyvips.Image.black(*size, bands=3).copy(interpretation="srgb")
    grey.pngsave(str(tmp_path / "interlaced.png"), interlace=True)

    for name in ("plain.png", "interlaced.png"):
        assert inspect_image(tmp_path / name, LIMITS).width == size[0]


def test_indexed_colours_without_a_palette_are_refused(tmp_path: Path) -> None:
    path = write_png(tmp_path / "x.png", np.zeros((8, 8), np.uint8), 8, 3)

    with pytest.raises(Corrupt, match=r"x\.png is damaged: it has indexed colours and no palette"):
        inspect_image(path, LIMITS)


@pytest.mark.parametrize("suffix", ["webp", "avif"])
@pytest.mark.parametrize("exif", [b"", NONSENSE, b"Exif\0\0" + NONSENSE, b"II*\0\xff\xff\xff\xff"])
def test_other_formats_open_all_the_same(tmp_path: Path, suffix: str, exif: bytes) -> None:
    path = tmp_path / f"photo.{suffix}"
    options = {"exif": exif} if suffix == "webp" else {"xmp": exif}
    Image.fromarray(patches()).save(path, quality=100, **options)

    assert is_near(open_image(path, LIMITS), PATCHES, 9)
    assert inspect_image(path, LIMITS).width == 96


@pytest.mark.parametrize("xmp", SIDEWAYS)
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "compressed.png"])
def test_an_orientation_that_only_xmp_tells_is_heeded(tmp_path: Path, suffix: str, xmp: str) -> None:
    path, packet = tmp_path / f"photo.{suffix}", xmp.encode()
    if suffix == "jpg":
        path.write_bytes(with_segments(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet)))
    elif suffix == "webp":
        Image.fromarray(patches()).save(path, lossless=True, xmp=packet)
    elif suffix == "tif":
        write_tiff(path, patches(), 2, more={700: (1, packet)})
    else:
        is_packed = suffix == "compressed.png"
        text = b"XML:com.adobe.xmp\0" + (b"\1\0\0\0" + zlib.compress(packet) if is_packed else b"\0\0\0\0" + packet)
        write_png(path, patches(), chunks=((b"iTXt", text),))

    image, info = open_image(path, LIMITS), inspect_image(path, LIMITS)

    assert image.size == (info.width, info.height) == (16, 96)
    assert image.getpixel((8, 88)) == pytest.approx(PATCHES[-1], abs=6)


@pytest.mark.parametrize("told", [0, 9, 77])
def test_an_orientation_that_there_is_not_is_none(tmp_path: Path, told: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = told
    Image.fromarray(patches()).save(tmp_path / "photo.png", exif=exif)

    assert open_image(tmp_path / "photo.png", LIMITS).size == (96, 16)


def test_what_exif_tells_goes_before_xmp(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 1
    Image.fromarray(patches()).save(tmp_path / "photo.webp", lossless=True, exif=exif, xmp=SIDEWAYS[0].encode())

    assert open_image(tmp_path / "photo.webp", LIMITS).size == (96, 16)
