"""The checker finds what is wrong: each test breaks the books in one way."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pressroom.database.engine import Database
from pressroom.domain.errors import PressroomError
from pressroom.ledger import capture, check_invariants, ensure_account, place_hold

CREDIT = 1_000_000
LATER = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def bank(database: Database) -> Database:
    with database.write() as conn:
        ensure_account(conn, "acme", 10 * CREDIT)
        hold = place_hold(conn, "run-1", "acme", 4 * CREDIT, LATER, allowances={"image": 3}, month="2026-03")
        capture(conn, "node-1", hold.id, CREDIT, used={"image": 1})
    return database


def test_right_books_have_no_violation(bank: Database) -> None:
    with bank.read() as conn:
        assert check_invariants(conn) == []


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("UPDATE account SET balance = balance + 1 WHERE name = 'acme'", "its entries sum to"),
        ("UPDATE account SET held = held - 1 WHERE name = 'acme'", "its open holds sum to"),
        ("UPDATE hold SET captured = captured + 1", "its captures sum to"),
        ("UPDATE hold SET state = 'released'", "closed hold"),
        (
            "UPDATE allowance SET used = used + 1",
            "2 of image used in 2026-03, 0 were carried over and its holds used 1",
        ),
        ("UPDATE allowance SET held = held + 1", "3 of image held in 2026-03, its open holds sum to 2"),
        ("UPDATE hold_allowance SET amount = amount + 1", "2 of image held in 2026-03, its open holds sum to 3"),
        ("DELETE FROM allowance", "has no allowance of image in 2026-03"),
        ("INSERT INTO entry (op_id, account_id, amount) SELECT 3, id, 5 FROM account WHERE name = 'acme'", "not 0"),
    ],
)
def test_damage_is_named(bank: Database, damage: str, sentence: str) -> None:
    damage = damage.replace("SELECT 3", "SELECT (SELECT id FROM op WHERE kind = 'hold')")
    with bank.write() as conn:
        conn.execute(text(damage))

    with bank.read() as conn:
        assert any(sentence in violation for violation in check_invariants(conn))


@pytest.mark.parametrize("table", ["op", "entry"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET amount = 1", "DELETE FROM {}"])
def test_commands_and_entries_can_only_be_added(bank: Database, table: str, statement: str) -> None:
    with pytest.raises(PressroomError, match="append-only") as refused, bank.write() as conn:
        conn.execute(text(statement.format(table)))

    assert isinstance(refused.value.__cause__, DBAPIError)


@pytest.mark.parametrize("column", ["held", "used"])
def test_the_database_itself_refuses_a_negative_allowance(bank: Database, column: str) -> None:
    with pytest.raises(PressroomError, match="refused a row"), bank.write() as conn:
        conn.execute(text(f"UPDATE allowance SET {column} = -1"))


def test_the_database_itself_refuses_an_overdrawn_account(bank: Database) -> None:
    with pytest.raises(PressroomError, match="refused a row"), bank.write() as conn:
        conn.execute(text("UPDATE account SET held = balance + 1 WHERE name = 'acme'"))
