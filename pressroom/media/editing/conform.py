"""A picture that a vendor made in one of its own sizes, as the size that was ordered."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageOps

from pressroom.domain.near_size import is_near
from pressroom.media.files.images import open_image, save_png
from pressroom.settings import MediaLimits


def conform_picture(path: Path, size: tuple[int, int], target: Path, limits: MediaLimits) -> tuple[int, int] | None:
    """Write the picture as a PNG of exactly this size, cropped around its middle; returns the size that it had.

    None, and nothing is written, where it is too far from it. Raises Corrupt for what is no picture.
    """
    picture = open_image(path, limits)
    if not is_near(picture.size, size):
        return None
    same = picture if picture.size == size else ImageOps.fit(picture, size, Image.Resampling.LANCZOS)
    save_png(same, target)
    return picture.size
