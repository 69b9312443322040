from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pressroom.database.engine import Database
from pressroom.domain.errors import Invalid
from pressroom.ledger import capture, ensure_account, expire_holds, grant, place_hold, refund, release, statement

CREDIT = 1_000_000
LATER = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def bank(database: Database) -> Database:
    """A run on account `acme` with one of everything, beside another account."""
    with database.write() as conn:
        ensure_account(conn, "acme", 10 * CREDIT)
        ensure_account(conn, "other", 3 * CREDIT)
        hold = place_hold(conn, "run-1", "acme", 4 * CREDIT, LATER)
        capture(conn, "node-1", hold.id, CREDIT, "poster 1/2")
        release(conn, "settle", hold.id)
        refund(conn, "back", "node-1", CREDIT // 2, "was blurred")
        place_hold(conn, "run-2", "acme", 2 * CREDIT, LATER)
        expire_holds(conn, LATER + timedelta(days=1))
    return database


def test_a_statement_shows_every_command_newest_first_with_the_balance_after_it(bank: Database) -> None:
    with bank.read() as conn:
        lines = statement(conn, "acme")

    shown = [(line.kind, line.amount_micros, line.held_micros, line.balance_micros) for line in lines]
    assert shown == [
        ("expire", 0, -2 * CREDIT, 9_500_000),
        ("hold", 0, 2 * CREDIT, 9_500_000),
        ("refund", 500_000, 0, 9_500_000),
        ("release", 0, -3 * CREDIT, 9 * CREDIT),
        ("capture", -CREDIT, -CREDIT, 9 * CREDIT),
        ("hold", 0, 4 * CREDIT, 10 * CREDIT),
        ("grant", 10 * CREDIT, 0, 10 * CREDIT),
    ]
    assert lines[4].memo == "poster 1/2"


def test_pages_of_a_statement_join_without_gap_or_overlap(bank: Database) -> None:
    with bank.read() as conn:
        whole = statement(conn, "acme")
        paged, before = [], None
        while page := statement(conn, "acme", limit=2, before=before):
            paged += page
            before = page[-1].id

    assert paged == whole


def test_lines_before_a_newer_grant_keep_their_balance(bank: Database) -> None:
    with bank.read() as conn:
        earlier = statement(conn, "acme")
    with bank.write() as conn:
        grant(conn, "gift", "acme", 90 * CREDIT)

    with bank.read() as conn:
        assert statement(conn, "acme")[1:] == earlier


def test_a_statement_of_nobody_is_invalid(bank: Database) -> None:
    with bank.read() as conn, pytest.raises(Invalid, match="no account 'nobody'"):
        statement(conn, "nobody")
