"""One edit of a small picture, opened again by a reader that knows nothing of the code under test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pressroom.domain.operation import Brand
from pressroom.operations import OPERATIONS
from tests.support.workspaces import picture, workspace

BRAND = Brand("Varn & Vale", {"primary": "#1f3b2d", "accent": "#cc6a3c"})


def edit(
    name: str, folder: Path, source: Any, /, *, brand: Brand = BRAND, **params: Any
) -> tuple[np.ndarray, dict[str, Any]]:
    """The pixels that operation `name` makes of `source` (a file or an array), and the details it records."""
    path = source if isinstance(source, Path) else picture(folder, source)
    operation = OPERATIONS[name]
    assert operation.run is not None
    (made,) = operation.run(operation.params(image="image", **params), workspace(folder, {"image": path}, brand=brand))
    with Image.open(made.path) as image:
        assert image.format == "PNG"
        return np.asarray(image), made.details


def shaded(width: int = 120, height: int = 80) -> np.ndarray:
    """Different in every corner and every channel, with a texture, so that geometry and colours can be told."""
    y, x = np.mgrid[0:height, 0:width]
    texture = 12 * np.sin(x / 2.3) * np.cos(y / 3.1)
    channels = (x / width * 200 + 20, y / height * 200 + 20, (1 - x / width) * (y / height) * 200 + 20)
    return np.clip(np.dstack([channel + texture for channel in channels]), 0, 255).astype(np.uint8)


def with_alpha(pixels: np.ndarray) -> np.ndarray:
    """The same as a disc with a soft edge on nothing."""
    height, width = pixels.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    away = np.hypot(x - width / 2, y - height / 2) - min(width, height) * 0.4
    alpha = np.clip(128 - away * 64, 0, 255).astype(np.uint8)
    return np.dstack([pixels, alpha])


def linear(codes: Any) -> np.ndarray:
    """Linear light of sRGB codes (IEC 61966-2-1)."""
    value = np.asarray(codes, dtype=float) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
