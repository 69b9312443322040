"""Having a flow run again: what is asked of the server, and when nothing is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pressroom.domain.errors import NotFound, WasCancelled
from pressroom.prefect_server.api import PrefectServer
from pressroom.prefect_server.flow_runs import BEGINNING_SECONDS, restart
from tests.support.prefect_answers import Server


def flow_run(state: str, seconds: float = 0.0, deployment: str | None = "d1") -> dict[str, Any]:
    """One that has been in this state for so long."""
    since = datetime.now(UTC) - timedelta(seconds=seconds)
    return {"id": "f1", "deployment_id": deployment, "state": {"type": state, "timestamp": since.isoformat()}}


@pytest.mark.parametrize(
    ("state", "seconds", "left", "again"),
    [
        ("RUNNING", 9, 6, True),
        ("RUNNING", 6, 9, False),  # its process has begun since, and has yet to take the run up
        ("RUNNING", 6, None, False),
        ("RUNNING", BEGINNING_SECONDS * 2, 1e6, True),
        ("RUNNING", BEGINNING_SECONDS * 2, None, True),
        ("CRASHED", 0, 6, True),
        ("PAUSED", 0, 6, True),
        ("PENDING", BEGINNING_SECONDS * 2, 1e6, True),
        ("PENDING", 0, 6, False),
        ("SCHEDULED", 1e6, 6, False),
    ],
)
def test_a_flow_run_that_has_not_ended_is_run_again_unless_somebody_is_about_to(
    prefect_answers: Server, state: str, seconds: float, left: float | None, again: bool
) -> None:
    prefect_answers.answers = [(200, flow_run(state, seconds)), (201, {"status": "ACCEPT"})]
    since = None if left is None else datetime.now(UTC) - timedelta(seconds=left)

    assert restart(PrefectServer(prefect_answers.url), "f1", since)

    told = [(method, path, body) for method, path, body, _ in prefect_answers.asked[1:]]
    assert [(method, path) for method, path, _ in told] == [("POST", "/api/flow_runs/f1/set_state")] * again
    for _, _, body in told:
        assert (body["force"], body["state"]["type"], body["state"]["name"]) == (True, "SCHEDULED", "AwaitingRetry")


@pytest.mark.parametrize(("state", "ended"), [("CANCELLING", 1), ("CANCELLED", 0)])
def test_one_that_was_cancelled_and_whose_process_is_gone_ends_so(
    prefect_answers: Server, state: str, ended: int
) -> None:
    prefect_answers.answers = [(200, flow_run(state)), (201, {"status": "ACCEPT"})]

    with pytest.raises(WasCancelled):
        restart(PrefectServer(prefect_answers.url), "f1", None)

    said = [(body["state"]["type"], body["force"]) for *_, body, _ in prefect_answers.asked[1:]]
    assert said == [("CANCELLED", True)] * ended


def test_one_that_the_server_does_not_know_is_not_said_to_have_ended(prefect_answers: Server) -> None:
    prefect_answers.answers = [(404, {"detail": "Flow run not found"})]

    with pytest.raises(NotFound, match="does not know flow run f1"):
        restart(PrefectServer(prefect_answers.url), "f1", None)


@pytest.mark.parametrize(
    "answer",
    [
        (422, {"detail": "no UUID"}),
        (200, flow_run("COMPLETED")),
        (200, flow_run("FAILED")),
        (200, flow_run("RUNNING", deployment=None)),
    ],
)
def test_one_that_has_ended_or_no_worker_runs_is_left_alone(prefect_answers: Server, answer: tuple[int, Any]) -> None:
    prefect_answers.answers = [answer]

    assert not restart(PrefectServer(prefect_answers.url), "f/1", None)

    assert [path for _, path, _, _ in prefect_answers.asked] == ["/api/flow_runs/f%2F1"]
