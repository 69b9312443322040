"""Putting an XMP packet into a media file without touching its pixels: where each format keeps it.

Places: XMP specification part 3 (Adobe, 2020-01) for JPEG, PNG, GIF, TIFF, SVG, WAV and ISO media; the WebP container
specification; ISO/IEC 23008-12 (HEIF) for AVIF. A packet that is there is replaced.
"""

from __future__ import annotations

import io
import re
import struct
import uuid
import zlib
from collections.abc import Callable, Iterator
from typing import Final

from pressroom.errors import Corrupt
from pressroom.provenance.heif import avif_with_xmp
from pressroom.provenance.tiff import tiff_with_xmp

_JPEG_XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
_JPEG_MOST: Final = 65_533
_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PNG_XMP: Final = b"XML:com.adobe.xmp"
_VP8X_XMP: Final = 0x04
_VP8X_ALPHA: Final = 0x10
# GIF readers that know no XMP skip blocks by their length byte: this tail leads every such walk to the end (part 3, 1.1.2).
_GIF_TAIL: Final = bytes([1, *range(255, -1, -1), 0])
_SVG_ROOT: Final = re.compile(rb"<svg\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_SVG_METADATA: Final = re.compile(rb"<metadata>\s*<rdf:RDF.*?</rdf:RDF>\s*</metadata>", re.DOTALL)
_RDF: Final = re.compile(rb"<rdf:RDF.*</rdf:RDF>", re.DOTALL)
_MP4_XMP: Final = uuid.UUID("be7acfcb-97a9-42e8-9c71-999491e3afac").bytes


def with_xmp(data: bytes, mime: str, packet: bytes) -> bytes | None:
    """The file with this packet, same pixels; None where the format has no place for one.

    Raises Corrupt when the file is not what its type says.
    """
    put = _CARRIERS.get(mime)
    try:
        return None if put is None else put(data, packet)
    except (struct.error, IndexError, ValueError) as exc:
        raise Corrupt(f"not a readable {mime}: {exc}") from exc


def tail_with_xmp(packet: bytes) -> bytes:
    """What is appended to an MP4 or MOV file: a top-level box, so that no offset changes."""
    return struct.pack(">I4s", 24 + len(packet), b"uuid") + _MP4_XMP + packet


def _jpeg(data: bytes, packet: bytes) -> bytes:
    body = _JPEG_XMP + packet
    if len(body) > _JPEG_MOST - 2:
        raise ValueError(f"a packet of {len(packet)} bytes is too large")
    segment = struct.pack(">HH", 0xFFE1, len(body) + 2) + body
    at, kept, first = 2, [data[:2]], []
    while data[at : at + 1] == b"\xff" and 0xE0 <= data[at + 1] <= 0xEF:
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        part = data[at:end]
        # JFIF and Exif insist on standing first.
        if part[1] == 0xE0 or part[4:8] == b"Exif":
            first.append(part)
        elif not part[4:].startswith(_JPEG_XMP):
            kept.append(part)
        at = end
    return b"".join([kept[0], *first, segment, *kept[1:], data[at:]])


def _png(data: bytes, packet: bytes) -> bytes:
    if not data.startswith(_PNG_SIGNATURE):
        raise ValueError("no PNG signature")
    chunk = _png_chunk(b"iTXt", _PNG_XMP + b"\0\0\0\0\0" + packet)
    found = list(_png_chunks(data))
    kept = [part for part in found[1:] if not (part[4:8] == b"iTXt" and part[8:].startswith(_PNG_XMP))]
    return b"".join([_PNG_SIGNATURE, found[0], chunk, *kept])


def _png_chunks(data: bytes) -> Iterator[bytes]:
    """Every chunk; what stands behind the last one is part of it."""
    at, kind = len(_PNG_SIGNATURE), b""
    while kind != b"IEND":
        size, kind = struct.unpack_from(">I4s", data, at)
        end = len(data) if kind == b"IEND" else at + 12 + size
        yield data[at:end]
        at = end


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _webp(data: bytes, packet: bytes) -> bytes:
    chunks = [(kind, body) for kind, body in _riff_chunks(data, b"WEBP") if kind != b"XMP "]
    if chunks[0][0] == b"VP8X":
        header = bytes([chunks[0][1][0] | _VP8X_XMP]) + chunks[0][1][1:]
        chunks = chunks[1:]
    else:
        width, height, alpha = _webp_frame(*chunks[0])
        flags = _VP8X_XMP | (_VP8X_ALPHA if alpha else 0)
        header = bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return _riff(b"WEBP", [(b"VP8X", header), *chunks, (b"XMP ", packet)])


def _webp_frame(kind: bytes, body: bytes) -> tuple[int, int, bool]:
    """Width, height and whether there is transparency, of a file that holds one bare frame."""
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    width, height = struct.unpack_from("<HH", body, 6)
    return width & 0x3FFF, height & 0x3FFF, False


def _wav(data: bytes, packet: bytes) -> bytes:
    chunks = [(kind, body) for kind, body in _riff_chunks(data, b"WAVE") if kind != b"_PMX"]
    return _riff(b"WAVE", [*chunks, (b"_PMX", packet)])


def _riff_chunks(data: bytes, form: bytes) -> Iterator[tuple[bytes, bytes]]:
    if data[:4] != b"RIFF" or data[8:12] != form:
        raise ValueError(f"no {form.decode()} file")
    at = 12
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        yield kind, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _riff(form: bytes, chunks: list[tuple[bytes, bytes]]) -> bytes:
    parts = [struct.pack("<4sI", kind, len(body)) + body + b"\0" * (len(body) % 2) for kind, body in chunks]
    size = 4 + sum(map(len, parts))
    return b"".join([struct.pack("<4sI4s", b"RIFF", size, form), *parts])


def _gif(data: bytes, packet: bytes) -> bytes:
    end = data.rindex(b"\x3b")
    block = b"\x21\xff\x0bXMP DataXMP" + packet + _GIF_TAIL
    return b"".join([b"GIF89a", data[6:end], block, data[end:]])


def _svg(data: bytes, packet: bytes) -> bytes:
    # In XML the description needs no packet around it, and plain drawings hold no processing instructions.
    rdf = _RDF.search(packet)
    bare = _SVG_METADATA.sub(b"", data, count=1)
    root = _SVG_ROOT.search(bare)
    if rdf is None or root is None or root[0].endswith(b"/>"):
        raise ValueError("no svg element with content")
    return b"".join([bare[: root.end()], b"<metadata>", rdf[0], b"</metadata>", bare[root.end() :]])


def _pdf(data: bytes, packet: bytes) -> bytes:
    """ISO 32000-1, 14.3.2: the document's metadata stream, never compressed so that any tool finds it."""
    import pikepdf

    out = io.BytesIO()
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            pdf.Root.Metadata = pdf.make_stream(packet, Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
            pdf.save(out, deterministic_id=True)
    except pikepdf.PdfError as exc:
        raise ValueError(str(exc)) from exc
    return out.getvalue()


_CARRIERS: Final[dict[str, Callable[[bytes, bytes], bytes]]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
    "image/gif": _gif,
    "image/tiff": tiff_with_xmp,
    "image/avif": avif_with_xmp,
    "image/svg+xml": _svg,
    "application/pdf": _pdf,
    "audio/wav": _wav,
    "audio/x-wav": _wav,
}
APPENDED: Final = frozenset({"video/mp4", "video/quicktime"})
