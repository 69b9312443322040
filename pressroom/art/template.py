"""What a template is: a name, a family, the words that choose it, the texts it sets, the shapes it suits, and its hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pressroom.art.brief import Brief
from pressroom.media.vector.canvas import Canvas


@dataclass(frozen=True, slots=True)
class Family:
    """Templates that serve one purpose. `words` in a prompt choose it."""

    name: str
    summary: str
    words: frozenset[str]
    # Drawings are read, not felt: on light ground unless the prompt or the brand says dark.
    drawing: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """One way to draw. `slots` are the texts it can set, `fonts` the headings it speaks in where the brand names none."""

    name: str
    family: str
    summary: str
    draw: Callable[[Canvas, Brief], None]
    words: frozenset[str] = frozenset()
    slots: tuple[str, ...] = ("title", "subtitle")
    narrowest: float = 0.4  # width divided by height
    widest: float = 4.0
    fonts: tuple[str, ...] = ("space-grotesk", "inter")

    def suits(self, ratio: float) -> bool:
        return self.narrowest <= ratio <= self.widest
