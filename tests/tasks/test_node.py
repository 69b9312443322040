"""The task of a node and those around it: what is made, what is recorded of a failure, what passes between them."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from prefect.logging import disable_run_logger

from pressroom.domain.errors import Permanent, UpstreamFailed
from pressroom.operations import ALL
from pressroom.runs.nodes import nodes_of
from pressroom.runs.records import owner_of
from pressroom.runs.settlement import Settlement
from pressroom.services.execute_run import RETRY_DELAYS_SECONDS, Work
from pressroom.services.run_lease import alive
from pressroom.services.run_node import NodeResult
from pressroom.services.run_request import RunRequest
from tasks.context import HomeRef
from tasks.engine import FlowRunRef, only_retryable
from tasks.housekeeping import audit_ledger, recover
from tasks.node import NodeRef, make_nodes, stop, task_of
from tasks.preflight import Started, preflight
from tasks.settlement import settle

HERE = FlowRunRef()
CAMPAIGN = """
name: small
steps:
  big: {uses: upscale, with: {image: photo.png, scale: 2}}
  square: {uses: resize, with: {image: "{{ steps.big }}", placements: [instagram.feed_square]}}
"""


@pytest.fixture(autouse=True)
def without_run_logger() -> Iterator[None]:
    """Called by themselves, tasks have no run to log to."""
    with disable_run_logger():
        yield


@pytest.fixture
def home(tmp_path: Path) -> HomeRef:
    (tmp_path / "campaign.yaml").write_text(CAMPAIGN)
    Image.linear_gradient("L").convert("RGB").resize((64, 48)).save(tmp_path / "photo.png")
    return HomeRef(folder=str(tmp_path), home=str(tmp_path / "home"))


@pytest.fixture
def started(home: HomeRef) -> Started:
    started = preflight.fn(RunRequest(file=f"{home.folder}/campaign.yaml", home=home.home), home, HERE)
    assert isinstance(started, Started)
    return started


def ref(started: Started, *node_ids: str) -> NodeRef:
    return NodeRef(started.home, started.run.id, started.run.lease, *node_ids)


def states(started: Started) -> list[tuple[str, str]]:
    with started.home.open().database.read() as conn:
        return [(node.state, node.error) for node in nodes_of(conn, owner_of(conn, started.run.id), started.run.id)]


def test_pre_flight_names_what_is_to_be_made_and_what_that_needs(started: Started) -> None:
    assert started.works == (Work("big", operation="upscale"), Work("square", ("big",), operation="resize"))
    settings = started.home.settings()
    assert (started.limits.makes, started.limits.orders) == (settings.workers, settings.max_orders)


def test_a_run_that_was_started_where_its_plan_was_shown_is_taken_up(started: Started) -> None:
    request = RunRequest(file=f"{started.home.folder}/campaign.yaml", home=started.home.home, run_id=started.run.id)

    with alive(started.home.open(), started.run):
        again = preflight.fn(request, started.home, FlowRunRef(id="flow-1"))

    assert (again.run, again.works) == (started.run, started.works)


def test_the_name_of_another_accounts_run_names_a_run_of_ones_own(started: Started) -> None:
    request = RunRequest(
        file=f"{started.home.folder}/campaign.yaml", home=started.home.home, run_id=started.run.id, account="other"
    )

    theirs = preflight.fn(request, started.home, FlowRunRef(id="flow-1"))

    assert theirs.run.id != started.run.id
    assert theirs.run.account_id != started.run.account_id


def test_a_node_is_made(started: Started) -> None:
    made = make_nodes.fn(ref(started, "big"), [])

    assert (made.is_completed(), made.name) == (True, "Completed")
    assert made.data.outcomes["big"].state == "done"
    assert states(started)[0] == ("done", "")


def test_of_several_nodes_the_outcomes_say_which_failed(started: Started) -> None:
    """The second one's input is not there yet, as it would never be asked of a task."""
    several = ref(started, "square", "big")

    made = make_nodes.fn(several, [])

    assert several.name == "square and 1 more"
    assert (made.is_completed(), made.name) == (True, "CompletedWithFailures")
    assert isinstance(made.data.outcomes["square"], UpstreamFailed)
    assert made.data.outcomes["big"].state == "done"
    assert states(started) == [("done", ""), ("failed", "big has made nothing: see why it failed")]


def test_a_failed_node_is_recorded_before_the_failure_is_raised(started: Started) -> None:
    """Its input was not made, which the flow would not have let happen."""
    with pytest.raises(UpstreamFailed, match="big has made nothing"):
        make_nodes.fn(ref(started, "square"), [])

    assert states(started)[1] == ("failed", "big has made nothing: see why it failed")


def test_an_interrupted_run_makes_and_records_nothing_more(started: Started) -> None:
    stop.set()
    try:
        with pytest.raises(Permanent, match="interrupted"):
            make_nodes.fn(ref(started, "big"), [])
    finally:
        stop.clear()

    assert [state for state, _ in states(started)] == ["waiting", "waiting"]


def test_settling_closes_the_run_and_the_books_are_right(started: Started) -> None:
    settled = settle.fn(started.home, started.run.id, started.run.lease, [])

    assert (settled.state, settled.nodes) == ("failed", {"cancelled": 2})
    assert audit_ledger.fn(started.home) == []
    assert recover.fn(started.home) == {"closed": [], "resumed": [], "begun_anew": []}


def test_every_operation_has_a_task_of_its_name_that_keeps_no_result_and_retries_only_what_is_retryable() -> None:
    for operation in ALL:
        task = task_of(operation.name)
        assert task.name == operation.name
        assert task.retries == len(RETRY_DELAYS_SECONDS) == len(task.retry_delay_seconds)
        assert task.retry_condition_fn is only_retryable
        assert not task.persist_result
        assert task.task_run_name == "{node.name}"


def test_what_passes_between_tasks_survives_pickling(started: Started) -> None:
    settled = Settlement("r1", 1, "completed", 4, 3, 1, 6, 2, {"done": 2})
    result = NodeResult("big[1]", "done", ("a1",), 2_000_000, 20_000, 0.5)

    for value in (ref(started, "big"), settled, started.run, started.works, started.home, started.limits, result):
        assert pickle.loads(pickle.dumps(value)) == value


def test_a_reference_to_a_node_is_small(started: Started) -> None:
    assert len(pickle.dumps(ref(started, "big"))) < 500
