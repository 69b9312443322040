"""A written still opened again: what it is, by its own bytes, and how like the picture it was made from it looks."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from pressroom.domain.media import MediaInfo
from pressroom.media.encoding.ssim import luma, ssim
from pressroom.media.files.images import open_written
from pressroom.settings import MediaLimits


def reopen(path: Path, original: Image.Image, limits: MediaLimits) -> tuple[MediaInfo, float]:
    """Measure a written picture and its likeness (SSIM) to `original` in one reading that decodes everything.

    Raises Corrupt where the file cannot be opened or is damaged.
    """
    info, image = open_written(path, limits)
    wanted, found = luma(original), luma(image)
    return info, round(ssim(wanted, found), 4) if wanted.shape == found.shape else 0.0
