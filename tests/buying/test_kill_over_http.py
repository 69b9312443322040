"""Paid runs that are killed buy each node once, by the vendors' own bills."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pressroom.bootstrap import open_world
from pressroom.settings import settings_for
from pressroom.simulator.faults import Faults, Rule
from pressroom.simulator.serve import serving
from tests.support.http_blows import NOT_GONE, SCENE_OF, Blow, Step, every_step, struck
from tests.support.http_kills import Storm, campaign, rage, wrongs

STEPS = sorted(every_step())
NODES, KILLS, LONGEST_SECONDS = 6, 6, 4.0


@pytest.mark.timeout(240)
def test_a_run_that_is_killed_while_it_buys_over_http_costs_what_it_would_have(tmp_path: Path) -> None:
    (tmp_path / "campaign.yaml").write_text(campaign(NODES))
    faults = Faults([Rule(fault="lost_answer", times=2), Rule(fault="busy", times=2)])
    settings = settings_for(tmp_path, {})

    with serving(lambda folder: open_world(settings, folder, faults, 0.5)) as (address, world):
        storm = Storm(tmp_path, address.environment())
        hit = rage(storm, KILLS, random.Random(11), LONGEST_SECONDS)

        assert wrongs(storm, world, NODES) == []
    assert hit > 0


def test_every_step_that_the_journal_allows_is_gone_in_a_scene() -> None:
    assert every_step() == SCENE_OF.keys()
    assert not NOT_GONE.keys() & SCENE_OF.keys()


def name_of(step: Step) -> str:
    return ">".join(step)


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("number", "step"), list(enumerate(STEPS)), ids=map(name_of, STEPS))
def test_processes_that_die_at_a_step_of_a_job_cost_what_they_would_have(
    tmp_path: Path, number: int, step: Step
) -> None:
    assert struck(tmp_path, Blow(step, committed=number % 2 == 0)) == []


@pytest.mark.thorough
@pytest.mark.timeout(240)
@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("step", STEPS, ids=name_of)
def test_they_do_on_each_database_before_and_after_it_is_written(
    tmp_path: Path, database_url: str, step: Step, committed: bool
) -> None:
    assert struck(tmp_path, Blow(step, committed), database_url) == []
