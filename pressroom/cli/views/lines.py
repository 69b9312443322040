"""Labelled lines: a word in a column of its own, the text beside it, wrapped under itself."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

LABEL_WIDTH = 8


def say(console: Console, label: str, text: str | Text, style: str = "bold") -> None:
    """Print one labelled text. Where nobody reads along (a pipe, a log) every line stays whole."""
    lines = text if isinstance(text, Text) else Text(text)
    if not console.is_terminal:
        below = Text("\n" + " " * (LABEL_WIDTH + 1))
        console.print(Text(f"{label:{LABEL_WIDTH}} ") + below.join(lines.split("\n")), soft_wrap=True)
        return
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=LABEL_WIDTH)
    grid.add_column(overflow="fold")
    grid.add_row(Text(label, style=style), lines)
    console.print(grid)


def say_path(console: Console, label: str, path: str, style: str = "bold") -> None:
    """A path is never broken, so that it can be clicked and copied."""
    console.print(Text.assemble((f"{label:{LABEL_WIDTH}} ", style), path), soft_wrap=True)


def counted(count: int, word: str) -> str:
    """`1 node`, `2 nodes`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"
