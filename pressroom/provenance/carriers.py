"""XMP and a manifest in a media file without touching its pixels: where each format keeps them.

Places of XMP: XMP specification part 3 (Adobe, 2020-01) for JPEG, PNG, GIF, TIFF, SVG, WAV and ISO media; the WebP
container specification; ISO/IEC 23008-12 (HEIF) for AVIF. Places of manifests: C2PA specification 2.3, appendix A.
What is there of either is replaced.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from pressroom.domain.errors import Corrupt
from pressroom.domain.media import mime_of, type_named
from pressroom.provenance.heif import avif
from pressroom.provenance.iso import is_fragmented, movie, without_last_xmp, xmp_box
from pressroom.provenance.layout import Data, Gap, Layout, Piece
from pressroom.provenance.tiff import tiff

_JPEG_XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
_JPEG_MORE_XMP: Final = b"http://ns.adobe.com/xmp/extension/\0"
_JPEG_MOST: Final = 65_533
_JPEG_APP11: Final = 0xEB
_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PNG_XMP: Final = b"XML:com.adobe.xmp"
_VP8X_XMP: Final = 0x04
_VP8X_ALPHA: Final = 0x10
_GIF_XMP: Final = b"\x21\xff\x0bXMP DataXMP"
_GIF_C2PA: Final = b"\x21\xff\x0bC2PA_GIF\1\0\0"
# GIF readers that know no XMP skip blocks by their length byte: this tail leads every such walk to the end (part 3, 1.1.2).
_GIF_TAIL: Final = bytes([1, *range(255, -1, -1), 0])
_SVG_ROOT: Final = re.compile(rb"<svg\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_SVG_METADATA: Final = re.compile(rb"<metadata>\s*<rdf:RDF.*?</rdf:RDF>\s*</metadata>", re.DOTALL)
# Within a metadata element that c2pa has put its manifest into.
_SVG_OWN: Final = re.compile(
    rb"<rdf:RDF\b(?:(?!</rdf:RDF>).)*DigitalSourceType=(?:(?!</rdf:RDF>).)*</rdf:RDF>", re.DOTALL
)
_RDF: Final = re.compile(rb"<rdf:RDF.*</rdf:RDF>", re.DOTALL)


def laid_out(data: Data, mime: str, packet: bytes, store_bytes: int = 0) -> Layout | None:
    """The file with this packet and a gap for a manifest store; None where manifests are put in by c2pa itself.

    Raises Corrupt when the file is not what its type says.
    """
    lay_out = _LAYOUTS.get(mime)
    with _reading(mime):
        if lay_out is None or (lay_out is movie and is_fragmented(data)):
            return None
        return lay_out(data, packet, store_bytes)


def with_xmp(data: Data, mime: str, packet: bytes) -> bytes | None:
    """The file with this packet, same pixels; None where the format has no place for one. Raises Corrupt."""
    layout = laid_out(data, mime, packet)
    if layout is not None:
        return b"".join(layout.pieces())
    if _LAYOUTS.get(mime) is movie:
        return without_last_xmp(data) + xmp_box(packet)  # behind the fragments, so that no offset changes
    put = _CARRIERS.get(mime)
    with _reading(mime):
        return None if put is None else put(data[:], packet)


@contextmanager
def _reading(mime: str) -> Iterator[None]:
    """Whatever a file does not hold that its type promises is Corrupt."""
    try:
        yield
    except (struct.error, IndexError, ValueError) as exc:
        raise Corrupt(f"not a readable {mime}: {exc}") from exc


def _jpeg(data: Data, packet: bytes, store_bytes: int) -> Layout:
    body = _JPEG_XMP + packet
    if len(body) > _JPEG_MOST - 2:
        raise ValueError(f"a packet of {len(packet)} bytes is too large")
    segment = struct.pack(">HH", 0xFFE1, len(body) + 2) + body
    at, first, kept = 2, [data[:2]], list[Piece]()
    while data[at : at + 1] == b"\xff" and 0xE0 <= data[at + 1] <= 0xEF:
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        part = data[at:end]
        # JFIF and Exif insist on standing first.
        if part[1] == 0xE0 or part[4:8] == b"Exif":
            first.append(part)
        elif not part[4:].startswith((_JPEG_XMP, _JPEG_MORE_XMP)) and not _is_jumbf(part):
            kept.append(part)
        at = end
    return Layout([*first, segment], Gap(store_bytes, _jpeg_segments), [*kept, memoryview(data)[at:]])


def _is_jumbf(segment: bytes) -> bool:
    return segment[1] == _JPEG_APP11 and segment[4:6] == b"JP"


def _jpeg_segments(store: bytes) -> bytes:
    """ISO/IEC 19566-5, annex D: parts in order, each behind the first with the head of the box again."""
    size = 65_000
    parts = [store[at : at + size] for at in range(0, len(store), size)]
    bodies = [
        struct.pack(">2sHI", b"JP", 0x0211, n + 1) + (store[:8] if n else b"") + part for n, part in enumerate(parts)
    ]
    return b"".join(struct.pack(">BBH", 0xFF, _JPEG_APP11, len(body) + 2) + body for body in bodies)


def _png(data: Data, packet: bytes, store_bytes: int) -> Layout:
    if data[:8] != _PNG_SIGNATURE:
        raise ValueError("no PNG signature")
    chunk = png_chunk(b"iTXt", _PNG_XMP + b"\0\0\0\0\0" + packet)
    kept = [part for part in _png_chunks(data) if bytes(part[4:8]) != b"caBX" and not _is_png_xmp(part)]
    # Before the pixels, and behind everything else: exiftool overlooks an eXIf chunk that follows a manifest.
    border = next(number for number, part in enumerate(kept) if bytes(part[4:8]) in (b"IDAT", b"IEND"))
    gap = Gap(store_bytes, lambda store: png_chunk(b"caBX", store))
    return Layout([_PNG_SIGNATURE, *kept[:border], chunk], gap, kept[border:])


def _is_png_xmp(part: memoryview) -> bool:
    return bytes(part[4 : 8 + len(_PNG_XMP)]) == b"iTXt" + _PNG_XMP


def _png_chunks(data: Data) -> Iterator[memoryview]:
    """Every chunk; what stands behind the last one is part of it."""
    view, at, kind = memoryview(data), len(_PNG_SIGNATURE), b""
    while kind != b"IEND":
        size, kind = struct.unpack_from(">I4s", data, at)
        end = len(data) if kind == b"IEND" else at + 12 + size
        yield view[at:end]
        at = end


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _webp(data: Data, packet: bytes, store_bytes: int) -> Layout:
    header, chunks = _extended_webp(data, _VP8X_XMP, (b"XMP ", b"C2PA"))
    gap = Gap(store_bytes, lambda store: struct.pack("<4sI", b"C2PA", len(store)) + store)
    even = b"\0" * (store_bytes % 2)
    before = _riff(b"WEBP", [(b"VP8X", header), *chunks, (b"XMP ", packet)], gap.size + len(even))
    return Layout(before, gap, [even])


def webp_with(data: bytes, kind: bytes, flag: int, body: bytes) -> bytes:
    """A WebP file with this chunk, and the flag that says so. Raises ValueError."""
    header, chunks = _extended_webp(data, flag, (kind,))
    return b"".join(_riff(b"WEBP", [(b"VP8X", header), *chunks, (kind, body)]))


def _extended_webp(data: Data, flag: int, without: tuple[bytes, ...]) -> tuple[bytes, list[tuple[bytes, Piece]]]:
    """The body of the header chunk with this flag set, and all other chunks but those."""
    chunks = [(kind, body) for kind, body in _riff_chunks(data, b"WEBP") if kind not in without]
    if chunks[0][0] == b"VP8X":
        return bytes([chunks[0][1][0] | flag]) + bytes(chunks[0][1][1:]), chunks[1:]
    width, height, alpha = _webp_frame(*chunks[0])
    flags = flag | (_VP8X_ALPHA if alpha else 0)
    return bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"), chunks


def _webp_frame(kind: bytes, body: Piece) -> tuple[int, int, bool]:
    """Width, height and whether there is transparency, of a file that holds one bare frame."""
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    width, height = struct.unpack_from("<HH", body, 6)
    return width & 0x3FFF, height & 0x3FFF, False


def _wav(data: bytes, packet: bytes) -> bytes:
    chunks = [(kind, body) for kind, body in _riff_chunks(data, b"WAVE") if kind != b"_PMX"]
    return b"".join(_riff(b"WAVE", [*chunks, (b"_PMX", packet)]))


def _riff_chunks(data: Data, form: bytes) -> Iterator[tuple[bytes, Piece]]:
    if data[:4] != b"RIFF" or data[8:12] != form:
        raise ValueError(f"no {form.decode()} file")
    view, at = memoryview(data), 12
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        yield kind, view[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _riff(form: bytes, chunks: list[tuple[bytes, Piece]], more: int = 0) -> list[Piece]:
    """The pieces of a file of these chunks, behind which `more` bytes follow."""
    parts = [part for kind, body in chunks for part in _riff_chunk(kind, body)]
    return [struct.pack("<4sI4s", b"RIFF", 4 + sum(map(len, parts)) + more, form), *parts]


def _riff_chunk(kind: bytes, body: Piece) -> tuple[Piece, ...]:
    return struct.pack("<4sI", kind, len(body)), body, b"\0" * (len(body) % 2)


def _gif(data: Data, packet: bytes, store_bytes: int) -> Layout:
    if data[:4] != b"GIF8" or data.rfind(b"\x3b") < 0:
        raise ValueError("no GIF, or one without its end")
    view, end, colours = memoryview(data), data.rfind(b"\x3b"), data[10]
    start = after = 13 + (3 << (colours & 7) + 1 if colours & 0x80 else 0)
    while data[after : after + len(_GIF_C2PA)] == _GIF_C2PA:
        after = _blocks_end(data, after + len(_GIF_C2PA))
    old = data.find(_GIF_XMP, after)
    border, further = (old, data.find(_GIF_TAIL, old) + len(_GIF_TAIL)) if old >= 0 else (end, end)
    own = _GIF_XMP + packet + _GIF_TAIL
    gap = Gap(store_bytes, _gif_block)
    return Layout([b"GIF89a", view[6:start]], gap, [view[after:border], view[further:end], own, view[end:]])


def _blocks_end(data: Data, at: int) -> int:
    while data[at]:
        at += 1 + data[at]
    return at + 1


def _gif_block(store: bytes) -> bytes:
    parts = [store[at : at + 255] for at in range(0, len(store), 255)]
    return b"".join([_GIF_C2PA, *(bytes([len(part)]) + part for part in parts), b"\0"])


def _svg(data: bytes, packet: bytes) -> bytes:
    # In XML the description needs no packet around it, and plain drawings hold no processing instructions.
    rdf = _RDF.search(packet)
    bare = _SVG_OWN.sub(b"", _SVG_METADATA.sub(b"", data, count=1))
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


_LAYOUTS: Final[dict[str, Callable[[Data, bytes, int], Layout]]] = {
    mime_of("jpeg"): _jpeg,
    mime_of("png"): _png,
    mime_of("webp"): _webp,
    mime_of("gif"): _gif,
    mime_of("tiff"): tiff,
    mime_of("avif"): avif,
    mime_of("mp4"): movie,
    mime_of("mov"): movie,
}
BOXED: Final = frozenset({mime_of("avif"), mime_of("mp4"), mime_of("mov")})
# Manifests of these are put in by c2pa itself: they are few and small, or their containers are not.
_CARRIERS: Final[dict[str, Callable[[bytes, bytes], bytes]]] = {
    mime_of("svg"): _svg,
    mime_of("pdf"): _pdf,
    **dict.fromkeys((type_named("wav").mime, *type_named("wav").other_mimes), _wav),
}
