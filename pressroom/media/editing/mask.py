"""A mask as a vendor wants it: ours is white where the picture changes."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageOps

from pressroom.catalog.models import Mask
from pressroom.domain.errors import Permanent
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.images import flatten, inspect_image, open_image, save_png

_TWO_LEVELS = [0] * 128 + [255] * 128


def write_mask(
    mask: Path, picture: Path, changes: Mask, target: Path, limits: MediaLimits, max_bytes: int | None = None
) -> None:
    """Write the mask as a PNG of the picture's size, with what `changes` says standing for change.

    One of too many bytes loses its soft edges first. Raises Permanent where that is not enough, Corrupt for what is no picture.
    """
    shown = inspect_image(picture, limits)
    size = (shown.width or 0, shown.height or 0)
    level = flatten(open_image(mask, limits), "#000000").convert("L")
    if level.size != size:
        level = level.resize(size, Image.Resampling.BILINEAR)
    save_png(_standing_for(level, changes), target)
    if max_bytes is None or target.stat().st_size <= max_bytes:
        return
    save_png(_standing_for(level.point(_TWO_LEVELS), changes), target)
    if (weight := target.stat().st_size) > max_bytes:
        raise Permanent(f"the mask takes {weight:,} bytes, the model {max_bytes:,}", hint="draw it simpler, or smaller")


def _standing_for(level: Image.Image, changes: Mask) -> Image.Image:
    if changes == "white-changes":
        return level
    inverse = ImageOps.invert(level)
    if changes == "black-changes":
        return inverse
    black = Image.new("L", level.size)
    return Image.merge("RGBA", (black, black, black, inverse))
