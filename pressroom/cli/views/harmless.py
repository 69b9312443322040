"""The console of every command: nothing of a user's that is printed can steer the terminal or turn its reading order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from pressroom.domain.printable import printable

WIDTH: Final = 80  # where nothing else is known


class HarmlessConsole(Console):
    """Escapes where text becomes segments: before they are wrapped and measured, after styles have been read."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if self.width < 1:  # COLUMNS=0 is how some programs say that nobody looks
            self.width = WIDTH

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(printable(segment.text, keep="\n"), segment.style)
