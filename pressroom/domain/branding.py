"""How an account looks to its people and guests: a name, a logo, and a colour for light pages and one for dark ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

MAX_NAME_LENGTH: Final = 60


class Scheme(StrEnum):
    LIGHT = "light"
    DARK = "dark"


# What words in the accent stand on in pages: the card, the paper, and the well below the pointer.
GROUNDS: Final[Mapping[Scheme, tuple[str, ...]]] = {
    Scheme.LIGHT: ("#ffffff", "#f6f4ef", "#efece5"),
    Scheme.DARK: ("#1d1b18", "#141311", "#262420"),
}
WELL_SHARE: Final = 0.12  # of the accent in what lies below words in it


@dataclass(frozen=True, slots=True)
class Branding:
    """Colours are `#rrggbb`; what is empty is as it comes. `logo` is an asset's id, `logo_sha256` that of its file."""

    name: str = ""
    accent: str = ""
    accent_dark: str = ""
    logo: str = ""
    logo_sha256: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {"name": self.name, "accent": self.accent, "accent_dark": self.accent_dark, "logo": self.logo or None}
