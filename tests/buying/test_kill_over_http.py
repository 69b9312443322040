"""A paid run that is killed again and again buys each picture once, by the vendor's own bill."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pressroom.bootstrap import open_world
from pressroom.settings import settings_for
from pressroom.simulator.faults import Faults, Rule
from pressroom.simulator.serve import serving
from tests.support.http_kills import Storm, campaign, rage, wrongs

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
