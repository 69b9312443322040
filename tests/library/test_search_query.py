from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.domain.errors import Invalid
from pressroom.library.search_query import Term, fts5, terms, tsquery


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("red fox", (Term(("red",)), Term(("fox",)))),
        ('"red fox"', (Term(("red", "fox")),)),
        ('"red fox', (Term(("red", "fox")),)),
        ("red -fox", (Term(("red",)), Term(("fox",), negated=True))),
        ("kett*", (Term(("kett",), is_prefix=True),)),
        ("x.com/post", (Term(("x", "com", "post")),)),
        (
            "AND OR NOT (a) ^b {c}:d",
            (*(Term((word,)) for word in ("AND", "OR", "NOT", "a", "b")), Term(("c", "d"))),
        ),
    ],
)
def test_what_people_type_becomes_terms(text: str, found: tuple[Term, ...]) -> None:
    assert terms(text) == found


@pytest.mark.parametrize("text", ["", "  ", '"', "***", "-fox", "'; --"])
def test_a_search_without_a_word_is_invalid(text: str) -> None:
    with pytest.raises(Invalid, match="nothing to search for"):
        terms(text)


def test_a_search_has_a_bounded_number_of_words() -> None:
    with pytest.raises(Invalid, match="takes 32 words, this one has 33"):
        terms("word " * 33)


def test_terms_are_written_for_each_database() -> None:
    found = terms('red "big fox" kett* -blue')

    assert fts5(found, "title", "o1x") == (
        '({title} : ("red" AND "big fox" AND "kett" *) AND owner : "o1x") NOT ({title} : ("blue"))'
    )
    assert tsquery(found) == "('red') & ('big' <-> 'fox') & ('kett':*) & !('blue')"
    assert tsquery(found, "A") == "('red':A) & ('big':A <-> 'fox':A) & ('kett':A*) & !('blue':A)"


@given(st.text(max_size=60))
def test_no_text_brings_quotes_or_operators_into_a_query(text: str) -> None:
    try:
        found = terms(text)
    except Invalid:
        return

    assert all(word.replace("_", "x").isalnum() for term in found for word in term.words)
