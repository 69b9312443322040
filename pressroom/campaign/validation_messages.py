"""What a validation error means, in the words of the person who wrote the campaign."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pressroom.campaign.expressions.evaluate import kind_of
from pressroom.campaign.written import WrittenFloat, WrittenInt
from pressroom.domain.errors import Problem
from pressroom.domain.suggest import nearest

Path = tuple[str | int, ...]
Groups = dict[Path, list[tuple[Path, ErrorDetails]]]  # by the place in the document: where exactly, and what

_TYPES: Final = {
    "string": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "dict": "a mapping",
    "model": "a mapping", "list": "a list", "tuple": "a list", "mapping": "a mapping", "decimal": "a number",
}  # fmt: skip
_LIMITS: Final = {
    "greater_than": ("above {}", "gt"),
    "greater_than_equal": ("{} or more", "ge"),
    "less_than": ("below {}", "lt"),
    "less_than_equal": ("{} or less", "le"),
    "multiple_of": ("a multiple of {}", "multiple_of"),
    "string_too_short": ("at least {} characters long", "min_length"),
    "string_too_long": ("at most {} characters long", "max_length"),
    "too_short": ("a list of at least {}", "min_length"),
    "too_long": ("a list of at most {}", "max_length"),
}
_PATTERNS: Final = {
    r"^[a-z][a-z0-9_-]{0,62}$": "a name of small letters, digits, - and _ that starts with a letter (at most 63)",
    r"^[a-z][a-z0-9_]{0,62}$": "a name of small letters, digits and _ that starts with a letter (at most 63)",
    r"^#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$": "a colour such as #1a2b3c",
}


def problems_of(exc: ValidationError, value: Any, model: type[BaseModel]) -> Iterator[Problem]:
    """One problem per wrong place, although a value that may be of several types fails once for each of them."""
    groups: Groups = {}
    for error in exc.errors(include_url=False):
        path, branch = _place(error, value)
        groups.setdefault(branch, []).append((path, error))
    for branch, errors in _without_misspelt(groups).items():
        deepest = max(len(path) for path, _ in errors)
        # The branch that got furthest is the one that was meant.
        chosen = [(path, error) for path, error in errors if len(path) == deepest] if branch else errors
        by_path: dict[Path, list[ErrorDetails]] = {}
        for path, error in chosen:
            by_path.setdefault(path, []).append(error)
        yield from (_problem(path, same, model) for path, same in by_path.items())


def _without_misspelt(groups: Groups) -> Groups:
    """Without the missing keys that are there under a misspelt name: one mistake is one problem."""
    absent: dict[Path, list[str]] = {}
    for path, errors in groups.items():
        if path and errors[0][1]["type"] == "missing":
            absent.setdefault(path[:-1], []).append(str(path[-1]))
    spared = set()
    for path, errors in groups.items():
        if path and path[:-1] in absent and errors[0][1]["type"] == "extra_forbidden":
            close = nearest(str(path[-1]), absent[path[:-1]])
            spared.add((*path[:-1], close))
    return {path: errors for path, errors in groups.items() if path not in spared}


def _place(error: ErrorDetails, value: Any) -> tuple[Path, Path]:
    """The path in the document, and the part of it before the first choice between types (all of it if there is none)."""
    path: list[str | int] = []
    branch: Path | None = None
    location = error["loc"]
    for number, part in enumerate(location):
        inside = isinstance(value, Mapping) and part in value
        if inside or (isinstance(value, list | tuple) and isinstance(part, int) and part < len(value)):
            path.append(part)
            value = value[part]
        elif error["type"] == "missing" and number == len(location) - 1:
            return (*path, part), branch if branch is not None else (*path, part)
        elif branch is None and part != "[key]":
            branch = tuple(path)
    return tuple(path), branch if branch is not None else tuple(path)


def _problem(path: Path, errors: Sequence[ErrorDetails], model: type[BaseModel]) -> Problem:
    first = errors[0]
    name = dotted(path)
    if first["type"] == "extra_forbidden":
        known = _keys_at(model, path[:-1])
        return _unknown_key(path, known)
    if first["type"] == "missing":
        parent = f" in {dotted(path[:-1])}" if len(path) > 1 else ""
        hint = f"add a line `{path[-1]}: …`"
        return Problem("missing_key", f"{str(path[-1])!r} is missing{parent}", hint, path=path)
    on_key = "[key]" in first["loc"]
    if on_key and first["type"] == "literal_error":
        known = _literals(first)
        return _unknown_key(path, known)
    shown = repr(path[-1]) if on_key else _shown(first["input"])
    choices = list(dict.fromkeys(literal for error in errors for literal in _literals(error)))
    wanted = list(dict.fromkeys(filter(None, map(_wanted, errors))))
    wanted += [f"one of {', '.join(choices)}"] if choices else []
    if not wanted:
        said = first["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
        said = said.replace("Input should", "must")
        hint = "" if _mentions(said, first["input"]) else f"got {shown}"
        return Problem("value", f"{name}: {said}", hint, path=path)
    hint = _value_hint(first["input"], wanted, choices)
    return Problem("value", f"{name} must be {' or '.join(wanted)}, got {shown}", hint, path=path, on_key=on_key)


def _unknown_key(path: Path, known: Sequence[str]) -> Problem:
    hint = _with_allowed(str(path[-1]), known)
    return Problem("unknown_key", f"unknown key {path[-1]!r}", hint, path=path, on_key=True)


def _value_hint(value: Any, wanted: Sequence[str], choices: Sequence[str]) -> str:
    close = nearest(value, choices) if isinstance(value, str) else ""
    if close:
        return f"did you mean {close!r}?"
    if list(wanted) != ["text"] or not isinstance(value, int | float | None):
        return ""
    return (
        'put quotes around it: "…"'
        if value is not None
        else "null, ~ and an empty value say nothing: put quotes around a text"
    )


def _wanted(error: ErrorDetails) -> str:
    """What the value must be, or nothing where the error says it better in its own words."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(context["pattern"], f"text like {context['pattern']}")
    if kind in _LIMITS:
        text, key = _LIMITS[kind]
        limit = context[key]
        return text.format(f"{limit:g}" if isinstance(limit, float) else limit)
    if kind == "finite_number":
        return "a finite number"
    if kind == "int_from_float":
        return _TYPES["int"]
    head, _, rest = kind.partition("_")
    return _TYPES.get(head, "") if rest in ("type", "parsing", "attributes_type", "parsing_size") else ""


def _literals(error: ErrorDetails) -> list[str]:
    expected = str(error.get("ctx", {}).get("expected", "")) if error["type"] in ("literal_error", "enum") else ""
    return [part.strip().strip("'") for part in expected.replace(" or ", ", ").split(",")] if expected else []


def _shown(value: Any) -> str:
    if isinstance(value, Mapping | list | tuple):
        return kind_of(value)
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value) if isinstance(value, WrittenInt | WrittenFloat) else repr(value)
    return text if len(text) <= 80 else f"{text[:76]}…{text[0] if isinstance(value, str) else ''}"


def _mentions(said: str, value: Any) -> bool:
    return isinstance(value, Mapping | list) or str(value) in said


def _with_allowed(name: str, known: Sequence[str]) -> str:
    close = nearest(name, known)
    return (f"did you mean {close!r}? " if close else "") + f"allowed: {', '.join(known)}"


def dotted(path: Iterable[str | int]) -> str:
    """`("steps", "hero", 0)` -> `steps.hero[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "the document"


def _keys_at(model: type[BaseModel], path: Path) -> list[str]:
    """Keys that a mapping at this path may have."""
    found: list[Any] = [model]
    for part in path:
        found = [inner for kind in found for inner in _inside(kind, part)]
    return list(dict.fromkeys(key for kind in found for key in keys_of(kind)))


def keys_of(kind: Any) -> list[str]:
    """The keys of a model as they are written in YAML."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return []
    return [field.alias or name for name, field in kind.model_fields.items()]


def _inside(kind: Any, part: str | int) -> Iterator[Any]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if part in (name, field.alias):
                yield from _alternatives(field.annotation)
    elif get_origin(kind) is dict:
        yield from _alternatives(get_args(kind)[1])
    elif get_origin(kind) in (list, tuple):
        yield from _alternatives(get_args(kind)[0])


def _alternatives(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType):
        for option in get_args(annotation):
            yield from _alternatives(option)
    else:
        yield annotation
