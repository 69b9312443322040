"""What happens outside of flow runs, as a Prefect server is told of it: by servers and by commands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from pressroom.domain.events import AssetStored, BalanceLow
from pressroom.prefect_server.api import PrefectServer
from pressroom.prefect_server.events import PrefectEvents
from tests.support.desks import eventually
from tests.support.prefect_answers import Server

STORED = AssetStored(
    account="default",
    run="r1",
    campaign="tiny",
    node="big",
    operation="upscale",
    assets=("a1",),
    vendor="simulated",
    model="enlarge",
    credits=2,
    usd=0.02,
    seconds=0.1,
)
LOW = BalanceLow(account="default", available=1, threshold=2)
DONE = (204, None)


def told(server: Server) -> list[dict[str, Any]]:
    return [event for _, _, body, _ in server.asked for event in body]


def test_what_is_told_has_the_shape_that_automations_match(prefect_answers: Server) -> None:
    prefect_answers.answers += [DONE, DONE]
    listener = PrefectEvents(PrefectServer(prefect_answers.url, "user:word"))

    listener(STORED)
    listener(LOW)
    listener.flush(30)

    stored, low = told(prefect_answers)
    assert (stored["event"], stored["resource"]) == (
        "pressroom.asset.stored",
        {"prefect.resource.id": "pressroom.run.r1", "prefect.resource.name": "tiny"},
    )
    assert [each["prefect.resource.id"] for each in stored["related"]] == [
        "pressroom.account.default",
        "pressroom.campaign.tiny",
        "pressroom.asset.a1",
    ]
    assert stored["payload"]["credits"] == 2
    assert (low["event"], low["resource"]["prefect.resource.id"]) == (
        "pressroom.balance.low",
        "pressroom.account.default",
    )
    assert {(method, path) for method, path, _, _ in prefect_answers.asked} == {("POST", "/api/events")}
    assert all(credentials.startswith("Basic ") for *_, credentials in prefect_answers.asked)


def test_what_is_sent_again_is_the_same_event(prefect_answers: Server) -> None:
    prefect_answers.answers += [(503, {}), DONE]
    listener = PrefectEvents(PrefectServer(prefect_answers.url, sleep=lambda seconds: None))

    listener(LOW)

    assert eventually(lambda: len(prefect_answers.asked) == 2, 30)
    first, again = told(prefect_answers)
    assert first["id"] == again["id"]


def test_a_server_that_refuses_or_is_away_stops_nobody(prefect_answers: Server) -> None:
    prefect_answers.answers += [(500, {}), DONE]
    listener = PrefectEvents(PrefectServer(prefect_answers.url, sleep=lambda seconds: None))
    listener(LOW)
    assert eventually(lambda: len(prefect_answers.asked) == 1, 30)

    listener(STORED)

    assert eventually(lambda: len(prefect_answers.asked) == 2, 30)
    PrefectEvents(PrefectServer("http://127.0.0.1:9/api", sleep=lambda seconds: None))(LOW)


PROGRAM = """
from pathlib import Path
from pressroom.domain.events import BalanceLow
from pressroom.prefect_server.events import open_watched
from pressroom.settings import settings_for

context = open_watched(settings_for(Path()))
context.events.emit(BalanceLow(account="default", available=1, threshold=2))
"""


def test_a_command_does_not_end_before_what_happened_in_it_is_told(prefect_answers: Server, tmp_path: Path) -> None:
    prefect_answers.answers += [DONE]
    environment = {"PREFECT_API_URL": prefect_answers.url, "PRESSROOM_HOME": str(tmp_path / "home"), "NO_PROXY": "*"}

    subprocess.run([sys.executable, "-c", PROGRAM], cwd=tmp_path, env=environment, check=True, timeout=120)

    assert [event["event"] for event in told(prefect_answers)] == ["pressroom.balance.low"]
