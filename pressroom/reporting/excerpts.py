"""The beginnings of texts, as the contact sheet shows them on their cards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

from pressroom.domain.errors import PressroomError
from pressroom.domain.media import Kind
from pressroom.media.files.words import read_words
from pressroom.reporting.model import AssetReport

MOST_CHARACTERS: Final = 700


def excerpts_of(assets: Iterable[AssetReport]) -> Mapping[str, str]:
    """SHA-256 -> how the text begins. What cannot be read has none: a report must not fail over one text."""
    found: dict[str, str] = {}
    for asset in assets:
        if asset.kind is Kind.TEXT and asset.path is not None and asset.sha256 not in found:
            with suppress(PressroomError, OSError):
                found[asset.sha256] = _beginning(read_words(asset.path))
    return found


def _beginning(text: str) -> str:
    """At most so many characters, cut at the end of a word."""
    text = text.strip()
    if len(text) <= MOST_CHARACTERS:
        return text
    return f"{text[:MOST_CHARACTERS].rpartition(' ')[0] or text[:MOST_CHARACTERS]} …"
