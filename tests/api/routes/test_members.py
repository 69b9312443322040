"""Members over HTTP: put, listed, removed, and never without an owner."""

from __future__ import annotations

from tests.api.conftest import Caller


def test_a_member_is_put_once_changed_and_removed(ask: Caller) -> None:
    made = [ask("PUT", "/members/Ann@example.com", json={"role": "editor", "name": "Ann"}) for _ in range(2)]
    changed = ask("PUT", "/members/ann@example.com", json={"role": "viewer"})

    assert made[0] == made[1]
    assert (made[0]["email"], made[0]["role"], changed["role"]) == ("ann@example.com", "editor", "viewer")
    assert [each["email"] for each in ask("GET", "/members")["items"]] == ["ann@example.com"]
    assert ask("DELETE", "/members/ann@example.com")["email"] == "ann@example.com"
    assert ask("DELETE", "/members/ann@example.com", status=404)["code"] == "not_found"


def test_a_token_makes_no_owner_and_nobody_is_called_what_is_no_address(ask: Caller) -> None:
    assert ask("PUT", "/members/zoe@example.com", status=409, json={"role": "owner"})["code"] == "refused"
    assert ask("PUT", "/members/zoe", status=422, json={})["code"] == "invalid"
    assert ask("PUT", "/members/zoe@example.com", status=422, json={"role": "king"})["code"] == "request"
