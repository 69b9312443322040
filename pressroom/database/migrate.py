"""Bringing a database to the newest schema with alembic, in one transaction under a lock."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

from pressroom.database.migrations import HEAD, VERSION_TABLE
from pressroom.database.postgresql import without_limits
from pressroom.database.schema import metadata
from pressroom.database.triggers import ensure_objects, is_object
from pressroom.domain.errors import Corrupt, Refused

# Any number will do, as long as no other program uses it for its lock on the same database.
_ADVISORY_LOCK: Final = 7_273_301_884_205


def include_name(name: str | None, kind: str, parents: Any) -> bool:
    return not is_object(name)


OPTIONS: Final[dict[str, Any]] = {
    "target_metadata": metadata,
    "version_table": VERSION_TABLE,
    "render_as_batch": True,
    "include_name": include_name,
}


def upgrade(engine: Engine, revision: str = HEAD) -> None:
    """Run what is missing. On any error the schema is as it was before."""
    with engine.connect().execution_options(write=True) as conn:
        _foreign_keys(conn, "OFF")
        try:
            with conn.begin():
                if conn.dialect.name == "postgresql":
                    without_limits(conn)
                    conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
                _upgrade(conn, revision)
        finally:
            _foreign_keys(conn, "ON")


def _upgrade(conn: Connection, revision: str) -> None:
    found = _revision(conn)
    if found is not None and found > HEAD:
        raise Refused(
            f"the database has schema {found}, this version of Pressroom knows {HEAD}", hint="update Pressroom"
        )
    if found is not None and found >= revision:
        return  # another process was faster
    command.upgrade(config(conn), revision)
    if revision == HEAD:
        ensure_objects(conn)
    _check_foreign_keys(conn)


def config(conn: Connection) -> Config:
    """alembic's configuration without an ini file."""
    result = Config()
    result.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    result.attributes["connection"] = conn
    return result


def _revision(conn: Connection) -> str | None:
    if not conn.dialect.has_table(conn, VERSION_TABLE):
        return None
    return conn.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()  # noqa: S608 - a constant


def _foreign_keys(conn: Connection, switch: str) -> None:
    """Outside a transaction, or SQLite ignores it; left on, a table copy would delete or refuse child rows."""
    if conn.dialect.name == "sqlite":
        driver: Any = conn.connection.driver_connection
        driver.execute(f"PRAGMA foreign_keys={switch}")


def _check_foreign_keys(conn: Connection) -> None:
    if conn.dialect.name == "sqlite":
        broken = conn.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise Corrupt(f"the migration would leave {len(broken)} rows without their parent, first in {broken[0][0]}")
