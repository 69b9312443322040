"""The planner's view of a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text

from pressroom.database.engine import Database
from pressroom.database.migrations import HEAD
from pressroom.database.rows import Rows


@contextmanager
def server_rows(url: str) -> Iterator[Rows]:
    """Runs SELECTs in one read-only snapshot; a server without our schema answers with no rows."""
    with Database.open(url, create=False) as database:
        revision = database.revision()
        empty = revision is None
        if not empty and revision != HEAD:
            database.migrate()
        with database.read() as conn:

            def rows(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
                return [] if empty else [tuple(row) for row in conn.execute(text(sql), dict(values))]

            yield rows
