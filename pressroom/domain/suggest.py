"""Did you mean: the nearest of the names that exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import islice
from typing import Final

CUTOFF: Final = 0.6
_MOST_NAMES: Final = 500  # comparing is slow: a misspelt name among thousands gets no suggestion
_MOST_CHARACTERS: Final = 80
_MOST_SHOWN: Final = 20


def nearest(name: str, known: Iterable[str], cutoff: float = CUTOFF) -> str:
    """The known name that is most like this one; empty where none is alike."""
    found = difflib.get_close_matches(name[:_MOST_CHARACTERS], list(islice(known, _MOST_NAMES)), 1, cutoff)
    return found[0] if found else ""


def did_you_mean(name: str, known: Iterable[object], what: str = "known") -> str:
    """`did you mean 'x'?`, else the names that there are: `known: a, b, c`."""
    names = [str(item) for item in known]
    near = nearest(name, names)
    if near:
        return f"did you mean {near!r}?"
    shown = ", ".join(names[:_MOST_SHOWN]) + (", …" if len(names) > _MOST_SHOWN else "")
    return f"{what}: {shown}" if names else "there are none"
