"""Pictures for vendors and of vendors: in the shape that they are to have, in the size that was ordered."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageOps

from pressroom.domain.media import Kind
from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.near_size import SAME_SHAPE, cropped, is_near
from pressroom.media.editing.sizes import ratio_size
from pressroom.media.files.images import open_image, save_png
from pressroom.media.files.sniff import sniff_file


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


def cropped_to(path: Path, ratio: float, target: Path, limits: MediaLimits) -> Path:
    """`target`, with the picture's middle in that shape (width / height); `path` where it has it already, or is no picture."""
    found = sniff_file(path)
    if found is None or found.kind is not Kind.IMAGE:
        return path
    picture = open_image(path, limits)
    size = ratio_size(picture.size, ratio)
    if cropped(picture.size, size) <= SAME_SHAPE:
        return path
    left, top = (picture.width - size[0]) // 2, (picture.height - size[1]) // 2
    save_png(picture.crop((left, top, left + size[0], top + size[1])), target)
    return target
