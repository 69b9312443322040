"""What the Prefect server knows of a run, and how it is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowFilter, FlowRunFilter
from prefect.client.schemas.objects import FlowRun, StateType, TaskRun
from prefect.events.filters import EventFilter, EventNameFilter, EventOccurredFilter, EventOrder, EventResourceFilter
from prefect.exceptions import ObjectNotFound
from prefect.logging import get_run_logger
from prefect.runtime import deployment, flow_run
from prefect.settings import get_current_settings
from prefect.states import AwaitingRetry, Cancelled, State
from prefect.tasks import Task
from pydantic import BaseModel, ConfigDict

from pressroom.domain.errors import NotFound, Retryable, WasCancelled, in_one_line
from pressroom.domain.states import Runner
from pressroom.prefect_server.flow_runs import CANCELLED, WHY, is_on_its_way, may_run_again, unknown, was_cancelled
from pressroom.services.recover_runs import Takers
from pressroom.services.running import RunningRun

T = TypeVar("T")
# A flow run that Prefect has heard of is taken for dead when it should have heard again twice since; one that it has never heard
# of, as a client that cannot send events is, when it has had time to be in the books: it waits for databases.
SILENT_BEATS: Final = 2.5
UNHEARD_SECONDS: Final = 300.0
_HEARTBEAT: Final = "prefect.flow-run.heartbeat"
# What a process dies of as it begins, as while Prefect's server is away, is over soon, or else a person's to mend.
CRASHED_SECONDS: Final = 600.0
MOST_TIMES_ANEW: Final = 3


class FlowRunRef(BaseModel):
    """The flow run that this code runs in; `deployed` says that workers can run it again."""

    model_config = ConfigDict(frozen=True)

    id: str = ""
    deployed: bool = False

    @classmethod
    def current(cls) -> FlowRunRef:
        return cls(id=str(flow_run.id or ""), deployed=bool(deployment.id))

    @property
    def runner(self) -> Runner:
        return Runner.DEPLOYMENT if self.deployed else Runner.CALLER


async def only_retryable(task: Task[..., Any], task_run: TaskRun, state: State[Any]) -> bool:
    """Busy, timed out, cut off: those alone are worth another try."""
    result = await state.aresult(raise_on_failure=False)
    return isinstance(result, Retryable)


async def summary_in(state: State[Any]) -> dict[str, Any]:
    """The run as JSON values from a campaign's last state: that of one which made nothing has failed and has them too.

    Raises what ended a flow run that came to no summary.
    """
    found = await state.aresult(raise_on_failure=False)
    ended: dict[str, Any] = found if isinstance(found, dict) else await state.aresult()
    return ended


async def decorated(call: Awaitable[T]) -> T | None:
    """What only shows how a run goes may fail: the run goes on without it."""
    try:
        return await call
    except Exception as exc:  # noqa: BLE001 - whatever the server or the way to it has
        get_run_logger().warning("Prefect does not show it: %s", in_one_line(exc))
        return None


def artifact_key(campaign: str, what: str) -> str:
    """The key under which Prefect keeps one kind of artifact of a campaign, run after run: `spring-launch-statement`."""
    return f"{campaign.replace('_', '-')}-{what}"


def tags_of(run: RunningRun) -> tuple[str, ...]:
    """What a flow run can be searched by on Prefect's pages."""
    return f"account:{run.principal.account}", f"campaign:{run.plan.campaign}", f"run:{run.id}"


async def tag_flow_run(flow_run_id: str, name: str, *tags: str) -> None:
    """Name the flow run, now that its campaign is known, and add these tags to those that it has."""
    async with get_client() as client:
        found = await client.read_flow_run(UUID(flow_run_id))
        await client.update_flow_run(found.id, name=name, tags=sorted({*found.tags, *tags}))


def restart_flow_run(flow_run_id: str, left: datetime | None) -> bool:
    """Have a worker run the flow run again, under its own id; False where it has ended in order, or no worker runs it.

    `left` is when nobody was at work on it any more, None where nobody has been. Harmless when repeated: one that waits for a
    worker already, or whose process has just begun, is left to them. Raises NotFound where the server has none of
    this id, WasCancelled where somebody has cancelled it.
    """
    with get_client(sync_client=True) as client:
        try:
            found = client.read_flow_run(UUID(flow_run_id))
        except ObjectNotFound as exc:
            raise unknown(flow_run_id) from exc
        except ValueError:  # no id of a flow run
            return False
        state = found.state
        if state is not None and state.type in CANCELLED:
            if state.is_cancelling():  # its process is gone, and with it whoever would say that it has ended
                client.set_flow_run_state(found.id, Cancelled(), force=True)
            raise was_cancelled(flow_run_id)
        if found.deployment_id is None or state is None or not may_run_again(state.type):
            return False
        if not is_on_its_way(state.type, state.timestamp, datetime.now(UTC), left):
            # Forced, since the server takes a run whose process is gone for running.
            client.set_flow_run_state(found.id, AwaitingRetry(message=WHY), force=True)
    return True


def ended_flow_runs(flow_run_ids: Sequence[str]) -> list[str]:
    """Those of them that were cancelled, or have failed: one that is suspended fails where nobody resumes it in time."""
    ended = [StateType.CANCELLED, StateType.FAILED, StateType.CRASHED]
    where = FlowRunFilter.model_validate({"id": {"any_": list(flow_run_ids)}, "state": {"type": {"any_": ended}}})
    with get_client(sync_client=True) as client:
        return [str(each.id) for each in client.read_flow_runs(flow_run_filter=where)]


def restart_lost(
    home_block: str, known: Callable[[Sequence[str]], Collection[str]], now: datetime | None = None
) -> list[str]:
    """Have workers run those campaigns again that died in a home of this block before its books knew of them; their flow runs.

    `known` says of which flow runs the books know. Without a block nobody can tell whose home a flow run was for. One that is
    heard of goes on, however long it waits for older runs to end.
    """
    if not home_block:
        return []
    now = now or datetime.now(UTC)
    deployed: dict[str, Any] = {"deployment_id": {"is_null_": False}}
    begun = {**deployed, "state": {"type": {"any_": [StateType.RUNNING, StateType.PENDING]}}}
    lately = {"after_": now - timedelta(seconds=MOST_TIMES_ANEW * CRASHED_SECONDS)}
    crashed = {**deployed, "state": {"type": {"any_": [StateType.CRASHED]}}, "expected_start_time": lately}
    with get_client(sync_client=True) as client:
        found = [
            each
            for wanted in (begun, crashed)
            for each in client.read_flow_runs(
                flow_filter=FlowFilter.model_validate({"name": {"any_": ["campaign"]}}),
                flow_run_filter=FlowRunFilter.model_validate(wanted),
            )
        ]
        ours = {
            str(each.id): each
            for each in found
            if (each.parameters.get("request") or {}).get("home_block") == home_block
        }
        # The books first: of a run that they know nothing need be asked, however many are under way.
        unknown_here = ours.keys() - known([*ours]) if ours else set()
        gone = [name for name, each in ours.items() if name in unknown_here and _is_gone(client, each, now)]
    return [flow_run_id for flow_run_id in gone if _begun_anew(flow_run_id, now)]


def _is_gone(client: SyncPrefectClient, found: FlowRun, now: datetime) -> bool:
    """Whether no process works on a flow run that was to begin, and it is worth to be begun anew."""
    state = found.state
    if state is None or state.type is StateType.RUNNING:
        return _is_silent(client, found, now)
    if state.type is StateType.PENDING:  # a worker had it, and has not started it
        return not is_on_its_way(state.type, state.timestamp, now, None)
    if now - state.timestamp > timedelta(seconds=CRASHED_SECONDS):
        return False
    return sum(each.message == WHY for each in client.read_flow_run_states(found.id)) < MOST_TIMES_ANEW


def _is_silent(client: SyncPrefectClient, found: FlowRun, now: datetime) -> bool:
    """Whether the process of a flow run that is under way gives no sign of life any more."""
    every = get_current_settings().flows.heartbeat_frequency
    began = found.state.timestamp if found.state else None
    if began is None or every is None or now - began < timedelta(seconds=SILENT_BEATS * every):
        return began is not None and now - began >= timedelta(seconds=UNHEARD_SECONDS)
    beats = EventFilter(
        event=EventNameFilter(name=[_HEARTBEAT]),
        resource=EventResourceFilter(id=[f"prefect.flow-run.{found.id}"]),
        occurred=EventOccurredFilter(since=began, until=now),
        order=EventOrder.DESC,
    )
    heard = client.read_events(beats, limit=1).events
    limit = SILENT_BEATS * every if heard else UNHEARD_SECONDS
    return now - (heard[0].occurred if heard else began) >= timedelta(seconds=limit)


def _begun_anew(flow_run_id: str, left: datetime) -> bool:
    try:
        return restart_flow_run(flow_run_id, left)
    except (NotFound, WasCancelled):  # meanwhile
        return False


def forget_flow_runs(deployment_id: str, state_names: Sequence[str]) -> None:
    """Delete the flow runs of a deployment that are in a state of one of these names."""
    where = {"deployment_id": {"any_": [deployment_id]}, "state": {"name": {"any_": list(state_names)}}}
    with get_client(sync_client=True) as client:
        for each in client.read_flow_runs(flow_run_filter=FlowRunFilter.model_validate(where)):
            client.delete_flow_run(each.id)


def is_being_cancelled(flow_run_id: str) -> bool:
    """Whether somebody has asked for the flow run's cancellation."""
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(UUID(flow_run_id)).state
    return state is not None and (state.is_cancelling() or state.is_cancelled())


TAKERS: Final[Takers] = {Runner.DEPLOYMENT: lambda record: restart_flow_run(record.flow_run_id, record.lease_until)}
