"""Feeds: rows with their lines; one bad row is refused alone, a bad file altogether."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.campaign.feed import MAX_FEED_BYTES, Feed, parse_feed
from pressroom.campaign.table import MAX_CELL_CHARACTERS, MAX_COLUMNS


def feed(content: str | bytes, name: str = "rows.csv", max_rows: int = 1_000) -> Feed:
    return parse_feed(content.encode() if isinstance(content, str) else content, name, "row", max_rows)


def fatal(found: Feed) -> str:
    """The one problem that refuses the whole file."""
    assert found.rows == ()
    assert [problem.fatal for problem in found.problems] == [True]
    assert found.problems[0].line
    assert found.problems[0].file
    return str(found.problems[0])


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_csv_is_read_with_any_usual_separator_and_line_end(separator: str, newline: str, mark: str) -> None:
    lines = ["sku,title,price", 'T-1,"Tea, ""green""",9', "T-2,Kaffee,12"]
    text = mark + newline.join(lines).replace(",", separator).replace(f"Tea{separator}", f"Tea{separator}") + newline

    found = feed(text)

    assert found.columns == ("sku", "title", "price")
    assert found.rows[0].values == {"sku": "T-1", "title": f'Tea{separator} "green"', "price": "9"}
    assert [row.name for row in found.rows] == ["t-1", "t-2"]
    assert [row.line for row in found.rows] == [2, 3]
    assert found.problems == ()


def test_numbers_of_a_csv_stay_text() -> None:
    assert feed("id,ean\n1,0042\n").rows[0].values == {"id": "1", "ean": "0042"}


def test_lines_are_right_after_quoted_newlines_and_blank_lines() -> None:
    found = feed('name,text\na,"one\ntwo\nthree"\n\nb,x\nc,"y\nz"\nd,w\n')

    assert [(row.name, row.line) for row in found.rows] == [("a", 2), ("b", 6), ("c", 7), ("d", 9)]
    assert found.rows[0].values["text"] == "one\ntwo\nthree"


def test_one_bad_row_is_refused_alone() -> None:
    found = feed("name,price\na,1\nc,3,4\nd," + "x" * (MAX_CELL_CHARACTERS + 1) + "\ne,5\n")

    assert [row.problem is None for row in found.rows] == [True, False, False, True]
    assert [(problem.line, problem.fatal) for problem in found.problems] == [(3, False), (4, False)]
    assert "has 3 cells, the header has 2" in found.problems[0].message
    assert found.problems[0].file.endswith("rows.csv")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("a,b\n", "no rows"),
        ("a,,c\n1,2,3\n", "column 2 has no name"),
        ("a,b,a\n1,2,3\n", "two columns are named 'a'"),
        ('a,b\n1,"open\n2,3\n', "not valid CSV"),
        ('a,b\n1,"x"y\n', "not valid CSV"),
        (",".join(map(str, range(MAX_COLUMNS + 1))) + "\n1\n", "columns, at most"),
        (b"a,b\n1,caf\xe9\n", "byte 0xe9 is not UTF-8: café in Windows-1252"),
        (b"\xff\xfea", "not valid UTF-16"),
        ("a,b\n1,2\n".encode("utf-16-le"), "NUL"),
        (b"PK\x03\x04\x14\x00", "a workbook of a spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "a workbook of a spreadsheet"),
        ("a,b\n1,\0\n", "NUL"),
        ("a\n" + "1\n" * 1_001, "more than 1,000 rows"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_altogether(content: str | bytes, says: str) -> None:
    assert says in fatal(feed(content))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_columns_without_a_name_count_where_something_stands_in_them(separator: str) -> None:
    text = "sku,name,,price,,\r\nA1,Mug,,12.50,,\r\nA2,Bowl,,8\r\n,,,,,\r\nA3,Pot,,7,,,,\r\n"

    found = feed(text.replace(",", separator))

    assert (found.columns, found.problems) == (("sku", "name", "price"), ())
    assert [row.values for row in found.rows] == [
        {"sku": "A1", "name": "Mug", "price": "12.50"},
        {"sku": "A2", "name": "Bowl", "price": "8"},
        {"sku": "A3", "name": "Pot", "price": "7"},
    ]


def test_a_row_without_its_last_empty_cells_has_them_empty() -> None:
    found = feed("sku,name,price,note\r\nA1,Mug,12.50,new\r\nA2,Bowl\r\n")

    assert found.problems == ()
    assert found.rows[1].values == {"sku": "A2", "name": "Bowl", "price": "", "note": ""}


@pytest.mark.parametrize("number", ["007", "+49170", ".5", "0x1F", "1_000"])
def test_a_number_that_json_does_not_know_asks_for_quotes(number: str) -> None:
    (problem,) = feed(f'[{{"id": "a"}},\n {{"id": "b", "zip": {number}}}]', "rows.json").problems

    assert (problem.line, "put quotes around it" in problem.hint) == (2, True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    ("name", "text"), [("f.csv", "sku;name\n1;Käse\n"), ("f.json", '[{"sku": 1, "name": "Käse"}]')]
)
def test_every_encoding_that_says_what_it_is_is_read(encoding: str, name: str, text: str) -> None:
    found = parse_feed(text.encode(encoding), name, "row", 10)

    assert (found.problems, found.rows[0].values["name"]) == ((), "Käse")


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", "sep=; "])
def test_the_line_that_tells_excel_the_separator_is_no_header(first: str) -> None:
    found = feed(f"{first}\r\nname;note\r\na;b,c,d,e\r\n")

    assert found.columns == ("name", "note")
    assert [(row.values, row.line) for row in found.rows] == [({"name": "a", "note": "b,c,d,e"}, 3)]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["", " ", "a", "b", "7"]), min_size=1, max_size=5).filter(
        lambda cells: "".join(cells).strip()
    ),
    st.lists(st.lists(st.sampled_from(["", "x", "24.90"]), max_size=7), min_size=1, max_size=5),
)
def test_no_cell_of_a_csv_is_lost_without_a_word(header: list[str], cells: list[list[str]]) -> None:
    found = feed("\n".join(",".join(line) for line in [header, *cells]) + "\n")

    kept = [cell for row in found.rows for cell in row.values.values() if cell]
    assert found.problems or sorted(kept) == sorted(cell for line in cells for cell in line if cell)


def test_a_wrong_byte_is_found_at_its_line() -> None:
    assert feed(b"a,b\n1,2\n3,caf\xe9\n").problems[0].line == 3


def test_a_feed_that_is_too_large_is_refused() -> None:
    assert "larger than" in fatal(feed("a\n" + "1" * MAX_FEED_BYTES))


@pytest.mark.parametrize("name", ["Table 1", "Table 1,,", "Tabelle 1", "Tableau 2-1", "表格 1", '"Table 1"'])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_name_of_the_table_that_numbers_writes_is_no_header(name: str, separator: str) -> None:
    lines = [
        name.replace(",", separator),
        separator.join(("sku", "title", "price")),
        separator.join(("T-1", "Tea", "9")),
    ]

    found = feed("\n".join(lines) + "\n")

    assert found.columns == ("sku", "title", "price")
    assert (found.rows[0].values["sku"], found.rows[0].line) == ("T-1", 3)


def test_a_column_may_be_called_as_a_table_is() -> None:
    assert feed("Scene 1\nTea\nCoffee\n").columns == ("Scene 1",)
    assert feed("Scene 1,Scene 2\nTea,Coffee\n").columns == ("Scene 1", "Scene 2")


@pytest.mark.parametrize("title", ["Products of the spring", "Products of the spring,,"])
def test_another_title_above_the_header_is_named(title: str) -> None:
    (problem,) = feed(f"{title}\nsku,title,price\nT-1,Tea,9\n").problems

    assert problem.message == "line 1 holds 'Products of the spring' alone, line 2 has 3 cells"
    assert "delete a title above the names of the columns" in problem.hint


@pytest.mark.parametrize(
    ("header", "row", "name"),
    [
        ("title,id", "Blue Tea,7", "7"),
        ("title,Name", "Blue Tea,Ann Lee", "ann-lee"),
        ("title,sku", "Blue Tea,Q-1", "q-1"),
        ("price,title", "3,Blue Téa!", "blue-tea"),
        ("price,size", ",XL", "xl"),
        ("id,size", ",XL", "xl"),
        ("price,size", "€,✓", "1"),
    ],
)
def test_rows_are_named_by_the_column_that_names_them(header: str, row: str, name: str) -> None:
    assert feed(f"{header}\n{row}\n").rows[0].name == name


def test_names_of_rows_are_unique() -> None:
    found = feed("name\na\na\na-2\na\nA\n")

    names = [row.name for row in found.rows]
    assert len(set(names)) == 5
    assert names[:2] == ["a", "a-2"]


def test_json_lists_keep_their_types_and_lines() -> None:
    text = '[\n  {"id": 1, "price": 2.5, "tags": ["x"], "sold": true},\n\n  {"id": 2, "size": {"w": 3}}\n]\n'

    found = feed(text, "rows.json")

    assert found.rows[0].values == {"id": 1, "price": 2.5, "tags": ["x"], "sold": True}
    assert [(row.name, row.line) for row in found.rows] == [("1", 2), ("2", 4)]
    assert found.columns == ("id", "price", "tags", "sold", "size")
    assert found.problems == ()


def test_numbers_of_json_keep_their_text() -> None:
    (row,) = feed('[{"price": 24.90, "count": 10, "sizes": [1.50]}]', "rows.json").rows

    assert (row.values["price"], str(row.values["price"]), str(row.values["count"])) == (24.9, "24.90", "10")
    assert str(row.values["sizes"][0]) == "1.50"


def test_json_lines_are_read() -> None:
    found = feed('{"id": "a"}\n\n{"id": "b"}\n', "rows.jsonl")

    assert [(row.name, row.line) for row in found.rows] == [("a", 1), ("b", 3)]


@pytest.mark.parametrize(
    "bad",
    [
        "5",
        '"text"',
        "[1]",
        "null",
        '{"id": 1, "id": 2}',
        '{"id": NaN}',
        r'{"id": "nu\u0000ll"}',
        '{"id": "' + "x" * 10_001 + '"}',
    ],
)
def test_one_bad_json_row_is_refused_alone(bad: str) -> None:
    found = feed(f'[{{"id": "a"}},\n{bad},\n{{"id": "c"}}]', "rows.json")

    assert [row.problem is None for row in found.rows] == [True, False, True]
    assert [(problem.line, problem.fatal) for problem in found.problems] == [(2, False)]


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        ("[]", 1, "no rows"),
        ('[\n{"a": 1}\n{"a": 2}]', 3, "expected , or ]"),
        ('[\n{"a": 1},\n{"a": }]', 3, "not valid JSON"),
        ('[{"a": 1},]', 1, "not valid JSON"),
        ('[{"a": 1}', 1, "expected , or ]"),
        ('[{"a": 1}]\n]', 1, "something follows"),
        ('{"a": 1}\n{"a"', 2, "not valid JSON"),
        ("[" * 100_000, 1, "too deep"),
        ('[{"a": ' + "9" * 5_000 + "}]", 1, "number too long"),
    ],
)
def test_bad_json_is_refused_with_its_line(content: str, line: int, says: str) -> None:
    found = feed(content, "rows.json")

    assert says in fatal(found)
    assert found.problems[0].line == line


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(st.binary(max_size=200), st.text('ab,;\t"\n\r[]{}:1é', max_size=200).map(str.encode)),
    st.sampled_from(["f.csv", "f.json", "f.jsonl", "f"]),
)
def test_any_bytes_give_a_feed(content: bytes, name: str) -> None:
    found = feed(content, name)

    assert found.rows or any(problem.fatal for problem in found.problems)
    assert len({row.name for row in found.rows}) == len(found.rows)
    assert all(row.name for row in found.rows)
    json.dumps([row.values for row in found.rows if row.problem is None], allow_nan=False)


def test_the_end_that_dos_programs_write_is_no_row() -> None:
    found = parse_feed(b"id,price\r\na,1\r\n\x1a", "rows.csv", "row", 100)

    assert [row.values for row in found.rows] == [{"id": "a", "price": "1"}]
