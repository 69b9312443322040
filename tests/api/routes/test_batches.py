"""Batches over HTTP: priced as a whole, begun as a whole, each row a run, and none of them twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from pressroom.domain.identity import Principal
from pressroom.runs import batches
from pressroom.services.add_media import add_file
from pressroom.services.begin_batches import Clerk
from pressroom.services.documents import show_document
from tests.api.conftest import Caller
from tests.support.desks import eventually

OPEN = ("running", "suspended")
CARDS = """\
pressroom: 1
name: cards
{head}inputs:
  photo: {{type: image}}
  width: {{type: number, default: 60}}
steps:
  big:
    uses: upscale
    model: simulated/enlarge
    with: {{image: "{{{{ inputs.photo }}}}", scale: 2}}
  thumb:
    uses: resize
    with: {{image: "{{{{ steps.big }}}}", width: "{{{{ inputs.width }}}}", height: 40, format: jpeg}}
"""


@pytest.fixture(scope="module")
def photo_id(ask: Caller, photo: Path) -> str:
    """A photo in a library that has both campaigns."""
    for name, head in (("cards", ""), ("asking", "approval: always\n")):
        ask("POST", "/campaigns", status=201, json={"name": name, "text": CARDS.format(head=head)})
    return add_file(Principal("default"), ask.context, photo).id


def rows(photo_id: str, *widths: Any) -> list[dict[str, Any]]:
    return [{"photo": f"asset:{photo_id}", "width": width} for width in widths]


def ended(ask: Caller, batch_id: str) -> dict[str, Any]:
    assert eventually(lambda: ask("GET", f"/batches/{batch_id}")["state"] not in OPEN, 120)
    found: dict[str, Any] = ask("GET", f"/batches/{batch_id}")
    return found


def test_a_batch_is_priced_as_a_whole_begun_as_a_whole_and_paid_once(ask: Caller, photo_id: str) -> None:
    asked = {"campaign": "cards", "rows": rows(photo_id, 50, 51, 52)}
    priced = ask("POST", "/estimates", json={"batch": asked})
    assert ask("GET", "/batches")["items"] == [], "an estimate writes nothing"
    before = ask("GET", "/credits")["balance"]

    begun = ask("POST", "/batches", status=202, json={**asked, "max_credits": 6})
    done = ended(ask, begun["id"])

    # The picture that the rows have in common is bought once; what each row holds for it is given back.
    assert (priced["allowed"], priced["credits_estimate"], priced["credits_bound"]) == (True, 2, 6)
    assert (priced["balance_after"], priced["made"]) == (priced["balance"] - 6, 4)
    assert [row["credits_bound"] for row in priced["rows"]] == [2, 2, 2]
    assert (done["state"], done["count"], done["counts"]) == ("completed", 3, {"completed": 3})
    assert [row["inputs"]["width"] for row in done["rows"]] == [50, 51, 52]
    assert before - ask("GET", "/credits")["balance"] == done["credits"]["captured"] == 2
    assert done["credits"]["held"] == done["credits"]["captured"] + done["credits"]["released"]
    runs = [ask("GET", f"/runs/{row['run']}") for row in done["rows"]]
    assert [run["campaign"] for run in runs] == ["cards"] * 3
    assert [run["plan_hash"][:38] for run in runs] == [row["plan_hash"][:38] for row in priced["rows"]]
    [listed] = ask("GET", "/batches", params={"limit": 1})["items"]
    assert {name: listed[name] for name in ("id", "counts", "credits")} == {
        name: done[name] for name in ("id", "counts", "credits")
    }


@pytest.mark.parametrize(
    ("wrong", "status", "code", "path"),
    [
        ({"rows": [1, "wide"]}, 422, "input", ["rows", 1]),
        ({"rows": [1], "campaign": "none"}, 422, "", []),
        ({"rows": [53, 54], "max_credits": 3, "refresh": ["*"]}, 402, "budget_credits", ["max_credits"]),
        ({"rows": []}, 422, "request", ["body", "rows"]),
        ({"rows": [1] * 101}, 422, "request", ["body", "rows"]),
    ],
)
def test_a_batch_with_one_wrong_row_begins_nothing(
    ask: Caller, photo_id: str, wrong: dict[str, Any], status: int, code: str, path: list[Any]
) -> None:
    before = ask("GET", "/runs")["items"]
    body = {"campaign": "cards", **wrong, "rows": rows(photo_id, *wrong["rows"])}

    told = ask("POST", "/batches", status=404 if wrong.get("campaign") == "none" else status, json=body)

    if code:
        assert told["problems"][0]["path"][: len(path)] == path
    assert ask("GET", "/runs")["items"] == before


def test_all_rows_together_may_not_cost_more_than_there_is(ask: Caller, photo_id: str) -> None:
    """Each alone may: what they would hold together decides."""
    left = ask("GET", "/credits")["available"]
    body = {"campaign": "cards", "rows": rows(photo_id, *range(100, 101 + int(left // 2))), "refresh": ["*"]}

    priced = ask("POST", "/estimates", json={"batch": body})
    told = ask("POST", "/batches", status=402, json=body)

    assert not priced["allowed"]
    assert all(row["allowed"] for row in priced["rows"])
    assert (told["code"], "all rows need" in told["detail"]) == ("balance", True)


def test_a_batch_that_is_sent_again_with_its_key_is_the_same(ask: Caller, photo_id: str, client: TestClient) -> None:
    asked = {"campaign": "cards", "rows": rows(photo_id, 55, 56)}
    headers = {**ask.headers, "Idempotency-Key": "a batch"}

    first, second = (client.post("/api/v1/batches", json=asked, headers=headers) for _ in range(2))

    assert (first.status_code, first.json()["id"]) == (202, second.json()["id"])
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len({row["run"] for row in ended(ask, first.json()["id"])["rows"]}) == 2


def test_what_a_killed_server_left_is_begun_once(ask: Caller, photo_id: str, app: FastAPI) -> None:
    """The batch was written down, and then its server was killed: another one sees to it, here several at once."""
    done = ended(ask, ask("POST", "/batches", status=202, json={"campaign": "cards", "rows": rows(photo_id, 57)})["id"])
    document = show_document(Principal("default"), ask.context, "cards")
    with ask.context.database.write() as conn:
        whole = batches.batch_of(conn, _account(ask), done["id"])
        left = batches.Batch(**{**{name: getattr(whole, name) for name in whole.__slots__}, "id": "batch_left"})
        batches.add_batch(conn, left, rows(photo_id, 58, 59))
    assert document.id == left.document_id

    backend = app.state.backend
    clerks = [Clerk(ask.context, backend.crew, backend.planning) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(Clerk.begin_rows, clerks))

    assert ended(ask, "batch_left")["counts"] == {"completed": 2}
    assert ask("POST", "/batches/batch_left/resume")["counts"] == {"completed": 2}
    names = [row["run"] for row in ask("GET", "/batches/batch_left")["rows"]]
    assert len({*names} & {run["id"] for run in ask("GET", "/runs?limit=500")["items"]}) == 2


def _account(ask: Caller) -> int:
    from pressroom.ledger.accounts import account_id_of

    with ask.context.database.read() as conn:
        return account_id_of(conn, "default")


def test_a_cancelled_batch_gives_back_what_it_held_and_begins_nothing_more(ask: Caller, photo_id: str) -> None:
    before = ask("GET", "/credits")["available"]
    waits = ask("POST", "/batches", status=202, json={"campaign": "asking", "rows": rows(photo_id, 60, 61)})
    assert eventually(lambda: ask("GET", f"/batches/{waits['id']}")["state"] == "suspended", 60)
    waits = ask("GET", f"/batches/{waits['id']}")
    assert (waits["state"], waits["counts"]) == ("suspended", {"suspended": 2})

    over = [ask("POST", f"/batches/{waits['id']}/cancel") for _ in range(2)]

    assert [(each["state"], each["counts"]) for each in over] == [("cancelled", {"cancelled": 2})] * 2
    assert ask("GET", "/credits")["available"] == before
    assert ask("POST", f"/batches/{waits['id']}/resume", status=409)["code"] == "batch"


def test_batches_are_of_one_account_and_come_in_pages(ask: Caller, ask_as_bob: Caller, photo_id: str) -> None:
    for width in (62, 63):
        ended(ask, ask("POST", "/batches", status=202, json={"campaign": "cards", "rows": rows(photo_id, width)})["id"])

    first = ask("GET", "/batches", params={"limit": 1})
    second = ask("GET", "/batches", params={"limit": 1, "cursor": first["next_cursor"]})

    assert first["items"][0]["created_at"] > second["items"][0]["created_at"]
    assert ask_as_bob("GET", "/batches")["items"] == []
    for call in (("GET", ""), ("POST", "/cancel"), ("POST", "/resume")):
        ask_as_bob(call[0], f"/batches/{first['items'][0]['id']}{call[1]}", status=404)
