"""The few statement shapes that differ by dialect or by size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy import JSON, ColumnElement, Connection, Table, cast, func, select

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

# Well under the 32,766 parameters that a stock SQLite takes in one statement.
CHUNK: Final = 500

T = TypeVar("T")


def insert_new(conn: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """INSERT that does nothing where a unique key is taken; with `returning` it then gives no row."""
    # Each dialect is imported where it is spoken: that of PostgreSQL takes a tenth of a second.
    if conn.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table).on_conflict_do_nothing()


def json_text(conn: Connection, column: ColumnElement[str], *path: str) -> ColumnElement[str]:
    """A value inside a column of JSON, as text."""
    if conn.dialect.name == "postgresql":
        return func.json_extract_path_text(cast(column, JSON), *path)
    return func.json_extract(column, "$." + ".".join(path))


def clock(conn: Connection) -> datetime:
    """What time it is for everybody who uses this database: its server's, or this machine's for a file."""
    if conn.dialect.name == "postgresql":
        found: datetime = conn.execute(select(func.clock_timestamp())).scalar_one()
        return found.astimezone(UTC)
    return datetime.now(UTC)


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Lists of at most `size` items, for IN (...)."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
