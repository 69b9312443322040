"""When a campaign's flow run does not reach its end: a crashed one is run again by a worker, any other gives back what it held.

The flow itself lets go on any exception, Ctrl-C and cancellation included. Prefect's hooks are a second chance, from another
process; whoever looks for dead runs is a third, and the hold's expiry the guarantee. Cancelling has no hook: Prefect runs it
seconds after the flow has closed its books, and not at all where the flow heard of it before its worker.
"""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import FlowRun
from prefect.flows import Flow
from prefect.states import State

from pressroom.domain.errors import WasCancelled
from pressroom.services.close_flow_run import close_runs_of_flow
from pressroom.services.run_request import RunRequest
from tasks.context import HomeRef
from tasks.engine import restart_flow_run

# Prefect gives hooks their arguments by these names.


def close_on_end(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """The flow run has failed: what it has begun and nobody goes on with is closed."""
    reason = state.message or state.name or "ended early"
    close_runs_of_flow(_home(flow_run).open(), str(flow_run.id), cancelled=False, reason=reason)


def resume_on_crash(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """The flow run's process is gone: a worker runs it again, and where none does, what it has begun is closed."""
    try:
        again = restart_flow_run(str(flow_run.id), state.timestamp)
    except WasCancelled as exc:
        close_runs_of_flow(_home(flow_run).open(), str(flow_run.id), cancelled=True, reason=exc.message)
        return
    if not again:
        close_on_end(flow, flow_run, state)


def home_of(request: RunRequest) -> HomeRef:
    """The settings that a request is run with: those of the block it names, else those of the campaign's folder."""
    return HomeRef(folder=str(request.folder), home=request.home, block=request.home_block)


def _home(flow_run: FlowRun) -> HomeRef:
    return home_of(RunRequest.model_validate(flow_run.parameters["request"]))
