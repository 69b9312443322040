"""A run ends once: what is said later changes neither when nor how."""

from __future__ import annotations

from pressroom.runs.records import RunRecord, run_of
from pressroom.services.recover_runs import marked_alive, release_abandoned
from pressroom.services.settle_run import settle_run
from pressroom.services.start_run import take_up
from tests.support.studio import Studio


def record(studio: Studio, run_id: str) -> RunRecord:
    with studio.context.database.read() as conn:
        return run_of(conn, studio.account_id, run_id)


def test_settling_again_changes_nothing(studio: Studio) -> None:
    run = studio.begin(studio.plan("name: one\nsteps: {a: {uses: draw}}"))
    studio.walk(run)
    first = settle_run(studio.context, run.id)
    ended = record(studio, run.id)

    for again in ({}, {"cancelled": True}, {"error": "too late"}, {"cancelled": True, "error": "too late"}):
        assert settle_run(studio.context, run.id, **again) == first

    assert ended.finished_at is not None
    assert record(studio, run.id) == ended


def test_a_run_that_was_found_dead_and_is_settled_later_died_when_it_was_found(studio: Studio) -> None:
    run = studio.begin(studio.plan("name: one\nsteps: {a: {uses: draw}}"))
    with marked_alive(studio.context.runs, run.id):
        (studio.context.runs / "kept").hardlink_to(studio.context.runs / f"{run.id}.lock")
    (studio.context.runs / "kept").rename(studio.context.runs / f"{run.id}.lock")
    assert release_abandoned(studio.context) == [run.id]
    ended = record(studio, run.id)

    settle_run(studio.context, run.id, cancelled=True, error="interrupted")

    assert record(studio, run.id) == ended
    assert ended.error == "its process ended before it was done"


def test_a_run_that_is_taken_up_began_when_it_was_begun(studio: Studio) -> None:
    run = studio.begin(studio.plan("name: one\nsteps: {a: {uses: draw}}"))
    begun = record(studio, run.id)

    assert take_up(studio.principal, studio.context, run.id, "flow-1")

    assert (record(studio, run.id).started_at, record(studio, run.id).flow_run_id) == (begun.started_at, "flow-1")
