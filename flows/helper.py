"""Helpers of a run: each is a flow run of its own, a child of the run's, that takes parts of it until none is left."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from prefect import flow
from prefect.deployments.flow_runs import arun_deployment
from prefect.exceptions import ObjectNotFound
from prefect.logging import get_run_logger
from prefect.states import Completed, State

from flows.crew import TASK_RUNNER, Tasks
from flows.hearing import while_open
from flows.leaving import leave
from pressroom.campaign.deployment import Hours, Moment
from pressroom.domain.errors import OutOfCredits, Permanent, in_one_line
from pressroom.domain.opening import Opening
from pressroom.processes import share_heaps
from pressroom.services.execute_run import Progress, execute
from pressroom.services.launch_run import limits_of, works_of
from pressroom.services.run_lease import alive
from pressroom.services.share_run import Share
from tasks.context import HomeRef, open_run
from tasks.engine import tags_of
from tasks.events import surroundings
from tasks.node import stop
from tasks.preflight import Started

HELPER: Final = "helper/helper"


@flow(name="helper", flow_run_name="{name}", task_runner=TASK_RUNNER, persist_result=False)
async def helper(
    home: HomeRef, run_id: str, lease: int, name: str, window: Hours = "", not_before: Moment = ""
) -> State[Any]:
    """Make nodes of a run that another flow run leads, part by part, until no part is left."""
    share_heaps()
    context = home.open()
    run = open_run(context, run_id, lease)
    works = works_of(context, run)
    surroundings(run_id)
    progress, share = Progress(0), Share(context, run, works)
    with alive(context, run, leads=False) as life:
        stop.clear()
        limits = limits_of(context, run_id, Opening.parse(window, not_before))
        crew = Tasks(home, run, limits, life)
        try:
            async with while_open(life):
                with share.taking(life.is_closed):
                    await execute((), crew, limits, progress, share.more)
        except (OutOfCredits, Permanent) as exc:
            return Completed(message=exc.message)  # the run's own flow run says what follows from it
        except asyncio.CancelledError:
            stop.set()
            if not life.is_closed():
                raise
            asyncio.current_task().uncancel()  # type: ignore[union-attr]
            leave(context, run_id)
            return Completed(message=f"the run has ended or waits: {progress}")
        except BaseException:
            stop.set()
            raise
    return Completed(message=f"{progress.done} nodes made, {progress.failed} failed")


async def call_helpers(started: Started, count: int) -> None:
    """Ask for so many helpers; where nobody serves them the run goes on without, and its log says so."""
    run, request = started.run, started.request
    parameters = {
        "home": started.home.model_dump(),
        "run_id": run.id,
        "lease": run.lease,
        "window": request.window,
        "not_before": request.not_before,
    }
    for number in range(2, count + 2):
        name = f"{run.plan.campaign} · worker {number}"
        try:
            await arun_deployment(
                HELPER,
                parameters={**parameters, "name": name},
                timeout=0,
                flow_run_name=name,
                tags=list(tags_of(run)),
            )
        except ObjectNotFound:
            hint = "`prefect deploy --all` makes it"
            get_run_logger().warning("no other worker helps: there is no deployment %s; %s", HELPER, hint)
            return
        except Exception as exc:  # noqa: BLE001 - whatever the server has, the run goes on
            get_run_logger().warning("no other worker helps: %s", in_one_line(exc))
            return
