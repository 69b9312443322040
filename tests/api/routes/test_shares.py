"""What is shared over HTTP: with people, and with whoever has a link, whose secret is told once."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from pressroom.api.once import REPLAYED
from pressroom.database.schema import EPOCH, answer
from pressroom.domain.identity import Principal, Scope
from pressroom.services.add_media import add_file
from pressroom.services.answers import UNDER_WAY
from pressroom.services.people import add_member
from pressroom.services.sign_in import sign_in
from pressroom.services.tokens import create_token
from tests.api.conftest import Caller
from tests.support.media import product

BEA = "bea@bob.example"


@pytest.fixture(scope="module")
def asset(ask: Caller, photo: Path) -> str:
    return add_file(Principal("default"), ask.context, photo).id


@pytest.fixture(scope="module")
def bea(ask_as_bob: Caller) -> dict[str, str]:
    """The headers of a member of another account."""
    add_member(Principal("bob"), ask_as_bob.context, BEA, "editor")
    made = create_token(Principal("bob"), ask_as_bob.context, "t", scopes=("assets:read", "assets:write"), user=BEA)
    return {"Authorization": f"Bearer {made.secret}"}


def test_a_share_is_given_seen_taken_over_and_ended(
    ask: Caller, client: TestClient, asset: str, bea: dict[str, str]
) -> None:
    theirs = f"/api/v1/assets/{asset}"
    what = {"account": "default", "kind": "asset", "name": asset}

    given = ask("POST", "/shares", status=201, json={"kind": "asset", "name": asset, "email": BEA})
    seen = client.get("/api/v1/shares/received/assets", params=what, headers=bea).json()["items"]
    looked = [client.get(f"{theirs}{end}", headers=bea).status_code for end in ("", "/content")]
    ask("POST", "/shares", status=201, json={"kind": "asset", "name": asset, "email": BEA, "right": "use"})
    allowed = client.get(f"{theirs}/content", headers=bea).status_code
    taken = client.post(f"/api/v1/shares/received/assets/{asset}/take", headers=bea).json()
    ended = client.request("DELETE", "/api/v1/shares", params={**what, "email": BEA}, headers=ask.headers)

    assert (given["invitation"], [each["id"] for each in seen], seen[0]["prompt"]) == (None, [asset], "")
    assert (looked, allowed, taken["account"]) == ([200, 404], 200, "bob")
    assert (ended.status_code, client.get(theirs, headers=bea).status_code) == (204, 404)
    assert client.get("/api/v1/shares/received", headers=bea).json()["items"] == []
    assert client.get("/api/v1/shares/received/assets", params=what, headers=bea).status_code == 404


def test_a_checksum_says_that_a_file_is_there_to_who_may_use_it_and_to_nobody_else(
    ask: Caller, client: TestClient, bea: dict[str, str], tmp_path: Path
) -> None:
    """Who may only look sees the checksum, and must not get the file for it."""
    product(33, 44).save(tmp_path / "mine.png")
    mine = add_file(Principal("default"), ask.context, tmp_path / "mine.png")
    told = base64.b64encode(mine.sha256.encode()).decode()
    headers = {
        **bea,
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(mine.size_bytes),
        "Upload-Metadata": f"sha256 {told}",
    }

    def begun() -> Any:
        return client.post("/api/v1/uploads", headers=headers).json()

    def share(right: str) -> None:
        ask("POST", "/shares", status=201, json={"kind": "asset", "name": mine.id, "email": BEA, "right": right})

    unknown = begun()
    share("view")
    looking = begun()
    share("use")
    using = begun()

    assert [(each["asset"], each["offset"]) for each in (unknown, looking)] == [(None, 0)] * 2
    assert using["offset"] == mine.size_bytes
    own = client.get(f"/api/v1/assets/{using['asset']}", headers=bea).json()
    assert (own["account"], own["sha256"], own["id"] != mine.id) == ("bob", mine.sha256, True)
    assert [use["kind"] for use in ask("GET", f"/assets/{mine.id}/uses")["items"]] == ["campaign", "share", "share"]


def test_who_is_new_gets_an_invitation_which_is_good_once(ask: Caller, client: TestClient, asset: str) -> None:
    wanted = {"kind": "asset", "name": asset, "email": "zoe@new.example"}
    secret = ask("POST", "/shares", status=201, json=wanted, headers={"Idempotency-Key": "i1"})["invitation"]

    again = ask("POST", "/shares", status=201, json=wanted, headers={"Idempotency-Key": "i1"})["invitation"]
    said = {"secret": secret, "name": "Zoe"}
    short = client.post("/api/v1/invitations/accept", json={**said, "password": "short"})
    password = "a kettle of my own, thank you"
    accepted = [client.post("/api/v1/invitations/accept", json={**said, "password": password}) for _ in range(2)]

    assert again == secret
    assert [each.status_code for each in accepted] == [200, 404]
    assert accepted[0].json() == {"email": "zoe@new.example"}
    assert (short.status_code, password in short.text) == (422, False)
    assert sign_in(ask.context, "zoe@new.example", password, network="192.0.2.1").principal.user == "zoe@new.example"


def test_a_link_opens_what_it_was_made_for_and_no_more(ask: Caller, client: TestClient, asset: str) -> None:
    link = {"kind": "asset", "name": asset, "right": "use", "password": "open sesame", "most_downloads": 1}
    made = ask("POST", "/links", status=201, json=link)
    at, password = f"/api/v1/public/{made['secret']}", {"Link-Password": "open sesame"}

    def get(path: str = "", headers: dict[str, str] = password) -> Any:
        return client.get(f"{at}{path}", headers=headers)

    assert [get(headers=each).status_code for each in ({}, {"Link-Password": "open"}, password)] == [401, 401, 200]
    assert get().headers["x-robots-tag"] == "noindex, nofollow"
    assert [each["id"] for each in get().json()["items"]] == [asset] == [get(f"/assets/{asset}").json()["id"]]
    assert get(f"/assets/{asset}/preview").headers["content-type"] == "image/webp"
    taken = [get(f"/assets/{asset}/content") for _ in range(2)]
    assert [each.status_code for each in taken] == [200, 410]
    assert taken[0].headers["x-robots-tag"] == "noindex, nofollow"
    assert client.get("/api/v1/public/none").status_code == 404
    ask("DELETE", f"/links/{made['id']}")
    assert (get().status_code, get().json()["code"]) == (410, "gone")
    assert [each["downloads"] for each in ask("GET", "/links")["items"] if each["id"] == made["id"]] == [1]


@pytest.mark.parametrize(
    ("path", "body"),
    [("/links", {"kind": "asset"}), ("/tokens", {"name": "site", "scopes": ["credits:read"]})],
)
def test_a_secret_is_told_again_to_who_asked_and_is_nowhere_on_record(
    ask: Caller, client: TestClient, asset: str, path: str, body: dict[str, Any]
) -> None:
    """Also where the server was killed between effect and answer: it is the same one, not a second."""
    body = body | ({"name": asset} if path == "/links" else {})
    headers = {"Idempotency-Key": f"s{path}"}
    made = ask("POST", path, status=201, json=body, headers=headers)
    before = len(ask("GET", path))

    replayed = client.post(f"/api/v1{path}", json=body, headers={**ask.headers, **headers})
    with ask.context.database.write() as conn:
        kept = conn.execute(select(answer.c.body).where(answer.c.key == f"s{path}")).scalar_one()
        gone = {"status": UNDER_WAY, "body": "", "holder": "other-machine/4711/boot:1", "held_until": EPOCH}
        conn.execute(update(answer).where(answer.c.key == f"s{path}").values(**gone))
    found = ask("POST", path, status=201, json=body, headers=headers)
    other = {"Authorization": f"Bearer {ask.secret(Scope.ADMIN, Scope.ASSETS_WRITE)}", **headers}

    assert (replayed.json(), replayed.headers[REPLAYED.lower()]) == (made, "true")
    assert made["secret"] not in kept
    assert (found["secret"], len(ask("GET", path))) == (made["secret"], before)
    assert client.post(f"/api/v1{path}", json=body, headers=other).json()["code"] == "idempotency_key"
