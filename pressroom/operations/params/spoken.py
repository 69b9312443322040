"""How long words take to be said, known before anybody says them."""

from __future__ import annotations

# Letters a second: English narration runs at about 150 words a minute of 6 characters; slow readers, at half of that.
USUAL, SLOWEST = 15.0, 7.5
_PAUSE_SECONDS = 1.0  # before and after


def usual_seconds(text: str, speed: float) -> float:
    return len(text) / USUAL / speed


def most_seconds(text: str, speed: float) -> float:
    """A bound for whatever depends on the length: what is made of it is held for so many seconds."""
    return round(len(text) / SLOWEST / speed + _PAUSE_SECONDS, 1)
