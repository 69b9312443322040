"""Pictures with words laid over them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pressroom.catalog.load import load_catalog
from pressroom.domain.media import Made
from pressroom.domain.operation import Brand
from pressroom.operations.overlay import OverlayParams, run
from tests.support.workspaces import picture, workspace

PLACEMENTS = load_catalog().placements
POSITIONS = ["top", "center", "bottom", "left", "right", "top_left", "top_right", "bottom_left", "bottom_right"]


def one_colour(width: int, height: int, color: tuple[int, int, int]) -> np.ndarray[Any, Any]:
    return np.full((height, width, 3), color, dtype=np.uint8)


def busy(width: int, height: int) -> np.ndarray[Any, Any]:
    """A checkerboard of 12 pixels: the unkindest ground there is."""
    rows, columns = np.indices((height, width)) // 12
    return np.repeat((((rows + columns) % 2) * 255).astype(np.uint8)[..., None], 3, axis=2)


def overlay(folder: Path, pixels: Any, *, logo: str | None = None, brand: Brand | None = None, **params: Any) -> Made:
    brand = brand or Brand()
    files = {}
    if logo is not None:
        files["logo"] = folder / "logo.svg"
        files["logo"].write_text(logo, encoding="utf-8")
        brand = replace(brand, logo="logo")
    work = workspace(folder, {"image": picture(folder, pixels)}, brand=brand)
    (made,) = run(OverlayParams(image="image", **params), replace(work, placements=PLACEMENTS, files=files))
    return made


def changed(made: Made, pixels: np.ndarray[Any, Any]) -> tuple[int, int, int, int]:
    """The box of everything that differs from the flat picture: left, top, right, bottom."""
    with Image.open(made.path) as image:
        differs = np.abs(np.asarray(image.convert("RGB")).astype(int) - pixels).max(axis=2) > 8
    rows, columns = np.nonzero(differs)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1
