"""Numbers that remember how they were written: `price: 24.90` is a number to calculate with and "24.90" as a text."""

from __future__ import annotations

import math
import re
from typing import Any, Final

MAX_NUMBER_CHARACTERS: Final = 30

_INTEGER: Final = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)


class WrittenInt(int):
    """A whole number; `str` gives it as written, arithmetic gives plain numbers."""

    written: str

    def __new__(cls, written: str, value: int | None = None) -> WrittenInt:
        found = super().__new__(cls, int(written) if value is None else value)
        found.written = written
        return found

    def __str__(self) -> str:
        return self.written

    def __neg__(self) -> WrittenInt:
        return WrittenInt(_negated(self.written), -int(self))

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self.written, int(self)


class WrittenFloat(float):
    """The same for a number with decimals."""

    written: str

    def __new__(cls, written: str, value: float | None = None) -> WrittenFloat:
        found = super().__new__(cls, written if value is None else value)
        found.written = written
        return found

    def __str__(self) -> str:
        return self.written

    def __neg__(self) -> WrittenFloat:
        return WrittenFloat(_negated(self.written), -float(self))

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self.written, float(self)


def number_of(text: str) -> int | float | None:
    """The number that YAML 1.2 reads in a text, infinite or NaN too; None where it reads a text.

    Raises ValueError for one that is longer than any number that is meant.
    """
    whole = _INTEGER.fullmatch(text)
    if not whole and not _FLOAT.fullmatch(text):
        return None
    if len(text) > MAX_NUMBER_CHARACTERS:
        raise ValueError(f"a number of {len(text)} characters is too long")
    if whole:
        return WrittenInt(text, int(text, 0)) if text[:2] in ("0o", "0x") else WrittenInt(text)
    bare = text.lower().lstrip("+-")
    if bare in (".inf", ".nan"):
        return math.nan if bare == ".nan" else math.copysign(math.inf, -1 if text[0] == "-" else 1)
    return WrittenFloat(text)


def _negated(written: str) -> str:
    return written[1:] if written[0] == "-" else f"-{written.removeprefix('+')}"
