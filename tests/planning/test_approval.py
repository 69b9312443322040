"""Which plans wait for a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pressroom.planning.approval import why_approved
from pressroom.planning.plan import Plan, Totals

PLAN = Plan("launch", "Launch", "c.yaml", (), Totals(credits_bound=5_000_000), (), "hash", "1", {})


@pytest.mark.parametrize(
    ("wanted", "above", "ran_before", "why"),
    [
        ("never", 0, False, ""),
        ("always", 0, True, "this campaign is approved before every run"),
        ("changed", 0, False, "this is the first run of a changed plan"),
        ("changed", 0, True, ""),
        ("above", 5_000_000, False, ""),
        ("above", 4_999_999, True, "it may cost 5 credits, more than the 4.999999 credits that need no approval"),
    ],
)
def test_a_plan_waits_for_approval_as_its_campaign_says(wanted: str, above: int, ran_before: bool, why: str) -> None:
    assert why_approved(replace(PLAN, approval=wanted, approval_above=above), ran_before=ran_before) == why
