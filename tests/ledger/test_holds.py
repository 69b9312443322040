from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from pressroom.database.engine import Database
from pressroom.domain.errors import Invalid, Permanent, Refused
from pressroom.ledger import (
    Balance,
    balance_of,
    capture,
    check_invariants,
    ensure_account,
    expire_holds,
    extend_hold,
    hold_of,
    holds_open,
    place_hold,
    release,
)

CREDIT = 1_000_000
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def bank(database: Database) -> Database:
    """Account `acme` with 10 credits; the books are checked after the test."""
    with database.write() as conn:
        ensure_account(conn, "acme", 10 * CREDIT)
    yield database
    with database.read() as conn:
        assert check_invariants(conn) == []


def held(bank: Database, key: str = "run-1", amount: int = 4 * CREDIT) -> int:
    with bank.write() as conn:
        return place_hold(conn, key, "acme", amount, LATER).id


def balance(bank: Database) -> Balance:
    with bank.read() as conn:
        return balance_of(conn, "acme")


def test_a_hold_sets_credits_aside_without_spending_them(bank: Database) -> None:
    held(bank)

    assert balance(bank) == Balance(10 * CREDIT, 4 * CREDIT)
    assert balance(bank).available_micros == 6 * CREDIT


def test_a_hold_of_exactly_everything_succeeds(bank: Database) -> None:
    held(bank, amount=10 * CREDIT)

    assert balance(bank).available_micros == 0


def test_a_hold_one_micro_credit_over_the_balance_is_refused_with_the_numbers(bank: Database) -> None:
    with pytest.raises(Refused) as refused, bank.write() as conn:
        place_hold(conn, "run-1", "acme", 10 * CREDIT + 1, LATER)

    assert "10.000001" in str(refused.value)
    assert refused.value.fields["needed_micros"] == 10 * CREDIT + 1
    assert refused.value.fields["available_micros"] == 10 * CREDIT
    assert balance(bank) == Balance(10 * CREDIT, 0)


def test_a_refused_hold_does_not_use_up_its_key(bank: Database) -> None:
    with pytest.raises(Refused), bank.write() as conn:
        place_hold(conn, "run-1", "acme", 11 * CREDIT, LATER)

    assert held(bank, "run-1", CREDIT)


def test_swallowing_a_refusal_cannot_commit_half_a_command(bank: Database) -> None:
    def careless() -> None:
        with bank.write() as conn:
            ensure_account(conn, "other", CREDIT)
            with suppress(Refused):
                place_hold(conn, "run-1", "acme", 11 * CREDIT, LATER)

    with pytest.raises(Permanent, match="nothing was saved"):
        careless()

    with bank.read() as conn, pytest.raises(Invalid, match="no account 'other'"):
        balance_of(conn, "other")


def test_a_hold_asked_for_twice_under_one_key_is_placed_once(bank: Database) -> None:
    with bank.write() as conn:
        first = place_hold(conn, "run-1", "acme", 4 * CREDIT, LATER)
    with bank.write() as conn:
        again = place_hold(conn, "run-1", "acme", 4 * CREDIT, LATER + timedelta(days=1))

    assert again.id == first.id
    assert again.expires_at == LATER
    assert balance(bank).held_micros == 4 * CREDIT


@pytest.mark.parametrize("amount", [4 * CREDIT + 1, 0])
def test_a_key_used_for_another_amount_is_refused(bank: Database, amount: int) -> None:
    held(bank)

    with pytest.raises(Refused, match="'run-1' was used"), bank.write() as conn:
        place_hold(conn, "run-1", "acme", amount, LATER)

    assert balance(bank).held_micros == 4 * CREDIT


def test_a_key_used_for_another_kind_of_command_is_refused_and_undone(bank: Database) -> None:
    hold_id = held(bank)

    with pytest.raises(Refused, match="'run-1' was used"), bank.write() as conn:
        capture(conn, "run-1", hold_id, CREDIT)
    with pytest.raises(Refused, match="'run-1' was used"), bank.write() as conn:
        release(conn, "run-1", hold_id)

    with bank.read() as conn:
        assert hold_of(conn, hold_id).state == "open"


def test_partial_captures_and_release_account_for_every_micro_credit(bank: Database) -> None:
    hold_id = held(bank)
    for number in range(3):
        with bank.write() as conn:
            assert capture(conn, f"node-{number}", hold_id, CREDIT + number) == CREDIT + number

    with bank.write() as conn:
        freed = release(conn, "settle", hold_id)

    assert freed == CREDIT - 3
    assert balance(bank) == Balance(7 * CREDIT - 3, 0)


def test_a_capture_sent_twice_takes_the_credits_once(bank: Database) -> None:
    hold_id = held(bank)

    for _ in range(2):
        with bank.write() as conn:
            assert capture(conn, "node-1", hold_id, CREDIT) == CREDIT

    assert balance(bank) == Balance(9 * CREDIT, 3 * CREDIT)


def test_capturing_more_than_is_left_is_refused_with_the_numbers(bank: Database) -> None:
    hold_id = held(bank)
    with bank.write() as conn:
        capture(conn, "node-1", hold_id, 3 * CREDIT)

    with pytest.raises(Refused, match="cannot capture 2 credits: 1 of 4 are left"), bank.write() as conn:
        capture(conn, "node-2", hold_id, 2 * CREDIT)

    assert balance(bank) == Balance(7 * CREDIT, CREDIT)


def test_a_released_hold_pays_for_nothing_more(bank: Database) -> None:
    hold_id = held(bank)
    with bank.write() as conn:
        release(conn, "settle", hold_id)

    with pytest.raises(Refused, match="released"), bank.write() as conn:
        capture(conn, "node-1", hold_id, CREDIT)


def test_a_release_sent_twice_answers_twice_and_frees_once(bank: Database) -> None:
    hold_id = held(bank)
    other = held(bank, "run-2", CREDIT)

    for _ in range(2):
        with bank.write() as conn:
            assert release(conn, "settle", hold_id) == 4 * CREDIT

    assert balance(bank).held_micros == CREDIT
    assert other != hold_id


def test_a_second_release_under_another_key_is_refused(bank: Database) -> None:
    hold_id = held(bank)
    with bank.write() as conn:
        release(conn, "settle", hold_id)

    with pytest.raises(Refused, match="released before"), bank.write() as conn:
        release(conn, "settle-again", hold_id)


def test_expiry_frees_holds_whose_time_is_over_and_no_others(bank: Database) -> None:
    due, young = held(bank, "run-1", CREDIT), None
    with bank.write() as conn:
        young = place_hold(conn, "run-2", "acme", 2 * CREDIT, LATER + timedelta(seconds=1)).id

    with bank.write() as conn:
        expired = expire_holds(conn, LATER)

    assert [(hold.id, hold.state) for hold in expired] == [(due, "expired")]
    assert balance(bank).held_micros == 2 * CREDIT
    with bank.read() as conn:
        assert [hold.id for hold in holds_open(conn, "acme")] == [young]


def test_expiry_may_run_again_and_again(bank: Database) -> None:
    held(bank)

    for count in (1, 0, 0):
        with bank.write() as conn:
            assert len(expire_holds(conn, LATER)) == count

    assert balance(bank).held_micros == 0


def test_expiry_frees_only_what_was_not_captured(bank: Database) -> None:
    hold_id = held(bank)
    with bank.write() as conn:
        capture(conn, "node-1", hold_id, CREDIT)
    with bank.write() as conn:
        expire_holds(conn, LATER)

    assert balance(bank) == Balance(9 * CREDIT, 0)


def test_releasing_an_expired_hold_frees_nothing_more(bank: Database) -> None:
    hold_id = held(bank)
    with bank.write() as conn:
        expire_holds(conn, LATER)

    for _ in range(2):
        with bank.write() as conn:
            assert release(conn, "settle", hold_id) == 0

    assert balance(bank) == Balance(10 * CREDIT, 0)


def test_an_extended_hold_survives_its_first_expiry(bank: Database) -> None:
    hold_id = held(bank)
    with bank.write() as conn:
        extended = extend_hold(conn, "longer", hold_id, LATER + timedelta(hours=1))
    with bank.write() as conn:
        expire_holds(conn, LATER)

    assert extended.expires_at == LATER + timedelta(hours=1)
    with bank.read() as conn:
        assert hold_of(conn, hold_id).state == "open"


def test_a_closed_hold_cannot_be_extended(bank: Database) -> None:
    hold_id = held(bank)
    with bank.write() as conn:
        release(conn, "settle", hold_id)

    with pytest.raises(Refused, match="is released"), bank.write() as conn:
        extend_hold(conn, "longer", hold_id, LATER)


def test_a_free_run_holds_captures_and_releases_nothing(bank: Database) -> None:
    hold_id = held(bank, amount=0)
    with bank.write() as conn:
        assert capture(conn, "node-1", hold_id, 0, "free") == 0
    with bank.write() as conn:
        assert release(conn, "settle", hold_id) == 0

    assert balance(bank) == Balance(10 * CREDIT, 0)


@pytest.mark.parametrize("amount", [-1, 2**62 + 1, 1.5, True, "1"])
def test_an_amount_that_is_none_is_invalid(bank: Database, amount: object) -> None:
    with pytest.raises(Invalid, match="an amount is"), bank.write() as conn:
        place_hold(conn, "run-1", "acme", amount, LATER)  # type: ignore[arg-type]


def test_an_unknown_hold_or_account_is_invalid(bank: Database) -> None:
    with pytest.raises(Invalid, match="no hold 7"), bank.write() as conn:
        capture(conn, "node-1", 7, 1)
    with pytest.raises(Invalid, match="no account 'nobody'"), bank.write() as conn:
        place_hold(conn, "run-1", "nobody", 1, LATER)


@pytest.mark.parametrize("key", ["", "k" * 501])
def test_a_key_has_a_bounded_length(bank: Database, key: str) -> None:
    with pytest.raises(Invalid, match="1 to 500 characters"), bank.write() as conn:
        place_hold(conn, key, "acme", 1, LATER)
