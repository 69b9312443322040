"""Files of words: UTF-8, bounded, and JSON where they say so."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

from pressroom.domain.errors import Corrupt
from pressroom.domain.media import Kind, MediaInfo, mime_of, suffix_of

MOST_BYTES = 1_000_000
MIMES = {suffix_of(name): mime_of(name) for name in ("txt", "json")}  # by suffix: words have no signature
_ALLOWED_CONTROLS = "\n\r\t"


def inspect_words(path: Path) -> MediaInfo:
    """A text that can be read. Raises Corrupt for bytes that are none, for too many, and for JSON that is none."""
    text = read_words(path)
    if path.suffix == suffix_of("json"):
        try:
            json.loads(text)
        except (ValueError, RecursionError) as exc:
            raise Corrupt(f"{path.name} is no JSON: {exc}", path=str(path)) from exc
    return MediaInfo(Kind.TEXT, MIMES[path.suffix], size_bytes=path.stat().st_size)


def read_words(path: Path) -> str:
    """The text of a file. Raises Corrupt for one that is empty, too large, or no text."""
    size = path.stat().st_size
    if not 0 < size <= MOST_BYTES:
        raise Corrupt(f"{path.name} has {size:,} bytes, a text has 1 to {MOST_BYTES:,}", path=str(path))
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as exc:
        raise Corrupt(f"{path.name} is no text: {exc.reason} at byte {exc.start}", path=str(path)) from exc
    strange = next((char for char in text if unicodedata.category(char) == "Cc" and char not in _ALLOWED_CONTROLS), "")
    if strange or not text.strip():
        raise Corrupt(
            f"{path.name} holds {f'control characters ({strange!r})' if strange else 'no words'}", path=str(path)
        )
    return text
