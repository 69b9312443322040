"""Rows of a feed: a CSV or JSON file, read with the line of every row, so that one bad row is refused alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final

from pressroom.campaign.csv_table import csv_rows
from pressroom.campaign.document import decode
from pressroom.campaign.expressions.evaluate import slug
from pressroom.campaign.json_table import json_rows
from pressroom.campaign.names import unused_name
from pressroom.campaign.table import RawRow, UnusableTable
from pressroom.domain.errors import Invalid, Problem

MAX_FEED_BYTES: Final = 16 << 20
NAME_CHARACTERS: Final = 40
NAMING_COLUMNS: Final = ("id", "name", "sku", "slug", "title")
_OPENING: Final = re.compile(r"[\[{]")
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how .xlsx, .ods and .xls begin
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_AS_CSV: Final = 'save it as UTF-8; in Excel choose "CSV UTF-8"'


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


def parse_feed(data: bytes, file: str, name: str, max_rows: int) -> Feed:
    """The rows of a `.csv`, `.tsv`, `.json` or `.jsonl`; `name` is the dimension they open. Never raises for bad content."""
    try:
        text = _text(data, file)
        columns, raws = _rows(text, PurePath(file).suffix.lower(), max_rows + 1)
        if not raws:
            raise UnusableTable(f"feed {name!r} has no rows", "add rows below the header")
        if len(raws) > max_rows:
            raise UnusableTable(f"feed {name!r} has more than {max_rows:,} rows", "split the file")
    except Invalid as exc:
        return Feed((), (), exc.problems, file)
    except UnusableTable as exc:
        return Feed((), (), (Problem("feed", exc.message, exc.hint, file, exc.line, exc.column),), file)
    rows = tuple(_named(raws, columns, file, name))
    return Feed(rows, columns, tuple(row.problem for row in rows if row.problem), file)


def _text(data: bytes, file: str) -> str:
    if len(data) > MAX_FEED_BYTES:
        raise UnusableTable(f"the feed is larger than {MAX_FEED_BYTES:,} bytes", "split it")
    if data.startswith(_WORKBOOKS):
        raise UnusableTable("this is a workbook of a spreadsheet, not a table of text", _AS_CSV)
    try:
        # Excel's "Unicode text" is UTF-16.
        text = data.decode("utf-16") if data.startswith(_UTF16) else decode(data, file, _AS_CSV)
    except UnicodeDecodeError as exc:
        raise UnusableTable(f"not valid UTF-16: {exc.reason}", _AS_CSV) from exc
    text = text.removesuffix("\x1a")  # where DOS programs end a file
    if "\0" in text:
        before = text[: text.index("\0")]
        raise UnusableTable("the feed holds a NUL character", _AS_CSV, before.count("\n") + 1)
    return text


def _rows(text: str, suffix: str, most: int) -> tuple[tuple[str, ...], list[RawRow]]:
    named = suffix in (".csv", ".tsv", ".txt")
    if not named and (suffix in (".json", ".jsonl", ".ndjson") or _OPENING.match(text.lstrip())):
        return json_rows(text, most)
    return csv_rows(text, most, "\t" if suffix == ".tsv" else "")


def _named(raws: Sequence[RawRow], columns: tuple[str, ...], file: str, feed: str) -> Iterator[Row]:
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
