from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from pressroom.database.engine import Database
from pressroom.database.prepared import Prepared
from pressroom.domain.errors import Permanent, Retryable
from pressroom.ledger import ensure_account

NAMES = Prepared("SELECT name, plan FROM account WHERE id > :least ORDER BY id")
RENAME = Prepared("UPDATE account SET name = :name WHERE name = :before")
ADD = Prepared("INSERT INTO account (name, created_at) VALUES (:name, :at) RETURNING id")


@pytest.fixture
def bank(database: Database) -> Database:
    with database.write() as conn:
        ensure_account(conn, "acme", 5)
        ensure_account(conn, "other", 5)
    return database


def test_rows_come_in_order(bank: Database) -> None:
    with bank.read() as conn:
        assert [tuple(row) for row in NAMES.rows(conn, least=0)] == [("acme", "free"), ("other", "free")]


def test_a_change_says_how_many_rows_it_wrote(bank: Database) -> None:
    with bank.write() as conn:
        assert RENAME.change(conn, name="mine", before="acme") == 1
        assert RENAME.change(conn, name="mine", before="nobody") == 0


def test_a_value_is_the_first_of_the_first_row_or_none(bank: Database) -> None:
    with bank.read() as conn:
        assert NAMES.value(conn, least=0) == "acme"
        assert NAMES.value(conn, least=10**9) is None


def test_what_was_written_is_undone_with_the_transaction(bank: Database) -> None:
    with pytest.raises(Permanent), bank.write() as conn:
        ADD.value(conn, name="third", at=1) and ADD.value(conn, name="third", at=1)

    with bank.read() as conn:
        assert len(NAMES.rows(conn, least=0)) == 2


def test_a_reader_keeps_its_snapshot(bank: Database) -> None:
    with bank.read() as reader:
        before = NAMES.rows(reader, least=0)
        with bank.write() as conn:
            ADD.value(conn, name="third", at=1)

        assert NAMES.rows(reader, least=0) == before


def test_what_a_reader_writes_is_undone(bank: Database) -> None:
    if bank.dialect == "postgresql":
        pytest.skip("the server refuses it")
    with bank.read() as conn:
        RENAME.change(conn, name="mine", before="acme")

    with bank.read() as conn:
        assert NAMES.value(conn, least=0) == "acme"


def test_a_row_that_the_database_refuses_is_an_error_of_ours_without_values(bank: Database) -> None:
    with pytest.raises(Permanent, match="the database refused a row") as refused, bank.write() as conn:
        RENAME.change(conn, name="acme", before="other")

    assert "before" not in str(refused.value)
    with bank.read() as conn:
        assert NAMES.rows(conn, least=0)[1][0] == "other"


def cut_off_and_ask(bank: Database, conn: Connection) -> None:
    number = conn.scalar(text("SELECT pg_backend_pid()"))
    with bank.read() as other:
        other.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})
    NAMES.rows(conn, least=0)


def test_a_connection_that_was_cut_off_is_retryable_and_the_next_one_works(bank: Database) -> None:
    if bank.dialect != "postgresql":
        pytest.skip("a file cuts nobody off")
    with pytest.raises(Retryable), bank.write() as conn:
        cut_off_and_ask(bank, conn)

    with bank.write() as conn:
        assert len(NAMES.rows(conn, least=0)) == 2


def test_a_cast_is_no_parameter(bank: Database) -> None:
    if bank.dialect != "postgresql":
        pytest.skip("only PostgreSQL writes casts like this")
    with bank.read() as conn:
        assert Prepared("SELECT :number::text").value(conn, number=7) == "7"
