"""What endpoints are told of, and how they choose."""

from __future__ import annotations

import pytest

from pressroom.domain.errors import Invalid
from pressroom.domain.events import EVENTS
from pressroom.webhooks.kinds import GROUPS, TYPES, checked_patterns, fits, kind_of


@pytest.mark.parametrize(
    ("name", "kind", "of_a_generation"),
    [
        ("pressroom.run.held", "run.held", "generation.held"),
        ("pressroom.run.completed", "run.completed", "generation.completed"),
        ("pressroom.approval.wanted", "approval.wanted", "approval.wanted"),
        ("pressroom.asset.stored", "asset.stored", "asset.stored"),
        ("pressroom.budget.80", "budget.80", "budget.80"),
        ("pressroom.balance.low", "credits.low", "credits.low"),
        ("pressroom.order.delivered", "", ""),
        ("pressroom.node.failed", "", ""),
    ],
)
def test_events_have_names_of_their_own(name: str, kind: str, of_a_generation: str) -> None:
    assert (kind_of(name, is_generation=False), kind_of(name, is_generation=True)) == (kind, of_a_generation)


def test_every_kind_of_event_is_told_or_left_out_on_purpose() -> None:
    told = {event.kind for event in EVENTS if kind_of(f"pressroom.{event.kind}", is_generation=False)}

    assert {event.kind for event in EVENTS} - told == {"run", "budget", "node.failed", "order"}


@pytest.mark.parametrize(
    ("kind", "pattern", "is_told"),
    [
        ("run.completed", "run.*", True),
        ("run.completed", "run.completed", True),
        ("run.completed", "*", True),
        ("run.completed", "run.failed", False),
        ("generation.completed", "run.*", False),
        ("budget.80", "budget.*", True),
        ("budget.80", "budget.90", False),
    ],
)
def test_a_pattern_chooses(kind: str, pattern: str, is_told: bool) -> None:
    assert fits(kind, (pattern,)) is is_told


def test_patterns_are_kept_once_each() -> None:
    assert checked_patterns(["run.*", "budget.100", "run.*"]) == ("run.*", "budget.100")
    assert checked_patterns([*GROUPS, *TYPES]) == (*GROUPS, *TYPES)


@pytest.mark.parametrize("pattern", ["run", "run.complete", "credits.*", "", "**", "order.*", "budget.0"])
def test_a_pattern_that_nothing_fits_is_refused(pattern: str) -> None:
    with pytest.raises(Invalid) as error:
        checked_patterns(["run.*", pattern])

    assert error.value.problems[0].code == "webhook"
    with pytest.raises(Invalid):
        checked_patterns([])
