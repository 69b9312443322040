"""Text of users made harmless to print: what steers a terminal or turns the reading order is shown escaped."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

# Control, format, lone surrogates (bytes of a name that is not UTF-8), line and paragraph separators.
_ESCAPED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS: Final = "\u200c\u200d"  # words of Persian and Hindi and most emoji need them, and they move nothing
_PLAIN: Final = re.compile(r"[ -~]*")


def printable(text: str, *, keep: str = "") -> str:
    """The text with every character that does more than stand there as `\\x1b` or `\\u202e`; those in `keep` stay."""
    if _PLAIN.fullmatch(text) or text.isprintable():
        return text
    return "".join(char if char in keep else _shown(char) for char in text)


@lru_cache(maxsize=1024)
def _shown(char: str) -> str:
    if unicodedata.category(char) not in _ESCAPED_CATEGORIES or char in _JOINERS:
        return char
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # PEP 383: the byte that it stands for
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def printable_json(text: str) -> str:
    """JSON text in which such characters, which can only stand in its strings, are written as JSON escapes."""
    if _PLAIN.fullmatch(text) or text.replace("\n", "").isprintable():
        return text
    return "".join(char if char in "\n" or _shown(char) == char else _json_escape(char) for char in text)


def _json_escape(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def flaw_of(text: str) -> str:
    """Why no database takes the text; empty where each does."""
    if "\0" in text:
        return "holds the character NUL"  # PostgreSQL stores none
    return "" if is_utf8(text) else "holds half a character: a surrogate without its other half"


def is_utf8(name: str) -> bool:
    """Whether a name is text: one of an old disk may hold bytes that are no UTF-8, which plans and records cannot keep."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
