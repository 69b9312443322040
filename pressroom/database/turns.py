"""Turns on PostgreSQL: advisory locks of one process, all on one connection, however many are held."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from pressroom.database.postgresql import connect_arguments, connected

_FIRST_PAUSE_SECONDS: Final = 0.005
_LONGEST_PAUSE_SECONDS: Final = 0.25
_TAKE: Final = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
_GIVE_BACK: Final = text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))")


class Turns:
    """Safe to share between threads. The server frees what a process held when its connection ends.

    A turn lasts as long as a vendor takes to answer an order, half a minute with some: a connection for each would be one
    for every order on its way. Not from the pool: whoever has a turn needs connections of that for its own work.
    """

    def __init__(self, url: str) -> None:
        self._engine: Engine = create_engine(
            url,
            connect_args=connect_arguments(url),
            hide_parameters=True,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
        )
        self._guard = threading.Lock()
        self._conn: Connection | None = None
        self._held: set[str] = set()

    @contextmanager
    def turn(self, name: str) -> Iterator[None]:
        pause = _FIRST_PAUSE_SECONDS
        # Asked for again and again: waiting in the server would keep the connection from all others.
        while not self._taken(name):
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        try:
            yield
        finally:
            self._give_back(name)

    def close(self) -> None:
        with self._guard:
            self._drop()

    def _taken(self, name: str) -> bool:
        with self._guard:
            # The server would give a session the same lock twice.
            if name in self._held:
                return False
            try:
                taken = bool(self._open().execute(_TAKE, {"name": name}).scalar_one())
            except DBAPIError as exc:
                if not exc.connection_invalidated:
                    raise
                self._drop()
                return False
            if taken:
                self._held.add(name)
            return taken

    def _give_back(self, name: str) -> None:
        with self._guard:
            self._held.discard(name)
            if self._conn is None:
                return
            try:
                self._conn.execute(_GIVE_BACK, {"name": name})
            except DBAPIError:
                self._drop()  # with it the server lets go of the turn

    def _open(self) -> Connection:
        if self._conn is None:
            self._conn = connected(self._engine, known=True)
            for name in self._held:  # lost with the connection that broke
                self._conn.execute(_TAKE, {"name": name})
        return self._conn

    def _drop(self) -> None:
        if self._conn is not None:
            self._conn.invalidate()
            self._conn.close()
            self._conn = None
