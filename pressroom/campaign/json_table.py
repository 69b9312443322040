"""The rows of a JSON list of objects, or of JSON lines: one object after the other."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from pressroom.campaign.table import MAX_COLUMNS, RawRow, UnusableTable, too_long
from pressroom.campaign.written import WrittenFloat, WrittenInt
from pressroom.domain.printable import flaw_of

MAX_DEPTH: Final = 20


def json_rows(text: str, most: int) -> tuple[tuple[str, ...], list[RawRow]]:
    """All keys in the order they appear, and at most so many rows. Raises UnusableTable."""
    found = _json_array(text) if text.lstrip().startswith("[") else _json_lines(text)
    raws = [_json_row(value, line) for line, value in islice(found, most)]
    columns = tuple(dict.fromkeys(column for raw in raws for column in raw.values))
    if len(columns) > MAX_COLUMNS:
        raise UnusableTable(f"{len(columns)} different keys, at most {MAX_COLUMNS} are allowed")
    return columns, raws


def _json_array(text: str) -> Iterator[tuple[int, Any]]:
    """The items of one JSON list, each with the line on which it starts."""
    position, line, seen = text.index("[") + 1, 1, 0
    first = True
    while True:
        position = _skip(text, position)
        if first and text[position : position + 1] == "]":
            position += 1
            break
        line, seen = line + text.count("\n", seen, position), position
        value, position = _value(text, position, line)
        yield line, value
        position, first = _skip(text, position), False
        separator = text[position : position + 1]
        position += 1
        if separator == "]":
            break
        if separator != ",":
            line += text.count("\n", seen, position)
            raise UnusableTable("not valid JSON: expected , or ] after a row", "", line)
    if _skip(text, position) < len(text):
        raise UnusableTable("not valid JSON: something follows the list", "", text.count("\n", 0, position) + 1)


def _json_lines(text: str) -> Iterator[tuple[int, Any]]:
    """One object per line; a single object over several lines is one row."""
    position, line, seen = 0, 1, 0
    while (position := _skip(text, position)) < len(text):
        line, seen = line + text.count("\n", seen, position), position
        value, position = _value(text, position, line)
        yield line, value


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def _value(text: str, position: int, line: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, position)
    except json.JSONDecodeError as exc:
        at = line + text.count("\n", position, exc.pos)
        raise UnusableTable(f"not valid JSON: {exc.msg}", _hint(text[exc.pos : exc.pos + 1]), at, exc.colno) from exc
    except (RecursionError, ValueError) as exc:
        raise UnusableTable("not usable JSON: nested too deep, or a number too long", "", line) from exc


def _hint(found: str) -> str:
    if found and found in "+.0123456789xX_":
        return "JSON knows no number like 007, +49 or .5: put quotes around it"
    return "check the quotes and commas here"


class _Twice(dict[str, Any]):
    """An object in which a key was written twice; which value was meant cannot be known."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Twice(found)


# Numbers keep their text, so that 24.90 does not lose its nought where a text is wanted.
_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_float=WrittenFloat, parse_int=WrittenInt)


def _json_row(value: Any, line: int) -> RawRow:
    if not isinstance(value, dict):
        return RawRow({}, line, f"is {json.dumps(value)[:40]}, not an object", 'a row reads {"name": "…"}')
    wrong = _unusable(value, 0)
    return (
        RawRow(dict(value), line, wrong, "mend or delete the row") if wrong else RawRow(value, line, *too_long(value))
    )


def _unusable(value: Any, depth: int) -> str:
    if depth > MAX_DEPTH:
        return f"nests deeper than {MAX_DEPTH} levels"
    if isinstance(value, _Twice):
        return "has one key twice"
    if isinstance(value, float) and not math.isfinite(value):
        return f"holds {value}, which is no number"
    texts = value if isinstance(value, dict) else (value,) if isinstance(value, str) else ()
    if flaw := next(filter(None, map(flaw_of, texts)), ""):
        return flaw
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((wrong for item in items if (wrong := _unusable(item, depth + 1))), "")
