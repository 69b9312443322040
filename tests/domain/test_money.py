from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.domain.money import (
    MAX_MICROS,
    MICROS,
    amount_text,
    credits_text,
    in_credits,
    micros,
    to_number,
    usd_text,
)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (0, 0),
        (1, 1_000_000),
        ("2.5", 2_500_000),
        (0.1, 100_000),
        (0.0023, 2_300),
        (Decimal("0.055"), 55_000),
        ("1e-6", 1),
    ],
)
def test_amounts_become_exact_millionths(amount: Any, expected: int) -> None:
    assert micros(amount) == expected


@pytest.mark.parametrize(
    ("amount", "said"),
    [(0, "0 credits"), (1_000_000, "1 credit"), (1_500_000, "1.5 credits"), (2_000_000, "2 credits")],
)
def test_credits_are_counted_as_people_count(amount: int, said: str) -> None:
    assert in_credits(amount) == said


@pytest.mark.parametrize("amount", ["0.0000001", 1e-30, "1.0000000000000000000000000000000000001"])
def test_a_price_is_never_counted_too_low(amount: Any) -> None:
    assert Decimal(micros(amount)) / MICROS > Decimal(str(amount)) - Decimal("1e-40")
    assert micros(amount) in (1, MICROS + 1)


@pytest.mark.parametrize(
    "amount", [-1, "-0.01", float("nan"), float("inf"), "1e999999", 10**30, "five", "", None, [], {}, True, False]
)
def test_what_is_no_amount_is_refused(amount: Any) -> None:
    with pytest.raises(ValueError, match="amount"):
        micros(amount)


@pytest.mark.parametrize(
    ("amount", "credits", "dollars", "number"),
    [
        (0, "0", "$0.00", 0),
        (1_500_000, "1.5", "$1.50", 1.5),
        (2_000_000, "2", "$2.00", 2),
        (50_000, "0.05", "$0.05", 0.05),
        (2_300, "0.0023", "$0.0023", 0.0023),
        (-1_250_000, "-1.25", "-$1.25", -1.25),
        (-3_000_000, "-3", "-$3.00", -3),
    ],
)
def test_amounts_are_shown_as_people_write_them(amount: int, credits: str, dollars: str, number: float) -> None:
    assert (credits_text(amount), usd_text(amount), to_number(amount)) == (credits, dollars, number)


def test_whole_amounts_are_whole_numbers_in_json() -> None:
    assert isinstance(to_number(2_000_000), int)


@given(st.integers(0, MAX_MICROS // 2))
def test_reading_what_was_shown_gives_the_same_amount(amount: int) -> None:
    assert micros(credits_text(amount)) == amount
    assert micros(usd_text(amount).removeprefix("$")) == amount


@pytest.mark.parametrize(
    ("amount", "text"), [(1_000_000, "1000000"), (999_999.5, "999999.5"), (0, "0"), (-2.25, "-2.25")]
)
def test_large_amounts_keep_all_their_digits(amount: float, text: str) -> None:
    assert amount_text(amount) == text
