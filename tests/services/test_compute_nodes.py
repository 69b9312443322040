"""What an operation is not sure of, and what the campaign's policy makes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pressroom.domain.errors import Permanent, Refused, UpstreamFailed
from pressroom.domain.states import NodeState
from pressroom.services.run_node import NodeResult
from pressroom.services.run_request import RunRequest
from pressroom.services.settle_run import settle_run
from tests.support.studio import Studio

UNSURE = """
name: unsure
policy: {uncertain: POLICY}
steps:
  scene: {uses: draw}
  dusk: {uses: tint, with: {image: "{{ steps.scene }}", doubt: the outline is uncertain}}
  posts: {uses: press, with: {image: "{{ steps.dusk }}", placements: [wall.square]}}
"""


def test_a_doubt_is_taken_unless_the_campaign_says_otherwise(studio: Studio) -> None:
    results, _ = studio.go(UNSURE.replace("POLICY", "warn"))

    assert {result.state for result in results.values() if isinstance(result, NodeResult)} == {NodeState.DONE}


@pytest.mark.parametrize("policy", ["", "policy: {tier: free, fallback: [simulated/ink]}"])
def test_a_full_disk_is_one_sentence_and_buys_nothing_instead(studio: Studio, policy: str) -> None:
    results, _ = studio.go(f"name: full\n{policy}\nsteps: {{scene: {{uses: draw, with: {{fault: full}}}}}}")

    full = results["scene"]
    assert isinstance(full, Refused)
    assert full.message == f"{studio.context.work}: No space left on device"
    assert full.hint == "free some disk space"
    assert studio.books("simulated").purchases() == []


@pytest.mark.parametrize(("policy", "hint"), [("fail", "policy.uncertain is fail"), ("ask", "--yes")])
def test_nothing_is_made_or_bought_of_what_the_policy_does_not_take(studio: Studio, policy: str, hint: str) -> None:
    results, _ = studio.go(UNSURE.replace("POLICY", policy))

    assert isinstance(results["dusk"], Permanent)
    assert "the outline is uncertain" in str(results["dusk"])
    assert hint in str(results["dusk"])
    assert isinstance(results["posts"], UpstreamFailed)


@pytest.mark.parametrize(("policy", "made"), [("ask", True), ("fail", False)])
def test_a_run_that_says_yes_is_asked_no_more(studio: Studio, policy: str, made: bool) -> None:
    plan = studio.plan(UNSURE.replace("POLICY", policy))

    run = studio.begin(replace(plan, uncertain=RunRequest(file="a.yaml", accept_uncertain=True).uncertain(plan)))
    results = studio.walk(run)
    settle_run(studio.context, run.id)

    assert isinstance(results["posts"], NodeResult) is made
