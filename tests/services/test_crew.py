"""A server's runs: begun within a call, made by its threads, and taken up by the next server where it was killed."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from pressroom.database.dialect import clock
from pressroom.database.schema import run as run_table
from pressroom.domain.states import Decision, Runner, RunState
from pressroom.services.crew import Crew
from pressroom.services.recover_runs import Recovered, recover_runs
from pressroom.services.show_run import show_run
from pressroom.services.suspend_run import Verdict, decide
from tests.support.desks import eventually
from tests.support.studio import Studio

TEXT = """\
pressroom: 1
name: served
steps:
  scene: {uses: draw, count: 3, with: {prompt: sea}}
  big: {uses: tint, model: simulated/brush, with: {image: "{{ steps.scene }}"}}
"""


def state_of(studio: Studio, run_id: str) -> str:
    return show_run(studio.principal, studio.context, run_id).line.run.state


@pytest.fixture
def killed(studio: Studio) -> str:
    """A run that a server on another machine had begun before it was killed."""
    run = studio.begin(studio.plan(TEXT), runner=Runner.SERVER)
    with studio.context.database.write() as conn:
        values = {"lease_holder": "other-machine/4711/boot:1", "lease_until": clock(conn)}
        conn.execute(update(run_table).where(run_table.c.id == run.id).values(**values))
    return run.id


def test_the_run_of_a_killed_server_is_taken_up_by_the_next(studio: Studio, killed: str) -> None:
    crew = Crew(studio.context, 2)

    assert recover_runs(studio.context) == Recovered(), "who has no crew leaves it alone"
    assert state_of(studio, killed) == RunState.RUNNING, "it is not told as failed: a server will take it up"
    assert recover_runs(studio.context, {Runner.SERVER: crew.take_up}) == Recovered(resumed=(killed,))

    assert eventually(lambda: state_of(studio, killed) == RunState.COMPLETED, 60)


def test_a_server_that_stops_takes_up_nothing(studio: Studio, killed: str) -> None:
    crew = Crew(studio.context, 2)
    crew.stop()

    recover_runs(studio.context, {Runner.SERVER: crew.take_up})

    assert show_run(studio.principal, studio.context, killed).line.run.lease == 1
    assert state_of(studio, killed) == RunState.RUNNING


def test_an_approved_run_goes_on_at_the_server(studio: Studio) -> None:
    crew = Crew(studio.context, 2)
    run = studio.begin(
        studio.plan(TEXT.replace("name: served", "name: served\napproval: always")), runner=Runner.SERVER
    )
    takers = {Runner.SERVER: crew.take_up}

    assert recover_runs(studio.context, takers) == Recovered()
    decide(studio.principal, studio.context, run.id, Verdict(Decision.APPROVED, "here"))

    assert recover_runs(studio.context, takers).resumed == (run.id,)
    assert eventually(lambda: state_of(studio, run.id) == RunState.COMPLETED, 60)
