"""The campaign flow: pre-flight and hold, the nodes as tasks in the order of need, settle, report."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from prefect import allow_failure, flow
from prefect.artifacts import (
    acreate_link_artifact,
    acreate_markdown_artifact,
    acreate_progress_artifact,
    aupdate_progress_artifact,
)
from prefect.context import SyncClientContext
from prefect.exceptions import Abort, Pause
from prefect.logging import get_run_logger
from prefect.states import Cancelled, Completed, Failed, State

from flows.clusters import connected
from flows.crew import TASK_RUNNER, Tasks
from flows.decisions import waited
from flows.endings import close_on_end, home_of, resume_on_crash
from flows.hearing import Asked, hearing
from flows.helper import call_helpers
from flows.leaving import leave, leave_to_worker, stop_orders, termination_noted
from flows.outdated import all_well, decided
from pressroom.domain.bucket import SCHEME
from pressroom.domain.errors import OutOfCredits, WorkedOn
from pressroom.domain.states import RunState, WaitsFor
from pressroom.processes import share_heaps
from pressroom.reporting.artifacts import all_well_markdown, failures_markdown, files_markdown
from pressroom.reporting.summary import outcome_text, undelivered_text
from pressroom.services.ask_person import ask_person
from pressroom.services.execute_run import Progress, execute
from pressroom.services.launch_run import let_go
from pressroom.services.run_lease import Life, alive
from pressroom.services.run_request import RunRequest
from pressroom.services.settle_run import settle_run
from pressroom.services.share_run import Share, Shared, percent_ended, share_out, spent_text
from pressroom.services.suspend_run import suspend_run
from tasks.context import HomeRef
from tasks.engine import FlowRunRef, artifact_key, decorated, is_being_cancelled, tag_flow_run, tags_of
from tasks.events import surroundings
from tasks.node import stop
from tasks.preflight import TRIES_AGAIN, Started, preflight
from tasks.settlement import report, settle

PROGRESS_SECONDS: Final = 2.0


@flow(
    name="campaign",
    flow_run_name="{request.name}",
    task_runner=TASK_RUNNER,
    persist_result=False,
    on_crashed=[resume_on_crash],
    on_failure=[close_on_end],
)
async def campaign(request: RunRequest) -> dict[str, Any] | State[Any]:
    """Run one campaign as its plan says, or go on with it where this flow run has begun it before."""
    share_heaps()
    home, this = home_of(request), FlowRunRef.current()
    started = begun(request, home, this)
    surroundings(started.run.id)
    name = request.name if request.label else started.run.plan.campaign
    await decorated(tag_flow_run(this.id, name, *tags_of(started.run)))
    while True:
        work = waited(home, started.run, this) if started.run.suspended else gone_through(started, this)
        ended = await work
        if ended is not None:
            return ended
        # It waits now, or has what it waited for. A worker's flow run leaves when it waits, and comes back from the top.
        started = begun(request, home, this)


def begun(request: RunRequest, home: HomeRef, this: FlowRunRef) -> Started:
    """Pre-flight; what it raises fails the flow run, unless another process is at work on it, which tells how that ends."""
    # Where the process that worked on the run before may still be there, its lease has run out by the last attempt.
    patient = preflight.with_options(retry_delay_seconds=math.ceil(home.settings().lease_seconds / (TRIES_AGAIN - 1)))
    try:
        return patient(request, home, this)
    except WorkedOn as exc:
        if this.deployed and exc.fields["flow_run"] == this.id:
            raise Abort(exc.message) from exc
        raise


async def gone_through(started: Started, this: FlowRunRef) -> dict[str, Any] | State[Any] | None:
    """Make the nodes of a run, whatever becomes of this process; None where it waits for a person before its end."""
    context = started.home.open()
    with alive(context, started.run) as life:
        stop.clear()
        async with hearing(this.id) as asked:
            try:
                summary = await run_nodes(started, life)
                return None if summary is None else state_of(summary)
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
        if this.deployed:
            leave(context, started.run.id)
        raise exc if isinstance(exc, Pause) else Pause(state=asked.state)
    cancelled = asked.to_cancel or (this.deployed and is_being_cancelled(this.id))
    if this.deployed and not cancelled:
        raise exc  # the worker goes, the run does not: another worker takes it up
    if cancelled:
        cancel(started, this, heard=asked.to_cancel)
    else:
        let_go(context, started.run, exc)
    if isinstance(exc, asyncio.CancelledError):
        # It has been heard: from here on awaiting works again, and the run ends in order.
        asyncio.current_task().uncancel()  # type: ignore[union-attr]
    return Cancelled(message="interrupted")


def cancel(started: Started, this: FlowRunRef, heard: bool) -> None:
    """Close the books of a run that somebody has cancelled in Prefect and stop its orders; `heard` says that no worker has told.

    A worker's process ends here where the worker knows, and in a moment where it does not.
    """
    context, run = started.home.open(), started.run
    with termination_noted(not heard) as is_terminated:
        settle_run(context, run.id, cancelled=True, error="cancelled in Prefect")
        stopping = stop_orders(run.principal, context, run.id)
        if this.deployed:
            leave_to_worker(context, run.id, is_terminated)
            leave(context, run.id, stopping)


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


async def run_nodes(started: Started, life: Life) -> dict[str, Any] | None:
    """Show the plan, make its nodes, settle, report; None where the rest waits for a person."""
    run = started.run
    name, began = run.plan.campaign, datetime.now(UTC)
    await decorated(decided(started.home.open(), run))
    key = artifact_key(name, "plan")
    await decorated(acreate_markdown_artifact(started.plan_table, key=key, description=f"Plan of {name}"))
    # Without a client of the flow's own every submit builds one: 65 ms each, with its own SSL context.
    with SyncClientContext.get_or_create(), connected(started.home.settings().cluster) as cluster:
        crew = Tasks(started.home, run, started.limits, life, cluster)
        shared = share_out(started.home.open(), run, started.works, started.request.workers)
        progress = artifact_key(name, "progress")
        await (
            make_alone(started, crew, progress)
            if shared is None
            else make_shared(started, life, crew, shared, progress)
        )
        if await asyncio.to_thread(ask_person, started.home.open(), run) is not None:
            return None
        made = [allow_failure(each) for each in dict.fromkeys(crew.futures.values())]
        summary = report(started.home, run.lease, settle(started.home, run.id, run.lease, made))
    await show_end(summary, began)
    return summary


async def make_alone(started: Started, crew: Tasks, key: str) -> None:
    """Make the nodes in this process; `key` is that of the progress artifact."""
    progress = Progress(len(started.works))
    context, run = started.home.open(), started.run
    async with shown(lambda: (progress.percent, f"{progress}; {spent_text(context, run)}"), key):
        await execute(started.works, crew, crew.limits, progress)


async def make_shared(started: Started, life: Life, crew: Tasks, shared: Shared, key: str) -> None:
    """Make the nodes together with as many helpers as come: the run does not wait for them, and goes on without."""
    context, run = started.home.open(), started.run
    share = Share(context, run, started.works, shared.last)
    async with shown(lambda: (percent_ended(context, run), f"Shared by workers; {spent_text(context, run)}"), key):
        await execute(shared.first, crew, crew.limits)
        await call_helpers(started, min(started.request.workers, shared.parts) - 1)
        with share.taking(life.is_closed):
            await execute((), crew, crew.limits, more=share.more)


async def show_end(summary: dict[str, Any], began: datetime) -> None:
    """What went wrong, the statement, the files and the contact sheet, as artifacts of the campaign.

    What went wrong in a run before this one began does not stay where this one went well.
    """
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
        elif what in ("failures", "delivery"):
            await decorated(all_well(summary["campaign"], what, all_well_markdown(summary), began))
    if summary["report"]:
        # A folder is of one machine only.
        page = "" if summary["out"].startswith(SCHEME) else summary["page"]
        address, key = page or summary["report_url"], artifact_key(summary["campaign"], "contact-sheet")
        await decorated(
            acreate_link_artifact(address, key=key, link_text="contact sheet", description="Every file at a glance")
        )


@asynccontextmanager
async def shown(standing: Callable[[], tuple[float, str]], key: str) -> AsyncIterator[None]:
    """Keep the progress artifact up to date while the block runs; `standing` gives percent and words, in a thread: it may ask a
    database."""

    async def create() -> UUID:
        percent, told = await asyncio.to_thread(standing)
        return await acreate_progress_artifact(percent, key=key, description=told)

    artifact = await decorated(create())
    if artifact is None:
        yield
        return

    async def update() -> None:
        percent, told = await asyncio.to_thread(standing)
        await aupdate_progress_artifact(artifact, percent, description=told)

    async def keep() -> None:
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            await decorated(update())

    keeping = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeping.cancel()
    await decorated(update())
