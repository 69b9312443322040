"""The Exif of a picture of any format."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from pressroom.media.files.heif import exif_block
from pressroom.media.files.sniff import HEAD_BYTES, sniff


def exif_of(path: Path) -> Image.Exif:
    """Empty where there is none. Raises whatever Pillow raises over damaged metadata, OSError for what is no picture."""
    with path.open("rb") as file:
        found = sniff(file.read(HEAD_BYTES))
        if found is not None and found.name == "heic":
            exif = Image.Exif()
            if block := exif_block(file):
                exif.load(b"Exif\0\0" + block.removeprefix(b"Exif\0\0"))
            return exif
    with Image.open(path) as image:
        return image.getexif()
