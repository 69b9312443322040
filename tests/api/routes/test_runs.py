"""Runs over HTTP: held and begun by one call, watched, decided about, delivered."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from pressroom.bootstrap import open_planning
from pressroom.domain.identity import Principal
from pressroom.services.add_media import add_file
from pressroom.services.plan_campaign import plan_campaign
from pressroom.services.run_request import RunRequest
from pressroom.services.start_run import start_run
from tests.api.conftest import Caller
from tests.support.desks import Desk, eventually

ENDED = ("completed", "completed_with_failures", "failed", "cancelled")
SMALL = """\
pressroom: 1
name: small
inputs:
  photo: {type: image}
steps:
  big:
    uses: upscale
    model: simulated/enlarge
    with: {image: "{{ inputs.photo }}", scale: 2}
  thumb:
    uses: resize
    with: {image: "{{ steps.big }}", width: 60, height: 40, format: jpeg}
"""


@pytest.fixture(scope="module")
def photo_id(ask: Caller, photo: Path) -> str:
    return add_file(Principal("default"), ask.context, photo).id


def ended(ask: Caller, run_id: str) -> dict[str, Any]:
    assert eventually(lambda: ask("GET", f"/runs/{run_id}")["state"] in ENDED, 120)
    found: dict[str, Any] = ask("GET", f"/runs/{run_id}")
    return found


def test_a_run_is_planned_held_made_and_paid_as_on_the_command_line(
    ask: Caller, api_desk: Desk, photo_id: str, client: TestClient
) -> None:
    campaign = {"yaml": SMALL, "inputs": {"photo": f"asset:{photo_id}"}}
    shown = ask("POST", "/plans", json=campaign)
    before = ask("GET", "/credits")["balance"]

    started = ask("POST", "/runs", status=202, json={**campaign, "plan_hash": shown["plan_hash"]})
    run = ended(ask, started["id"])

    assert (run["state"], run["plan_hash"], run["nodes"]) == ("completed", shown["plan_hash"], {"done": 2})
    assert before - ask("GET", "/credits")["balance"] == run["credits"]["captured"] == 2
    assert [node["state"] for node in ask("GET", f"/runs/{run['id']}/nodes")["items"]] == ["done", "done"]
    asset_id = ask("GET", f"/runs/{run['id']}/nodes")["items"][-1]["assets"][0]
    asset = ask("GET", f"/assets/{asset_id}")
    assert (asset["mime"], asset["width"], asset["height"]) == ("image/jpeg", 60, 40)
    headers = {"Authorization": f"Bearer {ask.secret()}"}
    content = client.get(f"/api/v1/assets/{asset_id}/content", headers=headers)
    assert (content.headers["x-content-type-options"], content.content[:3]) == ("nosniff", b"\xff\xd8\xff")
    part = client.get(f"/api/v1/assets/{asset_id}/content", headers={**headers, "Range": "bytes=0-2"})
    assert (part.status_code, part.content) == (206, b"\xff\xd8\xff")
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"/api/v1/runs/{run['id']}/zip", headers=headers).content))
    assert content.content in [archive.read(name) for name in archive.namelist()]
    assert "| Held | Captured |" in client.get(f"/api/v1/runs/{run['id']}/statement", headers=headers).text
    # The run has ended when its credits are settled; its files are delivered in the moment after.
    sheet = f"/api/v1/runs/{run['id']}/contact-sheet"
    assert eventually(lambda: client.get(sheet, headers=headers).text.startswith("<!doctype html>"), 60)
    # Where it was delivered on another machine, it is drawn of what the store has.
    shutil.rmtree(api_desk.home / "out")
    assert client.get(sheet, headers=headers).text.startswith("<!doctype html>")
    planned = plan_campaign(
        Principal("default"),
        open_planning(api_desk.settings),
        RunRequest(yaml=SMALL, inputs={"photo": f"asset:{photo_id}"}),
    )
    assert planned.plan.totals.create == 0, "what it bought is there for the command line too"


def test_nothing_of_a_run_is_another_accounts(ask: Caller, ask_as_bob: Caller, photo_id: str) -> None:
    run = ask("POST", "/runs", status=202, json={"yaml": SMALL, "inputs": {"photo": f"asset:{photo_id}"}})
    ended(ask, run["id"])
    paths = ("", "/nodes", "/plan", "/report", "/statement", "/contact-sheet", "/zip")

    told = [ask_as_bob("GET", f"/runs/{run['id']}{path}", status=404) for path in paths]
    told += [ask_as_bob("POST", f"/runs/{run['id']}/{verb}", status=404) for verb in ("cancel", "reject")]

    assert {each["detail"].replace(run["id"], "R") for each in told} == {"there is no run 'R'"}
    assert ask_as_bob("GET", "/runs")["items"] == []
    body = {"yaml": SMALL, "inputs": {"photo": f"asset:{photo_id}"}}
    assert ask_as_bob("POST", "/runs", status=422, json=body)["problems"][0]["code"] == "input"


@pytest.mark.parametrize("path", ["/etc/passwd", "photo.png", "../photo.png", "file:///etc/passwd"])
def test_no_path_of_the_server_is_opened(ask: Caller, photo: Path, path: str) -> None:
    for body in (
        {"yaml": SMALL, "inputs": {"photo": path}},
        {"yaml": SMALL.replace("{type: image}", f"{{type: image, default: {path!r}}}")},
        {
            "yaml": f"pressroom: 1\nname: fed\nsteps:\n  a: {{uses: generate_image, feed: {path!r}, with: {{prompt: x}}}}\n"
        },
    ):
        headers = {"Authorization": f"Bearer {ask.secret()}"}
        answer = ask.client.post("/api/v1/plans", json=body, headers=headers)
        assert not answer.json().get("allowed"), answer.text
        assert "folder" in answer.text
        assert "root:" not in answer.text


def test_what_an_account_cannot_pay_is_refused_before_anything_is_held(ask_as_bob: Caller, photo: Path) -> None:
    mine = add_file(Principal("bob"), ask_as_bob.context, photo).id
    dear = SMALL.replace("scale: 2}", "scale: 2}\n    count: 8")

    refused = ask_as_bob("POST", "/runs", status=402, json={"yaml": dear, "inputs": {"photo": f"asset:{mine}"}})

    assert "balance" in {problem["code"] for problem in refused["problems"]}
    assert ask_as_bob("GET", "/credits") == {"balance": 10, "held": 0, "available": 10}


def test_a_run_waits_for_a_person_and_goes_on_when_it_is_approved(ask: Caller, photo_id: str) -> None:
    text = SMALL.replace("name: small", "name: asked\napproval: always").replace("scale: 2", "scale: 4")
    body = {"yaml": text, "inputs": {"photo": f"asset:{photo_id}"}}
    waiting = ask("POST", "/runs", status=202, json=body)

    assert (waiting["state"], waiting["waits_for"]["kind"]) == ("suspended", "approval")
    other = ask("POST", f"/runs/{waiting['id']}/approve", status=409, json={"plan_hash": "0" * 64})
    assert "another plan" in other["detail"]
    ask("POST", f"/runs/{waiting['id']}/approve", json={"plan_hash": waiting["plan_hash"]})
    assert ended(ask, waiting["id"])["state"] == "completed"
    assert ask("GET", f"/runs/{waiting['id']}/changes") is None
    again = ask("POST", "/runs", status=202, json={**body, "refresh": ["thumb"]})
    changes = ask("GET", f"/runs/{again['id']}/changes")
    assert (changes["since"], changes["same"], changes["credits_paid_before"]) == (waiting["id"], 2, 2)
    assert ask("POST", f"/runs/{again['id']}/reject")["state"] == "cancelled"

    request = RunRequest(**body, refresh=["thumb"])
    planned = plan_campaign(Principal("default"), open_planning(ask.context.settings), request)
    elsewhere = start_run(Principal("default"), ask.context, planned)  # as on the command line
    ask("POST", f"/runs/{elsewhere.id}/approve", json={})
    run = ended(ask, elsewhere.id)
    assert (run["state"], run["decisions"][0]["usd"]) == ("completed", 0)


def test_a_person_chooses_among_the_takes_of_a_run(ask: Caller, photo_id: str) -> None:
    text = SMALL.replace("name: small", "name: picked").replace("{{ steps.big }}", "{{ steps.pick }}") + (
        '  raw: {uses: resize, for_each: {width: [30, 40]}, with: {image: "{{ inputs.photo }}", width: "{{ each.width }}", '
        "height: 30, format: png}}\n"
        '  pick: {uses: choose, gather: [width], with: {images: "{{ steps.raw }}", by: person}}\n'
    )
    run = ask("POST", "/runs", status=202, json={"yaml": text, "inputs": {"photo": f"asset:{photo_id}"}})["id"]
    assert eventually(lambda: ask("GET", f"/runs/{run}")["state"] == "suspended", 120)

    (asked,) = ask("GET", f"/runs/{run}")["waits_for"]["asks"]
    assert (asked["node"], asked["asks"], [take["number"] for take in asked["takes"]]) == ("pick", "choice", [1, 2])
    assert all(ask("GET", f"/assets/{take['asset']}")["step"] == "raw" for take in asked["takes"])
    assert "nothing is chosen" in ask("POST", f"/runs/{run}/approve", status=422, json={})["detail"]
    ask("POST", f"/runs/{run}/approve", json={"choose": {"pick": 2}})

    (decided,) = ended(ask, run)["decisions"]
    assert (decided["decision"], decided["door"], decided["chosen"]) == ("approved", "the API", {"pick": 2})
    (chosen,) = next(node for node in ask("GET", f"/runs/{run}/nodes")["items"] if node["id"] == "pick")["assets"]
    assert ask("GET", f"/assets/{chosen}")["width"] == 40


@pytest.mark.parametrize("cap", [1e308, 5e12, -1, "much"])
def test_a_cap_that_no_ledger_holds_is_refused_where_it_is_said(ask: Caller, cap: object) -> None:
    for verb in ("approve", "resume"):
        answer = ask("POST", f"/runs/r0/{verb}", status=422, json={"cap": cap})
        assert answer["problems"][0]["path"] == ["body", "cap"]


def test_a_plan_is_started_by_its_hash_alone(ask: Caller, ask_as_bob: Caller, photo_id: str) -> None:
    text = SMALL.replace("name: small", "name: hashed").replace("width: 60", "width: 62")
    shown = ask("POST", "/plans", json={"yaml": text, "inputs": {"photo": f"asset:{photo_id}"}})

    assert ask("GET", f"/plans/{shown['plan_hash']}") == shown
    assert ask_as_bob("GET", f"/plans/{shown['plan_hash']}", status=404)["code"] == "not_found"
    assert ask_as_bob("POST", "/runs", status=404, json={"plan_hash": shown["plan_hash"]})["code"] == "not_found"
    run = ended(ask, ask("POST", "/runs", status=202, json={"plan_hash": shown["plan_hash"]})["id"])
    assert (run["state"], run["plan_hash"]) == ("completed", shown["plan_hash"])
    assert ask("POST", "/runs", status=422, json={})["problems"][0]["message"].endswith("give one of campaign and yaml")


def test_runs_come_in_pages(ask: Caller) -> None:
    for _ in range(3):
        ask("POST", "/generations?wait=60", json={"media_type": "image", "prompt": "x", "width": 64, "height": 64})
    whole = [run["id"] for run in ask("GET", "/runs")["items"]]
    found, cursor = [], ""
    while True:
        page = ask("GET", f"/runs?limit=1&cursor={cursor}")
        found += [run["id"] for run in page["items"]]
        if not (cursor := page["next_cursor"] or ""):
            break
    assert found == whole
    assert len(whole) >= 3
