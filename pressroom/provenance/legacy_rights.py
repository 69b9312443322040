"""Who made a picture and who owns it, where it is told in older ways than XMP: Exif, IPTC-IIM and the texts of PNG.

IPTC-NAA Information Interchange Model 4.2 for the datasets, IPTC Photo Metadata 2024.1 for what they are in XMP, PNG third
edition 11.3.3 for its keywords.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pressroom.media.files.exif import exif_of
from pressroom.provenance.layout import holds_any, mapped

_ARTIST, _COPYRIGHT = 0x013B, 0x8298
_IIM: Final = {
    (2, 80): "dc:creator",
    (2, 116): "dc:rights",
    (2, 110): "photoshop:Credit",
    (2, 115): "photoshop:Source",
}
_PNG: Final = {b"author": "dc:creator", b"artist": "dc:creator", b"creator": "dc:creator", b"copyright": "dc:rights"}
_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
# What Exif and IPTC-IIM stand in, per format: a file with none of it need not be opened. A TIFF is one itself.
_HOLDERS: Final = (b"Exif", b"EXIF", b"eXIf", b"Photoshop 3.0", b"Raw profile type")
_TIFF: Final = (b"II", b"MM")
_RAW_IPTC: Final = b"raw profile type iptc"
_DATASET: Final = b"\x1c\x02"
_MOST_BYTES, _MOST_CHARACTERS = 1_000_000, 300

Rights = dict[str, tuple[str, ...]]


def rights_told_before_xmp(path: Path) -> Rights:
    """Property names of XMP and their values; Exif goes before IPTC-IIM, and that before texts. Never raises."""
    found: Rights = {}
    for told in (*_of_image(path), _of_png(path)):
        for name, values in told.items():
            found.setdefault(name, values)
    return found


def _of_image(path: Path) -> Iterator[Rights]:
    data = mapped(path)
    if data[:2] not in _TIFF and not holds_any(data, _HOLDERS):
        return
    from PIL import Image, IptcImagePlugin

    try:
        exif = exif_of(path)
        yield _clean({"dc:creator": [exif.get(_ARTIST)], "dc:rights": [exif.get(_COPYRIGHT)]})
        with Image.open(path) as image:
            yield _of_datasets(IptcImagePlugin.getiptcinfo(image) or {})
    except Exception:  # noqa: BLE001 - Pillow raises whatever comes over damaged metadata, and it says nothing then
        return


def _of_datasets(datasets: dict[Any, Any]) -> Rights:
    values = {name: datasets.get(number) for number, name in _IIM.items()}
    return _clean({name: value if isinstance(value, list) else [value] for name, value in values.items()})


def _of_png(path: Path) -> Rights:
    named: dict[str, list[Any]] = {}
    for keyword, text in _png_texts(path):
        if keyword.lower() == _RAW_IPTC:
            return _of_datasets(_datasets(_unpacked(text))) | _clean(named)
        if name := _PNG.get(keyword.lower()):
            named.setdefault(name, []).append(text)
    return _clean(named)


def _png_texts(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """Keyword and text of every tEXt, zTXt and iTXt chunk."""
    with path.open("rb") as file:
        if file.read(len(_PNG_SIGNATURE)) != _PNG_SIGNATURE:
            return
        while len(head := file.read(8)) == 8:
            size, name = int.from_bytes(head[:4], "big"), head[4:]
            if name not in (b"tEXt", b"zTXt", b"iTXt") or size > _MOST_BYTES:
                file.seek(size + 4, 1)
                continue
            keyword, _, body = file.read(size).partition(b"\0")
            file.seek(4, 1)
            yield keyword, _text_of(name, body)


def _text_of(name: bytes, body: bytes) -> bytes:
    if name == b"tEXt":
        return body
    if name == b"zTXt":
        return _inflated(body[1:])
    text = body[2:].split(b"\0", 2)[-1]
    return _inflated(text) if body[:1] == b"\1" else text


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, _MOST_BYTES)
    except zlib.error:
        return b""


def _unpacked(text: bytes) -> bytes:
    """ImageMagick's raw profile: a name, a length and the bytes as hexadecimal digits."""
    digits = re.sub(rb"\s", b"", b"".join(text.split(b"\n")[3:]))
    try:
        return bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return b""


def _datasets(data: bytes) -> dict[tuple[int, int], list[bytes]]:
    """The application records of an IIM stream, wherever in its wrapping it begins."""
    found: dict[tuple[int, int], list[bytes]] = {}
    at = data.find(_DATASET)
    while at >= 0 and data[at : at + 2] == _DATASET and at + 5 <= len(data):
        size = int.from_bytes(data[at + 3 : at + 5], "big")
        found.setdefault((2, data[at + 2]), []).append(data[at + 5 : at + 5 + size])
        at += 5 + size
    return found


def _clean(named: Mapping[str, Sequence[Any]]) -> Rights:
    cleaned = {name: tuple(filter(None, map(_text, values))) for name, values in named.items()}
    return {name: values for name, values in cleaned.items() if values}


def _text(value: object) -> str:
    """Printable text of one line; bytes and what Pillow takes for Latin-1 may be UTF-8.

    Exif parts the photographer's copyright from the editor's by a NUL (Exif 2.32, 4.6.4).
    """
    if value is None:
        return ""
    raw = value if isinstance(value, bytes) else str(value).encode("latin-1", "replace")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1") if isinstance(value, bytes) else str(value)
    parts = (" ".join(part.split()) for part in text.split("\0"))
    text = "; ".join(filter(None, parts))[:_MOST_CHARACTERS]
    return text if text.isprintable() else ""
