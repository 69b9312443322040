"""Lengths of SVG and CSS: in pixels, and in the units that the renderer knows."""

from __future__ import annotations

import math
import re
from typing import Final

NUMBER: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
# CSS Values and Units 4: 96 px to the inch; what depends on a font is taken for one of 16 px.
_PIXELS: Final = {
    "": 1.0,
    "px": 1.0,
    "pt": 4 / 3,
    "pc": 16.0,
    "mm": 96 / 25.4,
    "cm": 96 / 2.54,
    "q": 96 / 101.6,
    "in": 96.0,
    "em": 16.0,
    "ex": 8.0,
    "rem": 16.0,
    "ch": 8.0,
    "ic": 16.0,
    "cap": 11.0,
    "lh": 19.2,
    "rlh": 19.2,
}
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
    return number * _PIXELS[unit] if unit in _PIXELS else math.nan


def rendered(value: str, root: tuple[float, float]) -> str | None:
    """A list of lengths in units that the renderer knows; None where one of them is in no unit that can be told.

    Words (`auto`, `larger`) stay. `root` is the size of the drawing in pixels.
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
