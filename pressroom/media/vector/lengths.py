"""Lengths of SVG and CSS: in pixels, and in the units that the renderer knows."""

from __future__ import annotations

import math
import re
from typing import Final

NUMBER: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
# CSS Values and Units 4: 96 px to the inch; what depends on the root's font is taken for one of 16 px where it says none.
USUAL_FONT: Final = 16.0
_PIXELS: Final = {
    "": 1.0,
    "px": 1.0,
    "pt": 4 / 3,
    "pc": 16.0,
    "mm": 96 / 25.4,
    "cm": 96 / 2.54,
    "q": 96 / 101.6,
    "in": 96.0,
}
# Of the size of the font, where a face says it of itself what most faces have.
_EMS: Final = {"em": 1.0, "ex": 0.5, "ch": 0.5, "ic": 1.0, "cap": 0.7, "lh": 1.2}
_ROOT_EMS: Final = {"rem": 1.0, "rlh": 1.2}
_OF_THE_ROOT: Final = {"vw": 0, "vi": 0, "vh": 1, "vb": 1}  # hundredths of its width or height
_RENDERED: Final = frozenset({"", "px", "pt", "pc", "mm", "cm", "in", "em", "ex", "%"})
_LENGTH: Final = re.compile(rf"({NUMBER.pattern})\s*([a-zA-Z]+|%)?")
_MOST_LETTERS: Final = 64  # of one length
# Attributes and properties that hold a length or a list of them.
_LENGTHS = """
    x y width height cx cy r rx ry x1 y1 x2 y2 fx fy fr dx dy refX refY markerWidth markerHeight textLength startOffset
    stroke-width stroke-dasharray stroke-dashoffset font-size letter-spacing word-spacing baseline-shift
"""
LENGTHS: Final = frozenset(_LENGTHS.split())


def numbers(text: str) -> list[float]:
    """Every number of a text, in order."""
    return [float(match) for match in NUMBER.findall(text)]


def pixels(value: str, whole: float) -> float:
    """One length in pixels; a percentage is of `whole`. NaN for what is no length."""
    match = _length(value.strip())
    if match is None:
        return math.nan
    number, unit = float(match[1]), (match[2] or "").lower()
    if unit == "%":
        return whole * number / 100
    ems = (_EMS | _ROOT_EMS).get(unit, math.nan)
    return number * _PIXELS.get(unit, ems * USUAL_FONT)


def rendered(value: str, root: tuple[float, float], root_font: float = USUAL_FONT) -> str | None:
    """A list of lengths in units that the renderer knows; None where one of them is in no unit that can be told.

    Words (`auto`, `larger`) stay. `root` is the size of the drawing in pixels, `root_font` that of its font.
    """
    said = []
    for token in [value.strip()] if _length(value.strip()) else value.replace(",", " ").split():
        match = _length(token)
        unit = (match[2] or "").lower() if match else ""
        if match is None:
            if not token.replace("-", "").isalpha():
                return None
            said.append(token)
        elif unit in _RENDERED:
            said.append(match[1] + unit)
        elif unit in _PIXELS:
            said.append(_text(float(match[1]) * _PIXELS[unit]))
        elif unit in _EMS:
            said.append(_text(float(match[1]) * _EMS[unit]) + "em")
        elif unit in _ROOT_EMS:
            said.append(_text(float(match[1]) * _ROOT_EMS[unit] * root_font))
        elif unit in (*_OF_THE_ROOT, "vmin", "vmax"):
            of = {"vmin": min(root), "vmax": max(root)}.get(unit) or root[_OF_THE_ROOT.get(unit, 0)]
            said.append(_text(float(match[1]) * of / 100))
        else:
            return None
    return " ".join(said)


def _length(token: str) -> re.Match[str] | None:
    return _LENGTH.fullmatch(token) if len(token) <= _MOST_LETTERS else None


def _text(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")
