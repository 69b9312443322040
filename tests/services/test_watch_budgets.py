"""Budgets and balances: each threshold is told once, by whoever crosses it, and anew where it is about something new."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pressroom.catalog.load import load_catalog
from pressroom.domain.events import BalanceLow, BudgetReached, Event
from pressroom.ledger.accounts import grant
from pressroom.services.watch_budgets import watch_budgets
from tests.support.studio import Studio

pytestmark = pytest.mark.both_databases

# Pictures of 1 credit each, bought one after the other.
FIVE = """
name: five
budget: {credits: 5}
steps:
  scene: {uses: draw, model: simulated/ink, for_each: {n: [1, 2, 3, 4, 5]}, with: {prompt: "{{ each.n }}"}}
"""


def heard(studio: Studio) -> list[Event]:
    found: list[Event] = []
    studio.context.events.subscribe(found.append)
    return found


def with_settings(studio: Studio, **values: object) -> Studio:
    return replace(studio, context=replace(studio.context, settings=studio.context.settings.model_copy(update=values)))


def told(events: list[Event], scope: str) -> list[tuple[str, float, float]]:
    return [
        (each.name, each.spent, each.limit)
        for each in events
        if isinstance(each, BudgetReached) and each.scope == scope
    ]


def test_each_threshold_of_a_runs_budget_is_told_once_when_it_is_crossed(studio: Studio) -> None:
    events = heard(studio)

    studio.go(FIVE)

    assert told(events, "run") == [
        ("pressroom.budget.80", 4, 5),
        ("pressroom.budget.90", 5, 5),
        ("pressroom.budget.100", 5, 5),
    ]


def test_of_a_larger_budget_nothing_is_told(studio: Studio) -> None:
    events = heard(studio)

    studio.go(FIVE.replace("credits: 5", "credits: 7"))

    assert told(events, "run") == []


def test_the_months_orders_are_a_budget_too_and_told_once_for_all_runs(studio: Studio) -> None:
    """A plan that includes five of them a month, and runs that buy three and two."""
    plan = load_catalog().plans["free"]
    catalog = replace(studio.context.catalog, plans={"free": plan})
    studio = replace(studio, context=replace(studio.context, catalog=catalog))
    events = heard(studio)

    studio.go(FIVE.replace("[1, 2, 3, 4, 5]", "[1, 2, 3]"))
    assert told(events, "month") == []
    studio.go(FIVE.replace("[1, 2, 3, 4, 5]", "[4, 5]"))

    assert told(events, "month") == [
        ("pressroom.budget.80", 4, 5),
        ("pressroom.budget.90", 5, 5),
        ("pressroom.budget.100", 5, 5),
    ]


def test_a_low_balance_is_told_once_and_again_after_it_was_mended(studio: Studio) -> None:
    studio = with_settings(studio, low_balance_credits=98)
    events = heard(studio)
    run = studio.begin(studio.plan(FIVE))
    watch_budgets(studio.context, run)
    assert [(each.available, each.threshold) for each in events if isinstance(each, BalanceLow)] == [(95, 98)]

    with studio.context.database.write() as conn:
        grant(conn, "more", studio.account, 50_000_000)
    watch_budgets(studio.context, run)
    poorer = with_settings(studio, low_balance_credits=1_000)
    watch_budgets(poorer.context, run)

    assert [each.available for each in events if isinstance(each, BalanceLow)] == [95, 145]
