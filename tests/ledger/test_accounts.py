from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pressroom.database.engine import Database
from pressroom.domain.errors import Invalid, Refused
from pressroom.ledger import (
    balance_of,
    capture,
    change_plan,
    check_invariants,
    ensure_account,
    grant,
    place_hold,
    refund,
    statement,
)

CREDIT = 1_000_000
LATER = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def bank(database: Database) -> Database:
    """Account `acme` with 10 credits, 4 of them captured under `node-1`; the books are checked after the test."""
    with database.write() as conn:
        ensure_account(conn, "acme", 10 * CREDIT)
        hold = place_hold(conn, "run-1", "acme", 4 * CREDIT, LATER)
        capture(conn, "node-1", hold.id, 4 * CREDIT)
    yield database
    with database.read() as conn:
        assert check_invariants(conn) == []


def total(bank: Database) -> int:
    with bank.read() as conn:
        return balance_of(conn, "acme").balance_micros


def test_a_new_account_starts_with_its_grant_once(database: Database) -> None:
    for amount in (10 * CREDIT, 99 * CREDIT):
        with database.write() as conn:
            number = ensure_account(conn, "new", amount)

    assert number > 0
    assert total_of(database, "new") == 10 * CREDIT


def total_of(database: Database, name: str) -> int:
    with database.read() as conn:
        return balance_of(conn, name).balance_micros


def test_an_account_may_start_with_nothing(database: Database) -> None:
    with database.write() as conn:
        ensure_account(conn, "poor", 0)

    assert total_of(database, "poor") == 0


@pytest.mark.parametrize("name", ["", "x" * 65, "system:issuer", "system:mine", " ", "acme ", "a\nb", "ac\u202eme"])
def test_names_that_are_empty_overlong_or_reserved_are_invalid(database: Database, name: str) -> None:
    with pytest.raises(Invalid, match="not an account name"), database.write() as conn:
        ensure_account(conn, name, 0)


def test_system_accounts_cannot_be_used_as_customers(database: Database) -> None:
    with pytest.raises(Invalid, match="no account"), database.write() as conn:
        grant(conn, "gift", "system:issuer", 1)


def plan_of(bank: Database) -> str:
    with bank.read() as conn:
        return balance_of(conn, "acme").plan


def test_the_subscription_plan_of_an_account_can_change(bank: Database) -> None:
    with bank.write() as conn:
        change_plan(conn, "up", "acme", "pro")

    assert plan_of(bank) == "pro"


def test_a_change_of_plan_is_a_line_of_the_statement_that_moves_no_credits(bank: Database) -> None:
    with bank.write() as conn:
        change_plan(conn, "up", "acme", "pro", "paid for a year")

    with bank.read() as conn:
        line = statement(conn, "acme", limit=1)[0]
    assert (line.kind, line.key, line.memo) == ("plan", "up", "pro: paid for a year")
    assert (line.amount_micros, line.held_micros, line.balance_micros) == (0, 0, 6 * CREDIT)


def test_a_change_of_plan_sent_again_does_not_undo_a_later_one(bank: Database) -> None:
    for key, plan in (("up", "pro"), ("down", "free"), ("up", "pro")):
        with bank.write() as conn:
            change_plan(conn, key, "acme", plan)

    assert plan_of(bank) == "free"


def test_a_key_of_a_change_of_plan_cannot_be_used_for_another_plan(bank: Database) -> None:
    with bank.write() as conn:
        change_plan(conn, "up", "acme", "pro")

    with pytest.raises(Refused, match="'up' was used"), bank.write() as conn:
        change_plan(conn, "up", "acme", "enterprise")

    assert plan_of(bank) == "pro"


def test_opening_an_account_again_leaves_its_plan_as_it_is(bank: Database) -> None:
    with bank.write() as conn:
        ensure_account(conn, "acme", 0, "enterprise")

    assert plan_of(bank) == "free"


@pytest.mark.parametrize("plan", ["", "x" * 65])
def test_a_plan_has_a_name_that_fits(bank: Database, plan: str) -> None:
    with pytest.raises(Invalid, match="not a name of a plan"), bank.write() as conn:
        change_plan(conn, "up", "acme", plan)


def test_a_grant_sent_twice_counts_once(bank: Database) -> None:
    for _ in range(2):
        with bank.write() as conn:
            assert grant(conn, "gift", "acme", 5 * CREDIT, "welcome") == 5 * CREDIT

    assert total(bank) == 11 * CREDIT


def test_a_grant_key_used_for_another_account_is_refused(bank: Database) -> None:
    with bank.write() as conn:
        ensure_account(conn, "other", 0)
        grant(conn, "gift", "acme", CREDIT)

    with pytest.raises(Refused, match="'gift' was used"), bank.write() as conn:
        grant(conn, "gift", "other", CREDIT)


def test_a_balance_never_grows_past_what_the_database_can_count(bank: Database) -> None:
    with pytest.raises(Refused, match="would hold more than"), bank.write() as conn:
        grant(conn, "too-much", "acme", 2**62)

    assert total(bank) == 6 * CREDIT


def test_a_refund_gives_captured_credits_back_in_parts(bank: Database) -> None:
    with bank.write() as conn:
        refund(conn, "back-1", "node-1", 1 * CREDIT)
    with bank.write() as conn:
        refund(conn, "back-2", "node-1", 3 * CREDIT)

    assert total(bank) == 10 * CREDIT


def test_a_refund_sent_twice_counts_once(bank: Database) -> None:
    for _ in range(2):
        with bank.write() as conn:
            assert refund(conn, "back", "node-1", CREDIT) == CREDIT

    assert total(bank) == 7 * CREDIT


def test_refunds_together_never_exceed_the_capture(bank: Database) -> None:
    with bank.write() as conn:
        refund(conn, "back-1", "node-1", 3 * CREDIT)

    with pytest.raises(Refused, match="3 of 4 are refunded"), bank.write() as conn:
        refund(conn, "back-2", "node-1", CREDIT + 1)

    assert total(bank) == 9 * CREDIT


@pytest.mark.parametrize("key", ["run-1", "never"])
def test_only_captures_can_be_refunded(bank: Database, key: str) -> None:
    with pytest.raises(Invalid, match="no capture"), bank.write() as conn:
        refund(conn, "back", key, 1)
