"""The faces of one picture: the brand's fonts where it has some, bundled ones else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pressroom.media.typography.fonts import FontFile, find_font, load_user_font

if TYPE_CHECKING:
    from pressroom.domain.operation import Brand

HEADING_WEIGHT = 700
STRONG_WEIGHT = 600


@dataclass(frozen=True, slots=True)
class Fonts:
    """One face for each job."""

    heading: FontFile
    body: FontFile
    strong: FontFile
    mono: FontFile

    def all(self) -> tuple[FontFile, ...]:
        return self.heading, self.body, self.strong, self.mono


def fonts_for(brand: Brand | None, files: Mapping[str, Path], heading: str = "inter") -> Fonts:
    """The brand's fonts; `heading` is used where the brand names none. Raises Corrupt for a damaged font file."""
    named = brand.fonts if brand is not None else {}
    body = named.get("body", "inter")
    return Fonts(
        _face(named.get("heading", heading), files, HEADING_WEIGHT),
        _face(body, files, 400),
        _face(body, files, STRONG_WEIGHT),
        find_font("mono", 400),
    )


def _face(name: str, files: Mapping[str, Path], weight: int) -> FontFile:
    if name in files:
        return load_user_font(files[name], weight)
    return find_font(name, weight)
