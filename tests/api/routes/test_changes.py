"""Changes to the library over HTTP: one asset or all that a search finds, asked first, and nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.api.conftest import Caller


@pytest.fixture
def ids(ask: Caller, tmp_path: Path) -> list[str]:
    """Three pictures of this test's own."""
    found = []
    for number in range(3):
        path = tmp_path / f"{number}.png"
        shade = int.from_bytes(tmp_path.name.encode()[-1:]) % 80 + 40 * number
        Image.new("RGB", (40 + number, 30), (shade, 90, 200 - shade)).save(path)
        body = path.read_bytes()
        found.append(ask("POST", f"/assets/uploads?filename={path.name}", status=201, content=body)["id"])
    return found


def test_words_tags_and_places_change_at_once_and_are_found(ask: Caller, ids: list[str]) -> None:
    asked = ask("POST", "/assets/tag", json={"ids": ids, "tags": ["granite", "2026"], "dry_run": True})
    assert (asked["done"], sorted(asked["assets"])) == (False, sorted(ids))
    assert "granite" not in ask("GET", f"/assets/{ids[0]}")["tags"]

    ask("POST", "/assets/tag", json={"ids": ids, "tags": ["granite", "2026"]})
    ask("POST", "/assets/edit", json={"where": [["tag", "granite"]], "title": "Stone", "metadata": {"shelf": 4}})
    ask("POST", "/assets/move", json={"ids": ids[:2], "folder": "stones/black"})
    ask("POST", "/assets/favourite", json={"ids": ids[:1]})
    ask("POST", "/assets/rate", json={"ids": ids[:1], "rating": 5})

    found = ask("GET", "/assets?folder=stones&favourite=yes&rating=4..5&text=stone")
    assert [each["id"] for each in found["items"]] == ids[:1]
    assert found["items"][0]["metadata"] == {"shelf": 4}
    assert {"path": "stones/black", "count": 2} in ask("GET", "/assets/folders")["items"]
    assert ask("POST", "/assets/folders/move", json={"folder": "stones", "to": "rocks"})["count"] == 2
    assert ask("POST", "/assets/untag", json={"ids": ids, "tags": ["granite"]})["count"] == 3


def test_what_is_thrown_away_comes_back_until_it_is_purged(ask: Caller, ids: list[str]) -> None:
    ask("POST", "/assets/trash", json={"ids": ids})
    assert not {each["id"] for each in ask("GET", "/assets?limit=500")["items"]} & set(ids)
    ask("POST", "/assets/restore", json={"ids": ids[:1]})
    ask("POST", "/assets/purge", json={"ids": ids[1:]})

    assert ask("GET", f"/assets/{ids[0]}")["state"] == "ready"
    assert ask("GET", f"/assets/{ids[1]}", status=410)["code"] == "gone"


def test_a_collection_has_an_order_and_a_true_count(ask: Caller, ids: list[str], ask_as_bob: Caller) -> None:
    ask("POST", "/collections", status=201, json={"name": "spring"})
    ask("POST", "/collections/spring/add", json={"ids": ids})
    ask.client.put("/api/v1/collections/spring/order", json={"ids": ids[::-1]}, headers=ask.headers).raise_for_status()
    ask("PATCH", "/collections/spring", json={"cover": ids[1], "description": "for the shop"})

    first = ask("GET", "/collections/spring?limit=2")
    rest = ask("GET", f"/collections/spring?limit=2&cursor={first['next_cursor']}")
    assert [each["id"] for each in (*first["items"], *rest["items"])] == ids[::-1]
    assert (rest["collection"]["count"], rest["collection"]["cover"], rest["next_cursor"]) == (3, ids[1], None)
    assert ask_as_bob("GET", "/collections/spring", status=404)["code"] == "not_found"
    ask.client.delete("/api/v1/collections/spring", headers=ask.headers).raise_for_status()
    assert ask("GET", "/collections")["items"] == []


def test_nobody_changes_what_is_anothers(ask_as_bob: Caller, ids: list[str]) -> None:
    verbs = ("edit", "tag", "untag", "favourite", "rate", "move", "archive", "trash", "restore", "purge")
    more = {"title": "mine", "tags": ["x"], "rating": 1, "folder": "mine"}
    fits = {"edit": ("title",), "tag": ("tags",), "untag": ("tags",), "rate": ("rating",), "move": ("folder",)}
    for verb in verbs:
        body = {"ids": ids[:1], **{name: more[name] for name in fits.get(verb, ())}}
        told = ask_as_bob("POST", f"/assets/{verb}", status=404, json=body)
        assert told["code"] == "not_found", verb
    for path in ("uses", "versions", "lineage", "content"):
        assert ask_as_bob("GET", f"/assets/{ids[0]}/{path}", status=404)["code"] == "not_found"
    assert ask_as_bob("GET", "/assets/statistics")["count"] == 0


def test_a_selection_is_of_one_kind_and_not_of_everything_by_mistake(ask: Caller, ids: list[str]) -> None:
    for body in ({}, {"ids": ids, "where": [["kind", "image"]]}, {"where": [["kinds", "image"]]}):
        assert ask("POST", "/assets/trash", status=422, json=body)["problems"]
