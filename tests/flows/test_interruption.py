"""A run that is interrupted, terminated or killed leaves nothing held and nothing bought twice."""

from __future__ import annotations

import signal
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.orchestration import SyncPrefectClient

from pressroom.buying.journal import jobs_in
from pressroom.domain.money import micros
from pressroom.domain.states import JobState
from pressroom.ledger.accounts import balance_of
from pressroom.ledger.invariants import check_invariants
from pressroom.runs.nodes import nodes_of
from pressroom.runs.records import RunRecord, list_runs, run_of
from tests.support.desks import Desk, ended, eventually

pytestmark = pytest.mark.prefect

SLOW = {"PRESSROOM_SIMULATED_LATENCY_SECONDS": "600"}
BRIEF = {"PRESSROOM_SIMULATED_LATENCY_SECONDS": "1"}
LEAVES_WITHIN_SECONDS = 300  # half of what its orders take: a few on a machine that has nothing else to do


def balance(desk: Desk) -> tuple[int, int]:
    """Available and held micro-credits, of books that add up."""
    with desk.context.database.read() as conn:
        assert check_invariants(conn) == []
        found = balance_of(conn, "default")
    return found.available_micros, found.held_micros


def only_run(desk: Desk) -> RunRecord:
    with desk.context.database.read() as conn:
        (record,) = list_runs(conn, desk.account_id)
        return run_of(conn, desk.account_id, record.id)


def submitted(desk: Desk) -> int:
    """Orders of which the vendor's answer is on record. Those in its books alone have a fate that nobody knows yet."""
    with desk.context.database.read() as conn:
        return len(jobs_in(conn, desk.account_id, (JobState.SUBMITTED,)))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_at_once_and_releases_what_it_held(
    desk: Desk, client: SyncPrefectClient, number: signal.Signals
) -> None:
    process = desk.start("run", desk.campaign, **SLOW)
    assert eventually(lambda: len(desk.purchases()) == 2 and submitted(desk) == 2)

    process.send_signal(number)
    done = ended(process, LEAVES_WITHIN_SECONDS)

    record = only_run(desk)
    assert done.code == 130
    assert "interrupted: what was not spent has been released\n2 orders are still open at the vendor" in done.err
    assert done.err.count("interrupted: what") == 1
    assert "Traceback" not in done.err
    assert done.out == ""
    assert len(desk.pressroom("jobs", "list", "--json").json) == 2
    assert record.state == "cancelled"
    assert balance(desk) == (micros(10), 0)
    assert desk.work_left() == []
    flow_run_id = UUID(record.flow_run_id)
    assert eventually(lambda: client.read_flow_run(flow_run_id).state.is_cancelled())


def test_what_an_interrupted_run_has_ordered_is_waited_for_by_the_next_one(desk: Desk) -> None:
    first = desk.start("run", desk.campaign, **SLOW)
    assert eventually(lambda: len(desk.purchases()) == 2 and submitted(desk) == 2)
    first.send_signal(signal.SIGINT)
    ended(first, LEAVES_WITHIN_SECONDS)

    again = desk.pressroom("run", desk.campaign, "--json")

    assert again.code == 0, again.err
    assert {node["action"] for node in again.json["nodes"] if node["step"] == "big"} == {"adopt"}
    assert len(desk.purchases()) == 2
    assert balance(desk) == (micros(6), 0)


def test_a_killed_run_is_taken_up_by_the_next_one(desk: Desk) -> None:
    """Nothing is bought twice, nothing that was made is lost, no hold stays open."""
    killed = desk.start("run", desk.campaign, **SLOW)
    assert eventually(lambda: len(desk.purchases()) == 2 and "stage" in made(desk))
    kept = made(desk)
    killed.kill()
    ended(killed)
    assert balance(desk) == (micros(6), micros(4))

    again = desk.pressroom("run", desk.campaign, "--json")

    assert again.code == 0, again.err
    states = {node["id"]: node["state"] for node in again.json["nodes"]}
    assert {name: states[name] for name in kept} == dict.fromkeys(kept, "reused")
    assert len(desk.purchases()) == 2
    assert balance(desk) == (micros(6), 0)
    assert again.json["credits"] == {"held": 4, "captured": 4, "released": 0, "balance": 6}
    assert desk.work_left() == []
    assert all(
        Path(asset["path"]).is_file() for node in again.json["nodes"] for asset in node["assets"] if asset["path"]
    )


@pytest.mark.parametrize("orders", [0, 1, 2])
def test_killed_at_any_moment_nothing_is_bought_twice(desk: Desk, orders: int) -> None:
    killed = desk.start("run", desk.campaign, **BRIEF)
    assert eventually(lambda: len(desk.purchases()) >= orders and (bool(orders) or (desk.home / "media").is_dir()))
    killed.kill()
    ended(killed)

    again = desk.pressroom("run", desk.campaign, "--json")

    assert again.code == 0, again.err
    assert len(desk.purchases()) == 2
    assert balance(desk) == (micros(6), 0)


def made(desk: Desk) -> set[str]:
    """Nodes that some run of this home has finished."""
    with desk.context.database.read() as conn:
        return {
            node.node_id
            for run in list_runs(conn, desk.account_id)
            for node in nodes_of(conn, desk.account_id, run.id)
            if node.state == "done"
        }
