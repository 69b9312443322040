"""Small capitals, which no font of the package has: made of smaller capitals, as browsers make them (CSS Fonts 4, 6.6)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape

SIZE: Final = "0.7em"  # what Chromium and Firefox take
_PROPERTIES: Final = ("font-variant-caps", "font-variant")
_ALL: Final = "all-small-caps"
_SOME: Final = "small-caps"


def told(properties: Mapping[str, str], inherited: str) -> str:
    """Which of its letters an element sets as small capitals: `small-caps`, `all-small-caps`, or none ("")."""
    for name in _PROPERTIES:
        words = properties.get(name, "inherit").lower().split()
        if words and words != ["inherit"]:
            return next((each for each in (_ALL, _SOME) if each in words), "")
    return inherited


def without(properties: Mapping[str, str]) -> dict[str, str]:
    """The properties that are left where the letters themselves have become small capitals."""
    return {name: value for name, value in properties.items() if name not in _PROPERTIES}


def lettered(text: str, kind: str) -> str:
    """The XML of a text set so; all of it is smaller where capitals are to be small as well."""
    if kind == _ALL:
        return _smaller(text)
    parts = (
        (is_small, "".join(letters)) for is_small, letters in groupby(text, lambda letter: letter.upper() != letter)
    )
    return "".join(_smaller(part) if is_small else escape(part) for is_small, part in parts)


def _smaller(text: str) -> str:
    return f'<tspan font-size="{SIZE}">{escape(text.upper())}</tspan>'
