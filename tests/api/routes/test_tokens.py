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


def test_caps_are_set_seen_and_changed_by_name(ask: Caller) -> None:
    wanted = {"name": "agent", "scopes": ["agent", "runs:write", "runs:read"], "cap_run": 2, "cap_day": 5.5}
    made = ask("POST", "/tokens", status=201, json=wanted)

    changed = ask("PATCH", f"/tokens/{made['prefix']}", json={"cap_run": None, "standing_day": 1})

    caps = ("cap_run", "cap_day", "standing_day")
    assert [made[cap] for cap in caps] == [2, 5.5, None]
    assert [changed[cap] for cap in caps] == [None, 5.5, 1]
    assert [changed[spent] for spent in ("spent_today", "held_today", "unasked_today")] == [0, 0, 0]
    assert ask("PATCH", "/tokens/prt_00000000", status=404, json={})["code"] == "not_found"
    assert ask("POST", "/tokens", status=422, json={**wanted, "cap_day": -1})["problems"][0]["path"] == [
        "body",
        "cap_day",
    ]
    assert ask("POST", "/tokens", status=409, json={**wanted, "scopes": ["admin"]})["code"] == "refused"


def test_what_is_no_number_is_no_cap(ask: Caller) -> None:
    for field in ("cap_run", "cap_day", "standing_day", "days"):
        for value in (True, False, "5"):
            wrong = ask("POST", "/tokens", status=422, json={"name": "x", field: value})
            assert wrong["problems"][0]["path"] == ["body", field]
    for path, body in (
        ("/generations", {"media_type": "image", "prompt": "x", "max_credits": True}),
        ("/generations", {"media_type": "image", "prompt": "x", "count": True}),
        ("/runs/r1/approve", {"cap": False}),
        ("/runs/r1/resume", {"usd": "1"}),
        ("/batches", {"campaign": "x", "rows": [{}], "max_credits": False}),
        ("/links", {"kind": "asset", "name": "x", "days": True}),
        ("/assets/rate", {"ids": ["x"], "rating": True}),
        ("/retention", {"name": "x", "action": "trash", "older_than_days": True}),
    ):
        assert ask("POST", path, status=422, json=body)["code"] == "request", (path, body)
