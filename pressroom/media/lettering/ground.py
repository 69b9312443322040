"""What words are painted on, by a scrim or on a panel."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ground:
    """What the words stand on: the text's colour, the scrim's colour and strength (0 is none), and the contrast reached."""

    text: str
    scrim: str
    strength: float
    contrast: float
    busy: bool = False
