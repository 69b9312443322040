"""Events on record: what happened in any process, in one order, for whoever watches from elsewhere or comes later."""

from __future__ import annotations

import json
import logging
import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select, text

from pressroom.database.engine import Database
from pressroom.database.schema import account, event
from pressroom.domain.events import ApprovalWanted, Event, RunDecided, RunEnded, RunHeld

GATHER_SECONDS: Final = 0.1
IDLE_SECONDS: Final = 2.0  # after which the thread ends, until the next event
FLUSH_SECONDS: Final = 10.0
MOST_READ: Final = 500
_AT_ONCE: Final = (RunHeld, RunEnded, ApprovalWanted, RunDecided)  # a process may end after one of these
_LOGGER: Final = logging.getLogger("pressroom")
_Waiting = tuple[Event, datetime] | threading.Event  # an event to be written, or one who waits for all before it
# On PostgreSQL numbers are drawn before commits: writers take turns, so that a number is seen after all smaller ones.
_TURN: Final = text("LOCK TABLE event IN SHARE ROW EXCLUSIVE MODE")


@dataclass(frozen=True, slots=True)
class Told:
    """One event of the log."""

    seq: int
    account_id: int
    run_id: str
    name: str
    data: dict[str, Any]
    at: datetime


class EventLog:
    """A listener of the channel. Events are written in turn, several in one transaction; the begin and end of a run at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: queue.Queue[_Waiting] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def __call__(self, told: Event) -> None:
        written = threading.Event()
        with self._lock:
            self._waiting.put((told, datetime.now(UTC)))
            if isinstance(told, _AT_ONCE):
                self._waiting.put(written)
            if self._thread is None:
                self._thread = threading.Thread(target=self._write, name="event log", daemon=True)
                self._thread.start()
        if isinstance(told, _AT_ONCE):
            written.wait(FLUSH_SECONDS)

    def _write(self) -> None:
        while (first := self._first()) is not None:
            gathered, waiting = self._gathered(first)
            try:
                if gathered:
                    self._append(gathered)
            except Exception as exc:  # noqa: BLE001 - the thread goes on: what comes next is to be on record
                _LOGGER.warning("%d events are not on record: %s", len(gathered), exc)
            finally:
                for each in waiting:
                    each.set()

    def _first(self) -> _Waiting | None:
        """The next that comes; None where nothing does for a while, and this thread ends: the next event starts another."""
        while True:
            try:
                return self._waiting.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                with self._lock:
                    if self._waiting.empty():
                        self._thread = None
                        return None

    def _gathered(self, found: _Waiting) -> tuple[list[tuple[Event, datetime]], list[threading.Event]]:
        """What has come within a moment, until somebody waits for it to be written."""
        gathered: list[tuple[Event, datetime]] = []
        while True:
            if isinstance(found, threading.Event):
                return gathered, [found]
            gathered.append(found)
            if len(gathered) == MOST_READ:
                return gathered, []
            try:
                found = self._waiting.get(timeout=GATHER_SECONDS)
            except queue.Empty:
                return gathered, []

    def _append(self, gathered: Sequence[tuple[Event, datetime]]) -> None:
        with self._database.write() as conn:
            names = {told.account for told, _ in gathered}
            known = select(account.c.name, account.c.id).where(account.c.name.in_(names))
            ids = {row.name: row.id for row in conn.execute(known)}
            if conn.dialect.name == "postgresql":
                conn.execute(_TURN)
            rows = [
                {
                    "account_id": ids[told.account],
                    "run_id": told.run,
                    "name": told.name,
                    "data": json.dumps(told.model_dump(mode="json", exclude={"account"}) | {"text": told.text}),
                    "at": at,
                }
                for told, at in gathered
                if told.account in ids
            ]
            if rows:
                conn.execute(insert(event), rows)


def events_after(
    conn: Connection, after: int, *, account_id: int | None = None, run_id: str = "", limit: int = MOST_READ
) -> list[Told]:
    """The events behind this number, in their order: of an account or, for the server itself, of all."""
    query = select(event).where(event.c.seq > after).order_by(event.c.seq).limit(limit)
    if account_id is not None:
        query = query.where(event.c.account_id == account_id)
    if run_id:
        query = query.where(event.c.run_id == run_id)
    return [_told(row) for row in conn.execute(query)]


def newest_event(conn: Connection) -> int:
    """The number of the last event, 0 before the first."""
    return int(conn.execute(select(func.coalesce(func.max(event.c.seq), 0))).scalar_one())


def oldest_event(conn: Connection) -> int | None:
    """The number of the first event that is kept; None where there is none."""
    return conn.execute(select(func.min(event.c.seq))).scalar()


def _told(row: Row[Any]) -> Told:
    return Told(row.seq, row.account_id, row.run_id, row.name, json.loads(row.data), row.at)
