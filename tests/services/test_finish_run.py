"""Finishing a run: what is over is released, the files are delivered, and saying it again changes nothing."""

from __future__ import annotations

from pathlib import Path

from pressroom.domain.states import RunState
from pressroom.ledger.invariants import check_invariants
from pressroom.services.finish_run import finish_run
from tests.support.studio import CREDIT, Studio

TEXT = "name: one\nsteps: {a: {uses: draw, model: simulated/metered, with: {width: 1000, height: 1000}}}"


def test_what_was_not_spent_is_released_and_the_files_lie_in_their_folder(studio: Studio) -> None:
    run = studio.begin(studio.plan(TEXT))
    studio.walk(run)

    report = finish_run(run.principal, studio.context, run)

    assert report.state == RunState.COMPLETED
    assert report.captured_micros + report.released_micros == report.held_micros > CREDIT
    assert [path.name for path in Path(report.delivery.folder).glob("*.png")] == ["a.png"]


def test_finishing_again_says_the_same(studio: Studio) -> None:
    run = studio.begin(studio.plan(TEXT))
    studio.walk(run)

    first = finish_run(run.principal, studio.context, run)
    second = finish_run(run.principal, studio.context, run)

    assert (first.state, first.captured_micros, first.balance_micros) == (
        second.state,
        second.captured_micros,
        second.balance_micros,
    )
    with studio.context.database.read() as conn:
        assert check_invariants(conn) == []
