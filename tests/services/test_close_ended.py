"""Runs that wait for a person, and whose flow run was cancelled on Prefect's pages meanwhile."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Sequence

import pytest

from pressroom.domain.identity import Principal
from pressroom.domain.states import Decision, Runner
from pressroom.runs.nodes import nodes_of
from pressroom.services.close_ended import close_ended
from pressroom.services.launch_run import let_go
from pressroom.services.suspend_run import Verdict, decide, suspension_of
from pressroom.services.take_up_run import take_up
from tests.support.standing import balance, state
from tests.support.studio import Studio

pytestmark = pytest.mark.both_databases

APPROVED = """
name: three
approval: always
steps:
  scene: {uses: draw, model: simulated/ink, count: 3, with: {prompt: "{{ each.take }}"}}
"""


def waiting(studio: Studio, flow_run_id: str, runner: Runner = Runner.DEPLOYMENT) -> str:
    return studio.begin(studio.plan(APPROVED), flow_run_id=flow_run_id, runner=runner).id


def test_a_run_that_waits_gives_back_what_it_held_when_its_flow_run_was_cancelled(studio: Studio) -> None:
    """Whatever else waits is left alone: where its flow run goes on, or where no Prefect server has it."""
    gone, still, here = waiting(studio, "flow-1"), waiting(studio, "flow-2"), waiting(studio, "flow-1", Runner.CALLER)
    asked: list[Sequence[str]] = []

    closed = close_ended(studio.context, lambda names: asked.append(names) or ["flow-1"])  # type: ignore[func-returns-value]

    assert (closed, asked) == ([gone], [["flow-1", "flow-2"]])
    assert [state(studio, name) for name in (gone, still, here)] == ["cancelled", "suspended", "suspended"]
    assert balance(studio) == (94, 6)


def test_one_that_was_let_go_on_meanwhile_goes_on(studio: Studio) -> None:
    run_id = waiting(studio, "flow-1")

    def ended_while_somebody_approves(_names: Sequence[str]) -> list[str]:
        decide(Principal("default", "ann"), studio.context, run_id, Verdict(Decision.APPROVED, "a test"))
        take_up(studio.principal, studio.context, run_id)
        return ["flow-1"]

    assert close_ended(studio.context, ended_while_somebody_approves) == []
    assert (state(studio, run_id), balance(studio)) == ("running", (97, 3))


def test_one_that_was_not_approved_before_it_was_closed_is_not_made_without(studio: Studio) -> None:
    run_id = waiting(studio, "flow-1")
    close_ended(studio.context, lambda names: names)

    again = take_up(studio.principal, studio.context, run_id)

    assert again is not None
    assert again.suspended
    assert suspension_of(studio.principal, studio.context, run_id).why == "it was not approved before"
    assert (studio.vendor.purchases(), balance(studio)) == ([], (97, 3))


@pytest.mark.parametrize("exc", [KeyboardInterrupt(), CancelledError(), SystemExit(143)])
def test_a_run_that_is_interrupted_says_so_in_words(studio: Studio, exc: BaseException) -> None:
    begun = studio.begin(studio.plan("name: two\nsteps: {scene: {uses: draw}}"))

    let_go(studio.context, begun, exc)

    with studio.context.database.read() as conn:
        ended = [(node.state, node.error) for node in nodes_of(conn, begun.account_id, begun.id)]
    assert ended == [("cancelled", "the run was interrupted")]
