"""Tables as lines of JSON, the same from SQLite and from PostgreSQL: names of columns first, then a list for each row."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Boolean, Column, Connection, Table, column, func, literal, select, table

from pressroom.backup.manifest import TableFile
from pressroom.database.schema import account
from pressroom.domain.content_hash import file_digest
from pressroom.domain.errors import Refused

_ROWS_AT_ONCE: Final = 1_000


def dump_table(conn: Connection, source: Table, target: Path) -> TableFile:
    """Write the rows of a table, in the order of their keys, to a new file."""
    # Values as they are stored: an instant is an integer. Only a truth is one on both databases by its type alone.
    plain = table(source.name, *(_plain(item) for item in source.columns))
    query = select(plain).order_by(*(plain.c[item.name] for item in source.primary_key))
    count = 0
    with _written(target) as sink:
        sink.write(_line([item.name for item in source.columns]))
        for row in conn.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE}):
            sink.write(_line([_kept(value) for value in row]))
            count += 1
    return TableFile(name=source.name, rows=count, sha256=file_digest(target))


def load_table(conn: Connection, name: str, source: Path) -> None:
    """Insert the rows of a file as `dump_table` wrote it."""
    lines = lines_of(source)
    names: list[str] = next(lines)
    into = table(name, *map(column, names)).insert()
    while rows := [dict(zip(names, map(_given, line), strict=True)) for line in islice(lines, _ROWS_AT_ONCE)]:
        conn.execute(into, rows)
    if conn.dialect.name == "postgresql":
        _count_on(conn, name, names)


def require_empty(conn: Connection, names: Iterable[str]) -> None:
    """Raises Refused where one of these tables has a row, but for the ledger's own accounts, which every database has."""
    for name in names:
        query = select(literal(1)).select_from(table(name)).limit(1)
        if conn.execute(query.where(column("id") > 0) if name == account.name else query).first() is not None:
            raise Refused(
                f"the database is not empty: there are rows in {name}",
                hint="restore into a new home or an empty database",
            )


def lines_of(source: Path) -> Iterator[Any]:
    """The values of a file of JSON lines, read one at a time."""
    with gzip.open(source, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def write_lines(target: Path, values: Iterator[Any]) -> None:
    with _written(target) as sink:
        sink.writelines(map(_line, values))


def _plain(item: Column[Any]) -> Any:
    return column(item.name, item.type if isinstance(item.type, Boolean) else None)


def _written(target: Path) -> TextIOWrapper:
    return gzip.open(target, "xt", encoding="utf-8", compresslevel=3)


def _line(values: Any) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n"


def _kept(value: Any) -> Any:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _given(value: Any) -> Any:
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value


def _count_on(conn: Connection, name: str, names: list[str]) -> None:
    """The server numbers rows by itself: from here on it starts after those that were loaded."""
    for each in names:
        sequence = conn.execute(select(func.pg_get_serial_sequence(name, each))).scalar()
        if sequence is not None:
            highest = conn.execute(select(func.max(column(each))).select_from(table(name))).scalar()
            if highest is not None and highest > 0:
                conn.execute(select(func.setval(sequence, highest)))
