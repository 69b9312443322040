from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from pressroom.database.engine import Database
from pressroom.domain.errors import Invalid, Refused
from pressroom.ledger import (
    allowances_of,
    balance_of,
    capture,
    check_invariants,
    ensure_account,
    expire_holds,
    hold_of,
    place_hold,
    release,
)
from pressroom.ledger.accounts import account_id_of
from pressroom.ledger.holds import count, resize_hold

CREDIT = 1_000_000
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
MONTH = "2026-11"
LIMITS: Mapping[str, int | None] = {"image": 10, "video": 2, "audio": None, "usd": 2_000_000}


@pytest.fixture
def bank(database: Database) -> Database:
    """Account `acme` with 10 credits; the books are checked after the test."""
    with database.write() as conn:
        ensure_account(conn, "acme", 10 * CREDIT)
    yield database
    with database.read() as conn:
        assert check_invariants(conn) == []


def held(bank: Database, key: str = "run-1", month: str = MONTH, amount: int = CREDIT, **units: int) -> int:
    with bank.write() as conn:
        return place_hold(conn, key, "acme", amount, LATER, allowances=units, limits=LIMITS, month=month).id


def bought(bank: Database, hold_id: int, key: str = "node-1", credits: int = 0, **units: int) -> None:
    with bank.write() as conn:
        capture(conn, key, hold_id, credits, used=units)


def standing(bank: Database, month: str = MONTH) -> dict[str, tuple[int, int]]:
    """Family -> (used, held)."""
    with bank.read() as conn:
        found = allowances_of(conn, account_id_of(conn, "acme"), month)
    return {family: (each.used, each.held) for family, each in found.items()}


def test_allowances_are_held_with_the_credits(bank: Database) -> None:
    held(bank, image=3, usd=90_000)

    assert standing(bank) == {"image": (0, 3), "usd": (0, 90_000)}


def test_what_is_bought_moves_from_held_to_used(bank: Database) -> None:
    hold_id = held(bank, image=3, usd=90_000)

    bought(bank, hold_id, image=1, usd=20_000)

    assert standing(bank) == {"image": (1, 2), "usd": (20_000, 70_000)}


def test_releasing_frees_what_was_not_used(bank: Database) -> None:
    hold_id = held(bank, image=3, video=1)
    bought(bank, hold_id, image=1)

    with bank.write() as conn:
        release(conn, "end", hold_id)

    assert standing(bank) == {"image": (1, 0), "video": (0, 0)}


def test_expiry_frees_the_allowances_of_every_hold_that_is_over(bank: Database) -> None:
    bought(bank, held(bank, "a", image=3), image=2)
    held(bank, "b", image=4, month="2026-10")

    with bank.write() as conn:
        expire_holds(conn, LATER)

    assert standing(bank) == {"image": (2, 0)}
    assert standing(bank, "2026-10") == {"image": (0, 0)}


def test_a_limit_can_be_used_to_the_last_unit(bank: Database) -> None:
    bought(bank, held(bank, "a", image=4), image=4)
    held(bank, "b", image=5)

    held(bank, "c", image=1)

    assert standing(bank) == {"image": (4, 6)}


def test_one_unit_too_many_is_refused_with_every_number(bank: Database) -> None:
    bought(bank, held(bank, "a", image=4), image=1)

    with pytest.raises(Refused, match="7 image purchases on top of 1 used and 3 held in 2026-11 are above the 10 of"):
        held(bank, "b", image=7)

    assert standing(bank) == {"image": (1, 3)}


def test_a_refusal_names_every_family_and_the_credits(bank: Database) -> None:
    with pytest.raises(Refused) as refused:
        held(bank, amount=11 * CREDIT, image=11, video=3, usd=2_000_001)

    assert [problem.code for problem in refused.value.problems] == [
        "balance",
        "subscription_count",
        "subscription_cost",
        "subscription_count",
    ]
    assert "up to $2.000001 on top of $0.00 used in 2026-11 are above the $2.00 of plan 'free'" in str(refused.value)


def test_a_refused_hold_keeps_neither_credits_nor_allowances(bank: Database) -> None:
    with pytest.raises(Refused):
        held(bank, image=1, video=3)

    assert standing(bank) == {}
    with bank.read() as conn:
        assert balance_of(conn, "acme").held_micros == 0


def test_a_hold_refused_for_credits_keeps_no_allowance(bank: Database) -> None:
    with pytest.raises(Refused, match="needs 11 credits"):
        held(bank, amount=11 * CREDIT, image=1)

    assert standing(bank) == {}


def test_families_without_a_limit_are_counted_and_never_refused(bank: Database) -> None:
    held(bank, audio=1_000_000, edit=1_000_000)

    assert standing(bank) == {"audio": (0, 1_000_000), "edit": (0, 1_000_000)}


def test_a_limit_of_none_allows_nothing_and_asking_for_nothing_is_always_allowed(bank: Database) -> None:
    with bank.write() as conn:
        place_hold(conn, "nothing", "acme", 0, LATER, allowances={"video": 0}, limits={"video": 0}, month=MONTH)

    with pytest.raises(Refused, match="above the 0 of"), bank.write() as conn:
        place_hold(conn, "one", "acme", 0, LATER, allowances={"video": 1}, limits={"video": 0}, month=MONTH)


def test_every_month_begins_with_whole_limits(bank: Database) -> None:
    held(bank, "a", image=10)

    held(bank, "b", image=10, month="2026-12")

    assert standing(bank, "2026-12") == {"image": (0, 10)}


def test_a_purchase_after_midnight_counts_in_the_month_of_its_hold(bank: Database) -> None:
    hold_id = held(bank, image=1, month="2019-01")

    bought(bank, hold_id, image=1, usd=7)

    assert standing(bank, "2019-01") == {"image": (1, 0), "usd": (7, 0)}


def test_a_hold_without_a_month_counts_in_the_present_one(bank: Database) -> None:
    before = f"{datetime.now(UTC):%Y-%m}"
    hold_id = held(bank, month="", image=1)
    after = f"{datetime.now(UTC):%Y-%m}"

    with bank.read() as conn:
        assert hold_of(conn, hold_id).month in (before, after)


def test_what_a_vendor_billed_above_the_held_amount_is_recorded_in_full(bank: Database) -> None:
    hold_id = held(bank, usd=10_000)

    bought(bank, hold_id, "first", usd=30_000)
    bought(bank, hold_id, "second", usd=5)

    assert standing(bank) == {"usd": (30_005, 0)}


def test_dollars_above_the_limit_are_recorded_and_stop_the_next_hold(bank: Database) -> None:
    bought(bank, held(bank, "a", usd=10_000), usd=2_500_000)

    with pytest.raises(Refused, match=r"on top of \$2.50 used"):
        held(bank, "b", usd=1)


def test_a_family_that_was_not_held_is_recorded(bank: Database) -> None:
    bought(bank, held(bank), edit=2)

    assert standing(bank) == {"edit": (2, 0)}


def test_sent_again_a_hold_and_a_capture_count_once(bank: Database) -> None:
    numbers = {held(bank, image=3) for _ in range(2)}
    for _ in range(2):
        bought(bank, min(numbers), image=2)

    assert len(numbers) == 1
    assert standing(bank) == {"image": (2, 1)}


def test_a_key_used_with_other_units_is_refused(bank: Database) -> None:
    hold_id = held(bank, image=3)
    bought(bank, hold_id, image=1)

    with pytest.raises(Refused, match="was used for"):
        held(bank, image=4)
    with pytest.raises(Refused, match="was used for"):
        bought(bank, hold_id, image=2)

    assert standing(bank) == {"image": (1, 2)}


def test_an_ended_hold_takes_no_more_units(bank: Database) -> None:
    hold_id = held(bank, image=3)
    with bank.write() as conn:
        release(conn, "end", hold_id)

    with pytest.raises(Refused, match="is released"):
        bought(bank, hold_id, image=1)

    assert standing(bank) == {"image": (0, 0)}


def test_a_refused_capture_uses_no_allowance(bank: Database) -> None:
    hold_id = held(bank, image=3)

    with pytest.raises(Refused, match="cannot capture"):
        bought(bank, hold_id, credits=2 * CREDIT, image=1)

    assert standing(bank) == {"image": (0, 3)}


@pytest.mark.parametrize("family", ["", "Image", "a" * 17, "image:1", "image=2"])
def test_a_family_has_a_plain_name(bank: Database, family: str) -> None:
    with pytest.raises(Invalid, match="not a family"):
        held(bank, **{family: 1})


@pytest.mark.parametrize("units", [-1, True, 1.5, 2**62 + 1])
def test_units_are_whole_and_not_negative(bank: Database, units: int) -> None:
    with pytest.raises(Invalid, match="an amount is"):
        held(bank, image=units)


@pytest.mark.parametrize("month", ["2026-13", "2026-00", "26-11", "2026-11-01", "november"])
def test_a_month_has_one_form(bank: Database, month: str) -> None:
    with pytest.raises(Invalid, match="not a month"):
        held(bank, month=month, image=1)


def test_one_account_never_uses_the_allowance_of_another(bank: Database) -> None:
    with bank.write() as conn:
        ensure_account(conn, "other", CREDIT)
        place_hold(conn, "theirs", "other", 0, LATER, allowances={"image": 10}, limits=LIMITS, month=MONTH)

    held(bank, "mine", image=10)

    assert standing(bank) == {"image": (0, 10)}


def counts(bank: Database, hold_id: int, units: int) -> None:
    with bank.write() as conn:
        count(conn, {(hold_id, "usd"): units})


def test_what_was_spent_without_a_capture_counts_and_uses_up_what_was_held(bank: Database) -> None:
    hold_id = held(bank, usd=10_000)

    counts(bank, hold_id, 4_000)
    assert standing(bank) == {"usd": (4_000, 6_000)}
    counts(bank, hold_id, 9_000)

    assert standing(bank) == {"usd": (13_000, 0)}


def test_what_counted_too_much_is_taken_back_and_held_again_while_the_hold_is_open(bank: Database) -> None:
    hold_id = held(bank, usd=10_000)
    counts(bank, hold_id, 12_000)

    counts(bank, hold_id, -5_000)

    assert standing(bank) == {"usd": (7_000, 3_000)}


def test_what_is_found_out_after_the_hold_has_ended_counts_in_its_month_and_holds_nothing(bank: Database) -> None:
    hold_id = held(bank, usd=10_000, month="2019-01")
    with bank.write() as conn:
        release(conn, "end", hold_id)

    counts(bank, hold_id, 4_000)
    counts(bank, hold_id, -1_500)

    assert standing(bank, "2019-01") == {"usd": (2_500, 0)}


def test_an_open_hold_is_given_more_units_and_fewer_within_their_limits(bank: Database) -> None:
    this = held(bank, image=2, usd=10)
    bought(bank, this, image=1, usd=30)  # more than was held: a fact
    other = held(bank, "run-2", image=5)

    with bank.write() as conn:
        resize_hold(conn, "more", this, 2 * CREDIT, left={"image": 4, "usd": 50, "video": 1, "audio": 0}, limits=LIMITS)

    assert standing(bank) == {"image": (1, 9), "usd": (30, 50), "video": (0, 1)}
    with pytest.raises(Refused, match="1 image purchases on top of 1 used and 9 held"), bank.write() as conn:
        resize_hold(conn, "too many", this, 2 * CREDIT, left={"image": 5, "usd": 60}, limits=LIMITS)
    with bank.write() as conn:
        resize_hold(conn, "fewer", this, CREDIT, left={"image": 0, "usd": 0}, limits=LIMITS)
    assert standing(bank) == {"image": (1, 5), "usd": (30, 0), "video": (0, 1)}
    for hold_id in (this, other):
        with bank.write() as conn:
            release(conn, f"end:{hold_id}", hold_id)
    assert standing(bank) == {"image": (1, 0), "usd": (30, 0), "video": (0, 0)}


def test_nothing_counts_through_a_hold_that_is_not_there(bank: Database) -> None:
    with pytest.raises(Invalid, match="there is no hold 7"):
        counts(bank, 7, 1)
