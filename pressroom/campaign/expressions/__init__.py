"""`{{ … }}` in campaign texts: a subset of Jinja2 over `inputs`, `brand`, `each` and `steps`, without a way out.

Jinja2 parses all but plain look-ups; what is allowed of its syntax tree is turned into plain functions once and kept.
Nothing of a Python object is ever reachable: a dot looks up keys of mappings and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pressroom.campaign.expressions.evaluate import Missing, as_text, bounded, invalid
from pressroom.campaign.expressions.lookups import Parsed, parse_simple

MAX_SOURCE_CHARACTERS: Final = 10_000
CACHED_EXPRESSIONS: Final = 4_096


class Reference(NamedTuple):
    """What an expression looks up: `("inputs", "product")`, `("each", "scene")`, `("steps", "cutout")`."""

    root: str
    name: str


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled text with at least one `{{ }}`.

    `required` leaves out what stands only before `| default(…)` or `is defined`. `step_reference` is set when the whole
    text is one reference to a step. `paths` are the references with all their constant keys.
    """

    source: str
    references: frozenset[Reference]
    required: frozenset[Reference]
    paths: frozenset[tuple[str, ...]]
    step_reference: str | None
    parts: tuple[Any, ...]  # texts and functions of the scope
    whole: bool

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """The value as it is when the text is exactly one `{{ }}`, else text. Raises Invalid."""
        try:
            if self.whole:
                return bounded(self.parts[0](scope))
            return bounded("".join(part if type(part) is str else as_text(part(scope)) for part in self.parts))
        except Missing as exc:
            raise invalid(exc.message, exc.hint) from None


def has_expression(text: str) -> bool:
    """Whether a text must be compiled; every other text stands for itself."""
    return "{" in text and ("{{" in text or "{%" in text or "{#" in text)


@lru_cache(maxsize=CACHED_EXPRESSIONS)
def compile_expression(source: str) -> Expression:
    """Raises Invalid saying what of the text is not allowed."""
    if len(source) > MAX_SOURCE_CHARACTERS:
        hint = f"at most {MAX_SOURCE_CHARACTERS:,} are allowed with {{{{ }}}}"
        raise invalid(f"this text has {len(source):,} characters", hint)
    parsed = parse_simple(source) or _parse(source)
    return Expression(
        source=source,
        references=frozenset(Reference(*path[:2]) for path, _ in parsed.lookups),
        required=frozenset(Reference(*path[:2]) for path, optional in parsed.lookups if not optional),
        paths=frozenset(path for path, optional in parsed.lookups if not optional),
        step_reference=parsed.step,
        parts=parsed.parts,
        whole=parsed.whole,
    )


def _parse(source: str) -> Parsed:
    # Imported here because it imports Jinja2, which simple campaigns do without.
    from pressroom.campaign.expressions.parse import parse

    return parse(source)


def texts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text with an expression in nested mappings and lists, with its path."""
    if isinstance(value, str):
        if has_expression(value):
            yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts(item, (*path, key))
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from texts(item, (*path, number))


def references_in(value: Any, root: str) -> tuple[str, ...]:
    """Names that the expressions in nested mappings and lists look up under `root`, in the order written, each once.

    Raises Invalid for an expression that does not compile.
    """
    found: dict[str, None] = {}
    for _, text in texts(value):
        references = compile_expression(text).references
        found.update(dict.fromkeys(sorted(item.name for item in references if item.root == root)))
    return tuple(found)
