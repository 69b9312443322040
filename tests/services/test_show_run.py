"""Runs as they stand, whoever works on them meanwhile."""

from __future__ import annotations

from pressroom.domain.states import Decision, RunState, WaitsFor
from pressroom.services.list_runs import line_of
from pressroom.services.show_run import view_of
from pressroom.services.suspend_run import Verdict, decide
from pressroom.services.take_up_run import take_up
from tests.support.studio import Studio


def test_a_run_that_is_taken_up_while_it_is_looked_at_waits_for_nobody(studio: Studio) -> None:
    run = studio.begin(studio.plan("name: one\napproval: always\nsteps: {scene: {uses: draw}}"))
    who, context = studio.principal, studio.context
    line = line_of(who, context, run.id)
    waiting = view_of(who, context, line)
    decide(who, context, run.id, Verdict(Decision.APPROVED, "a test"))
    take_up(who, context, run.id)

    seen = view_of(who, context, line)

    assert waiting.waits_for is not None
    assert waiting.waits_for.waits_for is WaitsFor.APPROVAL
    assert (seen.waits_for, seen.line.run.state) == (None, RunState.RUNNING)
