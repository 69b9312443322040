"""Webhooks over HTTP, told by the server that is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from pressroom.database.schema import answer
from pressroom.services.accounts import open_account
from pressroom.services.tokens import create_token
from tests.support.api_server import ApiServer, answered, api_server
from tests.support.desks import eventually
from tests.support.real_server import WHO, Shop, shop

MAKES = {"operation": "generate_image", "prompt": "a steel kettle", "width": 64, "height": 64}


@pytest.fixture(scope="module")
def receiver() -> Iterator[ApiServer]:
    with api_server(answered(b"thanks")) as found:
        yield found


@pytest.fixture(scope="module")
def place(receiver: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop(tmp_path_factory.mktemp("hooks"), hosts=receiver.authority) as found:
        open_account(WHO, found.context)
        yield found


@pytest.fixture(scope="module")
def ask(place: Shop) -> Iterator[httpx.Client]:
    secret = create_token(WHO, place.context, "try", scopes=["admin", "runs:write", "runs:read"]).secret
    with httpx.Client(
        base_url=f"{place.url}/api/v1", headers={"Authorization": f"Bearer {secret}"}, timeout=60
    ) as client:
        yield client


def heard(receiver: ApiServer, kind: str) -> list[dict]:
    return [found for *_, body in receiver.asked if (found := json.loads(body))["type"] == kind]


def test_an_endpoint_is_made_told_changed_and_ended(ask: httpx.Client, receiver: ApiServer) -> None:
    url = f"http://{receiver.authority}/one"
    made = ask.post("/webhooks", json={"url": url, "events": ["generation.*"]})
    assert made.status_code == 201
    hook = made.json()["webhook"]["id"]

    pinged = ask.post(f"/webhooks/{hook}/ping").json()
    generation = ask.post("/generations?wait=30", json=MAKES)

    assert (pinged["state"], pinged["answer"]) == ("delivered", "thanks")
    assert generation.status_code == 200, generation.text
    assert eventually(lambda: bool(heard(receiver, "generation.completed")), 20)
    [told] = heard(receiver, "generation.completed")
    assert told["data"]["run"] == generation.json()["id"]
    listed = ask.get("/webhooks/deliveries", params={"limit": 2}).json()
    assert [each["type"] for each in listed["items"]] == ["generation.completed", "generation.held"]
    rest = ask.get("/webhooks/deliveries", params={"cursor": listed["next_cursor"]}).json()
    assert [each["type"] for each in rest["items"]] == ["ping"]
    again = ask.post(f"/webhooks/deliveries/{listed['items'][0]['id']}/redeliver").json()
    assert again["state"] == "waiting"
    assert eventually(lambda: len(heard(receiver, "generation.completed")) == 2, 20)

    changed = ask.patch(f"/webhooks/{hook}", json={"events": ["credits.low"], "disabled": True}).json()
    assert (changed["events"], changed["disabled_why"]) == (["credits.low"], "by a person")
    assert made.json()["secret"] not in ask.get("/webhooks").text
    assert ask.delete(f"/webhooks/{hook}").status_code == 200
    assert ask.get(f"/webhooks/{hook}").status_code == 404


def test_what_is_sent_again_with_its_key_makes_one_and_nobody_can_read_the_secret(
    ask: httpx.Client, place: Shop, receiver: ApiServer
) -> None:
    call = {"json": {"url": f"http://{receiver.authority}/two"}, "headers": {"Idempotency-Key": "once"}}

    first, second = (ask.post("/webhooks", **call) for _ in range(2))

    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert [each["url"] for each in ask.get("/webhooks").json()["items"]] == [call["json"]["url"]]
    with place.context.database.read() as conn:
        assert first.json()["secret"] not in str(conn.execute(select(answer.c.body)).all())
    ask.delete(f"/webhooks/{first.json()['webhook']['id']}")


def test_a_generation_names_an_address_of_its_own(ask: httpx.Client, receiver: ApiServer) -> None:
    wanted = {**MAKES, "prompt": "a red kettle", "webhook": f"http://{receiver.authority}/three"}
    before = len(receiver.asked)
    refused = ask.post("/generations", json=wanted)
    assert (refused.status_code, refused.json()["code"]) == (422, "webhook")
    assert ask.post("/webhooks/secret", json={}).status_code == 201

    answered = ask.post("/generations?wait=30", json=wanted)
    assert answered.status_code == 200, answered.text
    made = answered.json()

    assert eventually(lambda: len(receiver.asked) >= before + 2, 20)
    told = [(path, json.loads(body)["data"]["run"]) for _, path, _, body in receiver.asked[before:]]
    assert told == [("/three", made["id"])] * 2
    assert ask.get("/webhooks").json()["items"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "http://example.com/"}, "url"),
        ({"url": "https://127.0.0.1:1/"}, "url"),
        ({"url": "https://localhost/"}, "url"),
        ({"url": "https://example.com/", "events": ["runs.*"]}, "events"),
        ({"url": "https://example.com/", "events": []}, "events"),
    ],
)
def test_what_cannot_be_told_is_refused_with_its_field(ask: httpx.Client, body: dict, field: str) -> None:
    answered = ask.post("/webhooks", json=body)

    assert answered.status_code == 422
    assert answered.headers["content-type"] == "application/problem+json"
    assert field in answered.json()["problems"][0]["path"]


def test_the_command_line_has_the_same(place: Shop, receiver: ApiServer, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from pressroom.cli.main import app

    environment = {"PRESSROOM_HOME": str(place.settings.home), "PRESSROOM_PRIVATE_HOSTS": place.settings.private_hosts}

    def run(*arguments: str, code: int = 0) -> dict:
        done = CliRunner().invoke(app, ["webhooks", *arguments, "--json"], env=environment)
        assert done.exit_code == code, done.output
        return json.loads(done.stdout)

    made = run("create", f"http://{receiver.authority}/four", "--event", "run.*")

    assert made["secret"].startswith("whsec_")
    assert [each["id"] for each in run("list")] == [made["id"]]
    assert run("edit", made["id"], "--event", "asset.*")["events"] == ["asset.*"]
    assert run("rotate", made["id"])["secret"] != made["secret"]
    ping = run("ping", made["id"])
    assert (ping["state"], run("deliveries", "--webhook", made["id"])[0]["id"]) == ("delivered", ping["id"])
    assert run("redeliver", ping["id"])["state"] == "waiting"
    assert run("edit", made["id"], "--disable")["disabled_at"]
    assert run("delete", made["id"])["id"] == made["id"]
    assert run("secret")["secret"].startswith("whsec_")
