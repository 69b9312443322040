"""The campaign flow: pre-flight and hold, one task per node with its dependencies, settle, report."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from prefect import allow_failure, flow
from prefect.artifacts import (
    acreate_link_artifact,
    acreate_markdown_artifact,
    acreate_progress_artifact,
    aupdate_progress_artifact,
)
from prefect.context import SyncClientContext
from prefect.futures import PrefectFuture
from prefect.runtime import flow_run
from prefect.states import Cancelled, Completed, State
from prefect.task_runners import ThreadPoolTaskRunner

from flows.cancellation import home_of, let_go, release_on_end
from pressroom.domain.states import RunState
from pressroom.services.recover_runs import alive
from pressroom.services.run_request import RunRequest
from pressroom.services.start_run import new_run_id
from tasks.families import FAMILIES
from tasks.node import stop
from tasks.preflight import Begun, open_gate
from tasks.settlement import report, settle

PROGRESS_SECONDS = 2.0


@flow(
    name="campaign",
    flow_run_name="{request.name}",
    task_runner=ThreadPoolTaskRunner(max_workers=4),
    persist_result=False,
    on_cancellation=[release_on_end],
    on_crashed=[release_on_end],
    on_failure=[release_on_end],
)
async def campaign(request: RunRequest) -> dict[str, Any] | State[Any]:
    """Run one campaign as its plan says."""
    home = home_of(request)
    run_id = request.run_id or new_run_id()
    # Alive before it holds anything: whenever it is killed, the next run finds it dead and releases its hold.
    with alive(home.open(), run_id):
        begun = open_gate(request.model_copy(update={"run_id": run_id}), home, flow_run.id or "")
        stop.clear()
        try:
            summary = await run_nodes(begun)
        except asyncio.CancelledError:
            stop.set()
            # The interruption has been heard: from here on awaiting works again, and the run ends in order.
            asyncio.current_task().uncancel()  # type: ignore[union-attr]
            let_go(home, run_id, cancelled=True, reason="interrupted")
            return Cancelled(message="interrupted")
        except BaseException as exc:
            let_go(home, run_id, cancelled=False, reason=str(exc) or repr(exc))
            raise
    if summary["state"] != RunState.COMPLETED or not summary["delivered"]:
        return Completed(name="CompletedWithFailures", message="see the statement", data=summary)
    return summary


async def run_nodes(begun: Begun) -> dict[str, Any]:
    """Show the plan, run its nodes, settle, report."""
    await acreate_markdown_artifact(begun.plan_table, key="plan", description=f"Plan of {begun.campaign}")
    # Without a client of the flow's own every submit builds one: 65 ms each, with its own SSL context.
    with SyncClientContext.get_or_create():
        futures = chain(begun)
        await wait_for_all(list(futures.values()))
        settled = settle(begun.home, begun.run_id, [allow_failure(future) for future in futures.values()])
        summary = report(begun.home, settled)
    await acreate_markdown_artifact(summary["statement"], key="statement", description="What was made and what it cost")
    if summary["report"]:
        await acreate_link_artifact(Path(summary["report"]).as_uri(), key="contact-sheet", link_text="contact sheet")
    return summary


def chain(begun: Begun) -> dict[str, PrefectFuture[Any]]:
    """Submit every node; it waits for the nodes it needs and is told when one of them has failed."""
    futures: dict[str, PrefectFuture[Any]] = {}
    for step in begun.steps:
        upstream = [allow_failure(futures[name]) for name in step.upstream if name in futures]
        futures[step.node.node_id] = FAMILIES[step.family].submit(step.node, upstream)
    return futures


async def wait_for_all(futures: list[PrefectFuture[Any]]) -> None:
    """Wait without blocking the event loop, and show how far the run is."""
    # Of the threads themselves: asking a Prefect future for its state is a request to the server, each time.
    waiting = {asyncio.wrap_future(future.wrapped_future) for future in futures}  # type: ignore[attr-defined]
    progress = await acreate_progress_artifact(0.0, key="progress", description="Nodes done")
    while waiting:
        _, waiting = await asyncio.wait(waiting, timeout=PROGRESS_SECONDS)
        await aupdate_progress_artifact(progress, 100.0 * (1 - len(waiting) / len(futures)))
