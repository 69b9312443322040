"""Workspaces for operations under test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.operation import Brand, Workspace


def workspace(folder: Path, inputs: Mapping[str, Path], *, brand: Brand | None = None, **limits: Any) -> Workspace:
    """A workspace with an empty output folder of its own."""
    number = len(list(folder.glob("out-*")))
    target = folder / f"out-{number}"
    target.mkdir()
    return Workspace(target, inputs, {}, brand or Brand(), {}, MediaLimits(**limits), ffmpeg="")


def picture(folder: Path, pixels: Any, name: str = "input.png", mode: str | None = None) -> Path:
    """The pixels (uint8, or floats in 0..1) written to a file, converted to `mode` where given."""
    values = np.asarray(pixels)
    if values.dtype != np.uint8:
        values = np.clip(np.rint(values * 255), 0, 255).astype(np.uint8)
    image = Image.fromarray(values)
    path = folder / name
    (image.convert(mode) if mode else image).save(path)
    return path
