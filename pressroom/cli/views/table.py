"""Tables that fit the terminal without breaking a word: what people copy stays whole, prose wraps at blanks.

Where the rows do not fit beside each other, the first column gets a line of its own; where that is still too wide, each
row becomes a block of `name  value` lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from pressroom.cli.views.lines import wrapped
from pressroom.domain.printable import printable

GAP = 2
INDENT = 2
Cell = str | Text


@dataclass(frozen=True, slots=True)
class Column:
    """`right` for figures; `prose` may be wrapped at blanks, everything else stays whole."""

    name: str
    right: bool = False
    prose: bool = False


def lay_out(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], width: int) -> list[Text]:
    """The table's lines, its header first unless no column has a name."""
    cells = [[cell if isinstance(cell, Text) else Text(printable(cell)) for cell in row] for row in rows]
    widths = _widths(columns, cells, width)
    if widths is not None:
        return [*_header(columns, widths), *_body(columns, cells, widths)]
    rest = _widths(columns[1:], [row[1:] for row in cells], width - INDENT) if len(columns) > 1 else None
    if rest is not None:
        return _first_above(columns, cells, rest)
    return _blocks(columns, cells, width)


def _widths(columns: Sequence[Column], cells: Sequence[Sequence[Text]], width: int) -> list[int] | None:
    """The width of each column, or None when the whole ones and the longest words do not fit."""
    natural = [_widest(column, [row[at] for row in cells]) for at, column in enumerate(columns)]
    least = [
        _longest_word(column, [row[at] for row in cells]) if column.prose else natural[at]
        for at, column in enumerate(columns)
    ]
    room = width - GAP * (len(columns) - 1)
    if sum(least) > room:
        return None
    over = sum(natural) - room
    for at in sorted(range(len(columns)), key=lambda at: least[at] - natural[at]):
        taken = min(max(over, 0), natural[at] - least[at])
        natural[at] -= taken
        over -= taken
    return natural


def _widest(column: Column, cells: Sequence[Text]) -> int:
    return max([len(column.name), *(cell.cell_len for cell in cells)])


def _longest_word(column: Column, cells: Sequence[Text]) -> int:
    words = [word for cell in cells for word in cell.plain.split()]
    return max([len(column.name), *(Text(word).cell_len for word in words)])


def _header(columns: Sequence[Column], widths: Sequence[int], indent: int = 0) -> list[Text]:
    if not any(column.name for column in columns):
        return []
    names = [Text(column.name, style="bold") for column in columns]
    line = _joined([_padded(name, at, column) for name, at, column in zip(names, widths, columns, strict=True)])
    rule = sum(widths) + GAP * (len(widths) - 1)
    return [Text(" " * indent) + line, Text("-" * (rule + indent), style="dim")]


def _body(columns: Sequence[Column], cells: Sequence[Sequence[Text]], widths: Sequence[int]) -> list[Text]:
    return [line for row in cells for line in _row(columns, row, widths)]


def _row(columns: Sequence[Column], row: Sequence[Text], widths: Sequence[int]) -> list[Text]:
    parts = [
        wrapped(cell, width) if column.prose else [cell]
        for cell, width, column in zip(row, widths, columns, strict=True)
    ]
    height = max(map(len, parts))
    filled = [[*part, *[Text()] * (height - len(part))] for part in parts]
    return [
        _joined([_padded(part[at], width, column) for part, width, column in zip(filled, widths, columns, strict=True)])
        for at in range(height)
    ]


def _padded(cell: Text, width: int, column: Column) -> Text:
    found = cell.copy()
    found.rstrip()
    space = max(0, width - found.cell_len)
    return (Text(" " * space) + found) if column.right else (found + Text(" " * space))


def _joined(parts: Sequence[Text]) -> Text:
    line = Text(" " * GAP).join(parts)
    line.rstrip()
    return line


def _first_above(columns: Sequence[Column], cells: Sequence[Sequence[Text]], widths: Sequence[int]) -> list[Text]:
    lines = [Text(columns[0].name, style="bold"), *_header(columns[1:], widths, INDENT)] if columns[0].name else []
    for row in cells:
        below = _row(columns[1:], row[1:], widths)
        lines += [row[0], *(Text(" " * INDENT) + line for line in below)]
    return lines


def _blocks(columns: Sequence[Column], cells: Sequence[Sequence[Text]], width: int) -> list[Text]:
    label = max(len(column.name) for column in columns)
    lines: list[Text] = []
    for row in cells:
        for column, cell in zip(columns, row, strict=True):
            parts = wrapped(cell, width - label - GAP) if column.prose else [cell]
            for number, part in enumerate(parts):
                name = Text(f"{column.name if number == 0 else '':{label}}{' ' * GAP}", style="bold")
                lines.append(name + part if label else part)
        lines.append(Text())
    return lines[:-1]
