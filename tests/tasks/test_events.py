"""Events as the Prefect server has them: what automations can match and what they can tell."""

from __future__ import annotations

from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient

from tests.flows.conftest import RunFlow
from tests.support.desks import Desk, eventually

pytestmark = [
    pytest.mark.prefect,
    # Prefect's clients leave their connections to the garbage collector when an event loop ends.
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
]


def events(client: SyncPrefectClient, run_id: str) -> list[dict[str, Any]]:
    """What the server has of a run, oldest first."""
    wanted = {"event": {"prefix": ["pressroom."]}, "resource": {"id": [f"pressroom.run.{run_id}"]}, "order": "ASC"}
    found = client.request("POST", "/events/filter", json={"filter": wanted, "limit": 50})
    kept: list[dict[str, Any]] = found.json()["events"]
    return kept


def test_a_run_its_orders_and_its_files_are_events_of_prefects_with_what_they_cost(
    desk: Desk, run_flow: RunFlow, client: SyncPrefectClient
) -> None:
    summary = run_flow(desk.request()).result()

    # One for each of the nodes and of the orders, and two for the run.
    assert eventually(lambda: len(events(client, summary["run_id"])) == 6 + 2 + 2)
    told = events(client, summary["run_id"])
    stored = {each["payload"]["node"]: each for each in told if each["event"] == "pressroom.asset.stored"}
    assert set(stored) == {node["id"] for node in summary["nodes"]}
    bought = stored["big[mode=fast]"]
    assert (bought["payload"]["vendor"], bought["payload"]["credits"]) == ("simulated", 2)
    assert bought["resource"]["prefect.resource.name"] == "tiny"
    related = {each["prefect.resource.role"]: each["prefect.resource.id"] for each in bought["related"]}
    assert related["account"] == "pressroom.account.default"
    assert related["campaign"] == "pressroom.campaign.tiny"
    assert related["asset"] == f"pressroom.asset.{bought['payload']['assets'][0]}"
    assert related["flow-run"] == f"prefect.flow-run.{summary['flow_run_id']}"
    assert bought["payload"]["text"].startswith("big[mode=fast] made by simulated/enlarge for 2 credits")
    assert sum(each["event"] == "pressroom.order.delivered" for each in told) == 2
    held = next(each["payload"] for each in told if each["event"] == "pressroom.run.held")
    assert (held["credits"], held["nodes"]) == (4, 6)
    end = next(each["payload"] for each in told if each["event"] == "pressroom.run.completed")
    assert (end["captured_credits"], end["released_credits"], end["nodes"]) == (4, 0, {"done": 6})
    assert end["seconds"] > 0
