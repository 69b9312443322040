"""Tokens over HTTP."""

from __future__ import annotations

from starlette.testclient import TestClient

from tests.api.conftest import Caller


def test_a_token_is_shown_once_and_ends_at_once(ask: Caller, client: TestClient) -> None:
    made = ask("POST", "/tokens", status=201, json={"name": "site", "scopes": ["credits:read"], "days": 2})
    headers = {"Authorization": f"Bearer {made['secret']}"}

    assert client.get("/api/v1/credits", headers=headers).status_code == 200
    assert made["secret"] not in str(ask("GET", "/tokens"))
    ask("DELETE", f"/tokens/{made['prefix']}")
    assert client.get("/api/v1/credits", headers=headers).status_code == 401
    assert "credits:read" in ask("POST", "/tokens", status=422, json={"name": "x", "scopes": ["credit:read"]})["hint"]
