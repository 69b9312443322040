"""Tables on every width: what people copy stays whole, prose wraps at blanks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from pressroom.cli.views.table import Column, lay_out

COLUMNS = (Column("run"), Column("campaign"), Column("memo", prose=True), Column("credits", right=True))
ROWS = [
    ("r0123456789abcdef", "a-campaign-with-a-long-name", "made after the second look at it", "1.5"),
    ("rfedcba9876543210", "short", "", "1,200"),
]
WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=30)
CELLS = st.lists(WORDS, max_size=4).map(" ".join)


def lines_of(width: int, columns: tuple[Column, ...] = COLUMNS, rows: list[tuple[str, ...]] | None = None) -> list[str]:
    return [line.plain for line in lay_out(columns, ROWS if rows is None else rows, width)]


def test_what_fits_stands_beside_each_other() -> None:
    assert lines_of(100) == [
        "run                campaign                     memo                              credits",
        "-----------------------------------------------------------------------------------------",
        "r0123456789abcdef  a-campaign-with-a-long-name  made after the second look at it      1.5",
        "rfedcba9876543210  short                                                            1,200",
    ]


def test_prose_gives_way_first() -> None:
    assert lines_of(70)[2:5] == [
        "r0123456789abcdef  a-campaign-with-a-long-name  made after         1.5",
        "                                                the second",
        "                                                look at it",
    ]


def test_then_the_first_column_gets_a_line_of_its_own() -> None:
    assert lines_of(50)[3:7] == [
        "r0123456789abcdef",
        "  a-campaign-with-a-long-name  made after      1.5",
        "                               the second",
        "                               look at it",
    ]


def test_on_twenty_columns_every_row_is_a_block() -> None:
    assert lines_of(20)[:6] == [
        "run       r0123456789abcdef",
        "campaign  a-campaign-with-a-long-name",
        "memo      made after",
        "          the second",
        "          look at it",
        "credits   1.5",
    ]


@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=4), st.integers(10, 120))
def test_no_word_is_ever_broken(rows: list[tuple[str, ...]], width: int) -> None:
    shown = " ".join(lines_of(width, rows=rows)).split()

    for row in rows:
        for cell in row:
            assert set(cell.split()) <= set(shown)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=4), st.integers(10, 120))
def test_only_what_cannot_be_broken_stands_out(rows: list[tuple[str, ...]], width: int) -> None:
    """A line is wider than the terminal only when it holds a whole cell (after its label) or a single long word."""
    label = max(len(column.name) for column in COLUMNS) + 2
    longest = max(Text(cell).cell_len for row in rows for cell in row)

    for line in lines_of(width, rows=rows):
        assert Text(line).cell_len <= max(width, label + longest)


@pytest.mark.parametrize("name", ["a\u202eb", "a\x1b[31mb", "a\nb"])
def test_a_name_that_steers_is_shown_escaped(name: str) -> None:
    shown = "\n".join(lines_of(100, rows=[(name, "", "", "")]))

    assert name not in shown
    assert "\x1b" not in shown
    assert "\\" in shown
