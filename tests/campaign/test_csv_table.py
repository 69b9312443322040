"""CSV as spreadsheets of all countries save it."""

from __future__ import annotations

import pytest

from pressroom.campaign.csv_table import csv_rows
from pressroom.campaign.table import UnusableTable


def cells(text: str, delimiter: str = "") -> list[list[str]]:
    """The names of the columns, then the cells of each row; no row may be refused."""
    columns, rows = csv_rows(text, 1_000, delimiter)
    assert [row.wrong for row in rows] == [""] * len(rows)
    return [list(columns), *(list(row.values.values()) for row in rows)]


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("id;price\na;24,90\nb;1.299,00\n", [["id", "price"], ["a", "24,90"], ["b", "1.299,00"]]),
        ("id;price, net, gross\na;24,90\n", [["id", "price, net, gross"], ["a", "24,90"]]),
        ("a,b;c\n1;2,5\n", [["a,b", "c"], ["1", "2,5"]]),
        ("id\tprice, net\na\t1,5\n", [["id", "price, net"], ["a", "1,5"]]),
        ("id|price\na|1\n", [["id", "price"], ["a", "1"]]),
        ("id,tags\na,x;y;z\n", [["id", "tags"], ["a", "x;y;z"]]),
        ('id,name\na,"x;y"\n', [["id", "name"], ["a", "x;y"]]),
        ("name\na\nb\n", [["name"], ["a"], ["b"]]),
    ],
)
def test_the_separator_is_what_divides_the_header_and_the_rows_alike(text: str, table: list[list[str]]) -> None:
    assert cells(text) == table


@pytest.mark.parametrize("told", ["sep=;", '"sep=;"', "SEP=;", "sep="])
def test_what_excel_is_told_is_no_header(told: str) -> None:
    assert cells(f"{told}\nid;price\na;1\n") == [["id", "price"], ["a", "1"]]


def test_excel_may_be_told_any_separator() -> None:
    assert cells("sep=:\nid:price\na:1\n") == [["id", "price"], ["a", "1"]]


@pytest.mark.parametrize(
    "text",
    ["id,price,,\na,1,,\n", "id,price\na,1,,\n", "id,price\na,1\n,\n,,,\n", "\n\nid,price\r\na,1\r\n\r\n\r\n",
     "id,,price\na,,1\n", "id,price\ra,1\r", " id , price \na, 1\n"],
)  # fmt: skip
def test_empty_edges_say_nothing(text: str) -> None:
    assert cells(text) == [["id", "price"], ["a", "1"]]


@pytest.mark.parametrize(
    ("written", "shown"),
    [('="01067"', "01067"), ('"=""01067"""', "01067"), ('"5"" pipe, x"', '5" pipe, x'), ('5" pipe', '5" pipe'),
     (' "x, y"', "x, y"), ('"x\ny"', "x\ny"), ("007", "007"), ("+49 170", "+49 170")],
)  # fmt: skip
def test_a_cell_is_what_the_spreadsheet_shows(written: str, shown: str) -> None:
    assert cells(f"id,zip\na,{written}\n") == [["id", "zip"], ["a", shown]]


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("id,price,price\na,1,2\n", "two columns are named 'price': columns 2 and 3", 1),
        ("id,,price\na,x,1\n", "column 2 has no name, but line 2 has 'x' in it", 1),
        ("My products,,\nid,price,name\na,1,x\n", "line 1 holds 'My products' alone, line 2 has 3 cells", 1),
        ('id,name\na,"x"y\n', "not valid CSV", 2),
        ("", "the feed is empty", 1),
    ],
)
def test_a_heading_that_leaves_doubt_is_told(text: str, message: str, line: int) -> None:
    with pytest.raises(UnusableTable) as caught:
        csv_rows(text, 10)

    assert (caught.value.message.startswith(message), caught.value.line) == (True, line)


def test_a_row_with_one_cell_too_many_is_refused_alone() -> None:
    _, rows = csv_rows("id,price\na,24,90\nb,1\n", 10)

    assert [row.wrong for row in rows] == ["has 3 cells, the header has 2", ""]


def test_a_thousand_empty_columns_and_signs_that_nobody_sees_are_overlooked() -> None:
    empty = "," * 1_000

    assert cells(f"\u200bid,\ufeffsoft\u00adware{empty}\na,1{empty}\n") == [["id", "software"], ["a", "1"]]
