"""Release a run's hold when its flow does not reach its end.

The flow itself lets go on any exception, Ctrl-C and cancellation included. Prefect's hooks are a second chance from another
process, a new run that finds the dead one a third, and the hold's expiry the guarantee.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prefect.client.schemas.objects import FlowRun
from prefect.flows import Flow
from prefect.states import State

from blocks.opening import HomeRef
from pressroom.execution.request import RunRequest
from pressroom.execution.runs import runs_of_flow
from pressroom.execution.settle import settle_run


@contextmanager
def let_go_of_run(home: HomeRef, run_id: str) -> Iterator[None]:
    """Settle the run as cancelled or failed when the block does not end by itself."""
    try:
        yield
    except BaseException as exc:
        cancelled = isinstance(exc, KeyboardInterrupt | asyncio.CancelledError | SystemExit)
        settle_run(
            home.open(), run_id, cancelled=cancelled, error="interrupted" if cancelled else str(exc) or repr(exc)
        )
        raise


def release_on_end(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Prefect's hook: the names of its parameters are given by keyword, so they must be these."""
    home = home_of(RunRequest.model_validate(flow_run.parameters["request"]))
    context = home.open()
    with context.database.read() as conn:
        unfinished = [run.id for run in runs_of_flow(conn, str(flow_run.id)) if run.finished_at is None]
    for run_id in unfinished:
        settle_run(context, run_id, cancelled=state.is_cancelled(), error=state.message or state.name or "ended early")


def home_of(request: RunRequest) -> HomeRef:
    """The settings that a request is run with: those of the campaign's folder."""
    return HomeRef(folder=str(request.folder), home=request.home)
