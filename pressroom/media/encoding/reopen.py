"""A written still opened again: what it is, by its own bytes, and how like the picture it was made from it looks."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from pressroom.domain.media import MediaInfo
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.encoding.ssim import likeness
from pressroom.media.files.images import open_written


def reopen(path: Path, original: Image.Image, limits: MediaLimits) -> tuple[MediaInfo, float]:
    """Measure a written picture and its likeness (SSIM) to `original` in one reading that decodes all of it.

    Raises Corrupt where the file cannot be opened or is damaged.
    """
    info, image = open_written(path, limits)
    return info, round(likeness(original, image), 4)
