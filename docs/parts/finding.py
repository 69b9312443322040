"""The filters of the library's search, and how its answer is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from docs.parts.markdown import table
from pressroom.library.search_words import NAMES, SHOWING


def filters() -> str:
    return _rows("filter", NAMES)


def showing() -> str:
    return _rows("name", SHOWING)


def _rows(head: str, names: Mapping[str, str]) -> str:
    return table((head, "what it says"), [(f"`{name}`", text) for name, text in names.items()])
