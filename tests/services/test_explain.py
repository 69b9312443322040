from __future__ import annotations

import pytest

from pressroom.domain.errors import Invalid
from pressroom.services.explain import explain_problem
from tests.test_docs_codes import documented_codes


def test_every_documented_code_and_class_is_explained() -> None:
    classes = ("not_found", "out_of_credits", "answer_lost")

    for code in (*documented_codes(), *classes):
        (found,) = explain_problem(code)
        assert (found.code, bool(found.meaning)) == (code, True)


def test_the_codes_of_a_text_are_explained_in_their_order_and_once() -> None:
    found = explain_problem('{"code": "cap_day", "problems": [{"code": "balance"}, {"code": "CAP_DAY"}]}')

    assert [each.code for each in found] == ["cap_day", "balance"]
    assert "may spend on the day" in found[0].meaning


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Error executing tool run_plan: balance: this needs a person, a file and 2 credits", ["balance"]),
        ("value: 3 is too much\nunknown_key: no 'scael'", ["value", "unknown_key"]),
        (" Scope \n", ["scope"]),
    ],
)
def test_common_words_of_a_text_are_no_codes(text: str, codes: list[str]) -> None:
    assert [each.code for each in explain_problem(text)] == codes


def test_links_and_marks_of_the_document_are_no_part_of_a_meaning() -> None:
    (found,) = explain_problem("provider_not_configured")

    assert "pressroom providers set NAME keeps one" in found.meaning


def test_what_is_no_code_is_refused_with_the_nearest() -> None:
    with pytest.raises(Invalid, match=r"no problem is called 'balanse'.*did you mean 'balance'"):
        explain_problem("balanse")
