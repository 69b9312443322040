"""The library over HTTP: brought in, found by every filter, fetched, and nobody else's."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pressroom.domain.identity import Principal, Scope
from pressroom.services.add_media import add_file
from tests.api.conftest import Caller


def bring(ask: Caller, content: bytes, name: str = "photo.png") -> dict[str, object]:
    found: dict[str, object] = ask("POST", f"/assets/uploads?filename={name}", status=201, content=content)
    return found


def test_a_file_is_brought_once_and_found_by_its_words_and_its_hash(
    ask: Caller, ask_as_bob: Caller, photo: Path
) -> None:
    content = photo.read_bytes()
    one, same = bring(ask, content), bring(ask, content, "again.png")
    sha256 = hashlib.sha256(content).hexdigest()

    assert one["id"] == same["id"]
    assert ask("GET", f"/assets/{sha256}")["id"] == one["id"]
    found = ask("GET", "/assets?kind=image&format=png&sort=newest&facets=format")
    assert one["id"] in [each["id"] for each in found["items"]]
    assert found["facets"]["format"]["values"]["png"] == found["count"]
    assert ask("GET", "/assets?kind=audio")["items"] == []
    assert "did you mean 'kind'" in ask("GET", "/assets?kinds=image", status=422)["problems"][0]["hint"]
    assert ask_as_bob("GET", f"/assets/{sha256}", status=404)["code"] == "not_found"
    assert ask_as_bob("GET", "/assets")["items"] == []


def test_pages_hold_everything_once(ask: Caller) -> None:
    whole = [each["id"] for each in ask("GET", "/assets?limit=500")["items"]]
    found, cursor = [], ""
    while True:
        page = ask("GET", f"/assets?limit=1&cursor={cursor}" if cursor else "/assets?limit=1")
        found += [each["id"] for each in page["items"]]
        if not (cursor := page["next_cursor"] or ""):
            break

    assert found == whole


def test_a_search_is_saved(ask: Caller) -> None:
    ask.client.put("/api/v1/assets/searches/mine", json=[["kind", "image"]], headers=ask.headers).raise_for_status()

    assert [each["query"] for each in ask("GET", "/assets/searches")["items"]] == [[["kind", "image"]]]
    ask.client.delete("/api/v1/assets/searches/mine", headers=ask.headers).raise_for_status()
    assert ask("GET", "/assets/searches")["items"] == []


@pytest.mark.parametrize("name", ["/etc/x.png", "..", "a\u202egnp.exe", "x" * 255, "con.png"])
def test_a_name_is_only_a_name(ask: Caller, photo: Path, name: str) -> None:
    found = ask("POST", "/assets/uploads", status=201, params={"filename": name}, content=photo.read_bytes())

    assert "/" not in str(found["title"])


def test_what_is_no_media_or_too_large_is_refused_and_nothing_is_left(ask: Caller, photo: Path) -> None:
    home = ask.context.settings.home
    assert ask("POST", "/assets/uploads?filename=a.png", status=422, content=b"MZ no picture")["code"] == "corrupt"
    assert ask("POST", "/assets/uploads?filename=a.png", status=413, content=b"\0" * 64_000_001)["status"] == 413
    assert list(home.glob("upload-*")) == []


def test_uses_are_told_once_and_downloads_by_themselves(ask: Caller, photo: Path) -> None:
    asset = add_file(Principal("default"), ask.context, photo).id
    told = {"kind": "post", "key": "insta/7", "details": {"platform": "instagram"}}
    before = len(ask("GET", f"/assets/{asset}/uses")["items"])

    first, again = (ask("POST", f"/assets/{asset}/uses", Scope.ASSETS_READ, json=told) for _ in range(2))
    whole, part = (
        ask.client.get(f"/api/v1/assets/{asset}/content", headers={**ask.headers, **headers})
        for headers in ({}, {"Range": "bytes=0-3"})
    )

    ask("POST", "/assets/rate", json={"ids": [asset], "rating": 4})
    seen = ask("GET", f"/assets/{asset}")
    assert (seen["favourite"], seen["rating"], seen["uses"]) == (False, 4, before + 2)
    assert (first, again) == ({"recorded": True}, {"recorded": False})
    assert (whole.status_code, part.status_code) == (200, 206)
    uses = ask("GET", f"/assets/{asset}/uses")["items"]
    assert [each["kind"] for each in uses][: len(uses) - before] == ["download", "post"]
    assert ask("POST", f"/assets/{asset}/uses", status=422, json={"kind": "lent"})["code"] == "request"
    long = {**told, "key": "", "details": {"words": "x" * 5_000}}
    assert "at most 4,096" in ask("POST", f"/assets/{asset}/uses", status=422, json=long)["hint"]


def test_a_picture_is_shown_small(ask: Caller, photo: Path) -> None:
    asset = add_file(Principal("default"), ask.context, photo).id

    shown = ask.client.get(f"/api/v1/assets/{asset}/preview?side=160", headers=ask.headers)

    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
    assert "immutable" in shown.headers["cache-control"]
    assert ask("GET", f"/assets/{asset}/preview?side=161", status=404)["code"] == "not_found"
