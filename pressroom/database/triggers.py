"""What a table definition cannot say: full-text search, notes of what changed, and the append-only guards, per dialect.

Every statement may run again on a database that has them: SQLite's batch migrations drop triggers without a word, so
they are restored after each migration.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from pressroom.database import triggers_postgresql, triggers_sqlite


def ensure_objects(conn: Connection) -> None:
    """Create what is missing; the index is filled again when its triggers had gone."""
    if conn.dialect.name == "postgresql":
        _execute(conn, (*triggers_postgresql.OBJECTS, triggers_postgresql.REFILL))
        return
    query = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'asset_fts_%'"
    complete = conn.exec_driver_sql(query).scalar_one() == len(triggers_sqlite.TRIGGERS)
    _execute(conn, triggers_sqlite.OBJECTS)
    if not complete:
        # What was noted while triggers were missing is not complete either.
        _execute(conn, (*triggers_sqlite.REFILL, "DELETE FROM asset_change"))


def _execute(conn: Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        conn.exec_driver_sql(statement)


def is_object(name: str | None) -> bool:
    """Whether a table, column or index of this name is ours but not in the metadata: migrations leave it alone."""
    return name is not None and name.startswith(("asset_fts", "asset_text", "asset_change"))
