"""The rows of a CSV file as spreadsheets of all countries save it: the separator is found, empty edges are overlooked."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Final

from pressroom.campaign.table import MAX_COLUMNS, RawRow, UnusableTable, too_long

DELIMITERS: Final = (";", "\t", ",", "|")  # of two that fit equally well the first: a comma may be a decimal comma
SAMPLED_RECORDS: Final = 100
_SEPARATOR_LINE: Final = re.compile(r'"?sep=([^\w\s"]|\t)?"?', re.IGNORECASE)  # how Excel is told the separator
_UNSEEN: Final = re.compile("[\u200b\u2060\ufeff\u00ad]")  # what is pasted from pages into a heading, and nobody sees
_FORMULA: Final = re.compile(r'="((?:[^"]|"")*)"')  # how Excel is told that 007 is a text
_NAME_OF_TABLE: Final = re.compile(r"[^\W\d]+(?:[ \u00a0][^\W\d]+)?[ \u00a0]?\d+(?:-\d+)?")
_NAME_FIRST: Final = "name every column in the first line, with nothing above it"


def csv_rows(text: str, most: int, delimiter: str = "") -> tuple[tuple[str, ...], list[RawRow]]:
    """The names of the columns and at most so many rows. Raises UnusableTable.

    Without a `delimiter` it is the one that Excel's `sep=;` names, else the one that divides header and rows alike.
    """
    lines = _Lines(text)
    top = next((line for line in text.splitlines() if line.strip()), "")
    told = _SEPARATOR_LINE.fullmatch(top.strip(" "))
    above = bool(told or _is_name_of_table(top))
    records = _records(lines, delimiter or (told and told[1]) or _delimiter(text, skipped=1 if above else 0))
    if told:
        next(records, None)
    elif above:
        records = _without_name_of_table(records)
    first = next(records, None)
    if first is None:
        raise UnusableTable("the feed is empty", "the first line holds the names of the columns")
    header = _header(first[1], first[0])
    found = list(islice(records, most))
    _check_alone(header, first[0], found)
    _check_unnamed(header, first[0], found)
    columns = tuple(column for column in header if column)
    return columns, [_csv_row(cells, line, header) for line, cells in found]


def _is_name_of_table(line: str) -> bool:
    """Whether the line is one that Numbers writes above the names of the columns: Table 1."""
    return _NAME_OF_TABLE.fullmatch(line.strip(' ,;\t|"\ufeff')) is not None


def _without_name_of_table(records: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """All but the first record, where columns begin behind it; a table of one column may be called so."""
    first, *second = islice(records, 2)
    is_name = bool(second) and len(_without_empty_end(first[1])) == 1 < len(_without_empty_end(second[0][1]))
    yield from chain(second if is_name else (first, *second), records)


def _check_alone(header: Sequence[str], line: int, records: Sequence[tuple[int, list[str]]]) -> None:
    """One name above several rows of more cells is the title of a table, or every row lacks quotes."""
    names = [column for column in header if column]
    if (
        len(names) == 1
        and header[0]
        and len(records) > 1
        and all(len(_without_empty_end(cells)) > 1 for _, cells in records)
    ):
        raise UnusableTable(
            f"line {line} holds {names[0]!r:.60} alone, line {records[0][0]} has {len(records[0][1])} cells",
            "delete a title above the names of the columns; put quotes around a cell that holds the separator",
            line,
        )


def _delimiter(text: str, skipped: int) -> str:
    """The separator that gives rows as long as the header; the commas of prices and headings do not count as one."""
    return min(DELIMITERS, key=lambda delimiter: _misfit(text, delimiter, skipped))


def _misfit(text: str, delimiter: str, skipped: int) -> tuple[bool, float, float, int]:
    """Whether it leaves the header whole, and which shares of the rows are too long and too short; the fewer the better.

    Of those that leave it whole the one that stands in it (before empty columns) is meant, else the comma.
    """
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    filled = (_without_empty_end(cells) for cells in records)
    try:
        header, *rows = islice((cells for cells in filled if cells), skipped, SAMPLED_RECORDS)
    except (csv.Error, ValueError):
        return True, 1, 1, 0
    width, count = len(header), max(1, len(rows))
    if width < 2:
        return True, delimiter not in text.lstrip().partition("\n")[0], delimiter != ",", 0
    longer, shorter = (sum(test(len(row)) for row in rows) / count for test in (width.__lt__, width.__gt__))
    return False, longer, shorter, -width


def _without_empty_end(cells: list[str]) -> list[str]:
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    return cells


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
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    start = 1
    try:
        for cells in reader:
            if cells and any(cell.strip() for cell in cells):
                yield start, [_plain(cell) for cell in cells]
            start = lines.number + 1
    except csv.Error as exc:
        hint = 'a quote inside a quoted cell is written twice: ""'
        raise UnusableTable(f"not valid CSV: {exc}", hint, start) from exc


def _plain(cell: str) -> str:
    """What a cell shows: `="007"` is 007."""
    formula = _FORMULA.fullmatch(cell)
    return formula[1].replace('""', '"') if formula else cell


def _header(cells: Sequence[str], line: int) -> tuple[str, ...]:
    columns = tuple(" ".join(_UNSEEN.sub("", cell).split()) for cell in cells)
    used = len(_without_empty_end(list(columns)))
    if used > MAX_COLUMNS:
        raise UnusableTable(f"{used} columns, at most {MAX_COLUMNS} are allowed", line=line)
    for number, column in enumerate(columns):
        if column and column in columns[:number]:
            both = f"columns {columns.index(column) + 1} and {number + 1}"
            raise UnusableTable(f"two columns are named {column!r}: {both}", "rename one of them", line)
    if not any(columns):
        raise UnusableTable("no column has a name", _NAME_FIRST, line)
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
            raise UnusableTable(message, _NAME_FIRST, line)


def _csv_row(cells: list[str], line: int, header: Sequence[str]) -> RawRow:
    """Spreadsheets leave out empty cells at the end of a row, or write more of them than there are columns."""
    padded = [*cells, *[""] * (len(header) - len(cells))]
    values = {column: cell for column, cell in zip(header, padded, strict=False) if column}
    if any(cell.strip() for cell in cells[len(header) :]):
        hint = "put quotes around a cell that holds the separator"
        return RawRow(values, line, f"has {len(cells)} cells, the header has {len(header)}", hint)
    return RawRow(values, line, *too_long(values))
