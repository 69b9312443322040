"""How a run of a deployment begins: when what it stands on answers, and by the overlap rule `cancel_older` after older ones."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from prefect import get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.logging import disable_run_logger
from prefect.states import Cancelled, Running, Scheduled

from flows.deployed import Mine, deployed, end_older_runs, once_answered
from pressroom.domain.errors import Retryable

pytestmark = pytest.mark.prefect
NOW = datetime.now(UTC)


def begun(client: SyncPrefectClient, deployment: UUID, minutes: int, *, running: bool = True) -> FlowRun:
    """A run of the deployment that is or was due that many minutes from now."""
    due = Scheduled(scheduled_time=NOW + timedelta(minutes=minutes))
    run = client.create_flow_run_from_deployment(deployment, state=due)
    if running:
        client.set_flow_run_state(run.id, Running(), force=True)
    return run


async def ended_by(this: Mine, older: UUID) -> list[StateType]:
    """The states in which the older run was found, while a worker of its own ends it as it is asked to."""
    seen: list[StateType] = []
    async with get_client() as client:
        waiting = asyncio.create_task(end_older_runs(client, this, logging.getLogger()))
        for _ in range(100):
            found = (await client.read_flow_run(older)).state_type
            assert found is not None
            seen += [found] if found not in seen else []
            if found is StateType.CANCELLING and not waiting.done():
                await client.set_flow_run_state(older, Cancelled(), force=True)
            if waiting.done():
                break
            await asyncio.sleep(0.05)
        await asyncio.wait_for(waiting, 60)
        seen.append((await client.read_flow_run(older)).state_type or StateType.FAILED)
    return seen


def test_a_newer_run_ends_the_older_ones_of_its_deployment_and_waits_for_their_end(client: SyncPrefectClient) -> None:
    flow = client.create_flow(deployed)
    mine, other = (client.create_deployment(flow, f"overlap-{name}", entrypoint="x.y") for name in ("mine", "other"))
    older, later = begun(client, mine, -5), begun(client, mine, 30, running=False)
    strange = begun(client, other, -5)
    newer = begun(client, mine, 0)

    seen = asyncio.run(ended_by(Mine(mine, newer.id, NOW), older.id))

    assert seen[-1] is StateType.CANCELLED
    assert StateType.CANCELLING in seen
    others = [client.read_flow_run(run.id).state_type for run in (later, strange, newer)]
    assert others == [StateType.SCHEDULED, StateType.RUNNING, StateType.RUNNING]


def test_a_run_begins_when_what_it_stands_on_answers_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.deployed.AWAY_SECONDS", (0, 0))
    away = [Retryable("the database is away"), Retryable("the Prefect server is away")]

    def ask() -> bool:
        if away:
            raise away.pop()
        return True

    with disable_run_logger():
        assert asyncio.run(once_answered(ask))
        away += [Retryable("it stays away")] * 3
        with pytest.raises(Retryable, match="it stays away"):
            asyncio.run(once_answered(ask))
