"""Keeps the columns of accounts up to date with SQL, in memory and, between processes, in a file under the home.

Triggers note every asset that changes (`asset_change`, see pressroom.database.triggers); whoever searches reads those that
were noted since, in its own transaction. What is kept is a cache: it is made again when it does not fit, and may be deleted.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Final

from sqlalchemy import Connection

from pressroom.database.prepared import Prepared
from pressroom.domain.content_hash import text_digest
from pressroom.library.column_file import FORMAT, Point, load, save
from pressroom.library.column_rows import read_all, read_some
from pressroom.library.columns import Columns
from pressroom.library.text_hits import TextHits

MOST_ROWS: Final = 4_000_000  # of all accounts together, about 150 bytes each
WORTH_A_FILE: Final = 5_000  # assets or changes
_MOST_CHANGES: Final = 50_000  # beyond this reading everything is faster
_MARKS: Final = 8
_SINCE: Final = {
    "sqlite": Prepared(
        "SELECT asset_seq, number, mark FROM asset_change WHERE account_id = :mine AND number > :number"
    ),
    # A transaction takes its numbers long before others can see them.
    "postgresql": Prepared(
        "SELECT asset_seq, number, mark FROM asset_change WHERE account_id = :mine AND number > :number "
        "UNION SELECT asset_seq, number, mark FROM asset_change "
        "WHERE account_id = :mine AND xid >= :horizon AND xid < txid_snapshot_xmax(txid_current_snapshot())"
    ),
}
_HORIZON: Final = Prepared("SELECT txid_snapshot_xmin(txid_current_snapshot())")
_LAST: Final = Prepared(
    "SELECT asset_seq, number, mark FROM asset_change WHERE account_id = :mine ORDER BY number DESC LIMIT :most"
)
_OF_ASSET: Final = Prepared(
    "SELECT number, mark FROM asset_change WHERE asset_seq = :seq AND account_id = :mine ORDER BY number DESC"
)


@dataclass
class Kept:
    """One account's columns, how far they are, and what words were looked for."""

    columns: Columns = field(default_factory=Columns)
    point: Point = field(default_factory=lambda: Point(-1))
    hits: TextHits = field(default_factory=TextHits)
    unsaved: int = 0
    lock: Lock = field(default_factory=Lock)

    @property
    def is_new(self) -> bool:
        """Whether nothing was read yet."""
        return self.point.number < 0


class Mirror:
    """The columns of all accounts of a database. Thread-safe."""

    def __init__(self, folder: Path | None, *, worth_a_file: int = WORTH_A_FILE, most_rows: int = MOST_ROWS) -> None:
        """`folder` is made when needed; without one, or where it cannot be written, nothing outlives the process."""
        self._folder = folder
        self._worth_a_file = worth_a_file
        self._most_rows = most_rows
        self._kept: OrderedDict[tuple[str, int], Kept] = OrderedDict()
        self._lock = Lock()

    @contextmanager
    def of(self, conn: Connection, account_id: int) -> Iterator[Kept]:
        """The account's columns as its transaction sees them or newer; nobody else reads or changes them meanwhile."""
        key = (conn.engine.url.render_as_string(hide_password=True), account_id)
        with self._lock:
            kept = self._kept.setdefault(key, Kept())
            self._kept.move_to_end(key)
        with kept.lock:
            self._bring_up_to_date(conn, account_id, kept, self._path(key))
            yield kept
        self._forget_the_oldest()

    def read(self, conn: Connection, account_id: int) -> None:
        """Have the account's columns in memory, as its first search does else."""
        with self.of(conn, account_id):
            pass

    def _bring_up_to_date(self, conn: Connection, account_id: int, kept: Kept, path: Path | None) -> None:
        if kept.is_new:
            found = load(path) if path is not None else None
            if found is None or not _is_of(conn, account_id, found[1]):
                self._read_all(conn, account_id, kept, path)
                return
            kept.columns, kept.point = found
        elif _newest(conn, account_id) < kept.point.number:
            return  # another thread has read more than this transaction sees
        elif not _is_of(conn, account_id, kept.point):
            self._read_all(conn, account_id, kept, path)
            return
        changes, point = _since(conn, account_id, kept.point)
        seqs = sorted({change[0] for change in changes})
        if len(seqs) > max(_MOST_CHANGES, kept.columns.count // 4):
            self._read_all(conn, account_id, kept, path)
            return
        read_some(conn, account_id, kept.columns, seqs)
        kept.hits.forget(seqs)
        kept.point, kept.unsaved = point, kept.unsaved + len(seqs)
        if kept.unsaved > max(self._worth_a_file, kept.columns.count // 20):
            self._save(kept, path)

    def _read_all(self, conn: Connection, account_id: int, kept: Kept, path: Path | None) -> None:
        point = _now(conn, account_id)
        kept.columns, kept.hits, kept.point = read_all(conn, account_id), TextHits(), point
        if kept.columns.count >= self._worth_a_file:
            self._save(kept, path)

    def _save(self, kept: Kept, path: Path | None) -> None:
        if path is not None and kept.point.marks:
            save(path, kept.columns, kept.point)
        kept.unsaved = 0

    def _path(self, key: tuple[str, int]) -> Path | None:
        return self._folder and self._folder / f"{text_digest(f'{FORMAT} {key[1]} {key[0]}')[:16]}.columns"

    @property
    def rows(self) -> int:
        """How many assets are in memory."""
        return sum(each.columns.count for each in self._kept.values())

    def _forget_the_oldest(self) -> None:
        with self._lock:
            while len(self._kept) > 1 and self.rows > self._most_rows:
                self._kept.popitem(last=False)


def _now(conn: Connection, account_id: int) -> Point:
    """Where the account's changes are; to be asked before its assets are read."""
    last = _LAST.rows(conn, mine=account_id, most=_MARKS)
    return Point(last[0][1] if last else 0, _horizon(conn), _marks(last))


def _newest(conn: Connection, account_id: int) -> int:
    last = _LAST.rows(conn, mine=account_id, most=1)
    return int(last[0][1]) if last else 0


def _since(conn: Connection, account_id: int, point: Point) -> tuple[list[tuple[Any, ...]], Point]:
    """What changed after the point, and the point that is reached by it."""
    horizon = {"horizon": point.horizon} if conn.dialect.name == "postgresql" else {}
    found = _SINCE[conn.dialect.name].rows(conn, mine=account_id, number=point.number, **horizon)
    new = sorted((change for change in found if change[1] > point.number), key=lambda change: -change[1])
    number = new[0][1] if new else point.number
    return found, Point(number, _horizon(conn), (_marks(new) + point.marks)[:_MARKS])


def _horizon(conn: Connection) -> int:
    return int(_HORIZON.value(conn)) if conn.dialect.name == "postgresql" else 0


def _marks(changes: list[tuple[Any, ...]]) -> tuple[tuple[int, int, int], ...]:
    return tuple((seq, number, mark) for seq, number, mark in changes[:_MARKS])


def _is_of(conn: Connection, account_id: int, point: Point) -> bool:
    """Whether the last changes that were read are still there: a database may have been put back from a copy."""
    return all(
        any(
            found == (number, mark) or found[0] > point.number
            for found in _OF_ASSET.rows(conn, seq=seq, mine=account_id)
        )
        for seq, number, mark in point.marks
    )
