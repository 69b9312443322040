"""The fonts that an SVG's text asks for, and what stands in for those that are not in the package."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from pressroom.media.typography.fonts import bundled_fonts, fallback_fonts, find_font

_GENERIC: Final = frozenset(
    {"serif", "sans-serif", "monospace", "cursive", "fantasy", "system-ui", "inherit", "initial"}
)
_SERIF: Final = re.compile(
    r"times|georgia|garamond|palatino|baskerville|bodoni|minion|cambria|didot|caslon|serif", re.I
)
_MONO: Final = re.compile(r"mono|courier|consol|menlo|code|typewriter", re.I)
# Scripts whose letters join or change places, which the renderer gets wrong beside letters of another font.
_JOINED: Final = re.compile("[\u0600-\u08ff\u0900-\u0dff\ufb50-\ufdff\ufe70-\ufeff]")
_LATIN: Final = re.compile("[A-Za-z\u00c0-\u024f]")
_SLANTED: Final = re.compile("[\u0000-\u052f\u1d00-\u214f]")
_MOST_LETTERS: Final = 2_000  # different ones that are looked up


def with_stand_in(families: str) -> tuple[str, str | None]:
    """A font-family that always finds a face, and the first name of it where no face of the package has it."""
    names = [name.strip().strip("'\"") for name in families.split(",") if name.strip()]
    if not names or any(name.lower() in _available() for name in names):
        return families, None
    generic = next((name.lower() for name in names if name.lower() in _GENERIC), None)
    if generic is None:
        kind = "monospace" if _MONO.search(names[0]) else "serif" if _SERIF.search(names[0]) else "sans-serif"
        return f"{families}, {kind}", names[0]
    return families, None if names[0].lower() in _GENERIC else names[0]


def is_slanted(properties: Mapping[str, str]) -> bool:
    """Whether an element's letters are to be italic."""
    return properties.get("font-style", "").strip().lower().startswith(("italic", "oblique"))


def upright_alone(letters: set[str]) -> bool:
    """Whether any of the letters is of a script that no slanted face of the package has."""
    return any(letter.isalpha() and not _SLANTED.match(letter) for letter in letters)


def undrawable(letters: set[str]) -> str:
    """Those of the letters that no font of the package has, in order; the first of them where there are many."""
    beyond = sorted(letter for letter in letters if not letter.isascii() and not letter.isspace())
    if not beyond:
        return ""
    from pressroom.media.typography.text import drawable

    return drawable(" ".join(beyond[:_MOST_LETTERS]), find_font("sans"))[1]


def is_misshapen(text: str) -> bool:
    """Whether one text holds letters that the renderer cannot set beside each other."""
    return _JOINED.search(text) is not None and _LATIN.search(text) is not None


@cache
def _available() -> frozenset[str]:
    return frozenset(font.family.lower() for font in (*bundled_fonts(), *fallback_fonts()))
