"""Whatever moment a process dies at, the report of its run has every dollar and credit that was spent, and none twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from pressroom.buying.journal import jobs_in
from pressroom.database.schema import hold, run
from pressroom.domain.states import JobState, NodeState
from pressroom.runs.nodes import nodes_of
from pressroom.services.settle_run import settlement_of
from tests.support.faults import Killed, Stage, World, _recover, command

LOST = """
name: lost
steps:
  charged: {uses: draw, model: simulated/ink, with: {prompt: withheld}}
  direct: {uses: draw, model: simulated-direct/ink, for_each: {of: [a, twin]}, with: {prompt: lost}}
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage.built(tmp_path_factory.mktemp("kills") / "stage") as built:
        built.plan = built.world(0).studios["ann"].plan(LOST)
        yield built


def played(stage: Stage, die_at: int) -> World:
    """A run of three nodes: one that moderation withholds and charges for, one that gets lost, and its twin.

    Its process dies at the given moment, counted in transactions, before and after each; afterwards somebody cleans up.
    """
    made = stage.world(1)
    made.trouble, moments = 0, iter(range(1_000_000))
    studio = made.studios["ann"].with_faults("charged_fail", latency_seconds=1)
    studio = studio.with_faults("lost_answer", name="simulated-direct")
    made.studios["ann"] = studio
    made.plan = stage.plan
    made.database.dies = lambda: next(moments) == die_at
    try:
        for _ in command(made, "ann"):
            made.clock.pause(2)
    except Killed:
        made.deaths += 1
    made.database.dies = None
    _recover(made)
    return made


def wrong(made: World, die_at: int) -> list[str]:
    studio = made.studios["ann"]
    with made.database.read() as conn:
        for run_id in conn.execute(select(run.c.id)).scalars():
            jobs = jobs_in(conn, studio.account_id, tuple(JobState), run_id)
            nodes = nodes_of(conn, studio.account_id, run_id)
            captured = conn.execute(select(func.sum(hold.c.captured))).scalar_one()
            settled = settlement_of(studio.context, studio.account_id, run_id)
            sums = {
                "dollars": (settled.usd_micros, sum(job.spent_usd_micros for job in jobs)),
                "credits": (sum(node.credits_micros for node in nodes), captured),
                "open nodes": (sum(node.state in (NodeState.WAITING, NodeState.RUNNING) for node in nodes), 0),
            }
            return [
                f"killed at {die_at}: {what} {said}, not {true}" for what, (said, true) in sums.items() if said != true
            ]
    return []


def test_a_run_that_dies_anywhere_reports_all_that_was_spent_once(stage: Stage) -> None:
    found: list[str] = []
    die_at = 0
    while True:
        made = played(stage, die_at)
        found += wrong(made, die_at)
        if not made.deaths:
            break
        die_at += 2  # after a transaction is before the next one

    assert found == []
    assert die_at > 20, die_at  # it has died before and after each transaction of a whole run


def test_the_comparison_notices_a_dollar_that_is_missing(stage: Stage) -> None:
    made = played(stage, -1)
    assert wrong(made, -1) == []

    with made.database.write() as conn:
        conn.exec_driver_sql("UPDATE run_node SET usd_micros = 0")

    assert "dollars" in wrong(made, -1)[0]
