"""Formats by their first bytes: opened, or named with what to export."""

from __future__ import annotations

import pytest

from pressroom.domain.media import Kind
from pressroom.media.files.sniff import export_as, foreign_name, sniff

PACKET = b"G" + bytes(187)


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"FORM\0\0\0\x40AIFFCOMM", "aiff", Kind.AUDIO),
        (b"FORM\0\0\0\x40AIFCFVER", "aiff", Kind.AUDIO),
        (b"caff\0\x01\0\0desc", "caf", Kind.AUDIO),
        (b"RF64\xff\xff\xff\xffWAVEds64", "wav", Kind.AUDIO),
        (b"BW64\xff\xff\xff\xffWAVEds64", "wav", Kind.AUDIO),
        (b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0", "w64", Kind.AUDIO),
        (b"#!AMR\n\x3c", "amr", Kind.AUDIO),
        (b"#!AMR-WB\n\x3c", "amr", Kind.AUDIO),
        (b".snd\0\0\0\x18", "au", Kind.AUDIO),
        (PACKET * 4, "mpegts", Kind.VIDEO),
        ((bytes(4) + PACKET) * 4, "mpegts", Kind.VIDEO),
        (b"\x1f\x07\0\x3f", "dv", Kind.VIDEO),
        (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d", "mxf", Kind.VIDEO),
    ],
)
def test_what_recorders_and_editing_programs_write_opens(head: bytes, name: str, kind: Kind) -> None:
    found = sniff(head)

    assert found is not None
    assert (found.name, found.kind) == (name, kind)
    assert found.demuxer


@pytest.mark.parametrize(
    ("head", "what", "formats"),
    [
        (b".RMF\0\0\0\x12", "a RealMedia recording", "MP4"),
        (b"YUV4MPEG2 W96 H64 F10:1", "a YUV4MPEG recording", "MP4"),
        (b"\0\0\0\x01\x67\x42", "a bare H.264 stream", "MP4"),
        (b"#EXTM3U\n#EXT-X-VERSION:3", "a playlist", "MP4"),
        (b"\0\0\0\x18ftypbraw\0\0\0\0", "raw footage of a camera", "MP4"),
        (b"MThd\0\0\0\x06", "a MIDI score", "WAV"),
        (b"wvpk\x10\0\0\0", "a WavPack sound", "WAV"),
        (b"\x0b\x77\x11\x22", "a Dolby Digital sound", "WAV"),
        (b"8BPS\0\x01", "a Photoshop document", "JPEG"),
        (b"P6\n9 9\n255\n", "a PNM picture", "JPEG"),
        (b"P5 9 9 255\n", "a PNM picture", "JPEG"),
        (b"Pf\n9 9\n-1.0\n", "a PNM picture", "JPEG"),
        (b"qoif\0\0\0\x09", "a QOI picture", "JPEG"),
        (b"\0\0\2\0" + bytes(8) + b"\x40\0\x30\0\x18\x20" + bytes(40), "a TGA picture", "JPEG"),
        (b"\0\0\x0a\0" + bytes(8) + b"\x40\0\x30\0\x20\x08" + bytes(40), "a TGA picture", "JPEG"),
        (b"\0\0\2\0\1\0\x20\x20\0\0\1\0\1\0" + bytes(40), "a cursor", "JPEG"),
        (b"\0\0\1\0\1\0\x20\x20\0\0\1\0\x20\0" + bytes(40), "an icon", "JPEG"),
        (b"\x0a\5\1\x08" + bytes(100), "a PCX picture", "JPEG"),
        (b"\x76\x2f\x31\x01\2\0\0\0", "an OpenEXR picture", "JPEG"),
        (b"#?RADIANCE\n", "a Radiance picture", "JPEG"),
        (bytes(128) + b"DICM", "a DICOM picture", "JPEG"),
        (b"RIFF\0\0\1\0CDRDvrsn", "a CorelDRAW document", "JPEG"),
        (b"\x1f\x8b\x08\0", "a gzip archive (a compressed SVG, where its name ends in .svgz)", "JPEG"),
        (b"\x01\xda\x01\x01\0\x03", "an SGI picture", "JPEG"),
        (b"\x59\xa6\x6a\x95\0\0", "a Sun raster picture", "JPEG"),
        (b"SDPX\0\0 \0", "a DPX picture", "JPEG"),
        (b"\x80\x2a\x5f\xd7\0\0", "a Cineon picture", "JPEG"),
        (b"id=ImageMagick  version=1.0", "a MIFF picture", "JPEG"),
        (b"\x8aMNG\r\n\x1a\n\0\0", "an MNG picture", "JPEG"),
        (b"II\xbc\x01\x20\0\0\0", "a JPEG XR picture", "JPEG"),
        (b"Paint Shop Pro Image File\n\x1a", "a PaintShop Pro document", "JPEG"),
        (b"\0\xffKSA\x0b\0", "an Affinity document", "JPEG"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an office document of the old kind", "JPEG"),
        (b"{\\rtf1\\ansi", "a text document (RTF)", "JPEG"),
        (b"/* made by */\n#define logo_width 16\n", "an XBM picture", "JPEG"),
        (bytes(522) + b"\0\x11\x02\xff\x0c\0", "a PICT picture", "JPEG"),
        (b"FORM\0\0\1\0ILBMBMHD", "an Amiga picture (IFF)", "JPEG"),
        (b"IIRS\x08\0\0\0", "a raw photo of a camera", "JPEG"),
        (b"II\x1a\0\0\0HEAPCCDR", "a raw photo of a camera", "JPEG"),
        (b"\x12\x00\x0a\x0a", "a bare AV1 stream", "MP4"),
        (b"nut/multimedia container\0", "a NUT recording", "MP4"),
        (b"FWS\x06B\x14", "a Flash film", "MP4"),
        (b"\xff\xfd\xe0\xc4", "an MPEG layer II sound", "WAV"),
    ],
)
def test_what_is_not_opened_is_named_with_what_to_export(head: bytes, what: str, formats: str) -> None:
    assert sniff(head) is None
    assert foreign_name(head) == what
    assert export_as(what).startswith(formats)


@pytest.mark.parametrize("head", [b"G" * 100, b"GIF89a" + b"G" * 600, PACKET + bytes(600), b"FORM\0\0\0\x40ILBM"])
def test_what_only_begins_like_them_is_not_taken_for_them(head: bytes) -> None:
    found = sniff(head)

    assert found is None or found.name == "gif"
