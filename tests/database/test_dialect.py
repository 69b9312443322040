from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from pressroom.database.dialect import in_values
from pressroom.database.engine import Database
from pressroom.database.schema import account

LARGE = 2**60
ODD = ('it\'s "quoted"', "a\\b", "", "[1,2]", "München 東京 🦊", "a,b", "NULL")


def test_rows_are_found_by_any_number_of_values(database: Database) -> None:
    with database.write() as conn:
        _accounts(conn, 3_000)
        for count in (0, 1, 500, 3_000):
            numbers = range(LARGE, LARGE + count)
            assert _count(conn, in_values(account.c.id, numbers)) == count
            assert _count(conn, in_values(account.c.name, (f"account {each}" for each in range(count)))) == count
            assert _count(conn, ~in_values(account.c.id, numbers) & (account.c.id >= LARGE)) == 3_000 - count
            bound = select(func.count()).where(in_values(account.c.id, bindparam("named")))
            assert conn.execute(bound, {"named": numbers}).scalar() == count


def test_texts_are_found_as_they_are_written(database: Database) -> None:
    with database.write() as conn:
        _accounts(conn, len(ODD), ODD)
        for each in ODD:
            rows = select(account.c.name).where(in_values(account.c.name, [each]), account.c.id >= LARGE)
            assert conn.execute(rows).scalars().all() == [each]


def test_rows_are_changed_and_deleted_by_values(database: Database) -> None:
    with database.write() as conn:
        _accounts(conn, 3)
        changed = update(account).where(in_values(account.c.id, {LARGE, LARGE + 2})).values(plan="pro")
        assert conn.execute(changed).rowcount == 2
        assert conn.execute(delete(account).where(in_values(account.c.id, [LARGE + 1]))).rowcount == 1


def test_an_index_finds_the_rows(database: Database) -> None:
    """What is compared with a boolean has no index on SQLite."""
    with database.read() as conn:
        if conn.dialect.name != "sqlite":
            return  # PostgreSQL chooses by how many rows there are
        query = select(account).where(in_values(account.c.id, range(1)))
        text = str(query.compile(conn.engine))
        plan = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("[]",)).all()
    assert any("SEARCH account USING" in row[-1] for row in plan), plan


def _accounts(conn: Connection, count: int, names: Iterable[str] | None = None) -> None:
    called = names or [f"account {number}" for number in range(count)]
    rows = [
        {"id": LARGE + at, "name": name, "plan": "free", "created_at": datetime.now(UTC)}
        for at, name in enumerate(called)
    ]
    conn.execute(insert(account), rows)


def _count(conn: Connection, which: object) -> object:
    return conn.execute(select(func.count()).select_from(account).where(which)).scalar()  # type: ignore[arg-type]
