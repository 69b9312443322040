"""The last steps of every edit that ends in a PNG: write, open again, compare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

from pressroom.domain.errors import Corrupt
from pressroom.domain.media import Made, mime_of
from pressroom.media.files.images import open_image, save_png
from pressroom.settings import MediaLimits


def saved(image: Image.Image, target: Path, limits: MediaLimits, **details: Any) -> Made:
    """Write an RGB or RGBA picture as `target`. Raises Corrupt when what is read again is not what was written."""
    save_png(image, target)
    written = open_image(target, limits)
    if written.size != image.size or written.convert(image.mode).tobytes() != image.tobytes():
        raise Corrupt(f"{target.name} came out as {written.mode} {written.size}, not {image.mode} {image.size}")
    return Made(target, mime_of("png"), details=details)
