"""Long lists of names in a sentence: the first few, and how many more there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_NAMED: Final = 3


def few_of(names: Sequence[str]) -> str:
    """`a, b, c and 9 more`."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
