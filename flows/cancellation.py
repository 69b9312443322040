"""Release a run's hold when its flow does not reach its end.

The flow itself lets go on any exception, Ctrl-C and cancellation included. Prefect's hooks are a second chance from another
process, a new run that finds the dead one a third, and the hold's expiry the guarantee.
"""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import FlowRun
from prefect.flows import Flow
from prefect.states import State

from pressroom.runs.records import unfinished_of_flow
from pressroom.services.run_request import RunRequest
from pressroom.services.settle_run import settle_run
from tasks.context import HomeRef


def let_go(home: HomeRef, run_id: str, *, cancelled: bool, reason: str) -> None:
    """Close the run and give back what it held and did not spend."""
    settle_run(home.open(), run_id, cancelled=cancelled, error=reason)


def release_on_end(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Prefect's hook: the names of its parameters are given by keyword, so they must be these."""
    home = home_of(RunRequest.model_validate(flow_run.parameters["request"]))
    with home.open().database.read() as conn:
        unfinished = unfinished_of_flow(conn, str(flow_run.id))
    for run_id in unfinished:
        let_go(home, run_id, cancelled=state.is_cancelled(), reason=state.message or state.name or "ended early")


def home_of(request: RunRequest) -> HomeRef:
    """The settings that a request is run with: those of the block it names, else those of the campaign's folder."""
    return HomeRef(folder=str(request.folder), home=request.home, block=request.home_block)
