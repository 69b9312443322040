"""What happens to a node: made, reused, adopted, made again; and each content only once."""

from __future__ import annotations

import pytest

from pressroom.domain.states import JobState
from pressroom.planning.plan import Action
from tests.support.known_index import KnownIndex
from tests.support.planning import being_bought, codes, index_of, keys_of, plan_of

CAMPAIGN = """policy: {tier: auto, prefer: best}
steps:
  first: {uses: upscale, with: {image: logo.png}}
  second: {uses: upscale, with: {image: "{{ steps.first }}", mode: fast}}
  third: {uses: upscale, with: {image: "{{ steps.second }}"}}
"""
TWINS = """policy: {tier: auto, prefer: best}
steps:
  one: {uses: upscale, title: One, with: {image: photo.jpg}}
  two: {uses: upscale, title: Two, with: {image: photo.jpg, scale: 2}}
  after_one: {uses: remove_background, with: {image: "{{ steps.one }}"}}
  after_two: {uses: remove_background, with: {image: "{{ steps.two }}"}}
"""


def actions(plan: object) -> dict[str, str]:
    return {node.id: node.action.value for node in plan.nodes}  # type: ignore[attr-defined]


def test_with_nothing_there_everything_is_made() -> None:
    assert set(actions(plan_of(CAMPAIGN)).values()) == {"create"}


def test_what_the_library_has_is_reused_and_costs_nothing() -> None:
    first = plan_of(CAMPAIGN)

    plan = plan_of(CAMPAIGN, index=index_of(first, ["first", "second"]))

    assert actions(plan) == {"first": "reuse", "second": "reuse", "third": "create"}
    assert plan.totals.credits_bound == plan.node("third").quote.credits_bound == 2_000_000
    assert plan.node("first").quote.seconds == 0


def test_an_unchanged_campaign_makes_nothing_and_costs_nothing() -> None:
    plan = plan_of(CAMPAIGN, index=index_of(plan_of(CAMPAIGN)))

    assert (plan.totals.create, plan.totals.reuse, plan.totals.credits_bound) == (0, 3, 0)


def test_an_unfinished_purchase_is_adopted_at_its_price() -> None:
    key = plan_of(CAMPAIGN).node("second").key

    plan = plan_of(CAMPAIGN, index=KnownIndex(unfinished=being_bought(key)))

    assert actions(plan) == {"first": "create", "second": "adopt", "third": "create"}
    assert plan.totals.credits_bound == 6_000_000


@pytest.mark.parametrize("refresh", [frozenset(), frozenset({"second"})])
def test_an_order_of_which_nobody_knows_blocks_its_node_and_names_the_job_and_its_price(
    refresh: frozenset[str],
) -> None:
    key = plan_of(CAMPAIGN).node("second").key
    lost = being_bought(key, state=JobState.UNKNOWN, provider="simulated-direct")

    plan = plan_of(CAMPAIGN, index=KnownIndex(unfinished=lost), refresh=refresh)

    assert actions(plan)["second"] == "blocked"
    [problem] = plan.problems
    assert (problem.code, problem.fatal, problem.path) == ("unknown_job", True, ("steps", "second"))
    assert f"job 1:{key}:0" in problem.message
    assert "$0.03" in problem.message
    assert f"pressroom jobs show 1:{key}:0" in problem.hint
    assert plan.totals.blocked == 1


def test_a_lost_order_of_a_vendor_that_can_be_asked_is_adopted() -> None:
    key = plan_of(CAMPAIGN).node("second").key

    plan = plan_of(CAMPAIGN, index=KnownIndex(unfinished=being_bought(key, state=JobState.UNKNOWN)))

    assert (actions(plan)["second"], codes(plan.problems)) == ("adopt", [])


def test_what_is_in_the_library_is_reused_although_a_later_order_got_lost() -> None:
    key = plan_of(CAMPAIGN).node("first").key
    lost = being_bought(key, state=JobState.UNKNOWN, provider="simulated-direct")

    plan = plan_of(CAMPAIGN, index=KnownIndex(frozenset({key}), lost))

    assert (actions(plan)["first"], codes(plan.problems)) == ("reuse", [])


def test_what_is_finished_is_reused_although_a_purchase_is_open_too() -> None:
    key = frozenset({plan_of(CAMPAIGN).node("first").key})

    assert actions(plan_of(CAMPAIGN, index=KnownIndex(key, being_bought(*key))))["first"] == "reuse"


def test_the_same_content_is_made_once_and_the_second_waits_for_it() -> None:
    plan = plan_of(TWINS)

    twin = plan.node("two")
    assert twin.key == plan.node("one").key
    assert (twin.action, twin.twin_of, twin.upstream) == (Action.REUSE, "one", ("one",))
    assert plan.node("after_two").twin_of == "after_one"
    assert plan.totals.credits_bound == 3_000_000


def test_refreshing_a_step_makes_it_and_all_that_is_made_from_it_again() -> None:
    plan = plan_of(CAMPAIGN, index=index_of(plan_of(CAMPAIGN)), refresh=frozenset({"second"}))

    assert actions(plan) == {"first": "reuse", "second": "create", "third": "create"}
    assert [node.renew for node in plan.nodes] == [False, True, True]
    assert plan.totals.credits_bound == 4_000_000


def test_refreshing_everything_makes_everything_again() -> None:
    plan = plan_of(CAMPAIGN, index=index_of(plan_of(CAMPAIGN)), refresh=frozenset({"*"}))

    assert all(node.renew for node in plan.nodes)


def test_refreshing_a_twin_makes_their_one_content_again() -> None:
    plan = plan_of(TWINS, index=index_of(plan_of(TWINS)), refresh=frozenset({"two"}))

    assert actions(plan) == {"one": "create", "two": "reuse", "after_one": "create", "after_two": "reuse"}
    assert plan.node("one").renew
    assert plan.node("after_one").renew


def test_keys_do_not_depend_on_what_is_there() -> None:
    plan = plan_of(CAMPAIGN)

    assert keys_of(plan_of(CAMPAIGN, index=index_of(plan))) == keys_of(plan)


def test_what_the_library_has_without_its_media_is_made_again() -> None:
    known = index_of(plan_of(CAMPAIGN)).known
    lost = frozenset({keys_of(plan_of(CAMPAIGN))["second"]})

    plan = plan_of(CAMPAIGN, index=KnownIndex(known, lost=lost))

    assert actions(plan) == {"first": "reuse", "second": "create", "third": "reuse"}
    assert [node.id for node in plan.nodes if node.renew] == ["second"]
