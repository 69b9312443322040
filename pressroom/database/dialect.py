"""The few statement shapes that differ by dialect or by size."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    Boolean,
    ColumnElement,
    Connection,
    Integer,
    Table,
    Text,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

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


def in_values(column: ColumnElement[Any], values: Iterable[Any] | BindParameter[Any]) -> ColumnElement[bool]:
    """IN (...) of any number of texts or whole numbers, or of what is bound later, as one parameter.

    With a parameter for each value, every length is another statement to build, send and plan: half of what a page of 500 takes.
    """
    kind = _Listed(isinstance(column.type, Integer))
    if isinstance(values, BindParameter):
        return _InValues(column, bindparam(values.key, type_=kind))
    return _InValues(column, bindparam(None, list(values), type_=kind, unique=True))


class _Listed(TypeDecorator[list[Any]]):
    """A list as one value: an array, or JSON where there are no arrays."""

    impl = Text
    cache_ok = True

    def __init__(self, numbers: bool) -> None:
        super().__init__()
        self.numbers = numbers

    def load_dialect_impl(self, dialect: Any) -> Any:
        if dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import ARRAY

            return dialect.type_descriptor(ARRAY(BigInteger if self.numbers else Text))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        return list(value) if dialect.name == "postgresql" else json.dumps(list(value))


class _InValues(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """As it is: SQLite, which has no booleans, would be asked whether it equals 1, and find no index for that."""
        return self


@compiles(_InValues, "postgresql")
def _in_array(element: _InValues, compiler: Any, **kw: Any) -> str:
    column, listed = (compiler.process(each, **kw) for each in element.clauses)
    return f"({column} = ANY ({listed}))"


@compiles(_InValues, "sqlite")
def _in_json(element: _InValues, compiler: Any, **kw: Any) -> str:
    column, listed = (compiler.process(each, **kw) for each in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({listed})))"  # noqa: S608 - compiled by SQLAlchemy


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
