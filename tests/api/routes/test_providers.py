"""Vendors over HTTP."""

from __future__ import annotations

from tests.api.conftest import Caller


def test_vendors_are_told_of_and_their_keys_never(ask: Caller) -> None:
    found = {row["name"]: row for row in ask("GET", "/providers")}

    assert not found["replicate"]["configured"]
    assert found["replicate"]["keys"] == ["REPLICATE_API_TOKEN"]
    refused = ask("PUT", "/providers/replicate/key", status=403, json={"key": "r8_secret"})
    assert refused["code"] == "scope"
    assert "r8_secret" not in str(refused)
