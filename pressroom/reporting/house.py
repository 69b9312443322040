"""Whose a report is, to be seen at once: name, logo and accents of the account."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pressroom.domain.media import data_uri, mime_of

_ACCENT: Final = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class House:
    """Accents are `#rrggbb` with the colour of words on each, `logo` is a small WebP; what is empty is as it comes."""

    name: str = ""
    accent: str = ""
    accent_ink: str = ""
    accent_dark: str = ""
    accent_dark_ink: str = ""
    logo: bytes = b""

    @property
    def picture(self) -> str:
        """The logo as a data URI; empty where there is none."""
        return data_uri(self.logo, mime_of("webp")) if self.logo else ""

    @property
    def rules(self) -> str:
        """The accents as a style sheet: after the page's own, which it overrides."""
        light, dark = _rules(self.accent, self.accent_ink), _rules(self.accent_dark, self.accent_dark_ink)
        return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}" if light and dark else ""


PLAIN: Final = House()


def _rules(accent: str, ink: str) -> str:
    """Nothing but colours gets into a style sheet."""
    good = _ACCENT.fullmatch(accent) and _ACCENT.fullmatch(ink)
    return f"--accent:{accent};--accent-ink:{ink}" if good else ""
