"""What CSV and JSON tables have in common: raw rows with their lines, and what makes a table unusable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

MAX_COLUMNS: Final = 200
MAX_CELL_CHARACTERS: Final = 10_000  # what one expression may give


@dataclass(frozen=True, slots=True)
class RawRow:
    """The cells of one row by column, the line where it starts, and why it is refused (alone) if it is."""

    values: dict[str, Any]
    line: int
    wrong: str = ""
    hint: str = ""


class UnusableTable(Exception):
    """The whole file cannot be used."""

    def __init__(self, message: str, hint: str = "", line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message, self.hint, self.line, self.column = message, hint, line, column


def too_long(values: dict[str, Any]) -> tuple[str, str]:
    """Which cell is too long to be meant and what to do about it; empty where none is."""
    for column, value in values.items():
        if isinstance(value, str) and len(value) > MAX_CELL_CHARACTERS:
            return (
                f"{column!r} has {len(value):,} characters, at most {MAX_CELL_CHARACTERS:,} are allowed",
                "shorten it",
            )
    return "", ""
