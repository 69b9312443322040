"""What only shows how a run goes may fail; what died before the books knew of it is begun anew."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from prefect import flow
from prefect.client.orchestration import SyncPrefectClient
from prefect.logging import disable_run_logger
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.states import Crashed, Pending, Running, State

from tasks.engine import CRASHED_SECONDS, MOST_TIMES_ANEW, UNHEARD_SECONDS, decorated, restart_lost
from tests.support.desks import eventually


@flow(name="campaign")
def stand_in() -> None:
    """Only its name counts."""


def begun(client: SyncPrefectClient, block: str, state: State[None] | None = None, *, deployed: bool = True) -> str:
    """A flow run that is under way, for a home of this block."""
    flow_id = client.create_flow_from_name("campaign")
    parameters = {"request": {"document": "d1", "home_block": block}}
    if deployed:
        deployment = client.create_deployment(flow_id=flow_id, name=f"lost-{uuid.uuid4()}")
        found = client.create_flow_run_from_deployment(deployment, parameters=parameters).id
    else:
        found = client.create_flow_run(stand_in, parameters=parameters).id
    client.set_flow_run_state(found, state or Running(), force=True)
    return str(found)


def beats(client: SyncPrefectClient, flow_run_id: str, *times: datetime) -> None:
    """Signs of life of a flow run; returns when the server has them."""
    resource = {"prefect.resource.id": f"prefect.flow-run.{flow_run_id}"}
    event = {"event": "prefect.flow-run.heartbeat", "resource": resource}
    sent = [{**event, "id": str(uuid.uuid4()), "occurred": time.isoformat()} for time in times]
    client.request("POST", "/events", json=sent)
    which = {
        "resource": {"id": [resource["prefect.resource.id"]]},
        "event": {"name": [event["event"]]},
        "occurred": {"since": min(times).isoformat(), "until": max(times).isoformat()},
    }
    wanted = {"filter": which, "limit": 50}
    assert eventually(lambda: len(client.request("POST", "/events/filter", json=wanted).json()["events"]) == len(times))


def test_a_flow_run_that_died_before_it_was_in_the_books_is_begun_anew(client: SyncPrefectClient) -> None:
    block = f"home-{uuid.uuid4()}"
    lost, known = begun(client, block), begun(client, block)
    others = [begun(client, f"other-{block}"), begun(client, ""), begun(client, block, deployed=False)]

    def in_the_books(flow_run_ids: Sequence[str]) -> set[str]:
        assert set(flow_run_ids) == {lost, known}
        return {known}

    assert restart_lost(block, in_the_books) == []  # they have only just begun
    later = datetime.now(UTC) + timedelta(seconds=UNHEARD_SECONDS)
    assert restart_lost("", in_the_books, later) == []
    assert restart_lost(block, in_the_books, later) == [lost]

    states = {each: client.read_flow_run(uuid.UUID(each)).state for each in (lost, known, *others)}
    names = {each: state.name if state else "" for each, state in states.items()}
    assert names == {lost: "AwaitingRetry", known: "Running", **dict.fromkeys(others, "Running")}


def test_a_flow_run_that_prefect_still_hears_of_goes_on_however_long_it_waits(
    client: SyncPrefectClient,
) -> None:
    block = f"home-{uuid.uuid4()}"
    waiting, dead, unheard = (begun(client, block) for _ in range(3))
    began = datetime.now(UTC)
    now = began + timedelta(seconds=1_000)
    beats(client, waiting, began, now - timedelta(seconds=40))
    beats(client, dead, began, now - timedelta(seconds=110))

    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: 180}):
        rarely = restart_lost(block, lambda flow_run_ids: set(flow_run_ids) - {unheard}, now)
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: 30}):
        often = restart_lost(block, lambda _: set(), now)

    assert (rarely, often) == ([unheard], [dead])


def test_what_a_worker_left_or_its_process_did_not_survive_as_it_began_is_begun_anew_a_few_times(
    client: SyncPrefectClient,
) -> None:
    block = f"home-{uuid.uuid4()}"
    left, crashed = begun(client, block, Pending()), begun(client, block, Crashed())

    def after(seconds: float) -> list[str]:
        return sorted(restart_lost(block, lambda _: set(), datetime.now(UTC) + timedelta(seconds=seconds)))

    assert (after(0), after(CRASHED_SECONDS + 60)) == ([crashed], [left])  # what crashed long ago stays as it is
    for _ in range(MOST_TIMES_ANEW - 1):
        client.set_flow_run_state(uuid.UUID(crashed), Crashed(), force=True)
        assert after(0) == [crashed]
    client.set_flow_run_state(uuid.UUID(crashed), Crashed(), force=True)
    assert after(0) == []


async def answered() -> str:
    return "shown"


async def refused() -> str:
    raise RuntimeError("500 Internal Server Error")


def test_what_the_server_does_not_take_is_left_out() -> None:
    with disable_run_logger():
        assert asyncio.run(decorated(answered())) == "shown"
        assert asyncio.run(decorated(refused())) is None
