"""Rights that are told by Exif, IPTC-IIM or the texts of a PNG are found, whatever else is wrong with the file."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from pressroom.provenance.reading import rights_of
from tests.support.handmade import patches, png_chunk, write_png

NAMES = {80: "Ana Müller", 116: "© 2026 Ana Müller", 110: "Ana / Agency", 115: "Agency"}
RIGHTS = {
    "dc:creator": ("Ana Müller",),
    "dc:rights": ("© 2026 Ana Müller",),
    "photoshop:Credit": ("Ana / Agency",),
    "photoshop:Source": ("Agency",),
}


def iim(encoding: str) -> bytes:
    return b"".join(
        struct.pack(">BBBH", 0x1C, 2, number, len(text.encode(encoding))) + text.encode(encoding)
        for number, text in NAMES.items()
    )


def photoshop(data: bytes) -> bytes:
    return b"8BIM\x04\x04\0\0" + struct.pack(">I", len(data)) + data + bytes(len(data) % 2)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_the_datasets_of_a_jpeg(tmp_path: Path, encoding: str) -> None:
    path, body = tmp_path / "photo.jpg", b"Photoshop 3.0\0" + photoshop(iim(encoding))
    Image.fromarray(patches()).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:2] + struct.pack(">BBH", 0xFF, 0xED, len(body) + 2) + body + whole[2:])

    assert rights_of(path) == RIGHTS


@pytest.mark.parametrize("name", ["tEXt", "zTXt", "iTXt"])
def test_the_texts_of_a_png(tmp_path: Path, name: str) -> None:
    def text(keyword: bytes, value: str) -> tuple[bytes, bytes]:
        raw = value.encode()
        body = {"tEXt": raw, "zTXt": b"\0" + zlib.compress(raw), "iTXt": b"\0\0en\0\0" + raw}[name]
        return name.encode(), keyword + b"\0" + body

    path = write_png(
        tmp_path / "art.png", patches(), chunks=(text(b"Author", "Ana Müller"), text(b"Copyright", "© Ana"))
    )

    assert rights_of(path) == {"dc:creator": ("Ana Müller",), "dc:rights": ("© Ana",)}


def test_the_datasets_that_imagemagick_keeps_in_a_png(tmp_path: Path) -> None:
    raw = photoshop(iim("utf-8"))
    text = b"\niptc\n%8d\n" % len(raw) + raw.hex().encode() + b"\n"
    path = write_png(
        tmp_path / "art.png", patches(), chunks=((b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(text)),)
    )

    assert rights_of(path) == RIGHTS


def test_what_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    path = write_png(
        tmp_path / "art.png", patches(), chunks=((b"zTXt", b"Author\0\0nonsense"), (b"iTXt", b"Copyright\0"))
    )
    path.write_bytes(path.read_bytes().replace(png_chunk(b"IEND", b""), b""))

    assert rights_of(path) == {}


def test_xmp_goes_before_all_of_them(tmp_path: Path) -> None:
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description'
        b' rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator><rdf:Seq><rdf:li>Ben</rdf:li></rdf:Seq>'
        b"</dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    chunks = (
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet),
        (b"tEXt", b"Author\0Ana"),
        (b"tEXt", b"Copyright\0Ana"),
    )

    assert rights_of(write_png(tmp_path / "art.png", patches(), chunks=chunks)) == {
        "dc:creator": ("Ben",),
        "dc:rights": ("Ana",),
    }


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Ana Müller\0Agency\0", "Ana Müller; Agency"),  # photographer and editor, as Exif has them
        ("© 2026 Ana Müller,\r\nall rights reserved\n", "© 2026 Ana Müller, all rights reserved"),
        ("\0\0 \0", ""),
        ("Ana \x1b[31m", ""),
    ],
)
def test_a_copyright_of_several_lines_and_parts_is_one_line(tmp_path: Path, written: str, read: str) -> None:
    exif = Image.Exif()
    exif[0x8298] = written.encode()
    Image.fromarray(patches()).save(tmp_path / "photo.jpg", exif=exif)

    assert rights_of(tmp_path / "photo.jpg").get("dc:rights", ("",)) == (read,)
