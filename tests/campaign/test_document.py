"""The YAML reader: plain values, their places, and refusals."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.campaign.document import MAX_DEPTH, MAX_DOCUMENT_BYTES, decode, read_document
from pressroom.domain.errors import Invalid, Problem


def value_of(text: str) -> object:
    document = read_document(text, "c.yaml")
    assert document.problems == ()
    return document.value


def refusal(text: str) -> Problem:
    """The one problem for which the text is refused outright."""
    with pytest.raises(Invalid) as caught:
        read_document(text, "c.yaml")
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("9:16", "9:16"),
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("2026-01-01", "2026-01-01"),
        ("1_000", "1_000"),
        ("0b1", "0b1"),
        ("12:30:45", "12:30:45"),
        ("5", 5),
        ("-5", -5),
        ("007", 7),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("'5'", "5"),
        ('"true"', "true"),
        ("!!str 5", "5"),
        ("!!float 5", 5.0),
        ("! 5", "5"),
        ("|\n  two\n  lines", "two\nlines"),
        ("+", "+"),
        ("1.2.3", "1.2.3"),
    ],
)
def test_scalars_follow_the_yaml_1_2_core_schema(written: str, meant: object) -> None:
    found = value_of(f"key: {written}")

    assert found == {"key": meant}
    assert isinstance(found, dict)
    assert isinstance(found["key"], type(meant))
    assert isinstance(found["key"], bool) == isinstance(meant, bool)


@pytest.mark.parametrize("written", ["24.90", "007", "0x1F", "+49123", "1e3", "-0.50", ".5", "0o17"])
def test_a_number_remembers_how_it_was_written(written: str) -> None:
    number = value_of(f"key: {written}")["key"]

    assert str(number) == written
    assert (str(copy.deepcopy(number)), copy.deepcopy(number)) == (written, number)
    assert json.loads(json.dumps([number])) == [number]


@given(st.from_regex(r"[-+]?[0-9]{1,9}(\.[0-9]{1,6})?", fullmatch=True))
def test_no_number_loses_a_digit_as_text(written: str) -> None:
    number = value_of(f"key: {written}")["key"]

    assert str(number) == written
    assert number == float(written)


@pytest.mark.parametrize(
    ("text", "place", "shown"),
    [
        ("primary: #1f3b2d", (1, 10), "#1f3b2d"),
        ("a:\n  - #fff\n  - x", (2, 5), "#fff"),
        ("a:\n  b:   #1 in town\n  c: d", (2, 8), "#1"),
        ("a: {b: #fff\n}", (1, 8), "#fff"),
        ("a: {b: 1, c: #fff # paper\n}", (1, 14), "#fff"),
    ],
)
def test_a_value_that_yaml_takes_for_a_comment_is_a_mistake(text: str, place: tuple[int, int], shown: str) -> None:
    (problem,) = read_document(text, "c.yaml").problems

    assert (problem.line, problem.column) == place
    assert problem.message.startswith(f"{shown} is read as a comment")
    assert problem.hint == f'put quotes around it: "{shown}"'


@pytest.mark.parametrize(
    "text", ["a: # to come", "a: #", "a: ##", "a: x #y", "a: '' #y", "a: #y\n  b: c", "a:\n  #y\n  b: c"]
)
def test_comments_that_hide_nothing_are_comments(text: str) -> None:
    assert read_document(text, "c.yaml").problems == ()


@pytest.mark.parametrize(
    ("text", "place", "shown"),
    [
        ("colors: {primary: #1f3b2d, text: red}\nname: x\n", (1, 19), "#1f3b2d"),
        ("brand:\n  colors: {primary: #1f3b2d}\nsteps:\n  a: {uses: draw}\n", (2, 21), "#1f3b2d"),
        ("colors: {primary: #1f3b2d}\n\n\nname: {a: 1}\n", (1, 19), "#1f3b2d"),
        ("colors: {\n  primary: #1f3b2d,\n  text: '#fff'\n}\n", (2, 12), "#1f3b2d"),
        ("colors: {\n  primary: #1f3b2d\n  text: #fff\n}\n", (2, 12), "#1f3b2d"),
        ("a: {color: #1f3b2d}", (1, 12), "#1f3b2d"),
        ("colors: [#fff, #000]\nname: x\n", (1, 10), "#fff"),
        ("tags: ['#a', \"#b\", #sale, c]\nname: x\n", (1, 20), "#sale"),
        ("a: {t: don't, c: #fff}\nb: it's\n", (1, 18), "#fff"),
        ("a:\n - {c: #fff}\n - {c: #000}\n", (2, 8), "#fff"),
        ("steps:\n  a: {with: {color: #1f3b2d}}\n  b: {with: {text: x}}\n", (2, 21), "#1f3b2d"),
    ],
)
def test_a_value_whose_comment_swallows_a_bracket_is_told_where_it_stands(
    text: str, place: tuple[int, int], shown: str
) -> None:
    problem = refusal(text)

    assert (problem.line, problem.column) == place
    assert problem.message == f"{shown} is read as a comment, because # begins one: the rest of the line is lost"
    assert problem.hint == f'put quotes around it: "{shown}"'


@pytest.mark.parametrize(
    "text", ['x: {t: "a #b", b: 1\ny: 2\n', "x: [a, 'c #d', e # as in [1]\ny: 2\n", "x: {a: b#c, d: 1\ny: 2"]
)
def test_a_bracket_that_no_comment_swallows_is_called_not_closed(text: str) -> None:
    assert "is not closed" in refusal(text).hint


def test_keys_are_text_as_written() -> None:
    assert value_of("1: a\non: b\ntrue: c\nnull: d") == {"1": "a", "on": "b", "true": "c", "null": "d"}


def test_every_value_and_key_has_its_place() -> None:
    positions = read_document("a: 1\nb:\n  - x\n  - {c: [yes, 'q']}\ndé: ü\n", "c.yaml").positions

    assert positions.at("a") == (1, 4)
    assert positions.at("b") == (2, 1)  # a list is found at its key
    assert positions.at("b", 0) == (3, 5)
    assert positions.at("b", 1, "c") == (4, 6)
    assert positions.at("b", 1, "c", 1) == (4, 15)
    assert positions.at("dé") == (5, 5)
    assert positions.key("a") == (1, 1)
    assert positions.key("b", 1, "c") == (4, 6)


def test_a_path_that_is_not_there_has_the_place_of_its_nearest_parent() -> None:
    positions = read_document("a:\n  b: {c: 1}\n", "c.yaml").positions

    assert positions.at("a", "b", "nothing", 3) == (2, 3)
    assert positions.at("nothing") == (1, 1)


def test_a_key_written_twice_is_a_problem_and_the_first_value_stays() -> None:
    document = read_document("a: 1\nb: 2\na: 3\n", "c.yaml")

    assert document.value == {"a": 1, "b": 2}
    assert [str(problem) for problem in document.problems] == ["c.yaml:3:1: 'a' is written twice (first on line 1)"]


def test_merge_keys_fill_what_is_not_written() -> None:
    text = "base: &b {x: 1, y: 1}\nmore: &m {y: 2, z: 2}\none: {<<: *b, x: own}\nall: {<<: [*m, *b], q: 3}\n"

    found = value_of(text)

    assert isinstance(found, dict)
    assert found["one"] == {"x": "own", "y": 1}
    assert found["all"] == {"q": 3, "y": 2, "z": 2, "x": 1}


@pytest.mark.parametrize("key", ['"<<"', "'<<'", "! <<", "!!str <<"])
def test_a_merge_key_in_quotes_is_a_key(key: str) -> None:
    document = read_document(f"base: &b {{x: 1}}\none: {{{key}: *b, y: 2}}\n", "c.yaml")

    assert document.value == {"base": {"x": 1}, "one": {"<<": {"x": 1}, "y": 2}}
    assert document.problems == ()


def test_merging_something_else_than_a_mapping_is_a_problem() -> None:
    document = read_document("a: &x [1]\nb: {<<: *x}\nc: {<<: 3}", "c.yaml")

    assert [(problem.line, "merge" in problem.message) for problem in document.problems] == [(1, True), (3, True)]


def test_aliases_are_copies_with_the_places_of_their_anchor() -> None:
    document = read_document("a: &x\n  b: 1\nc: *x\n", "c.yaml")

    assert document.value == {"a": {"b": 1}, "c": {"b": 1}}
    assert document.positions.at("c", "b") == (2, 6)


def test_billion_laughs_are_refused() -> None:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]

    problem = refusal("\n".join(lines))

    assert "aliases explode" in problem.message
    assert problem.line is not None


def test_a_hundred_thousand_slips_are_found_in_one_pass() -> None:
    assert len(read_document("a: 1\n" * 100_000, "c.yaml").problems) == 99_999


def test_merge_keys_that_explode_are_refused() -> None:
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 10)]

    assert "explode" in refusal("\n".join(lines)).message


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("", 1, 1, "empty"),
        ("# only a comment\n", 1, 1, "empty"),
        ("a: b: c", 1, 5, "mapping values"),
        ("a: 1\n\tb: 2", 2, 1, "tab character"),
        ("a: @b", 1, 4, "cannot start any token"),
        ("a: [1, 2", 2, 1, "expected"),
        ("a: 'open", 1, 9, "end of stream"),
        ("a: *none", 1, 4, "refers to no anchor"),
        ("a: &x [*x]", 1, 8, "contains it"),
        ("---\na: 1\n---\nb: 2\n", 3, 1, "second document"),
        ("a: 1\nb: x\0y", 2, 5, "U+0000"),
        ("a: \ud800", 1, 4, "U+D800"),
        ("[" * 100_000, 1, MAX_DEPTH + 1, "nested deeper"),
        ("a: " + "{a: " * 60, 1, None, "nested deeper"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, line: int, column: int | None, says: str) -> None:
    problem = refusal(text)

    assert says in problem.message
    assert problem.line == line
    assert column is None or problem.column == column


@pytest.mark.parametrize(
    "text",
    ["a: !!python/object/apply:os.system [ls]", "a: !mine {b: 1}", "a: !!binary aGk=", "a: !!set {b}", "a: !env HOME"],
)
def test_tags_are_problems(text: str) -> None:
    document = read_document(text, "c.yaml")

    assert [problem.message.startswith("the tag") for problem in document.problems] == [True]
    assert document.problems[0].column == 4


@pytest.mark.parametrize("text", ["a: .inf", "a: -.INF", "a: .nan", "a: 1e999", "a: " + "9" * 5_000, "a: !!int x"])
def test_numbers_that_are_none_are_problems(text: str) -> None:
    assert len(read_document(text, "c.yaml").problems) == 1


@pytest.mark.parametrize(("text", "column"), [(r'a: "nu\0ll"', 4), (r'"b\0": 1', 1)])
def test_text_that_no_database_takes_is_a_problem(text: str, column: int) -> None:
    (problem,) = read_document(text, "c.yaml").problems

    assert problem.message.startswith("this text holds ")
    assert (problem.line, problem.column) == (1, column)


def test_an_unquoted_expression_is_a_problem_that_says_quotes() -> None:
    document = read_document("a: {{ inputs.x }}", "c.yaml")

    assert "needs quotes" in document.problems[0].hint


def test_a_document_above_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("a: '" + "x" * MAX_DOCUMENT_BYTES + "'")

    with pytest.raises(Invalid, match="larger than"):
        read_document(path.read_text(), str(path))


def test_byte_order_marks_are_read_over_and_other_encodings_named(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1")

    assert read_document(decode(path.read_bytes(), "c.yaml"), "c.yaml").value == {"a": 1}
    with pytest.raises(Invalid, match="UTF-16"):
        decode("a: 1".encode("utf-16"), "c.yaml")
    with pytest.raises(Invalid) as caught:
        decode(b"a: 1\nb: caf\xe9", "c.yaml")
    assert (caught.value.problems[0].line, caught.value.problems[0].column) == (2, 7)


YAML_PIECES = st.sampled_from(
    ["a", "b: ", "- ", "\n", "  ", "[", "]", "{", "}", ", ", "&x ", "*x", "<<: ", "!!int ", "!e ", "'", '"', "|\n", "? ",
     "---\n", "...\n", "#", "5", "1.5", "%", "@", "`", "\t", "~", "é", "\x85", "{{ a }}"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(YAML_PIECES, max_size=40).map("".join)))
def test_any_text_is_a_document_or_invalid_with_a_place(text: str) -> None:
    try:
        problems = read_document(text, "c.yaml").problems
    except Invalid as exc:
        problems = exc.problems or (Problem("", ""),)
    assert all(problem.line and problem.column and problem.file for problem in problems)
