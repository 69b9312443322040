"""The campaign flow: pre-flight and hold, the nodes as tasks in the order of need, settle, report."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Final

from prefect import allow_failure, flow
from prefect.artifacts import (
    acreate_link_artifact,
    acreate_markdown_artifact,
    acreate_progress_artifact,
    aupdate_progress_artifact,
)
from prefect.context import SyncClientContext
from prefect.exceptions import Pause
from prefect.futures import PrefectFuture
from prefect.logging import get_run_logger
from prefect.states import Cancelled, Completed, Failed, State
from prefect.task_runners import ThreadPoolTaskRunner

from flows.decisions import waited
from flows.endings import close_on_end, home_of, resume_on_crash
from flows.hearing import Asked, hearing
from pressroom.domain.errors import OutOfCredits, Retryable
from pressroom.domain.states import RunState, WaitsFor
from pressroom.reporting.artifacts import failures_markdown, files_markdown
from pressroom.reporting.summary import outcome_text, undelivered_text
from pressroom.services.execute_run import Progress, Work, execute
from pressroom.services.launch_run import attempt_order, await_order, failures_of, let_go, record_failures
from pressroom.services.run_lease import Life, alive
from pressroom.services.run_request import RunRequest
from pressroom.services.running import Outcomes
from pressroom.services.suspend_run import suspend_run
from tasks.engine import FlowRunRef, artifact_key, decorated, is_being_cancelled, tag_flow_run, tags_of
from tasks.events import surroundings
from tasks.node import MadeNodes, NodeRef, stop, task_of
from tasks.preflight import Started, preflight
from tasks.settlement import report, settle

PROGRESS_SECONDS: Final = 2.0
# An upper bound only: how many nodes are at work at a time is the run's own limit, and threads come as they are needed.
MOST_THREADS: Final = 512


@flow(
    name="campaign",
    flow_run_name="{request.name}",
    task_runner=ThreadPoolTaskRunner(max_workers=MOST_THREADS),
    persist_result=False,
    on_cancellation=[close_on_end],
    on_crashed=[resume_on_crash],
    on_failure=[close_on_end],
)
async def campaign(request: RunRequest) -> dict[str, Any] | State[Any]:
    """Run one campaign as its plan says, or go on with it where this flow run has begun it before."""
    home, this = home_of(request), FlowRunRef.current()
    started = preflight(request, home, this)
    surroundings(started.run.id)
    name = request.name if request.label else started.run.plan.campaign
    await decorated(tag_flow_run(this.id, name, *tags_of(started.run)))
    while True:
        work = waited(home, started.run, this) if started.run.suspended else gone_through(started, this)
        ended = await work
        if ended is not None:
            return ended
        # It waits now, or has what it waited for. A worker's flow run leaves when it waits, and comes back from the top.
        started = preflight(request, home, this)


async def gone_through(started: Started, this: FlowRunRef) -> dict[str, Any] | State[Any] | None:
    """Make the nodes of a run, whatever becomes of this process; None where its budget is spent before, and it waits."""
    context = started.home.open()
    with alive(context, started.run) as life:
        stop.clear()
        async with hearing(this.id) as asked:
            try:
                return state_of(await run_nodes(started, life))
            except OutOfCredits as exc:
                suspend_run(context, started.run, WaitsFor.CREDITS, exc.message)
                return None
            except Exception as exc:
                let_go(context, started.run, exc)
                raise
            except BaseException as exc:  # noqa: BLE001 - a signal, a cancellation: what to do about it is said there
                return interrupted(started, this, asked, exc)


def interrupted(started: Started, this: FlowRunRef, asked: Asked, exc: BaseException) -> State[Any]:
    """What becomes of a run that is suspended, cancelled or terminated, wherever the loop was. Raises what ends the process."""
    stop.set()
    context = started.home.open()
    if asked.to_suspend or isinstance(exc, Pause):
        suspend_run(context, started.run, WaitsFor.RESUMPTION, "somebody has suspended it")
        raise exc if isinstance(exc, Pause) else Pause(state=asked.state)
    if this.deployed and not asked.to_cancel and not is_being_cancelled(this.id):
        raise exc  # the worker goes, the run does not: another worker takes it up
    let_go(context, started.run, exc)
    if isinstance(exc, asyncio.CancelledError):
        # It has been heard: from here on awaiting works again, and the run ends in order.
        asyncio.current_task().uncancel()  # type: ignore[union-attr]
    return Cancelled(message="interrupted")


def state_of(summary: dict[str, Any]) -> dict[str, Any] | State[Any]:
    """What Prefect shows of a run that has ended; a run that delivered nothing has failed there too."""
    undelivered = undelivered_text(summary)
    message = "; ".join(filter(None, (outcome_text(summary), undelivered)))
    if summary["state"] == RunState.CANCELLED:
        return Cancelled(message=message, data=summary)
    if summary["state"] == RunState.FAILED:
        return Failed(message=message, data=summary)
    if summary["state"] == RunState.COMPLETED_WITH_FAILURES:
        return Completed(name="CompletedWithFailures", message=message, data=summary)
    return Completed(name="DeliveryFailed", message=undelivered, data=summary) if undelivered else summary


async def run_nodes(started: Started, life: Life) -> dict[str, Any]:
    """Show the plan, make its nodes, settle, report."""
    run = started.run
    name = run.plan.campaign
    key = artifact_key(name, "plan")
    await decorated(acreate_markdown_artifact(started.plan_table, key=key, description=f"Plan of {name}"))
    # Without a client of the flow's own every submit builds one: 65 ms each, with its own SSL context.
    with SyncClientContext.get_or_create():
        crew = Tasks(started, life)
        progress = Progress(len(started.works))
        async with shown(progress, artifact_key(name, "progress")):
            await execute(started.works, crew, started.limits, progress)
        made = [allow_failure(each) for each in dict.fromkeys(crew.futures.values())]
        summary = report(started.home, run.lease, settle(started.home, run.id, run.lease, made))
    await show_end(summary)
    return summary


async def show_end(summary: dict[str, Any]) -> None:
    """What went wrong, the statement, the files and the contact sheet, as artifacts of the campaign."""
    undelivered = undelivered_text(summary)
    if undelivered:
        get_run_logger().error("%s", undelivered)
    for what, text, description in (
        ("failures", failures_markdown(summary), "What went wrong, and what to do"),
        ("delivery", undelivered, "The files are not in their folder"),
        ("statement", summary["statement"], "What was made and what it cost"),
        ("files", files_markdown(summary, summary["links"]), "Every file and its node"),
    ):
        if text:
            key = artifact_key(summary["campaign"], what)
            await decorated(acreate_markdown_artifact(text, key=key, description=description))
    if summary["report"]:
        address, key = summary["report_url"], artifact_key(summary["campaign"], "contact-sheet")
        await decorated(
            acreate_link_artifact(address, key=key, link_text="contact sheet", description="Every file at a glance")
        )


class Tasks:
    """The crew of a flow run: each batch, mostly one node, is a task of Prefect's, with the tasks of what it needs as inputs."""

    def __init__(self, started: Started, life: Life) -> None:
        self._started = started
        self._run = started.run
        self._life = life
        self.futures: dict[str, PrefectFuture[Any]] = {}
        self._context = started.home.open()
        # No tasks: an order that is on its way would keep one of the threads that compute.
        self._orders = ThreadPoolExecutor(started.limits.orders, thread_name_prefix="order")

    def order(self, node_id: str) -> Awaitable[str | None]:
        return asyncio.get_running_loop().run_in_executor(self._orders, self._order, node_id)

    def wait(self, order_key: str) -> Awaitable[object]:
        return await_order(self._context, order_key)

    async def make(self, batch: Sequence[Work]) -> Mapping[str, Exception]:
        outcomes = await self._outcomes(batch)
        # Each of those is tried again as a task of its own, which Prefect repeats.
        for busy in [work for work in batch if isinstance(outcomes[work.node_id], Retryable)]:
            outcomes |= await self._alone(busy)
        return failures_of(outcomes)

    async def _alone(self, work: Work) -> Outcomes:
        try:
            return await self._outcomes([work])
        except Exception as exc:  # noqa: BLE001 - the task has recorded it
            return {work.node_id: exc}

    async def _outcomes(self, batch: Sequence[Work]) -> Outcomes:
        """Raises what a task of one node raised."""
        names = [work.node_id for work in batch]
        upstream = dict.fromkeys(name for work in batch for name in work.upstream)
        needed = dict.fromkeys(self.futures[name] for name in upstream if name in self.futures)
        node = NodeRef(self._started.home, self._run.id, self._run.lease, *names)
        future = task_of(batch[0].operation).submit(node, list(needed))
        self.futures |= dict.fromkeys(names, future)
        # The thread's own future: asking a Prefect future for its state is a request to the server, each time.
        state: State[MadeNodes] = await asyncio.wrap_future(future.wrapped_future)  # type: ignore[attr-defined]
        return (await state.aresult()).outcomes

    def _order(self, node_id: str) -> str | None:
        return attempt_order(self._context, self._run, node_id, self._is_stopped)

    def _is_stopped(self) -> bool:
        return stop.is_set() or self._life.is_closed()

    def record(self, failures: Mapping[str, Exception]) -> Awaitable[None]:
        return asyncio.to_thread(record_failures, self._context, self._run, failures, self._is_stopped)


@asynccontextmanager
async def shown(progress: Progress, key: str) -> AsyncIterator[None]:
    """Keep the progress artifact up to date while the block runs."""
    artifact = await decorated(acreate_progress_artifact(progress.percent, key=key, description="Nodes done"))
    if artifact is None:
        yield
        return

    async def keep() -> None:
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            await decorated(aupdate_progress_artifact(artifact, progress.percent))

    keeping = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeping.cancel()
    await decorated(aupdate_progress_artifact(artifact, progress.percent))
