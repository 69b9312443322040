"""JPEG files marker by marker: which kind of JPEG it is, and the same without what stands in the way of decoders.

ISO/IEC 10918-1, annex B.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from typing import BinaryIO, Final

_LOSSLESS: Final = 0xC3
_SOI, _EOI, _SOS, _COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_FRAMES: Final = {*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC}
_OPENED: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA})
_KINDS: Final = {0xF7: "JPEG-LS", 0xCB: "lossless arithmetic JPEG"} | dict.fromkeys(
    (0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF), "hierarchical JPEG"
)
_APP0, _APP1, _APP2, _APP14 = 0xE0, 0xE1, 0xE2, 0xEE
# Cameras write a few dozen; a panorama's depth map in extended XMP some hundreds.
MAX_SEGMENTS: Final = 5_000
# A progressive JPEG has about ten; each is a pass over all of the picture.
MAX_SCANS: Final = 500
# Segments that decoders read, and what they take for granted of them: how they begin, and how long they are.
_READ: Final = {
    _APP0: ((b"JFIF\0", 14),),
    _APP1: ((b"Exif\0\0", 14), (b"http://ns.adobe.com/xap/1.0/\0", 30)),
    _APP2: ((b"ICC_PROFILE\0", 15),),
    _APP14: ((b"Adobe", 12),),
}


@dataclass(frozen=True, slots=True)
class Jpeg:
    """`sound` is the file without segments that decoders stumble over, None where they take it as it is.

    `kind` names a sort of JPEG that is not opened; it is empty for the others.
    """

    sound: bytes | None
    kind: str = ""
    is_lossless: bool = False


def read_jpeg(file: BinaryIO) -> Jpeg:
    """Walk the segments up to the pixels. Raises OSError where they are cut off, or more than a picture has."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        kept, kind, is_whole, position, count = [b"\xff\xd8"], "", True, 2, 0
        is_lossless = False
        while True:
            marker, position = _next_marker(data, position)
            if marker in (_SOS, _EOI):
                break
            if marker in _STANDALONE:
                continue
            size = int.from_bytes(data[position : position + 2], "big")
            if size < 2 or position + size > len(data):
                raise OSError("image file is truncated or holds a segment of no length")
            body = data[position + 2 : position + size]
            count += 1
            if count > MAX_SEGMENTS:
                raise OSError(f"it holds more than {MAX_SEGMENTS:,} segments before its pixels")
            kind, is_lossless = kind or _kind(marker, body), is_lossless or marker == _LOSSLESS
            if _is_needed(marker) or _is_sound(marker, body):
                kept.append(b"\xff" + bytes([marker]) + data[position : position + size])
            else:
                is_whole = is_whole and not _is_read(marker)
            position += size
        _check_scans(data, position)
        sound = None if is_whole else b"".join(kept) + b"\xff" + bytes([marker]) + data[position:]
        return Jpeg(sound, kind, is_lossless)


def _next_marker(data: mmap.mmap, position: int) -> tuple[int, int]:
    """The marker at or behind a position, and where it ends: fill bytes and stray ones are passed over."""
    at = data.find(b"\xff", position)
    while at >= 0 and at + 1 < len(data):
        if data[at + 1] not in (0x00, 0xFF):
            return data[at + 1], at + 2
        at = data.find(b"\xff", at + 1)
    raise OSError("image file is truncated: no pixels follow")


def _kind(marker: int, body: bytes) -> str:
    if marker not in _FRAMES or not body:
        return ""
    if marker not in _OPENED:
        return _KINDS.get(marker, "JPEG")
    return f"JPEG of {body[0]} bits a channel" if body[0] != 8 else ""


def _check_scans(data: mmap.mmap, position: int) -> None:
    scans = 0
    while scans <= MAX_SCANS and (position := data.find(b"\xff\xda", position)) >= 0:
        scans, position = scans + 1, position + 2
    if scans > MAX_SCANS:
        raise OSError(f"it holds more than {MAX_SCANS} scans")


def _is_needed(marker: int) -> bool:
    """Frames, tables and intervals."""
    return not (0xE0 <= marker <= 0xEF or marker == _COMMENT)


def _is_read(marker: int) -> bool:
    return marker in _READ or marker == _COMMENT or marker == 0xED


def _is_sound(marker: int, body: bytes) -> bool:
    """Whether decoders read a segment as what it says it is: those that say nothing are as good as not there."""
    told = next((rule for rule in _READ.get(marker, ()) if body.startswith(rule[0])), None)
    if told is not None:
        return len(body) >= told[1]
    # Others' segments are passed over; one that only begins like a known one is what trips readers.
    return not any(rule[0].startswith(body) or body.startswith(rule[0][:4]) for rule in _READ.get(marker, ()))
