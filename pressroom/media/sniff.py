"""What a file really is, from its first bytes: a name or an extension proves nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pressroom.assets import Kind

HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Format:
    """A file format that may be opened. `demuxer` is ffmpeg's name for it, empty for images."""

    name: str
    mime: str
    kind: Kind
    demuxer: str = ""


_FORMATS = {
    row.name: row
    for row in (
        Format("jpeg", "image/jpeg", Kind.IMAGE),
        Format("png", "image/png", Kind.IMAGE),
        Format("webp", "image/webp", Kind.IMAGE),
        Format("gif", "image/gif", Kind.IMAGE),
        Format("tiff", "image/tiff", Kind.IMAGE),
        Format("bmp", "image/bmp", Kind.IMAGE),
        Format("avif", "image/avif", Kind.IMAGE),
        Format("svg", "image/svg+xml", Kind.IMAGE),
        Format("icc", "application/vnd.iccprofile", Kind.PROFILE),
        Format("mp4", "video/mp4", Kind.VIDEO, "mov"),
        Format("mov", "video/quicktime", Kind.VIDEO, "mov"),
        Format("webm", "video/webm", Kind.VIDEO, "matroska"),
        Format("avi", "video/x-msvideo", Kind.VIDEO, "avi"),
        Format("flv", "video/x-flv", Kind.VIDEO, "flv"),
        Format("mpeg", "video/mpeg", Kind.VIDEO, "mpeg"),
        Format("wmv", "video/x-ms-wmv", Kind.VIDEO, "asf"),
        Format("m4a", "audio/mp4", Kind.AUDIO, "mov"),
        Format("wav", "audio/wav", Kind.AUDIO, "wav"),
        Format("mp3", "audio/mpeg", Kind.AUDIO, "mp3"),
        Format("aac", "audio/aac", Kind.AUDIO, "aac"),
        Format("ogg", "audio/ogg", Kind.AUDIO, "ogg"),
        Format("flac", "audio/flac", Kind.AUDIO, "flac"),
    )
}
NAMES = tuple(_FORMATS)

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
    (b"BM", "bmp"),
    (b"\x1a\x45\xdf\xa3", "webm"),
    (b"FLV\x01", "flv"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wmv"),
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"ID3", "mp3"),
)
_RIFF = {b"WEBP": "webp", b"AVI ": "avi", b"WAVE": "wav"}
_BRANDS = {b"avif": "avif", b"avis": "avif", b"qt  ": "mov", b"M4A ": "m4a", b"M4B ": "m4a"}
_SVG = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*|<!DOCTYPE.*?>\s*)*<(?:\w+:)?svg[\s>/]", re.S
)
_XML = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<[!?a-zA-Z].*<(?:\w+:)?svg[\s>/]", re.S)


def sniff(head: bytes) -> Format | None:
    """The format of a file that starts with `head` (up to HEAD_BYTES bytes), None when it is not one we open."""
    name = _binary(head) or ("svg" if _SVG.match(head) or _XML.match(head) else None)
    return _FORMATS[name] if name else None


def format_named(name: str) -> Format:
    return _FORMATS[name]


def _binary(head: bytes) -> str | None:
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return name
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[36:40] == b"acsp":  # ICC.1:2022, 7.2.11
        return "icc"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "mp4")
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free") and len(head) > 16:
        return "mov"
    return _mpeg_audio(head)


def _mpeg_audio(head: bytes) -> str | None:
    if len(head) < 4 or head[0] != 0xFF:
        return None
    if head[1] & 0xF6 == 0xF0:
        return "aac"  # ADTS: twelve sync bits, layer 0
    return "mp3" if head[1] & 0xE0 == 0xE0 and head[1] & 0x06 == 0x02 else None
