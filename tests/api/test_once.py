"""Calls with a key of their own: one effect, equal answers, whatever is sent how often and whatever is killed in between."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import select, update

from pressroom.database.schema import EPOCH, answer, run
from pressroom.services.answers import UNDER_WAY
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
