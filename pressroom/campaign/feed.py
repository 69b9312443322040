"""Rows of a feed: a CSV or JSON file, read with the line of every row, so that one bad row is refused alone."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath
from typing import Any, Final

from pressroom.campaign.document import decode
from pressroom.campaign.expressions.evaluate import slug
from pressroom.campaign.names import unused_name
from pressroom.campaign.written import WrittenFloat, WrittenInt
from pressroom.domain.errors import Invalid, Problem

MAX_FEED_BYTES: Final = 16 << 20
MAX_COLUMNS: Final = 200
MAX_CELL_CHARACTERS: Final = 10_000  # what one expression may give
MAX_DEPTH: Final = 20
NAME_CHARACTERS: Final = 40
NAMING_COLUMNS: Final = ("id", "name", "sku", "slug", "title")
DELIMITERS: Final = (",", ";", "\t")
_OPENING: Final = re.compile(r"[\[{]")
_SEPARATOR_LINE: Final = re.compile(r"sep=([,;\t]?)", re.IGNORECASE)  # how Excel is told the separator


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what `each.row` gives, where it is, and why it is refused (alone) if it is."""

    values: dict[str, Any]
    line: int
    name: str
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """All rows of a file. `problems` holds those of rows (not fatal) and those of the whole file (fatal)."""

    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    problems: tuple[Problem, ...]
    file: str = ""


@dataclass(frozen=True, slots=True)
class _Raw:
    values: dict[str, Any]
    line: int
    wrong: str = ""
    hint: str = ""


class _Unreadable(Exception):
    """The whole file cannot be used."""

    def __init__(self, message: str, hint: str = "", line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message, self.hint, self.line, self.column = message, hint, line, column


def parse_feed(data: bytes, file: str, name: str, max_rows: int) -> Feed:
    """The rows of a `.csv`, `.tsv`, `.json` or `.jsonl`; `name` is the dimension they open. Never raises for bad content."""
    try:
        text = _text(data, file)
        columns, raws = (_json_rows if _is_json(file, text) else _csv_rows)(text, max_rows + 1)
        if not raws:
            raise _Unreadable(f"feed {name!r} has no rows", "add rows below the header")
        if len(raws) > max_rows:
            raise _Unreadable(f"feed {name!r} has more than {max_rows:,} rows", "split the file")
    except Invalid as exc:
        return Feed((), (), exc.problems, file)
    except _Unreadable as exc:
        return Feed((), (), (Problem("feed", exc.message, exc.hint, file, exc.line, exc.column),), file)
    rows = tuple(_named(raws, columns, file, name))
    return Feed(rows, columns, tuple(row.problem for row in rows if row.problem), file)


def _text(data: bytes, file: str) -> str:
    if len(data) > MAX_FEED_BYTES:
        raise _Unreadable(f"the feed is larger than {MAX_FEED_BYTES:,} bytes", "split it")
    text = decode(data, file)
    if "\0" in text:
        before = text[: text.index("\0")]
        raise _Unreadable("the feed holds a NUL character", "save it as plain UTF-8 text", before.count("\n") + 1)
    return text


def _is_json(file: str, text: str) -> bool:
    suffix = PurePath(file).suffix.lower()
    if suffix in (".csv", ".tsv", ".txt"):
        return False
    return suffix in (".json", ".jsonl", ".ndjson") or _OPENING.match(text.lstrip()) is not None


# CSV


def _csv_rows(text: str, most: int) -> tuple[tuple[str, ...], list[_Raw]]:
    lines = _Lines(text)
    records = _records(lines, _delimiter(text))
    first = next(records, None)
    if first is not None and _SEPARATOR_LINE.fullmatch("".join(first[1]).strip()):
        first = next(records, None)
    if first is None:
        raise _Unreadable("the feed is empty", "the first line holds the names of the columns")
    header = _header(first[1], first[0])
    found = list(islice(records, most))
    _check_unnamed(header, first[0], found)
    columns = tuple(column for column in header if column)
    return columns, [_csv_row(cells, line, header) for line, cells in found]


def _delimiter(text: str) -> str:
    """The separator that Excel's `sep=;` names, else the one that the header line uses most, outside quotes."""
    lines = (line for line in text.splitlines() if line.strip())
    first = next(lines, "")
    if told := _SEPARATOR_LINE.fullmatch(first.strip(" ")):
        return told[1] or max(DELIMITERS, key=first.count)
    header = re.sub(r'"[^"]*"', "", first)
    return max(DELIMITERS, key=header.count)


class _Lines:
    """Physical lines for the csv module, counted: its own count is not there when a record is wrong."""

    def __init__(self, text: str) -> None:
        self.stream = io.StringIO(text, newline="")
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        for line in self.stream:
            self.number += 1
            yield line


def _records(lines: _Lines, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line on which it starts; blank lines are no records."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            if cells and any(cell.strip() for cell in cells):
                yield start, cells
            start = lines.number + 1
    except csv.Error as exc:
        hint = 'a quote inside a quoted cell is written twice: ""'
        raise _Unreadable(f"not valid CSV: {exc}", hint, start) from exc


def _header(cells: Sequence[str], line: int) -> tuple[str, ...]:
    columns = tuple(cell.strip() for cell in cells)
    if len(columns) > MAX_COLUMNS:
        raise _Unreadable(f"{len(columns)} columns, at most {MAX_COLUMNS} are allowed", line=line)
    for number, column in enumerate(columns):
        if column and column in columns[:number]:
            raise _Unreadable(f"two columns are named {column!r}", "rename one of them", line)
    if not any(columns):
        raise _Unreadable("no column has a name", "name every column in the first line", line)
    return columns


def _check_unnamed(header: Sequence[str], line: int, records: Sequence[tuple[int, list[str]]]) -> None:
    """Spreadsheets keep empty columns that once held something; one that holds something now needs a name."""
    for number, column in enumerate(header):
        if column:
            continue
        found = next(
            ((at, cells[number]) for at, cells in records if "".join(cells[number : number + 1]).strip()), None
        )
        if found is not None:
            message = f"column {number + 1} has no name, but line {found[0]} has {found[1].strip()!r:.40} in it"
            raise _Unreadable(message, "name every column in the first line", line)


def _csv_row(cells: list[str], line: int, header: Sequence[str]) -> _Raw:
    """Spreadsheets leave out empty cells at the end of a row, or write more of them than there are columns."""
    padded = [*cells, *[""] * (len(header) - len(cells))]
    values = {column: cell for column, cell in zip(header, padded, strict=False) if column}
    if any(cell.strip() for cell in cells[len(header) :]):
        hint = "put quotes around a cell that holds the separator"
        return _Raw(values, line, f"has {len(cells)} cells, the header has {len(header)}", hint)
    return _Raw(values, line, *_too_long(values))


def _too_long(values: dict[str, Any]) -> tuple[str, str]:
    for column, value in values.items():
        if isinstance(value, str) and len(value) > MAX_CELL_CHARACTERS:
            return (
                f"{column!r} has {len(value):,} characters, at most {MAX_CELL_CHARACTERS:,} are allowed",
                "shorten it",
            )
    return "", ""


# JSON


def _json_rows(text: str, most: int) -> tuple[tuple[str, ...], list[_Raw]]:
    found = _json_array(text) if text.lstrip().startswith("[") else _json_lines(text)
    raws = [_json_row(value, line) for line, value in islice(found, most)]
    columns = tuple(dict.fromkeys(column for raw in raws for column in raw.values))
    if len(columns) > MAX_COLUMNS:
        raise _Unreadable(f"{len(columns)} different keys, at most {MAX_COLUMNS} are allowed")
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
            raise _Unreadable("not valid JSON: expected , or ] after a row", "", line)
    if _skip(text, position) < len(text):
        raise _Unreadable("not valid JSON: something follows the list", "", text.count("\n", 0, position) + 1)


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
        raise _Unreadable(f"not valid JSON: {exc.msg}", "check the quotes and commas here", at, exc.colno) from exc
    except (RecursionError, ValueError) as exc:
        raise _Unreadable("not usable JSON: nested too deep, or a number too long", "", line) from exc


class _Twice(dict[str, Any]):
    """An object in which a key was written twice; which value was meant cannot be known."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Twice(found)


# Numbers keep their text, so that 24.90 does not lose its nought where a text is wanted.
_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_float=WrittenFloat, parse_int=WrittenInt)


def _json_row(value: Any, line: int) -> _Raw:
    if not isinstance(value, dict):
        return _Raw({}, line, f"is {json.dumps(value)[:40]}, not an object", 'a row reads {"name": "…"}')
    wrong = _unusable(value, 0)
    return _Raw(dict(value), line, wrong, "mend or delete the row") if wrong else _Raw(value, line, *_too_long(value))


def _unusable(value: Any, depth: int) -> str:
    if depth > MAX_DEPTH:
        return f"nests deeper than {MAX_DEPTH} levels"
    if isinstance(value, _Twice):
        return "has one key twice"
    if isinstance(value, float) and not math.isfinite(value):
        return f"holds {value}, which is no number"
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((wrong for item in items if (wrong := _unusable(item, depth + 1))), "")


# names


def _named(raws: Sequence[_Raw], columns: tuple[str, ...], file: str, feed: str) -> Iterator[Row]:
    naming = next((name for wanted in NAMING_COLUMNS for name in columns if name.lower() == wanted), None)
    used: dict[str, int] = {}
    for number, raw in enumerate(raws, 1):
        name = unused_name(_name_of(raw.values, naming) or str(number), used)
        problem = None
        if raw.wrong:
            message = f"row {number} of feed {feed!r} ({name}) {raw.wrong}"
            problem = Problem("feed_row", message, raw.hint, file, raw.line, 1, fatal=False)
        yield Row(raw.values, raw.line, name, problem)


def _name_of(values: dict[str, Any], naming: str | None) -> str:
    candidates = [values.get(naming)] if naming and values.get(naming) not in (None, "") else list(values.values())
    found = (slug(str(value)) for value in candidates if isinstance(value, str | int | float) and value != "")
    return next(found, "")[:NAME_CHARACTERS].strip("-")
