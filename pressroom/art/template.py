"""What a template is: a name, a family, the words that choose it, the texts it sets, the shapes it suits, and its hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pressroom.art.brief import Brief
from pressroom.media.vector.canvas import Canvas

ENOUGH = 3  # so many words speak for a family that none of them need be sure


@dataclass(frozen=True, slots=True)
class Family:
    """Templates that serve one purpose. `words` in a prompt choose it, but only beside one of `needs` where there are any."""

    name: str
    summary: str
    words: frozenset[str]
    # Drawings are read, not felt: on light ground unless the prompt or the brand says dark.
    drawing: bool = False
    scenic: bool = False  # shows what the prompt describes, so that the description need not be read
    needs: frozenset[str] = frozenset()

    def hits(self, words: Sequence[str]) -> int:
        """How many of the prompt's words speak for it."""
        found = sum(word in self.words for word in words)
        return found if not self.needs or self.needs & set(words) or found >= ENOUGH else 0


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
