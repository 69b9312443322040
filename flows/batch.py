"""The batch flow: several campaigns, one after the other, each with its own hold and its own end."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.states import Completed, Failed, State

from flows.campaign import campaign
from pressroom.domain.errors import PressroomError
from pressroom.domain.states import RunState
from pressroom.services.run_request import RunRequest
from tasks.engine import summary_in


@flow(name="batch", flow_run_name="batch", persist_result=False)
async def batch(requests: list[RunRequest]) -> State[Any]:
    """One refused or failed campaign does not stop the others. A row is known by its place and its name."""
    ended: dict[str, str] = {}
    for number, request in enumerate(requests, 1):
        row = f"{number} {request.name}"
        try:
            state: State[Any] = await campaign(request, return_state=True)  # type: ignore[call-overload]
            ended[row] = (await summary_in(state))["state"]
        except PressroomError as exc:
            ended[row] = str(exc)
    good = sum(state == RunState.COMPLETED for state in ended.values())
    message = f"{good} of {len(ended)} campaigns completed"
    if good == len(ended):
        return Completed(message=message, data=ended)
    return (
        Failed(message=message, data=ended)
        if good == 0
        else Completed(name="CompletedWithFailures", message=message, data=ended)
    )
