"""A vendor whose newest orders went wrong in a row is not chosen for a while; the plan says so, and what was ordered stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pressroom.catalog.load import load_catalog
from pressroom.domain.purchases import Outcome, RecentOrder
from pressroom.planning.health import ailing_vendors, looked_back_to, steps_staying
from pressroom.planning.plan import Plan
from tests.support.planning import chooser_of, plan_of

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ROWS = load_catalog().providers
BUDGET = "policy: {tier: budget}\nsteps:\n  art: {uses: generate_image, with: {prompt: the sea}}\n"
NAMED = "steps:\n  art: {uses: generate_image, model: simulated/sketch, with: {prompt: the sea}}\n"


def orders(letters: str, provider: str = "simulated", minute: float = 1.0) -> list[RecentOrder]:
    """The newest first, a minute apart: `b`ad, `g`ood, `o`pen, `n`one."""
    kinds = {each.value[0]: each for each in Outcome}
    return [
        RecentOrder(provider, "launch", "art", kinds[letter], NOW - timedelta(minutes=minute * number))
        for number, letter in enumerate(letters)
    ]


@pytest.mark.parametrize(
    ("went", "ails"),
    [("bbb", True), ("bb", False), ("bbgb", False), ("bnbob", True), ("gbbb", False), ("ooo", False), ("", False)],
)
def test_three_bad_orders_in_a_row_make_a_vendor_ail(went: str, ails: bool) -> None:
    assert bool(ailing_vendors(orders(went), ROWS, NOW)) is ails


def test_it_says_how_many_and_when() -> None:
    assert ailing_vendors(orders("bbbb"), ROWS, NOW + timedelta(minutes=4)) == {
        "simulated": "its last 4 orders went wrong, the newest 4 min ago"
    }
    assert ailing_vendors(orders("bbb"), ROWS, NOW)["simulated"].endswith("less than a minute ago")


def test_time_heals() -> None:
    went = orders("bbb")
    at = [minutes for minutes in range(15) if ailing_vendors(went, ROWS, NOW + timedelta(minutes=minutes))]

    assert at == list(range(9))


def test_one_vendor_does_not_suffer_for_another_and_this_machine_never_ails() -> None:
    mixed = [*orders("bb"), *orders("bb", "simulated-direct"), *orders("bbbb", "local")]

    assert ailing_vendors(mixed, ROWS, NOW) == {}


def test_how_many_and_how_long_is_data_of_the_vendor() -> None:
    row = ROWS["simulated"].model_copy(update={"ailing_after": 1, "ailing_minutes": 60.0})
    rows = {**ROWS, "simulated": row}

    assert ailing_vendors(orders("b"), rows, NOW + timedelta(minutes=59)).keys() == {"simulated"}
    assert ailing_vendors(orders("b"), rows, NOW + timedelta(minutes=61)) == {}
    assert looked_back_to(rows.values(), NOW) == NOW - timedelta(minutes=60)


def planned(text: str, went: str = "bbb", staying: frozenset[tuple[str, str]] = frozenset()) -> Plan:
    ailing = ailing_vendors(orders(went), ROWS, NOW)
    return plan_of(text, chooser=replace(chooser_of(text), ailing=ailing, staying=staying))


def test_a_plan_passes_over_an_ailing_vendor_and_says_why() -> None:
    (well,), (node,) = planned(BUDGET, "bbg").nodes, planned(BUDGET).nodes

    assert (well.provider, "passed over" in well.why) == ("simulated", False)
    assert node.provider != "simulated"
    assert "simulated/sketch is ailing: its last 3 orders went wrong, the newest less than a minute ago" in node.why


def test_a_model_asked_for_by_name_is_used_with_a_warning() -> None:
    plan = planned(NAMED)

    assert (plan.nodes[0].provider, plan.nodes[0].model) == ("simulated", "sketch")
    assert [(problem.code, problem.fatal) for problem in plan.problems] == [("model_ailing", False)]
    assert planned(NAMED, "bbg").problems == ()


def test_what_has_been_ordered_and_may_come_is_not_bought_elsewhere() -> None:
    open_order = replace(orders("o")[0], unfinished=True)
    staying = steps_staying([open_order], "launch")

    assert staying == {("art", "simulated")}
    assert planned(BUDGET, staying=staying).nodes[0].provider == "simulated"
    assert steps_staying([open_order], "another") == frozenset()
    assert steps_staying([replace(open_order, taken=False)], "launch") == frozenset()
    assert steps_staying(orders("b"), "launch") == frozenset()


def test_a_provider_without_an_adapter_is_passed_over_and_refused_by_name() -> None:
    unsold = frozenset({"simulated"})
    (node,) = plan_of(BUDGET, chooser=replace(chooser_of(BUDGET), unsold=unsold)).nodes

    (problem,) = plan_of(NAMED, chooser=replace(chooser_of(NAMED), unsold=unsold)).problems

    assert node.provider != "simulated"
    assert (problem.code, problem.fatal) == ("provider_unknown", True)
    assert "simulated/sketch cannot be bought here: this version has no adapter for" in problem.message
