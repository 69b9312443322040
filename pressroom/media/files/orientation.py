"""Which way up a picture is shown: told by Exif, or where that says nothing by XMP. Damaged metadata says nothing."""

from __future__ import annotations

import re
from typing import Final

from PIL import Image

UPRIGHT: Final = 1
_TAG: Final = 0x0112
_XMP: Final = re.compile(rb"tiff:Orientation\s*(?:=\s*[\"']|>)\s*([1-8])\s*[\"'<]")
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS: Final = frozenset({5, 6, 7, 8})


def orientation_of(image: Image.Image, xmp: bytes = b"") -> int:
    """1 to 8 (Exif 3.0, 4.6.5). `xmp` is a packet, where Pillow does not give it."""
    try:
        told = image.getexif().get(_TAG)
    except Exception:  # noqa: BLE001 - Pillow raises whatever comes over damaged Exif, and none of it harms the pixels
        told = None
    packet = xmp or image.info.get("xmp") or b""
    return orientation_told(told, packet if isinstance(packet, bytes) else packet.encode())


def orientation_told(tag: object, xmp: bytes) -> int:
    """What a tag says, or where it is none the packet."""
    if isinstance(tag, int) and tag in (UPRIGHT, *_TURNS):
        return tag
    found = _XMP.search(xmp)
    return int(found[1]) if found else UPRIGHT


def upright(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image


def upright_size(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    return (size[1], size[0]) if orientation in _SIDEWAYS else size
