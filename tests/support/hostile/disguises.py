"""Files that are something else, or two things at once."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import struct
import tarfile
import zipfile
from collections.abc import Iterator

import numpy as np

from tests.support.hostile.pictures import sample


def files() -> Iterator[tuple[str, bytes]]:
    yield from _not_media()
    yield from _archives()
    yield from _polyglots()


def _not_media() -> Iterator[tuple[str, bytes]]:
    yield "an empty file", b""
    yield "one byte", b"\x89"
    yield "zeros", bytes(5000)
    yield "noise", np.random.default_rng(11).bytes(5000)
    yield "plain text", b"just words, no picture\n" * 20
    yield "a web page", b"<!DOCTYPE html><html><script>alert(1)</script></html>"
    yield "a login page instead of a picture", b"<html><head><title>Sign in</title></head></html>"
    yield "an error in JSON", json.dumps({"error": "not found", "code": 404}).encode()
    yield "a shell script", b"#!/bin/sh\nrm -rf /nowhere\n"
    yield "Python", b"import os\nos.system('true')\n"
    yield "PHP", b"<?php echo 1; ?>"
    yield "a pickle", b"cos\nsystem\n(S'true'\ntR."
    yield "a Linux program", b"\x7fELF\x02\x01\x01" + bytes(200)
    yield "a Windows program", b"MZ" + bytes(200)
    yield "a PDF", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF"
    yield "PostScript", b"%!PS-Adobe-3.0\n(/etc/passwd) (r) file\n"
    yield "an SQLite database", b"SQLite format 3\0" + bytes(200)
    yield "a font", b"\0\1\0\0" + bytes(200)
    yield (
        "an ImageMagick script",
        b"push graphic-context\nimage over 0,0 0,0 'https://example.invalid/a'\npop graphic-context\n",
    )
    yield "a playlist", b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://example.invalid/a.ts\n#EXT-X-ENDLIST\n"
    yield "a playlist of local files", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
    yield "a concat script", b"ffconcat version 1.0\nfile /etc/passwd\n"
    yield "a DASH manifest", b'<?xml version="1.0"?><MPD><BaseURL>http://example.invalid/</BaseURL></MPD>'
    yield "a session description", b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n"
    yield "an icon", struct.pack("<HHH", 0, 1, 1) + bytes(60)
    yield "a Photoshop file", b"8BPS\0\1" + bytes(100)
    yield "a raw camera file", b"FUJIFILMCCD-RAW " + bytes(200)
    yield "JPEG 2000", b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(100)
    yield "a Git LFS pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 1\n"


def _archives() -> Iterator[tuple[str, bytes]]:
    yield "a zip", _zip({"a.txt": b"x"})
    yield "a zip with a way out", _zip({"../../../../tmp/escaped.txt": b"x", "/etc/cron.d/escaped": b"x"})
    yield "a zip with a Windows way out", _zip({"..\\..\\escaped.txt": b"x", "C:\\escaped.txt": b"x"})
    yield "a zip bomb", _zip({f"{n}.bin": bytes(10_000_000) for n in range(10)})
    yield "an office document", _zip({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo("../../escaped.txt"))
    yield "a tar with a link and a way out", tar.getvalue()
    yield "a gzip bomb", gzip.compress(bytes(100_000_000))
    yield "a bzip2 bomb", bz2.compress(bytes(100_000_000))
    yield "a 7z archive", b"7z\xbc\xaf\x27\x1c" + bytes(100)
    yield "a RAR archive", b"Rar!\x1a\x07\x01\x00" + bytes(100)


def _zip(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _polyglots() -> Iterator[tuple[str, bytes]]:
    archive = _zip({"../escaped.txt": b"x"})
    page = b"\n<html><body><script>alert(1)</script></body></html>\n"
    for name in ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF"):
        whole = sample(name)
        yield f"{name} with a zip behind it", whole + archive
        yield f"{name} with a web page behind it", whole + page
        yield f"{name} with PHP behind it", whole + b"<?php system('true'); ?>"
    jpeg = sample("JPEG")
    yield "JPEG that is a PDF as well", _commented(jpeg, b"%PDF-1.4\n1 0 obj\n") + b"\nendobj\n%%EOF\n"
    yield "JPEG with a PDF behind it", jpeg + b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
    yield "JPEG with PHP in its comment", _commented(jpeg, b"<?php system('true'); ?>")
    yield "JPEG with a program behind it", jpeg + b"\x7fELF\x02\x01\x01" + bytes(300)
    yield "JPEG with a RAR behind it", jpeg + b"Rar!\x1a\x07\x01\x00" + bytes(300)
    gif = sample("GIF")
    yield "GIF that is JavaScript as well", b"GIF89a/*" + gif[8:] + b"*/=alert(1);"
    yield "BMP that is JavaScript as well", b"BM/*" + sample("BMP")[4:] + b"*/=alert(1);"


def _commented(jpeg: bytes, comment: bytes) -> bytes:
    return jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + jpeg[2:]
