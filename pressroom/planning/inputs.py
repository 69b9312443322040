"""The campaign's inputs: what the caller passed, typed and checked, over the defaults."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from pressroom.campaign.document import read_document
from pressroom.campaign.expressions.evaluate import DECIMAL_COMMA
from pressroom.campaign.models import Campaign, InputSpec
from pressroom.campaign.paths import MediaPath, is_pattern, is_reference
from pressroom.campaign.written import WrittenFloat, number_of
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.media import Kind
from pressroom.domain.printable import flaw_of
from pressroom.domain.suggest import did_you_mean, nearest
from pressroom.planning.plan import Files

LIST_SYNTAX: Final = 'write a, b or [a, "b, with a comma"]'
_MOST_FLAWS: Final = 20  # of the files of one input
MEDIA = {"image": Kind.IMAGE, "video": Kind.VIDEO, "audio": Kind.AUDIO}


def resolve_inputs(
    campaign: Campaign, given: Mapping[str, Any], files: Files, max_items: int = 10_000
) -> tuple[dict[str, Any], list[Problem]]:
    """Values by input name. Text from a command line is converted to the input's type; media stay paths."""
    problems: list[Problem] = []
    for name in given:
        if name not in campaign.inputs:
            known = did_you_mean(name, campaign.inputs, "inputs")
            message = f"the campaign has no input {name!r}"
            problems.append(Problem("unknown_input", message, known, file=_passed(name), path=("inputs",)))
    values: dict[str, Any] = {}
    for name, spec in campaign.inputs.items():
        value = given.get(name, spec.default)
        if value is None:
            message, hint = f"input {name!r} is required", f"pass -i {name}=VALUE"
            problems.append(Problem("missing_input", message, hint, path=("inputs", name)))
            continue
        try:
            values[name] = _expanded(_typed(value, spec), spec, files, max_items)
            _check(name, values[name], spec, files)
        except (ValueError, Invalid) as exc:
            problems.append(
                Problem("input", str(exc), file=_passed(name), path=("inputs", name))
                if name in given
                else Problem("input", f"input {name!r}: {exc}", path=("inputs", name, "default"))
            )
            values.setdefault(name, value)
    return values, problems


def _passed(name: str) -> str:
    """Where a person looks for a wrong value that was passed: not in the campaign's file."""
    return f"-i {name}"


def located_inputs(campaign: Campaign, given: Mapping[str, Any], base: Path | None) -> dict[str, Any]:
    """The given values, with relative paths of media inputs starting in `base` instead of the campaign's folder."""
    found = dict(given)
    for name, spec in campaign.inputs.items():
        if base is None or name not in found or kind_of_input(spec) is None:
            continue
        value = found[name]
        if spec.type == "list":
            try:
                items = items_of(value, spec)
            except ValueError:
                continue  # told where it is typed
            found[name] = [_located(base, item) for item in items]
        elif isinstance(value, str):
            found[name] = _located(base, value)
    return found


def _located(base: Path, item: Any) -> Any:
    return item if not isinstance(item, str) or is_reference(item) else str(base / item)


def kind_of_input(spec: InputSpec) -> Kind | None:
    """The kind of media that an input or each of its items is, None where it is none."""
    if spec.type == "folder":
        return MEDIA.get(spec.of, Kind.IMAGE)
    return MEDIA.get(spec.of if spec.type == "list" else spec.type)


def _expanded(value: Any, spec: InputSpec, files: Files, most: int) -> Any:
    """A folder, and every pattern in a list of media, as the files it stands for."""
    kind = kind_of_input(spec)
    if kind is None or spec.type not in ("folder", "list"):
        return value
    items = [value] if spec.type == "folder" else value
    found: list[Any] = []
    for item in items:
        several = isinstance(item, str) and (spec.type == "folder" or is_pattern(item))
        found += files.matching(item, kind, most) if several else [item]
    return [MediaPath(item) if isinstance(item, str) else item for item in found]


def _typed(value: Any, spec: InputSpec) -> Any:
    if spec.type == "number":
        return _number(value)
    if spec.type == "list":
        return [_number(item) if spec.of == "number" else _as_written(item) for item in items_of(value, spec)]
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise ValueError(f"must be {spec.type}, got {value!r}")
    return str(_as_written(value))


def items_of(value: Any, spec: InputSpec) -> list[Any]:
    """The items of a list, which a command line writes as `a, b` or, like YAML, in brackets with quotes where wanted."""
    if isinstance(value, list | tuple):
        return list(value)
    if not isinstance(value, str):
        raise ValueError(f"must be a list, got {value!r}")
    text = value.strip()
    if not text.startswith("[") or ("]" in text and not text.endswith("]")):  # `[ab]*.jpg` is a pattern
        return [part.strip() for part in value.split(",")]
    try:
        # The base loader leaves every scalar a text: what is a number is decided by the input.
        found = read_document(text, "").value if spec.of == "object" else yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, Invalid, RecursionError) as exc:
        raise ValueError(f"{value!r:.60} is no list: {LIST_SYNTAX}") from exc
    if spec.of != "object" and not all(isinstance(item, str) for item in found):
        raise ValueError(f"{value!r:.60} holds more than plain items: {LIST_SYNTAX}")
    return list(found)


def _as_written(value: Any) -> Any:
    """The value; a number that JSON has read on its way here is refused where a text is wanted: 24.90 arrives as 24.9."""
    if isinstance(value, float) and not isinstance(value, WrittenFloat):
        raise ValueError(f"{value!r} has lost how it was written: pass a text, in quotes")
    return value


def _number(value: Any) -> int | float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    number = number_of(value.strip()) if isinstance(value, str) else None
    if number is None:
        comma = isinstance(value, str) and DECIMAL_COMMA.fullmatch(value.strip())
        raise ValueError(f"must be a number, got {value!r}" + (": decimals follow a point" if comma else ""))
    if not math.isfinite(number):
        raise ValueError(f"must be a finite number, got {value!r}")
    return number


def _check(name: str, value: Any, spec: InputSpec, files: Files) -> None:
    if spec.type == "choice" and value not in spec.choices:
        near = nearest(str(value), spec.choices)
        hint = f" (did you mean {near!r}?)" if near else ""
        raise ValueError(f"{value!r} is none of {', '.join(spec.choices)}{hint}")
    texts = value if spec.type == "list" else (value,) if spec.type in ("text", "choice") else ()
    if flaw := next(filter(None, (flaw_of(text) for text in texts if isinstance(text, str))), ""):
        raise ValueError(f"a text that {flaw}")
    if spec.type == "text" and len(value) > spec.max_length:
        raise ValueError(f"{len(value)} characters, at most {spec.max_length} are allowed")
    if spec.type in ("number", "list", "folder"):
        size, what = (value, "") if spec.type == "number" else (len(value), " items")
        if spec.min is not None and size < spec.min:
            raise ValueError(f"{size}{what} is below {spec.min:g}")
        if spec.max is not None and size > spec.max:
            raise ValueError(f"{size}{what} is above {spec.max:g}")
    kind = kind_of_input(spec)
    if kind is not None:
        flaws = [_flaw_of(path, kind, files) for path in (value if spec.type in ("list", "folder") else [value])]
        if told := [flaw for flaw in flaws if flaw]:
            more = f"; and {len(told) - _MOST_FLAWS} more" if len(told) > _MOST_FLAWS else ""
            raise ValueError("; ".join(told[:_MOST_FLAWS]) + more)


def _flaw_of(path: str, kind: Kind, files: Files) -> str:
    """Why a file cannot be the input; empty where it can."""
    facts = files.media(path)
    if facts.info is None:
        return facts.problem
    return "" if facts.info.kind is kind else f"{facts.path or path} is {facts.info.kind}, must be {kind}"
