"""Meters: quantities are rounded up to started steps, amounts to whole millionths."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.domain.meter import Meter


def meter(**values: Any) -> Meter:
    return Meter(**{"unit": "second", "credits": 2_000_000, "usd": 0, **values})


@pytest.mark.parametrize(
    ("seconds", "billed"),
    [(0, 5), (1, 5), (5, 5), (5.0000001, 5), (5.5, 10), (10, 10), (10.2, 15), (119.5, 120), (120, 120)],
)
def test_seconds_are_billed_in_started_blocks_of_five(seconds: float, billed: int) -> None:
    row = meter(billing_step=5)

    assert row.billed_units(seconds) == billed
    assert row.cost(seconds, row.credits or 0) == billed * 2_000_000


def test_a_step_below_one_is_exact() -> None:
    row = meter(billing_step=0.1)

    assert [str(row.billed_units(value)) for value in (0.1 + 0.2, 0.31, 1.166)] == ["0.3", "0.4", "1.2"]


def test_what_costs_nothing_costs_nothing_however_much_it_is() -> None:
    assert meter(billing_step=5).cost(1_000, 0) == 0


@given(quantity=st.floats(0, 10_000), price=st.integers(1, 10**9), step=st.sampled_from([0.0001, 0.1, 1, 5]))
def test_nothing_is_billed_below_what_was_used(quantity: float, price: int, step: float) -> None:
    assert meter(billing_step=step).cost(quantity, price) >= round(quantity, 6) * price * (1 - 1e-9)
