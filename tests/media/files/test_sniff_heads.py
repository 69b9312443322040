"""A file is what its first bytes say, whatever it is called, and bytes of any kind are no accident."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pressroom.domain.media import Kind, type_named
from pressroom.media.files.sniff import HEAD_BYTES, NAMES, foreign_name, format_named, sniff


def written(name: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), "#c04020").save(out, name, **options)
    return out.getvalue()


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"])
def test_what_pillow_writes_is_known(name: str) -> None:
    found = sniff(written(name)[:HEAD_BYTES])

    assert found is not None
    assert (found.name, found.mime, found.kind, found.demuxer) == (name.lower(), Image.MIME[name], Kind.IMAGE, "")


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "mp4"), (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "mov"),
        (b"\0\0\0\x14ftypM4A \0\0\0\0M4A ", "m4a"), (b"\0\0\0\x14moov" + bytes(20), "mov"),
        (b"\x1a\x45\xdf\xa3" + bytes(20), "webm"), (b"RIFF\0\0\0\0AVI LIST", "avi"), (b"RIFF\0\0\0\0WAVEfmt ", "wav"),
        (b"ID3\x04" + bytes(8), "mp3"), (b"\xff\xfb\x90\x44" + bytes(8), "mp3"), (b"\xff\xf1\x50\x80" + bytes(8), "aac"),
        (b"OggS" + bytes(20), "ogg"), (b"fLaC" + bytes(20), "flac"), (b"FLV\x01\x05", "flv"),
        (b"\0\0\x01\xba" + bytes(20), "mpeg"), (bytes(36) + b"acsp" + bytes(9), "icc"), (b"II+\0\x08\0\0\0", "tiff"),
    ],
)  # fmt: skip
def test_recordings_and_profiles_are_known(head: bytes, name: str) -> None:
    found = sniff(head)

    assert found == format_named(name)
    assert found.mime == type_named(name).mime


@pytest.mark.parametrize(
    "text",
    [
        "<svg xmlns='http://www.w3.org/2000/svg'/>", "\ufeff  <svg\n/>", "<?xml version='1.0'?><!-- made --><svg>",
        "<!DOCTYPE svg PUBLIC 'x' 'y'>\n<svg >", "<svg:svg xmlns:svg='http://www.w3.org/2000/svg'>",
        "<!-- by an office -->\n<?xml version='1.0'?>\n<svg>",
    ],
)  # fmt: skip
def test_drawings_begin_in_many_ways(text: str) -> None:
    assert sniff(text.encode()) == format_named("svg")


@pytest.mark.parametrize("text", ["svg", "<svgx>", "a text with <svg> in it", "<html>words</html>", "{}"])
def test_other_texts_are_no_drawings(text: str) -> None:
    assert sniff(text.encode()) is None


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"8BPS\0\1", "Photoshop"), (b"%PDF-1.7", "PDF"), (b"%!PS-Adobe", "PostScript"), (b"\xff\x0a\xff", "JPEG XL"),
        (b"\0\0\0\x0cjP  \r\n", "JPEG 2000"), (b"\0\0\x01\0\1\0", "an icon"), (b"PK\x03\x04\x14", "archive"),
        (b"\0\0\0\x18ftypj2ki\0\0\0\0", "than HEIC"), (b"\0\0\0\x18ftypcrx \0\0\0\0", "raw photo"),
        (b"II*\0\x10\0\0\0CR\x02\0", "raw photo"), (b"gimp xcf v011", "GIMP"),
    ],
)  # fmt: skip
def test_well_known_formats_that_are_not_opened_have_a_name(head: bytes, said: str) -> None:
    head += bytes(40)

    assert sniff(head) is None
    assert said in str(foreign_name(head))


def test_a_general_still_is_avif_where_it_says_so() -> None:
    head = b"\0\0\0\x1cftypmif1\0\0\0\0"

    assert sniff(head + b"mif1avifmiaf") == format_named("avif")
    assert sniff(head + b"mif1heicmiaf") == format_named("heic")


@given(st.binary(max_size=64))
def test_any_bytes_are_something_or_nothing(head: bytes) -> None:
    found = sniff(head)

    assert found is None or found.name in NAMES
    assert found is None or foreign_name(head) is None


@given(st.binary(max_size=64), st.sampled_from([written(name) for name in ("JPEG", "PNG", "GIF", "WEBP", "BMP")]))
def test_what_follows_the_head_changes_nothing(tail: bytes, data: bytes) -> None:
    assert sniff(data[:40] + tail) == sniff(data)
