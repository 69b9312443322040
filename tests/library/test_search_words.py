"""A search as names and values: all that is wrong with one is said at once."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.domain.errors import Invalid
from pressroom.library.search import FACETS, Filter, Query, Sort
from pressroom.library.search_filter import Range
from pressroom.library.search_words import NAMES, SHOWING, query_of


def test_every_filter_has_a_name_and_every_name_a_filter() -> None:
    ours = Filter.__dataclass_fields__.keys() - {"member"} | {"created"}

    assert NAMES.keys() == ours - {"since", "before"}
    assert SHOWING.keys() == Query.__dataclass_fields__.keys() - {"which"}


@pytest.mark.parametrize(
    ("given", "query"),
    [
        ([], Query()),
        ([("tag", "a"), ("tag", "2024")], Query(Filter(tag=("a", "2024")))),
        ([("width", "1000..2000"), ("rating", "4")], Query(Filter(width=Range(1000, 2000), rating=Range(4, 4)))),
        ([("bytes", "..5"), ("cost", "0.5..")], Query(Filter(bytes=Range(None, 5), cost=Range(0.5)))),
        ([("used", "Yes"), ("alpha", "0")], Query(Filter(used=True, alpha=False))),
        ([("format", "jpg"), ("ratio", "16:9")], Query(Filter(format=("jpeg",), ratio=("16:9",)))),
        ([("in_folder", "")], Query(Filter(in_folder=("",)))),
        (
            [("created", "2026-11-01..2026-11-30")],
            Query(Filter(since=datetime(2026, 11, 1, tzinfo=UTC), before=datetime(2026, 12, 1, tzinfo=UTC))),
        ),
        ([("created", "2026-11-01T12:00:00Z..")], Query(Filter(since=datetime(2026, 11, 1, 12, tzinfo=UTC)))),
        (
            [("sort", "name"), ("limit", "500"), ("cursor", "x"), ("timeline", "yes"), ("like", "a1"), ("text", "red")],
            Query(Filter(text="red"), Sort.NAME, 500, "x", (), True, "a1"),
        ),
        ([("facets", "kind"), ("facets", "tag"), ("facets", "kind")], Query(facets=("kind", "tag"))),
        ([("facets", "all")], Query(facets=FACETS)),
    ],
)
def test_names_and_values_are_a_search(given: list[tuple[str, str]], query: Query) -> None:
    assert query_of(given) == query


WRONG = {
    ("campain", "x"): "there is no filter 'campain' (did you mean 'campaign'?)",
    ("kind", "vido"): "'vido' is no kind (did you mean 'video'?)",
    ("format", "pgn"): "'pgn' is no format (did you mean 'png'?)",
    ("sort", "newst"): "'newst' is no sort (did you mean 'newest'?)",
    ("used", "maybe"): "used is yes or no, not 'maybe'",
    ("width", "wide"): "width is a range, not 'wide' (write 10..20, 10.. or ..20)",
    ("bytes", ".."): "bytes is a range, not '..' (write 10..20, 10.. or ..20)",
    ("created", "yesterday"): "'yesterday' is no day and no instant (write 2026-11-30 or 2026-11-30T12:00:00Z)",
    ("ratio", "16:0"): "'16:0' is no ratio (write 16:9)",
    ("limit", "501"): "limit is a number from 1 to 500, not '501'",
    ("text", "-"): "nothing to search for in '-' (give at least one word without a minus)",
}


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        query_of(WRONG)

    assert [str(problem) for problem in caught.value.problems] == list(WRONG.values())


def test_what_takes_one_value_is_given_once() -> None:
    with pytest.raises(Invalid, match="width takes one value, not 2"):
        query_of([("width", "1.."), ("width", "..2")])


@given(st.sampled_from(sorted((*NAMES, *SHOWING))), st.text(max_size=20))
def test_no_value_is_more_than_invalid(name: str, value: str) -> None:
    with suppress(Invalid):
        assert isinstance(query_of([(name, value)]), Query)
