"""Measure, wrap and fit text with real font metrics, so that nothing drawn later overflows or is cut in silence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pressroom.media.fonts import FontFile, bundled_fonts

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

# Outlines scale linearly, so everything is measured once at this size, where rounding to 1/64 px is nothing.
REFERENCE_PIXELS = 1000
# Large enough to tell a letter from the box that stands for a missing one, small enough to draw thousands.
SHAPE_PIXELS = 32
# Renderers kern and shape where this module does not: measured differences stay below 2 %.
SLACK = 1.02
DEFAULT_LEADING = 1.2

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(r"[^\S\n]+")


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Text broken into lines at one size, all lengths in pixels.

    `ascent` and `descent` are what the ink needs over the first and under the last baseline.
    """

    lines: tuple[str, ...]
    font: FontFile
    size: float
    leading: float
    width: float
    ascent: float
    descent: float

    @property
    def line_height(self) -> float:
        return self.size * self.leading

    @property
    def height(self) -> float:
        return self.ascent + self.descent + (len(self.lines) - 1) * self.line_height

    def baselines(self, top: float) -> tuple[float, ...]:
        """Where each line's baseline is when the block's ink starts at `top`."""
        return tuple(top + self.ascent + index * self.line_height for index in range(len(self.lines)))


def clean_text(text: str) -> str:
    """Text as it may stand in XML: no control characters or direction overrides, composed, single spaces."""
    composed = unicodedata.normalize("NFC", _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    lines = (_SPACES.sub(" ", line).strip() for line in composed.split("\n"))
    return "\n".join(line for line in lines if line)


def drawable(text: str, font: FontFile) -> tuple[str, str]:
    """The text without what neither `font` nor any bundled font can draw, and those characters (once each)."""
    cleaned = clean_text(text)
    missing = {char for char in cleaned if not char.isspace() and not _covered(char, font)}
    kept = "".join(char for char in cleaned if char not in missing)
    return clean_text(kept), "".join(dict.fromkeys(char for char in cleaned if char in missing))


def measure(text: str, font: FontFile, size: float) -> float:
    """Width in pixels of one line, never less than what is drawn."""
    return _width(text, font) * size * SLACK


def wrap(text: str, font: FontFile, size: float, width: float) -> tuple[str, ...] | None:
    """Lines that fit `width`, breaking at spaces and newlines; None when a single word is wider."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        words = paragraph.split(" ")
        current = words[0]
        for word in words[1:]:
            if measure(f"{current} {word}", font, size) <= width:
                current = f"{current} {word}"
            else:
                lines.append(current)
                current = word
        lines.append(current)
    if any(measure(line, font, size) > width for line in lines):
        return None
    return tuple(lines)


def set_text(lines: Sequence[str], font: FontFile, size: float, leading: float = DEFAULT_LEADING) -> TextBlock:
    """A block of lines that are already broken."""
    ascent = max((_ink(line, font)[0] for line in lines[:1]), default=0.0)
    descent = max((_ink(line, font)[1] for line in lines[-1:]), default=0.0)
    width = max((measure(line, font, size) for line in lines), default=0.0)
    return TextBlock(tuple(lines), font, size, leading, width, ascent * size, descent * size)


def fit(
    text: str,
    font: FontFile,
    box: tuple[float, float],
    sizes: tuple[float, float],
    *,
    max_lines: int,
    leading: float = DEFAULT_LEADING,
) -> TextBlock | None:
    """The text at the largest size between `sizes` (smallest, largest) that fits `box` in at most `max_lines` lines.

    Lines are balanced. None when it does not fit at the smallest size: nothing is ever shortened.
    """
    smallest, largest = sizes
    best = _at_size(text, font, box, smallest, max_lines, leading)
    if best is None:
        return None
    low, high = smallest, max(smallest, largest)
    if (whole := _at_size(text, font, box, high, max_lines, leading)) is not None:
        return whole
    while high - low > max(0.25, low / 200):
        middle = (low + high) / 2
        block = _at_size(text, font, box, middle, max_lines, leading)
        if block is None:
            high = middle
        else:
            best, low = block, middle
    return best


def _at_size(
    text: str, font: FontFile, box: tuple[float, float], size: float, max_lines: int, leading: float
) -> TextBlock | None:
    lines = wrap(text, font, size, box[0])
    if lines is None or len(lines) > max_lines:
        return None
    block = set_text(_balanced(text, lines, font, size, box[0]), font, size, leading)
    return block if block.height <= box[1] else None


def _balanced(text: str, lines: tuple[str, ...], font: FontFile, size: float, width: float) -> tuple[str, ...]:
    """The same number of lines in the narrowest measure, so that no last word stands alone."""
    if len(lines) == 1:
        return lines
    low, high = width / len(lines) / 2, width
    for _ in range(8):
        middle = (low + high) / 2
        tried = wrap(text, font, size, middle)
        if tried is not None and len(tried) == len(lines):
            lines, high = tried, middle
        else:
            low = middle
    return lines


@lru_cache(maxsize=64)
def _font(path: Path, size: int = REFERENCE_PIXELS) -> FreeTypeFont:
    from PIL import ImageFont

    # Basic layout: the same widths on machines with and without the shaping library.
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=65536)
def _has(char: str, path: Path) -> bool:
    if char.isascii() or unicodedata.combining(char) or unicodedata.category(char) in ("Zs", "Cf"):
        return True
    font = _font(path, SHAPE_PIXELS)
    missing = font.getmask("\uffff")
    drawn = font.getmask(char)
    return bytes(drawn) != bytes(missing) if drawn.size == missing.size else True


def _covered(char: str, font: FontFile) -> bool:
    return _has(char, font.path) or any(_has(char, other.path) for other in bundled_fonts())


@lru_cache(maxsize=65536)
def _width(text: str, font: FontFile) -> float:
    """Width at size 1. Where the font lacks letters renderers change fonts, so the widest candidate counts."""
    own = _font(font.path).getlength(text) / REFERENCE_PIXELS
    if text.isascii() or all(_has(char, font.path) for char in text):
        return own
    stand_ins = [other.path for other in bundled_fonts()]
    return max(own, sum(max(_advance(char, path) for path in stand_ins) for char in text))


@lru_cache(maxsize=65536)
def _advance(char: str, path: Path) -> float:
    return _font(path).getlength(char) / REFERENCE_PIXELS if _has(char, path) else 0.0


@lru_cache(maxsize=4096)
def _ink(line: str, font: FontFile) -> tuple[float, float]:
    """Ink above and below the baseline at size 1, with room for stand-in letters of other fonts."""
    paths = {font.path} if line.isascii() else {font.path, *(other.path for other in bundled_fonts())}
    boxes = [_font(path).getbbox(line, anchor="ls") for path in sorted(paths)]
    return max(-box[1] for box in boxes) / REFERENCE_PIXELS, max(0.0, max(box[3] for box in boxes) / REFERENCE_PIXELS)
