"""Calls with a key of their own: one effect, equal answers, whatever is sent how often and whatever is killed in between."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, update

from pressroom.database.schema import EPOCH, answer, run
from pressroom.services.answers import UNDER_WAY, Call
from tests.api.conftest import Caller

PICTURE = {"media_type": "image", "prompt": "sea", "width": 64, "height": 64}


def key() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_hex(8)}


def runs_of(ask: Caller) -> int:
    with ask.context.database.read() as conn:
        return len(conn.execute(select(run.c.id)).all())


def send(ask: Caller, headers: dict[str, str], body: dict[str, Any] | None = None) -> Any:
    headers = {"Authorization": f"Bearer {ask.secret()}", **headers}
    return ask.client.post("/api/v1/generations?wait=20", json=body or PICTURE, headers=headers)


def test_a_key_sent_many_times_at_once_has_one_effect_and_one_answer(ask: Caller) -> None:
    before, headers = runs_of(ask), key()
    ask.secret()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: send(ask, headers), range(60)))

    assert {each.status_code for each in answers} == {200}
    assert len({each.content for each in answers}) == 1
    assert sum("idempotency-replayed" in each.headers for each in answers) == 59
    assert runs_of(ask) == before + 1


def test_a_key_is_of_one_call_of_one_account(ask: Caller, ask_as_bob: Caller) -> None:
    headers = key()
    mine = send(ask, headers).json()

    other = send(ask, headers, {**PICTURE, "prompt": "another"})
    theirs = send(ask_as_bob, headers).json()

    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key")
    assert theirs["id"] != mine["id"]
    assert send(ask, {"Idempotency-Key": "x" * 256}).json()["code"] == "idempotency_key"


def test_what_was_refused_may_be_sent_again(ask: Caller) -> None:
    headers = key()
    wrong = {**PICTURE, "parameters": {"widht": 3}}

    assert [send(ask, headers, wrong).status_code for _ in range(2)] == [422, 422]
    assert send(ask, headers).status_code == 200


def test_a_call_whose_server_was_killed_before_it_answered_is_found_again(ask: Caller) -> None:
    """Its effect is there, its answer is not on record, and the process that held the key is gone."""
    headers = key()
    first, before = send(ask, headers).json(), runs_of(ask)
    with ask.context.database.write() as conn:
        gone = {"status": UNDER_WAY, "body": "", "holder": "other-machine/4711/boot:1", "held_until": EPOCH}
        conn.execute(update(answer).where(answer.c.key == headers["Idempotency-Key"]).values(**gone))

    again = send(ask, headers)

    assert (again.json(), "idempotency-replayed" in again.headers) == (first, False)
    assert runs_of(ask) == before
    assert send(ask, headers).headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("characters", [1, 199, 200, 201, 5_000])
def test_an_address_of_any_length_has_a_row_of_its_own(characters: int) -> None:
    """PostgreSQL refuses what is longer than its column; SQLite does not."""
    calls = [Call("acme", "/" + "a" * (characters - 1) + end, "key", "0" * 64) for end in ("b", "c")]
    routes = {call.stored_route for call in calls}

    assert max(map(len, routes)) <= answer.c.route.type.length  # type: ignore[attr-defined]
    assert len(routes) == 2


def test_a_long_address_is_answered_once(ask: Caller) -> None:
    name = "n" * 260
    for _ in range(2):
        told = ask(
            "POST", f"/collections/{name}/remove", status=404, json={"ids": ["a"]}, headers={"Idempotency-Key": "long"}
        )
        assert told["code"] == "not_found"


@pytest.mark.parametrize("key", ["", "caf\u00e9", "x" * 256])
def test_only_what_the_document_says_is_a_key(ask: Caller, key: str) -> None:
    headers = {"Idempotency-Key": key.encode("latin-1")}

    told = ask("POST", "/collections", status=422, json={"name": "keyed"}, headers=headers)

    assert (told["code"], "characters of ASCII" in told["detail"]) == ("idempotency_key", True)
