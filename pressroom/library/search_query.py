"""What a person types into the search box, as a query of FTS5 or of PostgreSQL.

Words must all occur; "two words" stand together; -word must not occur; word* is a beginning. Everything else is a
separator, so no input can be a syntax error or reach another column.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pressroom.domain.errors import Invalid

MAX_TERMS: Final = 32
_TERM: Final = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_SEPARATORS: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand together; the last may be a beginning."""

    words: tuple[str, ...]
    is_prefix: bool = False
    negated: bool = False


def terms(text: str) -> tuple[Term, ...]:
    """Raises Invalid when there is nothing to look for, or too much."""
    found = tuple(term for term in map(_term, _TERM.finditer(text)) if term.words)
    if not any(not term.negated for term in found):
        raise Invalid(f"nothing to search for in {text[:50]!r}", hint="give at least one word without a minus")
    if len(found) > MAX_TERMS:
        raise Invalid(f"a search takes {MAX_TERMS} words, this one has {len(found)}")
    return found


def fts5(found: tuple[Term, ...], columns: str, owner: str) -> str:
    """A MATCH expression over `columns`, of assets with the word of their owner."""
    wanted = " AND ".join(_fts5_term(term) for term in found if not term.negated)
    unwanted = " OR ".join(_fts5_term(term) for term in found if term.negated)
    query = f'{{{columns}}} : ({wanted}) AND owner : "{owner}"'
    return f"({query}) NOT ({{{columns}}} : ({unwanted}))" if unwanted else query


def tsquery(found: tuple[Term, ...], weight: str = "") -> str:
    """The text for to_tsquery('simple', ...), of words of any weight or of this."""
    return " & ".join(("!" if term.negated else "") + _tsquery_term(term, weight) for term in found)


def _term(match: re.Match[str]) -> Term:
    text = match["phrase"] if match["phrase"] is not None else match["word"]
    words = tuple(word for word in _SEPARATORS.split(text) if word)
    return Term(words, is_prefix=text.endswith("*"), negated=bool(match["minus"]))


def _fts5_term(term: Term) -> str:
    return f'"{" ".join(term.words)}"' + (" *" if term.is_prefix else "")


def _tsquery_term(term: Term, weight: str) -> str:
    *before, last = (f"'{word}'" for word in term.words)
    marks = weight + "*" * term.is_prefix
    parts = [f"{word}:{weight}" if weight else word for word in before]
    return "(" + " <-> ".join([*parts, f"{last}:{marks}" if marks else last]) + ")"
