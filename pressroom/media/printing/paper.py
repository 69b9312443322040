"""Sheets of paper in millimetres and pixels: trim, bleed, room for marks. No pixel library: planning asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

import pressroom.catalog

MM_PER_INCH = 25.4
MARK_GAP_MM, MARK_LENGTH_MM = 1.0, 5.0  # crop marks begin this far outside the bleed, so that no drift shows them
_SIZES = Path(pressroom.catalog.__file__).parent / "data" / "print_sizes.yaml"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Trimmed size and bleed in millimetres, at `dpi` pixels per inch."""

    width_mm: float
    height_mm: float
    bleed_mm: float
    dpi: int
    marks: bool = False

    @property
    def trim(self) -> tuple[int, int]:
        """Pixels of the trimmed sheet."""
        return self._pixels(self.width_mm), self._pixels(self.height_mm)

    @property
    def bleed(self) -> int:
        return self._pixels(self.bleed_mm)

    @property
    def picture(self) -> tuple[int, int]:
        """Pixels of the printed picture: trim and bleed."""
        return self.trim[0] + 2 * self.bleed, self.trim[1] + 2 * self.bleed

    @property
    def slug(self) -> int:
        """Pixels around the bleed that hold the marks."""
        return self._pixels(MARK_GAP_MM + MARK_LENGTH_MM) if self.marks else 0

    @property
    def whole(self) -> tuple[int, int]:
        """Pixels with bleed and marks."""
        return self.picture[0] + 2 * self.slug, self.picture[1] + 2 * self.slug

    def _pixels(self, millimetres: float) -> int:
        return round(millimetres / MM_PER_INCH * self.dpi)


@cache
def paper_sizes() -> dict[str, tuple[float, float]]:
    """Name (lower case) -> width and height in millimetres, upright."""
    rows = yaml.safe_load(_SIZES.read_text(encoding="utf-8"))["print_sizes"]
    return {row["name"].lower(): (float(row["width_mm"]), float(row["height_mm"])) for row in rows}
