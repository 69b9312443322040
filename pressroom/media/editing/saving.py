"""The last step of every edit that ends in a PNG."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

from pressroom.domain.media import Made, mime_of
from pressroom.media.files.images import save_png


def saved(image: Image.Image, target: Path, **details: Any) -> Made:
    """Write an RGB or RGBA picture as `target`. Whoever makes a node opens it again and checks it."""
    save_png(image, target)
    return Made(target, mime_of("png"), details=details)
