"""The console of every command: nothing of a user's that is printed can steer the terminal or turn its reading order."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from pressroom.domain.printable import printable


class HarmlessConsole(Console):
    """Escapes where text becomes segments: before they are wrapped and measured, after styles have been read."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(printable(segment.text, keep="\n"), segment.style)
