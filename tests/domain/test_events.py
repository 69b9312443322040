"""Events: names that stay what automations are written for, one line of text each, and a page that names them all."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from prefect.events.schemas.automations import AutomationCore

from pressroom.domain import events
from pressroom.domain.events import EVENTS, Event
from pressroom.domain.states import Decision, JobState, RunState
from tests.support.pages import text_of

WHOSE = {"account": "acme", "run": "r1", "campaign": "autumn"}
COST = {"captured_credits": 3, "released_credits": 1, "usd": 0.5, "seconds": 9.0, "nodes": {"done": 2, "failed": 1}}
EXAMPLES: list[tuple[Event, str, str, str]] = [
    (
        events.RunHeld(**WHOSE, credits=4, plan_hash="0" * 64, nodes=3),
        *("pressroom.run.held", "pressroom.run.r1", "autumn holds 4 credits for 3 nodes"),
    ),
    (
        events.RunEnded(**WHOSE, **COST, state=RunState.COMPLETED_WITH_FAILURES),
        *("pressroom.run.completed", "pressroom.run.r1"),
        "autumn completed_with_failures: 2 done, 1 failed; 3 credits captured, 1 released",
    ),
    (
        events.RunEnded(**WHOSE, **COST, state=RunState.CANCELLED, reason="by Ada"),
        *("pressroom.run.cancelled", "pressroom.run.r1"),
        "autumn cancelled: 2 done, 1 failed; 3 credits captured, 1 released; by Ada",
    ),
    (
        events.NodeFailed(**WHOSE, node="hero", reason="too dark"),
        *("pressroom.node.failed", "pressroom.run.r1", "hero failed: too dark"),
    ),
    (
        events.AssetStored(
            **WHOSE,
            node="hero",
            operation="upscale",
            assets=("a1",),
            vendor="fal",
            model="clarity",
            credits=2,
            usd=0.02,
            seconds=1.25,
        ),
        *("pressroom.asset.stored", "pressroom.run.r1", "hero made by fal/clarity for 2 credits in 1.2 s"),
    ),
    (
        events.OrderEnded(
            **WHOSE,
            order="o1",
            node="hero",
            vendor="fal",
            model="clarity",
            state=JobState.UNKNOWN,
            seconds=61.0,
            usd=0.02,
            reason="the answer got lost",
        ),
        *("pressroom.order.unknown", "pressroom.run.r1"),
        "fal/clarity unknown hero after 61.0 s for $0.0200; the answer got lost",
    ),
    (
        events.ApprovalWanted(**WHOSE, credits=20, plan_hash="0" * 64, reason="above 10 credits"),
        *("pressroom.approval.wanted", "pressroom.run.r1"),
        "autumn waits for approval of up to 20 credits: above 10 credits",
    ),
    (
        events.RunDecided(**WHOSE, decision=Decision.APPROVED, by="ann@example.com", credits=20),
        *("pressroom.run.decided", "pressroom.run.r1"),
        "autumn was approved by ann@example.com, and holds 20 credits",
    ),
    (
        events.BudgetReached(**WHOSE, percent=80, scope="run", of="credits", spent=16, limit=20),
        *("pressroom.budget.80", "pressroom.run.r1", "80 % of the run's budget reached: 16 of 20 credits"),
    ),
    (
        events.BudgetReached(**WHOSE, percent=100, scope="month", of="usd", spent=5.1, limit=5),
        *("pressroom.budget.100", "pressroom.account.acme", "100 % of the month's budget reached: 5.1 of 5 usd"),
    ),
    (
        events.BalanceLow(**WHOSE, available=1.5, threshold=2),
        *("pressroom.balance.low", "pressroom.account.acme"),
        "account acme has 1.5 credits left, less than 2",
    ),
]


@pytest.mark.parametrize(("event", "name", "subject", "text"), EXAMPLES, ids=lambda value: getattr(value, "name", ""))
def test_an_event_has_its_name_its_subject_and_one_line(event: Event, name: str, subject: str, text: str) -> None:
    assert (event.name, event.subject, event.text) == (name, subject, text)


def test_every_event_has_an_example_here_and_its_row_in_the_page() -> None:
    page = text_of("watching.md")

    assert {type(event) for event, *_ in EXAMPLES} == set(EVENTS)
    for event, *_ in EXAMPLES:
        (row,) = [line for line in page.splitlines() if line.startswith("| `pressroom.") and _names(line, event.name)]
        told = set(type(event).model_fields) - set(WHOSE) - {"state", "percent"}
        assert {name for name in told if f"`{name}`" not in row} == set()


def _names(row: str, name: str) -> bool:
    """Whether the first cell has the name, in full or as `.80` after another of its kind."""
    first, *others = re.findall(r"`([^`]+)`", row.split("|")[1])
    kind = first.rpartition(".")[0]
    return name in (first, *(kind + other for other in others))


def test_the_pages_automation_is_one() -> None:
    (block,) = re.findall(r"```text\n(# prefect automation .*?)```", text_of("watching.md"), re.DOTALL)

    written: list[dict[str, Any]] = yaml.safe_load(block)["automations"]

    for each in written:
        assert AutomationCore.model_validate(each).trigger is not None
