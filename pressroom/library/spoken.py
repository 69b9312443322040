"""A spoken question about the library, as a search: what is asked for remains, what is said around it goes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from pressroom.library.search_query import MAX_TERMS

_DATA: Final = Path(__file__).with_name("spoken_words.yaml")
_WORD: Final = re.compile(r"[^\W_]+")
_ENDINGS: Final = ("es", "en", "s", "n", "e")
_SHORTEST_STEM: Final = 4


@dataclass(frozen=True, slots=True)
class Question:
    """Of which kind of asset ("" for any), and the words that describe it, in small letters."""

    kind: str
    words: tuple[str, ...]

    def searches(self) -> Iterator[str]:
        """Texts to search for, the closest first: as it was said, then whatever the endings are. None without words."""
        if not self.words:
            return
        yield " ".join(self.words)
        stems = " ".join(_stem(word) for word in self.words)
        if "*" in stems:
            yield stems


def question_of(text: str) -> Question:
    """What a person or a voice has asked. The first kind that is named counts, and is no word of the description."""
    kinds, around = _spoken()
    said = _WORD.findall(text.casefold())
    kind = next((kinds[word] for word in said if word in kinds), "")
    words = tuple(word for word in said if word not in around and word not in kinds)
    return Question(kind, words[:MAX_TERMS])


def _stem(word: str) -> str:
    """The beginning that singular and plural share."""
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORTEST_STEM:
            return f"{stem}*"
    return f"{word}*" if len(word) >= _SHORTEST_STEM else word


@lru_cache(maxsize=1)
def _spoken() -> tuple[Mapping[str, str], frozenset[str]]:
    data: Mapping[str, Any] = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    kinds = {word: kind for kind, words in data["kinds"].items() for word in words}
    return kinds, frozenset(word for words in data["around"].values() for word in words)
