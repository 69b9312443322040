"""Numbers that remember how they were written: `price: 24.90` is a number to calculate with and "24.90" as a text."""

from __future__ import annotations

from typing import Any


class WrittenInt(int):
    """A whole number; `str` gives it as written, arithmetic gives plain numbers."""

    written: str

    def __new__(cls, written: str, value: int | None = None) -> WrittenInt:
        found = super().__new__(cls, int(written) if value is None else value)
        found.written = written
        return found

    def __str__(self) -> str:
        return self.written

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self.written, int(self)


class WrittenFloat(float):
    """The same for a number with decimals."""

    written: str

    def __new__(cls, written: str) -> WrittenFloat:
        found = super().__new__(cls, written)
        found.written = written
        return found

    def __str__(self) -> str:
        return self.written

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.written,)
