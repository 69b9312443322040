"""What a suspended flow run asks of a person."""

from __future__ import annotations

from dataclasses import replace

from flows.decisions import pause_key
from pressroom.domain.states import WaitsFor
from pressroom.services.suspend_run import Suspension


def test_a_run_that_waits_for_credits_again_asks_again() -> None:
    """With as much left as the first time; the same wait, looked at by another process, is the same question."""
    first = Suspension("r1", "launch", "hash", WaitsFor.CREDITS, "spent", 2, 0, 2, "2026-12-01T10:00:00+00:00")
    second = replace(first, spent_micros=3, missing_micros=1, until="2026-12-01T11:00:00+00:00")

    assert pause_key(first) != pause_key(second)
    assert pause_key(first) == pause_key(replace(first))
