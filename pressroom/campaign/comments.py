"""Values that YAML takes for comments, because `#` begins one: `primary: #1f3b2d` says nothing at all."""

from __future__ import annotations

import re
from typing import Final

_VALUE: Final = re.compile(r"[ \t]*(?::[ \t]+)?(?<=[ \t])(#[^\s#]\S*)")
# Quoted texts first, so that a # in them is none; words next, so that an apostrophe in one opens no quotes.
_TOKEN: Final = re.compile(
    r"""(?:(?<=[\s\[{,:])|^)(?:"(?:\\.|[^"\\])*"|'[^']*')|(?:(?<=[\s\[{,])|^)(?P<comment>\#[^\n]*)|[^\s\[\]{},"']+|.""",
    re.VERBOSE | re.DOTALL,
)
_IN_BRACKETS: Final = re.compile(r"#[^\s#,\[\]{}]+")


def swallowed_value(line: str, column: int) -> tuple[str, int] | None:
    """The value after a key that ends at `column`, if YAML reads it as a comment, and its own column; both from 0."""
    found = _VALUE.match(line, column)
    return (found[1], found.start(1)) if found else None


def swallowed_in_brackets(text: str) -> tuple[str, int] | None:
    """The first value in a text from a [ or { on that YAML reads as a comment, often with a , ] or } behind it.

    Its second part is where it begins in the text.
    """
    for token in _TOKEN.finditer(text):
        comment = token["comment"] or ""
        value = _IN_BRACKETS.match(comment)
        in_place_of_a_value = text[: token.start()].rstrip(" \t").endswith(":")
        if value and (in_place_of_a_value or set(comment[value.end() :]) & set(",]}")):
            return value[0], token.start("comment")
    return None
