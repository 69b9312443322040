"""Labelled lines: a word in a column of its own, the text beside it, wrapped under itself."""

from __future__ import annotations

import re

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from pressroom.domain.printable import printable

LABEL_WIDTH = 8
LEAST_WIDTH = 20  # below this many columns for the text, wrapping helps nobody

_WORD = re.compile(r"\s*\S+\s*")


def say(console: Console, label: str, text: str | Text, style: str = "bold") -> None:
    """Print one labelled text. Where nobody reads along (a pipe, a log) every line stays whole."""
    whole = text if isinstance(text, Text) else Text(printable(text, keep="\n"))
    width = console.width - LABEL_WIDTH - 1
    is_wrapped = console.is_terminal and width >= LEAST_WIDTH
    lines = wrapped(whole, width) if is_wrapped else whole.split("\n")
    below = Text("\n" + " " * (LABEL_WIDTH + 1))
    console.print(Text.assemble((f"{label:{LABEL_WIDTH}} ", style), below.join(lines)), soft_wrap=True)


def wrapped(text: Text, width: int) -> list[Text]:
    """Lines broken at blanks only: what is longer than a line (a path, an id) stays whole."""
    lines = [line for part in text.split("\n") for line in part.divide(_breaks(part.plain, width))]
    for line in lines:
        line.rstrip()
    return lines


def _breaks(text: str, width: int) -> list[int]:
    """Where lines of at most `width` columns end; rich's own wrapping breaks long words or cuts them."""
    found, used = [], 0
    for word in _WORD.finditer(text):
        if used and used + cell_len(word[0].rstrip()) > width:
            found.append(word.start())
            used = 0
        used += cell_len(word[0])
    return found


def say_path(console: Console, label: str, path: str, style: str = "bold") -> None:
    """A path is never broken, so that it can be clicked and copied."""
    console.print(Text.assemble((f"{label:{LABEL_WIDTH}} ", style), printable(path)), soft_wrap=True)


def counted(count: int, word: str) -> str:
    """`1 node`, `2 nodes`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"
