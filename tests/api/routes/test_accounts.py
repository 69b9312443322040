"""Account and statement over HTTP."""

from __future__ import annotations

from pressroom.domain.identity import Principal
from pressroom.domain.money import micros
from pressroom.services.accounts import grant_credits
from tests.api.conftest import Caller


def test_usage_is_told_by_what_is_asked_for_and_adds_up_to_the_statement(ask: Caller) -> None:
    made = ask("POST", "/generations?wait=60", json={"media_type": "image", "prompt": "x", "width": 64, "height": 64})

    by_user = ask("GET", "/usage?by=user")
    lines = ask("GET", "/credits/statement?limit=500")["items"]

    assert made["state"] == "completed"
    assert [(each["key"][:4], each["count"]) for each in by_user["items"]] == [("prt_", 1)]
    assert by_user["total"]["credits"] == -sum(line["credits"] for line in lines if line["kind"] == "capture")
    assert ask("GET", "/usage?from=2026-01-02&to=2026-01-03")["items"] == []
    assert ask("GET", "/usage?from=2026-01-02&to=2026-01-02", status=422)["problems"][0]["path"] == ["to"]
    assert ask("GET", "/usage?by=colour", status=422)["code"] == "request"


def test_an_account_has_a_budget_of_its_own_a_month(ask: Caller) -> None:
    set_to = ask("PUT", "/account/budget", json={"credits": 7.5})["allowances"]["credits"]
    lifted = ask("PUT", "/account/budget", json={"credits": None})["allowances"]
    wrong = ask("PUT", "/account/budget", json={"credits": -1}, status=422)

    assert (set_to["limit"], set_to["left"]) == (7.5, 7.5 - set_to["used"])
    assert "credits" not in lifted
    assert wrong["problems"][0]["path"] == ["body", "credits"]


def test_an_account_has_looks_of_its_own(ask: Caller) -> None:
    nothing = ask("GET", "/account/branding")
    kept = ask("PUT", "/account/branding", json={"name": "Kettle & Co", "accent": "#a01040"})
    pale = ask("PUT", "/account/branding", json={"accent": "#ffcc00"}, status=422)
    after = ask("GET", "/account/branding")
    ask("PUT", "/account/branding", json={})

    assert nothing == {"name": "", "accent": "", "accent_dark": "", "logo": None}
    assert (kept["name"], kept["accent"], after) == ("Kettle & Co", "#a01040", kept)
    assert pale["problems"][0]["path"] == ["accent"]
    assert ask("GET", "/account/branding") == nothing


def test_the_statement_comes_in_pages_and_no_line_twice(ask: Caller) -> None:
    lines_before = [line["memo"] for line in ask("GET", "/credits/statement?limit=500")["items"]]
    for number in range(7):
        grant_credits(Principal("default"), ask.context, micros(1), memo=f"number {number}")

    lines, cursor = [], ""
    while True:
        page = ask("GET", f"/credits/statement?limit=3&cursor={cursor}")
        lines += page["items"]
        if not (cursor := page["next_cursor"] or ""):
            break

    assert [line["memo"] for line in lines] == [f"number {number}" for number in range(6, -1, -1)] + lines_before
    assert lines[0]["balance"] == ask("GET", "/credits")["balance"]
