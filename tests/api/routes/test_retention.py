"""Rules for what has become old, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import update

from pressroom.database.schema import asset
from pressroom.domain.identity import Scope
from tests.api.conftest import Caller


@pytest.fixture
def old(ask: Caller, tmp_path: Path) -> str:
    """The id of a picture that was filed ten days ago, with a tag of its own."""
    path = tmp_path / "old.png"
    Image.new("RGB", (33, 21), "#338844").save(path)
    found = str(ask("POST", "/assets/uploads?filename=old.png", status=201, content=path.read_bytes())["id"])
    ask("POST", "/assets/tag", json={"ids": [found], "tags": ["seasonal"]})
    with ask.context.database.write() as conn:
        conn.execute(update(asset).where(asset.c.id == found).values(created_at=ask.context.now() - timedelta(days=10)))
    return found


def test_a_rule_is_made_asked_applied_and_removed(ask: Caller, ask_as_bob: Caller, old: str) -> None:
    wanted = {"name": "after/the season", "action": "trash", "older_than_days": 7, "tag": "seasonal"}
    made = ask("POST", "/retention", status=201, json=wanted)

    asked = ask("POST", "/retention/apply", json={})
    assert ask("GET", f"/assets/{old}")["state"] == "ready"
    done = ask("POST", "/retention/apply", json={"dry_run": False})

    assert made == {**wanted, "kind": "", "campaign": "", "state": ""}
    assert ask("GET", "/retention", Scope.ASSETS_READ)["items"] == [made]
    assert [(each["done"], each["assets"]) for each in (asked[made["name"]], done[made["name"]])] == [
        (False, [old]),
        (True, [old]),
    ]
    assert ask("GET", f"/assets/{old}")["state"] == "trashed"
    assert ask_as_bob("GET", "/retention")["items"] == []
    assert ask_as_bob("DELETE", f"/retention?name={made['name']}", status=404)["code"] == "not_found"
    assert ask("DELETE", f"/retention?name={made['name']}") == made
    assert ask("GET", "/retention")["items"] == []


def test_only_an_admin_makes_rules_and_a_name_is_taken_once(ask: Caller) -> None:
    wanted = {"name": "once", "action": "archive", "older_than_days": 1}

    assert ask("POST", "/retention", Scope.ASSETS_WRITE, status=403, json=wanted)["code"] == "scope"
    ask("POST", "/retention", status=201, json=wanted)
    assert "already a rule" in ask("POST", "/retention", status=422, json=wanted)["detail"]
    assert ask("POST", "/retention", status=422, json={**wanted, "name": "never", "older_than_days": 0})
    ask("DELETE", "/retention?name=once")
