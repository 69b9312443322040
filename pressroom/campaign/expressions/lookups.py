"""The expressions that nearly every campaign is made of, `{{ root.name.name }}`, read without Jinja2.

Importing Jinja2 takes longer than planning a small campaign; only texts that need more than look-ups pay for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pressroom.campaign.expressions.evaluate import look_up

ROOTS: Final = ("inputs", "brand", "each", "steps")

Scope = Mapping[str, Any]
Function = Callable[[Scope], Any]

_SIMPLE: Final = re.compile(rf"\{{\{{\s*({'|'.join(ROOTS)})((?:\.[A-Za-z][A-Za-z0-9_]*)+)\s*\}}\}}")


@dataclass(slots=True)
class Parsed:
    """Texts and functions in order, and every look-up with whether it may be missing."""

    parts: tuple[Any, ...] = ()
    whole: bool = False
    step: str | None = None
    lookups: list[tuple[tuple[str, ...], bool]] = field(default_factory=list)


def parse_simple(source: str) -> Parsed | None:
    """The parsed text when it holds look-ups only; None when it needs (or deserves the messages of) the full parser."""
    pieces = _SIMPLE.split(source)  # text, root, names, text, root, names, … text
    texts = pieces[::3]
    if len(pieces) == 1 or "\r" in source or any("{" in text for text in texts):
        return None
    paths = [(root, *names[1:].split(".")) for root, names in zip(pieces[1::3], pieces[2::3], strict=True)]
    whole = len(paths) == 1 and not any(text.strip() for text in texts)
    step = paths[0][1] if whole and paths[0][0] == "steps" and len(paths[0]) == 2 else None
    if step is None and any(path[0] == "steps" for path in paths):
        return None
    functions = [lookup(path[0], path[1:]) for path in paths]
    parts: list[Any] = [functions[0]] if whole else [texts[0]]
    if not whole:
        for function, text in zip(functions, texts[1:], strict=True):
            parts += [function, text]
    return Parsed(tuple(parts), whole, step, [(path, False) for path in paths])


def lookup(root: str, keys: tuple[str | int, ...]) -> Function:
    """The function for `root.key.key`: one dictionary access per key."""
    names = [".".join(map(str, (root, *keys[:number]))) for number in range(len(keys))]
    pairs = tuple(zip(keys, names, strict=True))

    def run(scope: Scope) -> Any:
        value: Any = scope.get(root, {})
        for key, name in pairs:
            value = value[key] if type(value) is dict and key in value else look_up(value, key, name)
        return value

    return run
