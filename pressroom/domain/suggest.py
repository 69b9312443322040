"""Did you mean: the nearest of the names that exist."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from itertools import islice
from typing import Final

CUTOFF: Final = 0.65
_MOST_NAMES: Final = 500  # comparing is slow: a misspelt name among thousands gets no suggestion
_MOST_CHARACTERS: Final = 80
_MOST_SHOWN: Final = 20
_MOST_WORDS: Final = 8
_SHORT: Final = 3  # letters of an abbreviation: ig, fb, yt
_PLURAL: Final = re.compile(r"(?<=\w{3})(?:ies|(?<!s)s)$")
_SEPARATORS: Final = re.compile(r"[\s._/,-]+")


def nearest(name: str, known: Iterable[str], cutoff: float = CUTOFF) -> str:
    """The known name that is most like this one; empty where none is alike. Several words are looked for one by one."""
    name, names = name[:_MOST_CHARACTERS], list(islice(known, _MOST_NAMES))
    by_words = [each for each in names if fits(name, each)] if len(_words(name)) > 1 else []
    found = by_words or difflib.get_close_matches(name, names, 1, cutoff)
    return found[0] if found else ""


def fits(text: str, name: str, also: Iterable[str] = ()) -> bool:
    """Whether every word of a search begins a word of the name or of `also`, in any order.

    One of two or three letters may also be short for the name's first word, as ig is for instagram.
    """
    parts = _words(name)
    others = [*parts, *(word for each in also for word in _words(each))]
    return all(
        any(other.startswith(word) for other in others) or (bool(parts) and _is_short_for(word, parts[0]))
        for word in _words(text)[:_MOST_WORDS]
    )


def mended(text: str, names: Iterable[str]) -> str:
    """The search with the nearest word of the names in place of each that begins none; empty where one is like none."""
    known = sorted({word for name in names for word in _words(name)})
    meant = [
        word if any(each.startswith(word) for each in known) else nearest(word, known)
        for word in _words(text)[:_MOST_WORDS]
    ]
    return " ".join(meant) if all(meant) else ""


def _words(text: str) -> list[str]:
    """In lower case and in the singular, so that `stories` finds `story`."""
    words = (word for word in _SEPARATORS.split(text.casefold()) if word)
    return [_PLURAL.sub(lambda found: "y" if found[0] == "ies" else "", word) for word in words]


def _is_short_for(word: str, name: str) -> bool:
    letters = iter(name[1:])
    return 1 < len(word) <= _SHORT and word[0] == name[:1] and all(letter in letters for letter in word[1:])


def did_you_mean(name: str, known: Iterable[object], what: str = "known") -> str:
    """`did you mean 'x'?`, else the names that there are: `known: a, b, c`."""
    names = [str(item) for item in known]
    near = nearest(name, names)
    if near:
        return f"did you mean {near!r}?"
    shown = ", ".join(names[:_MOST_SHOWN]) + (", …" if len(names) > _MOST_SHOWN else "")
    return f"{what}: {shown}" if names else "there are none"
