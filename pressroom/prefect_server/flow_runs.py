"""Flow runs of a Prefect server: which of them a worker may run again, and having one run again over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from pressroom.domain.errors import NotFound, Refused, WasCancelled
from pressroom.prefect_server.api import PrefectServer

# Who has taken a flow run and is not at work on it after so long is gone as well: a worker that has not started its process,
# a process that has not taken its run up.
BEGINNING_SECONDS: Final = 120.0
WHY: Final = "its process is gone"
CANCELLED: Final = frozenset({"CANCELLED", "CANCELLING"})
_OVER: Final = frozenset({"COMPLETED", "FAILED", "CANCELLED", "CANCELLING"})


def may_run_again(state_type: str) -> bool:
    """Whether a flow run in this state has not ended in order, nor is asked to."""
    return state_type not in _OVER


def is_on_its_way(state_type: str, since: datetime, now: datetime, left: datetime | None) -> bool:
    """Whether a flow run that is in this state since then is to be worked on by itself: it need not be run again.

    `left` is when nobody was at work on it any more; None: nobody has been. A process that began later has yet to take it up.
    """
    if state_type == "PENDING" or (state_type == "RUNNING" and (left is None or since > left)):
        return now - since < timedelta(seconds=BEGINNING_SECONDS)
    return state_type == "SCHEDULED"


def unknown(flow_run_id: str) -> NotFound:
    """It was deleted, or is another server's: its workers may be at work on it."""
    return NotFound(f"the Prefect server does not know flow run {flow_run_id}", hint="is it another server's?")


def was_cancelled(flow_run_id: str) -> WasCancelled:
    return WasCancelled(f"flow run {flow_run_id} was cancelled")


def restart(server: PrefectServer, flow_run_id: str, left: datetime | None) -> bool:
    """Have a worker run the flow run again, under its own id; False where it has ended in order, or no worker runs it.

    `left` is when nobody was at work on it any more, None where nobody has been. Harmless when repeated: one that waits for a
    worker already, or whose process has just begun, is left to them. Raises NotFound where the server has none of
    this id, WasCancelled where somebody has cancelled it, Retryable when it does not answer.
    """
    path = f"/flow_runs/{quote(flow_run_id, safe='')}"
    status, found = server.ask("GET", path)
    if status == 404:
        raise unknown(flow_run_id)
    if status == 422:  # no id of a flow run
        return False
    if status != 200:
        raise server.refused("the flow run", status, found)
    state, now = found["state"], datetime.now(UTC)
    if state is not None and state["type"] in CANCELLED:
        if state["type"] == "CANCELLING":  # its process is gone, and with it whoever would say that it has ended
            server.do("the flow run", "POST", f"{path}/set_state", {"state": {"type": "CANCELLED"}, "force": True})
        raise was_cancelled(flow_run_id)
    if not found["deployment_id"] or state is None or not may_run_again(state["type"]):
        return False
    if not is_on_its_way(state["type"], datetime.fromisoformat(state["timestamp"]), now, left):
        # Forced, since the server takes a run whose process is gone for running.
        again: dict[str, Any] = {"type": "SCHEDULED", "name": "AwaitingRetry", "message": WHY}
        again |= {"state_details": {"scheduled_time": now.isoformat()}}
        server.do("the flow run", "POST", f"{path}/set_state", {"state": again, "force": True})
    return True


def retry(server: PrefectServer, flow_run_id: str) -> None:
    """Have a worker run a flow run that has ended once more, as Retry on Prefect's pages does.

    Raises NotFound where the server has none of this id, Refused where it may not run again, Retryable when it does not answer.
    """
    path = f"/flow_runs/{quote(flow_run_id, safe='')}"
    status, _ = server.ask("GET", path)
    if status in (404, 422):
        raise unknown(flow_run_id)
    again = {"type": "SCHEDULED", "name": "AwaitingRetry", "message": "resumed by Pressroom"}
    answer = server.do("the flow run", "POST", f"{path}/set_state", {"state": again})
    if answer["status"] != "ACCEPT":
        raise Refused(f"flow run {flow_run_id} is not run again: {answer['details'].get('reason') or answer['status']}")
