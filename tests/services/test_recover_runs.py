"""Runs whose process is gone: found on this machine at once, on any other when their lease has run out."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from pressroom.database.schema import hold as hold_table
from pressroom.database.schema import run as run_table
from pressroom.domain.errors import Permanent, WasCancelled, WorkedOn
from pressroom.domain.identity import Principal
from pressroom.domain.states import Runner
from pressroom.ledger.holds import hold_of
from pressroom.runs.nodes import nodes_of
from pressroom.runs.records import RunRecord, run_of, start_run
from pressroom.services.list_runs import list_account_runs
from pressroom.services.recover_runs import MOST_TAKES, Recovered, recover_runs
from pressroom.services.run_lease import alive
from pressroom.services.run_node import run_node
from pressroom.services.settle_run import settle_run
from pressroom.services.take_up_run import read_run, take_up
from tests.support.desks import eventually
from tests.support.standing import balance
from tests.support.studio import CREDIT, Studio

pytestmark = pytest.mark.both_databases

ROOT = Path(__file__).parents[2]
THREE = """
name: three
steps:
  scene: {uses: draw, model: simulated/ink, count: 3, with: {prompt: "{{ each.take }}"}}
"""


def record(studio: Studio, run_id: str) -> RunRecord:
    with studio.context.database.read() as conn:
        return run_of(conn, studio.account_id, run_id)


def states(studio: Studio, run_id: str) -> list[str]:
    with studio.context.database.read() as conn:
        return [node.state for node in nodes_of(conn, studio.account_id, run_id)]


def held_by(studio: Studio, run_id: str, holder: str, seconds: float) -> None:
    """As if that process had taken the run's lease for so many seconds."""
    values = {"lease_holder": holder, "lease_until": datetime.now(UTC) + timedelta(seconds=seconds)}
    with studio.context.database.write() as conn:
        conn.execute(update(run_table).where(run_table.c.id == run_id).values(**values))


def elsewhere(studio: Studio, *, runner: Runner = Runner.CALLER, seconds: float = -1) -> str:
    """A run of another machine, of which nothing was heard for longer than its lease."""
    run = studio.begin(studio.plan(THREE), flow_run_id="flow-1", runner=runner)
    held_by(studio, run.id, "other-machine/4711/boot:1", seconds)
    return run.id


def killed(studio: Studio) -> str:
    """A run whose process on this machine was killed a moment ago: a real one, whose name it bears."""
    run = studio.begin(studio.plan(THREE))
    run_node(studio.principal, studio.context, run, "scene[take=1]")
    folder = studio.context.work / run.id / "node"
    folder.mkdir(parents=True)
    (folder / "half.png").write_bytes(b"half")
    script = (
        "import os, signal; from pressroom.runs.leases import this_process\n"
        "print(this_process(), flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL
    held_by(studio, run.id, done.stdout.strip(), 3_600)
    return run.id


def test_what_a_killed_run_held_is_given_back_by_the_next_at_once(studio: Studio) -> None:
    run_id = killed(studio)
    (listed,) = list_account_runs(Principal("default"), studio.context)
    assert (balance(studio), listed.run.state) == ((97, 2), "failed")

    assert recover_runs(studio.context) == Recovered((run_id,))

    assert balance(studio) == (99, 0)
    ended = record(studio, run_id)
    assert (ended.state, ended.error) == ("failed", "its process ended before it was done")
    assert states(studio, run_id) == ["done", "cancelled", "cancelled"]
    assert list(studio.context.work.iterdir()) == []
    assert recover_runs(studio.context) == Recovered()


def test_a_run_that_is_alive_here_or_elsewhere_is_left_alone(studio: Studio) -> None:
    run = studio.begin(studio.plan(THREE))
    other = elsewhere(studio, seconds=60)
    (studio.context.work / run.id).mkdir(parents=True)

    with alive(studio.context, run):
        assert recover_runs(studio.context) == Recovered()

    assert [record(studio, each).state for each in (run.id, other)] == ["running", "running"]
    assert (studio.context.work / run.id).exists()


def test_a_run_that_its_process_leaves_without_closing_it_is_dead_at_once(studio: Studio) -> None:
    """As on a full disk: what ends the run keeps its end from being written as well."""
    run = studio.begin(studio.plan(THREE))
    with alive(studio.context, run):
        (going_on,) = list_account_runs(Principal("default"), studio.context)

    assert going_on.run.state == "running"
    assert recover_runs(studio.context) == Recovered((run.id,))
    assert balance(studio) == (100, 0)


def test_a_run_of_another_machine_is_dead_when_its_lease_has_run_out(studio: Studio) -> None:
    run_id = elsewhere(studio)

    assert recover_runs(studio.context) == Recovered((run_id,))


def test_the_run_of_a_deployment_is_taken_up_by_a_worker_and_keeps_its_hold(studio: Studio) -> None:
    run_id, asked = elsewhere(studio, runner=Runner.DEPLOYMENT), []

    assert recover_runs(studio.context) == Recovered(), "no engine here: it is left to those who have one"
    found = recover_runs(studio.context, {Runner.DEPLOYMENT: lambda run: not asked.append(run.flow_run_id)})

    assert (found, asked) == (Recovered(resumed=(run_id,)), ["flow-1"])
    assert (record(studio, run_id).state, balance(studio)) == ("running", (97, 3))


def test_a_taker_hears_since_when_nobody_has_worked_on_the_run_however_often_it_is_asked(studio: Studio) -> None:
    """It is how it knows a process that has begun since from the one that is gone: the lease of that may last a while yet."""
    run_id, heard, before = killed(studio), [], datetime.now(UTC)
    with studio.context.database.write() as conn:
        conn.execute(update(run_table).where(run_table.c.id == run_id).values(runner=Runner.DEPLOYMENT))

    for _ in range(2):
        recover_runs(studio.context, {Runner.DEPLOYMENT: lambda run: not heard.append(run.lease_until)})

    assert before <= heard[0] == heard[1] <= datetime.now(UTC)


def test_a_run_that_no_worker_takes_up_or_that_kills_every_worker_is_closed(studio: Studio) -> None:
    unwanted, deadly = elsewhere(studio, runner=Runner.DEPLOYMENT), elsewhere(studio, runner=Runner.DEPLOYMENT)
    with studio.context.database.write() as conn:
        conn.execute(update(run_table).where(run_table.c.id == deadly).values(lease=MOST_TAKES))

    found = recover_runs(studio.context, {Runner.DEPLOYMENT: lambda run: False})

    assert set(found.closed) == {unwanted, deadly}
    assert balance(studio) == (100, 0)


def test_a_run_that_was_cancelled_where_its_process_is_gone_is_cancelled(studio: Studio) -> None:
    run_id = elsewhere(studio, runner=Runner.DEPLOYMENT)

    def cancelled(run: RunRecord) -> bool:
        raise WasCancelled(f"flow run {run.flow_run_id} was cancelled")

    found = recover_runs(studio.context, {Runner.DEPLOYMENT: cancelled})

    assert (found.closed, record(studio, run_id).state, balance(studio)) == ((run_id,), "cancelled", (100, 0))


def test_a_run_that_nobody_can_make_anything_of_hinders_no_other(studio: Studio) -> None:
    """It is left to others for as long as its credits are held, and closed then."""
    bent, sound = (elsewhere(studio, runner=Runner.DEPLOYMENT) for _ in range(2))

    def take(run: RunRecord) -> bool:
        if run.id == bent:
            raise RuntimeError("a fault of ours")
        return True

    takers = {Runner.DEPLOYMENT: take}
    assert recover_runs(studio.context, takers) == Recovered(resumed=(sound,))
    with studio.context.database.write() as conn:
        conn.execute(update(hold_table).values(expires_at=studio.context.now() - timedelta(seconds=1)))

    assert recover_runs(studio.context, takers) == Recovered((bent,), resumed=(sound,))
    assert (record(studio, bent).state, balance(studio)) == ("failed", (100, 0))


def test_a_run_that_was_settled_before_its_process_was_killed_stays_as_it_ended(studio: Studio) -> None:
    run = studio.begin(studio.plan(THREE))
    studio.walk(run)
    settle_run(studio.context, run.id)
    held_by(studio, run.id, "other-machine/4711/boot:1", -1)

    assert recover_runs(studio.context) == Recovered()
    assert record(studio, run.id).state == "completed"


def test_what_a_process_says_of_a_run_that_another_has_taken_up_is_not_taken(studio: Studio) -> None:
    """It stood still for longer than its lease: nothing that it still does changes the run, or takes credits for it."""
    stale = read_run(studio.context, elsewhere(studio), 1)
    fresh = take_up(studio.principal, studio.context, stale.id)
    assert fresh is not None
    assert (fresh.lease, fresh.hold_id) == (2, stale.hold_id)

    for work in (
        lambda: run_node(studio.principal, studio.context, stale, "scene[take=1]"),
        lambda: settle_run(studio.context, stale.id, lease=stale.lease),
    ):
        with pytest.raises(Permanent, match="has been taken up by another process"):
            work()

    assert states(studio, fresh.id) == ["waiting"] * 3
    assert studio.vendor.purchases() == []
    with alive(studio.context, stale) as life:
        assert eventually(life.is_closed)
    studio.walk(fresh)
    assert (settle_run(studio.context, fresh.id, lease=fresh.lease).state, balance(studio)) == ("completed", (97, 0))


def test_a_run_is_taken_up_by_one_process_at_a_time(studio: Studio) -> None:
    run_id = elsewhere(studio, seconds=60)

    with pytest.raises(WorkedOn, match=f"another process works on run {run_id}") as found:
        take_up(studio.principal, studio.context, run_id)

    assert found.value.fields["flow_run"] == "flow-1"

    assert take_up(Principal("other"), studio.context, run_id) is None


def test_a_run_that_was_taken_up_goes_on_where_it_stood(studio: Studio) -> None:
    run_id = elsewhere(studio, runner=Runner.DEPLOYMENT)
    first = read_run(studio.context, run_id, 1)
    run_node(studio.principal, studio.context, first, "scene[take=2]")

    found = take_up(studio.principal, studio.context, "", "flow-1")

    assert found is not None
    assert set(found.reused) == {"scene[take=2]"}
    studio.walk(found)
    assert settle_run(studio.context, run_id).captured_micros == 3 * CREDIT
    assert len(studio.vendor.purchases()) == 3
    assert record(studio, run_id).started_at is not None


def test_a_run_that_has_ended_makes_what_is_missing_when_it_is_run_again(studio: Studio) -> None:
    """With a hold of its own for that; what was paid before stays paid."""
    run = studio.begin(studio.plan(THREE))
    run_node(studio.principal, studio.context, run, "scene[take=1]")
    assert settle_run(studio.context, run.id).state == "completed_with_failures"

    again = take_up(studio.principal, studio.context, run.id)

    assert again is not None
    assert (len(again.hold_ids), set(again.reused), balance(studio)) == (2, {"scene[take=1]"}, (97, 2))
    studio.walk(again)
    settled = settle_run(studio.context, run.id)
    assert (settled.state, settled.held_micros, settled.captured_micros, settled.released_micros) == (
        "completed",
        5 * CREDIT,
        3 * CREDIT,
        2 * CREDIT,
    )
    assert balance(studio) == (97, 0)
    assert settle_run(studio.context, run.id) == settled
    assert len(studio.vendor.purchases()) == 3


def test_a_run_that_delivered_everything_is_not_begun_again(studio: Studio) -> None:
    run = studio.begin(studio.plan(THREE))
    studio.walk(run)
    settle_run(studio.context, run.id)
    ended = record(studio, run.id)

    again = take_up(studio.principal, studio.context, run.id)

    assert again is not None
    assert len(again.reused) == 3
    assert replace(record(studio, run.id), lease=ended.lease, lease_holder="", lease_until=None) == replace(
        ended, lease_holder="", lease_until=None
    )


def test_a_run_that_is_taken_up_began_when_it_was_begun(studio: Studio) -> None:
    run = studio.begin(studio.plan(THREE))
    begun = record(studio, run.id)
    with studio.context.database.write() as conn:
        start_run(conn, studio.account_id, run.id, flow_run_id="flow-1")

    assert (record(studio, run.id).started_at, record(studio, run.id).flow_run_id) == (begun.started_at, "flow-1")


def test_a_living_run_keeps_its_lease_and_puts_off_the_expiry_of_its_hold(studio: Studio) -> None:
    settings = studio.context.settings.model_copy(update={"hold_seconds": 1, "lease_seconds": 1.0})
    context = replace(studio.context, settings=settings)
    run = replace(studio, context=context).begin(studio.plan(THREE))

    with alive(context, run) as life:
        time.sleep(1.6)
        recover_runs(context)

        assert not life.is_closed()
        assert record(studio, run.id).lease_until > datetime.now(UTC)  # type: ignore[operator]
        with context.database.read() as conn:
            assert hold_of(conn, run.hold_id).state == "open"


def test_a_living_run_hears_that_it_was_closed(studio: Studio) -> None:
    run = studio.begin(studio.plan(THREE))

    with alive(studio.context, run) as life:
        assert not life.is_closed()
        settle_run(studio.context, run.id, cancelled=True)

        assert eventually(life.is_closed)
