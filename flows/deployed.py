"""The flow of a campaign's own deployment: its inputs as parameters, its hours and its rule for runs that overlap."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from prefect import flow, get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import Pause
from prefect.logging import get_run_logger
from prefect.runtime import deployment, flow_run
from prefect.states import Cancelling, Scheduled, State

from flows.campaign import campaign
from flows.endings import home_of
from pressroom.domain.errors import Retryable
from pressroom.domain.opening import Opening
from pressroom.runs.records import unfinished_of_flow
from pressroom.services.run_request import RunRequest

Logger = logging.Logger | logging.LoggerAdapter[logging.Logger]
END_SECONDS: Final = 120  # older runs have so long to end in order
AWAITING: Final = "AwaitingWindow"
AWAY_SECONDS: Final = (1, 2, 5, 10, 20, 30, 30)
UNDER_WAY: Final = (StateType.PENDING, StateType.RUNNING, StateType.PAUSED, StateType.CANCELLING)


@flow(
    name="campaign",
    flow_run_name="{request.name}",
    task_runner=campaign.task_runner,
    persist_result=False,
    on_crashed=campaign.on_crashed_hooks,
    on_failure=campaign.on_failure_hooks,
)
async def deployed(
    request: RunRequest,
    inputs: dict[str, Any] | None = None,
    refresh: list[str] | None = None,
    cancel_older: bool = False,
) -> dict[str, Any] | State[Any]:
    """Run the campaign that was deployed, with inputs of this run."""
    asked = request.model_copy(
        update={"inputs": {**request.inputs, **(inputs or {})}, "refresh": refresh or request.refresh}
    )
    if deployment.id:
        async with get_client() as client:
            if not await once_answered(lambda: _is_begun(asked)):
                await _come_back_in_hours(client, asked.opening)
            if cancel_older:
                this = Mine(UUID(deployment.id), UUID(flow_run.id), flow_run.scheduled_start_time)
                await end_older_runs(client, this, get_run_logger())
    return await campaign.fn(asked)  # type: ignore[no-any-return]


async def once_answered(ask: Callable[[], bool]) -> bool:
    """The database or the Prefect server may be away for a moment as a run begins; from its first task on that is seen to."""
    for delay in AWAY_SECONDS:
        try:
            return ask()
        except Retryable as exc:
            get_run_logger().warning("tried again in %d s: %s", delay, exc.message)
            await asyncio.sleep(delay)
    return ask()


def _is_begun(request: RunRequest) -> bool:
    """Whether this flow run goes on with a run that holds credits: that one waits for its hours at work, its hold kept."""
    with home_of(request).open().database.read() as conn:
        return bool(unfinished_of_flow(conn, str(flow_run.id)))


async def _come_back_in_hours(client: PrefectClient, opening: Opening) -> None:
    """Outside its hours a run is put off until they begin: nothing is held, and no worker waits."""
    now = datetime.now(UTC)
    opens = opening.next(now)
    if opens > now:
        state: State[Any] = Scheduled(
            scheduled_time=opens, name=AWAITING, message=f"starts at {opens:%Y-%m-%d %H:%M} UTC"
        )
        await client.set_flow_run_state(flow_run.id, state)
        raise Pause(state=state)


@dataclass(frozen=True, slots=True)
class Mine:
    """A flow run of a deployment, and when it was to begin."""

    deployment_id: UUID
    id: UUID
    due: datetime


async def end_older_runs(client: PrefectClient, this: Mine, log: Logger) -> None:
    """Cancel what this run's deployment began before it, and wait until what that held is free."""
    for _ in range(END_SECONDS):
        older = await _older_runs(client, this)
        if not older:
            return
        for run in older:
            if run.state_type is not StateType.CANCELLING:
                log.info("cancelling older run %s", run.name)
                await client.set_flow_run_state(run.id, Cancelling(message="a newer run has begun"))
        await asyncio.sleep(1)
    log.warning("older runs have not ended after %d s", END_SECONDS)


async def _older_runs(client: PrefectClient, this: Mine) -> list[FlowRun]:
    where = FlowRunFilter.model_validate(
        {"deployment_id": {"any_": [this.deployment_id]}, "id": {"not_any_": [this.id]}}
    )
    found = await client.read_flow_runs(flow_run_filter=where, limit=200)
    begun = [run for run in found if run.state_type in UNDER_WAY or run.state_name == AWAITING]
    return [run for run in begun if run.expected_start_time and run.expected_start_time <= this.due]
