"""How often somebody asks: rows that all servers count in, from which each server takes a few requests at a time.

A window begins with the first request in it. A server takes a share of what is left, ever smaller to the end, and answers from
that without the database: what all of them answer within a window is never above the limit.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml
from sqlalchemy import Connection, delete

from pressroom.database.engine import Database
from pressroom.database.prepared import Prepared
from pressroom.database.schema import request_count
from pressroom.domain.errors import Retryable

SHARE: Final = 16  # a server takes a sixteenth of what is left
MOST_KNOWN: Final = 10_000  # whose shares a server remembers
_FORGOTTEN: Final = 3_600  # seconds

_TAKE: Final = Prepared(
    "INSERT INTO request_count (subject, name, since, count) VALUES (:subject, :name, :now, :taken) "
    "ON CONFLICT (subject, name) DO UPDATE SET "
    "since = CASE WHEN :now - request_count.since >= :window THEN :now ELSE request_count.since END, "
    "count = CASE WHEN :now - request_count.since >= :window THEN :taken ELSE request_count.count + :taken END "
    "WHERE :now - request_count.since >= :window OR request_count.count + :taken <= :most RETURNING since, count"
)
_SINCE: Final = Prepared("SELECT since FROM request_count WHERE subject = :subject AND name = :name")


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests of one kind within a window of seconds."""

    name: str
    most: int
    window: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What a request found: whether it is answered, how many more would be, and in how many seconds the window ends."""

    limit: Limit
    allowed: bool
    remaining: int
    reset_seconds: int


@dataclass(slots=True)
class _Share:
    since: int
    left: int  # of what this server has taken
    rest: int  # that nobody had taken then


@lru_cache(maxsize=1)
def _data() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("rates.yaml").read_text(encoding="utf-8"))
    return found


def limit_of(whose: str, name: str, factor: float) -> Limit | None:
    """What one of these may ask for, `factor` times; None where nothing is limited."""
    most = int(_data()[whose][name] * factor)
    return Limit(name, most, _data()["window_seconds"]) if most else None


def most_running(factor: float) -> int | None:
    """How many jobs one may have under way at a time; None where nothing is limited."""
    return int(_data()["running_jobs"] * factor) or None


class Rates:
    """One server's share of everybody's limits. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._shares: dict[tuple[str, str], _Share] = {}
        self._lock = threading.Lock()
        self._swept = 0

    def count(self, subject: str, limit: Limit, now: int) -> Counted:
        """Count a request of whoever asks at this second; while the database is busy everybody is answered."""
        key = (hashlib.sha256(subject.encode()).hexdigest(), limit.name)
        with self._lock:
            share = self._shares.get(key)
            if share is None or share.left == 0 or now - share.since >= limit.window:
                try:
                    share = self._taken(key, limit, now)
                except Retryable:
                    return Counted(limit, True, 0, limit.window)
                if len(self._shares) >= MOST_KNOWN:
                    self._shares.clear()
                self._shares[key] = share
            allowed = share.left > 0
            share.left -= allowed
            return Counted(limit, allowed, share.left + share.rest, max(1, share.since + limit.window - now))

    def _taken(self, key: tuple[str, str], limit: Limit, now: int) -> _Share:
        before = self._shares.get(key)
        rest = before.rest if before is not None and now - before.since < limit.window else limit.most
        given = {"subject": key[0], "name": key[1], "now": now, "window": limit.window, "most": limit.most}
        with self._database.write() as conn:
            self._sweep(conn, now)
            for wanted in dict.fromkeys((max(1, rest // SHARE), 1)):
                rows = _TAKE.rows(conn, **given, taken=wanted)
                if rows:
                    since, count = rows[0]
                    return _Share(since, wanted, limit.most - count)
            return _Share(int(_SINCE.value(conn, subject=key[0], name=key[1])), 0, 0)

    def _sweep(self, conn: Connection, now: int) -> None:
        """Forget, now and then, who has not asked for long."""
        if now - self._swept >= _FORGOTTEN:
            self._swept = now
            conn.execute(delete(request_count).where(request_count.c.since < now - _FORGOTTEN))
