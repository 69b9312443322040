"""Account and statement over HTTP."""

from __future__ import annotations

from pressroom.domain.identity import Principal
from pressroom.domain.money import micros
from pressroom.services.accounts import grant_credits
from tests.api.conftest import Caller


def test_the_statement_comes_in_pages_and_no_line_twice(ask: Caller) -> None:
    for number in range(7):
        grant_credits(Principal("default"), ask.context, micros(1), memo=f"number {number}")

    lines, cursor = [], ""
    while True:
        page = ask("GET", f"/credits/statement?limit=3&cursor={cursor}")
        lines += page["items"]
        if not (cursor := page["next_cursor"] or ""):
            break

    assert [line["memo"] for line in lines] == [f"number {number}" for number in range(6, -1, -1)] + ["first grant"]
    assert lines[0]["balance"] == ask("GET", "/credits")["balance"]
