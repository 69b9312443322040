"""One door to the database: `Database.open(url)`, then `read()` and `write()`."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import ArgumentError

from pressroom.database.errors import translated
from pressroom.database.lock import queued, taking_turns
from pressroom.database.migrations import HEAD, VERSION_TABLE
from pressroom.database.postgresql import connect_arguments, connected
from pressroom.database.turns import Turns
from pressroom.database.urls import EXAMPLES, checked, sqlite_path
from pressroom.domain.errors import Invalid, Permanent, Refused

BUSY_SECONDS: Final = 30
MAX_CONNECTIONS: Final = 64
POOL_SIZE: Final = 5


class Database:
    """The project's database. Safe to share between threads; each process opens its own."""

    def __init__(self, url: str, engine: Engine, path: Path | None) -> None:
        self._url = url
        self._turns = Turns(url) if path is None else None
        self._answered = False
        self._engine = engine
        # The same pool; made once, because giving every connection its option costs a tenth of a ledger command.
        self._writing_engine = engine.execution_options(write=True)
        self._path = path
        self._lock = None if path is None else lock_path(path)
        self._writing = threading.local()

    @classmethod
    def open(
        cls, url: str, *, create: bool = True, connections: int = MAX_CONNECTIONS, revision: str = HEAD
    ) -> Database:
        """Connect and, with `create`, make the file and bring its schema to this revision, the newest.

        Of `connections` a server is asked for at most so many at a time, and for one more where turns are taken.

        Raises Invalid for a URL that is no database, Refused when it is not there and may not be created, Retryable
        when the server does not answer.
        """
        url = checked(url)
        path = sqlite_path(url)
        if path is not None:
            _prepare_file(path, create)
        database = cls(url, _engine(url, path, connections), path)
        if create:
            database.migrate(revision)
        return database

    @property
    def dialect(self) -> str:
        return self._engine.dialect.name

    @property
    def path(self) -> Path | None:
        """The file of a SQLite database."""
        return self._path

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent snapshot, never blocked by writers; whatever is written in it is undone."""
        with translated(self._url), self._connected(self._engine) as conn:
            if self._path is None:
                conn.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield conn
            conn.rollback()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: committed at the end of the block, undone when the block raises.

        Keep blocks short: on SQLite there is one writer at a time. Raises Retryable when the database stays busy.
        """
        if getattr(self._writing, "now", False):
            raise Permanent("write() inside write() in one thread would wait for itself: pass the connection on")
        self._writing.now = True
        try:
            with translated(self._url), self._queue(), self._connected(self._writing_engine) as conn, conn.begin():
                yield conn
                if not conn.in_transaction():
                    raise Permanent(
                        "nothing was saved: a command in this transaction was refused, which undid all of it"
                    )
        finally:
            self._writing.now = False

    @contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """One holder of this name at a time, in all processes on this database; a process that dies lets go of it.

        For what must not happen twice and is no transaction, such as sending an order.
        """
        if self._turns is not None:
            with translated(self._url), self._turns.turn(name):
                yield
        elif self._path is not None:
            with taking_turns(self._path.with_name(f"{self._path.name}.turns"), name):
                yield

    def migrate(self, revision: str = HEAD) -> None:
        """Bring the schema to this revision, never back to an older; several processes may call it at once."""
        with translated(self._url):
            if self.revision() == revision:
                return
            # Only now: importing alembic costs 0.2 s, and nearly every command finds the schema up to date.
            from pressroom.database.migrate import upgrade

            with self._queue():
                upgrade(self._engine, revision)

    def revision(self) -> str | None:
        """The schema's revision, None for a database that has none."""
        with translated(self._url), self._connected(self._engine) as conn:
            if not conn.dialect.has_table(conn, VERSION_TABLE):
                return None
            return conn.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - a constant

    def check(self) -> str:
        """One line about a database that works; raises otherwise."""
        revision = self.revision()
        if revision != HEAD:
            raise Permanent(
                f"database schema is {revision or 'empty'}, this version needs {HEAD}",
                hint="`pressroom credits` updates it",
            )
        with self.read() as conn:
            assets = conn.execute(text("SELECT count(*) FROM asset")).scalar_one()
            if self._path is not None:
                version, place = sqlite3.sqlite_version, str(self._path)
            else:
                version = str(conn.exec_driver_sql("SHOW server_version").scalar_one()).split()[0]
                place = f"{self._engine.url.host or 'local socket'}/{self._engine.url.database}"
        name = "SQLite" if self._path is not None else "PostgreSQL"
        return f"{name} {version} at {place}, schema {revision}, {assets} assets"

    def close(self) -> None:
        self._engine.dispose()
        if self._turns is not None:
            self._turns.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connected(self, engine: Engine) -> Connection:
        if self._path is not None:
            return engine.connect()
        conn = connected(engine, known=self._answered)
        self._answered = True
        return conn

    def _queue(self) -> AbstractContextManager[None]:
        return nullcontext() if self._lock is None else queued(self._lock)


def lock_path(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


def _prepare_file(path: Path, create: bool) -> None:
    if not create and not path.is_file():
        raise Refused(f"there is no database at {path}", hint="run a campaign first, or set PRESSROOM_HOME")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not _is_wal(path):
            # Changing the journal mode ignores the busy timeout, so it is done alone.
            with queued(lock_path(path)):
                _set_wal(path)
    except (OSError, sqlite3.OperationalError) as exc:
        raise Refused(
            f"cannot use the database file {path}: {exc}", hint="check the folder's rights and free room"
        ) from exc


def _is_wal(path: Path) -> bool:
    """Bytes 18 and 19 of the file header hold the journal mode (https://www.sqlite.org/fileformat.html)."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(20)[18:20] == b"\x02\x02"


def _set_wal(path: Path) -> None:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.DatabaseError as exc:
        if isinstance(exc, sqlite3.OperationalError):
            raise
        raise Refused(f"{path} is not a SQLite database: {exc}", hint="move it away or set PRESSROOM_HOME") from exc
    finally:
        connection.close()


def _engine(url: str, path: Path | None, connections: int) -> Engine:
    kept = POOL_SIZE if path is not None else connections
    try:
        engine = create_engine(
            url,
            connect_args=connect_arguments(url) if path is None else _sqlite_arguments(url),
            hide_parameters=True,
            pool_size=kept,
            max_overflow=MAX_CONNECTIONS - kept if path is not None else 0,
            pool_pre_ping=path is None,
        )
    except (ArgumentError, ValueError):
        # The cause may quote the URL, password and all.
        raise Invalid("the database URL cannot be read", hint=EXAMPLES) from None
    if path is not None:
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _sqlite_arguments(url: str) -> dict[str, Any]:
    return {} if "timeout=" in url else {"timeout": BUSY_SECONDS}


def _set_pragmas(connection: sqlite3.Connection, _record: Any) -> None:
    # The default of the driver begins transactions late and loses updates without a word.
    connection.isolation_level = None
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(conn: Connection) -> None:
    conn.exec_driver_sql("BEGIN IMMEDIATE" if conn.get_execution_options().get("write") else "BEGIN")
