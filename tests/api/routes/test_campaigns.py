"""Stored campaigns over HTTP."""

from __future__ import annotations

from tests.api.conftest import Caller


def test_a_campaign_is_kept_in_versions(ask: Caller, ask_as_bob: Caller) -> None:
    first = ask("POST", "/campaigns", status=201, json={"name": "spring", "text": "pressroom: 1\n"})
    again = ask("POST", "/campaigns", status=201, json={"name": "spring", "text": "pressroom: 1\n"})
    second = ask("POST", "/campaigns", status=201, json={"name": "spring", "text": "pressroom: 1\nname: s\n"})

    assert first == again
    assert ask("GET", "/campaigns/spring")["id"] == second["id"]
    assert ask("GET", f"/campaigns/{first['id']}")["text"] == "pressroom: 1\n"
    assert [each["id"] for each in ask("GET", "/campaigns?name=spring")["items"]] == [second["id"], first["id"]]
    assert ask_as_bob("GET", "/campaigns/spring", status=404)["code"] == "not_found"
    assert ask_as_bob("GET", f"/campaigns/{first['id']}", status=404)["code"] == "not_found"
