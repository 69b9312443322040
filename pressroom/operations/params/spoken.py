"""How long words take to be said, known before anybody says them."""

from __future__ import annotations

import unicodedata

# Letters a second: English narration runs at about 150 words a minute of 6 characters; slow readers, at half of that.
USUAL, SLOWEST = 15.0, 7.5
_PAUSE_SECONDS = 1.0  # before and after
_SYLLABLE, _DIGIT = 3, 6  # letters that a Chinese character or a kana, and a digit, take as long as


def usual_seconds(text: str, speed: float) -> float:
    return _letters(text) / USUAL / speed


def most_seconds(text: str, speed: float) -> float:
    """A bound for whatever depends on the length: what is made of it is held for so many seconds."""
    return round(_letters(text) / SLOWEST / speed + _PAUSE_SECONDS, 1)


def _letters(text: str) -> int:
    """As many letters as take as long to be said."""
    return sum(_DIGIT if each.isdigit() else _SYLLABLE if _is_wide(each) else 1 for each in text)


def _is_wide(character: str) -> bool:
    return not character.isascii() and unicodedata.east_asian_width(character) in "WF"
