"""What an SVG carries along in the addresses of its pictures (RFC 2397): pixels, and drawings."""

from __future__ import annotations

import base64
import binascii
import io
import re
from typing import Final
from urllib.parse import unquote_to_bytes

DATA_IMAGE: Final = re.compile(r"data:image/(?:png|jpe?g|gif|webp)(?:;[\w=-]+)*?;base64,", re.IGNORECASE)
DATA_SVG: Final = re.compile(r"data:image/svg\+xml((?:;[\w=.-]+)*?)(;base64)?,", re.IGNORECASE)


def size_of(encoded: str) -> tuple[int, int]:
    """Width and height that an embedded picture declares. Raises ValueError for what is none."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(_bytes_of(encoded)), formats=("PNG", "JPEG", "GIF", "WEBP")) as image:
            return image.size
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as exc:
        raise ValueError(str(exc)) from exc


def drawing_of(target: str) -> bytes | None:
    """The SVG that an address holds; None where it holds none. Raises ValueError for base64 that is none."""
    match = DATA_SVG.match(target)
    if match is None:
        return None
    content = target[match.end() :]
    return _bytes_of(content) if match[2] else unquote_to_bytes(content)


def _bytes_of(encoded: str) -> bytes:
    try:
        return base64.b64decode(re.sub(r"\s+", "", encoded), validate=True)
    except binascii.Error as exc:
        raise ValueError(str(exc)) from exc
