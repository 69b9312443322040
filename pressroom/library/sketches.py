"""Bit sketches of what an account's pictures look like: which few of a million are worth comparing.

The sketch of a vector is one bit for each of 256 fixed directions: on which side of it the vector lies (M. Charikar, "Similarity
estimation techniques from rounding algorithms", 2002). Two vectors at a cosine of 0.95 differ in 26 bits on average and in more
than 50 once in two million pairs; unrelated ones differ in 128. Sketches are kept in memory and, between processes, in a file
under the home; both are caches of the table `fingerprint` that are brought up to date when a search begins, and may be deleted.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, Connection, select

from pressroom.database.dialect import in_values
from pressroom.database.schema import fingerprint
from pressroom.domain.content_hash import text_digest
from pressroom.library.column_parts import with_room
from pressroom.media.files.fingerprint import DIMENSIONS, SAME_HASH, VERSION

Words = npt.NDArray[np.uint64]
Records = npt.NDArray[np.void]
Floats = npt.NDArray[np.float32]
Distances = npt.NDArray[np.uint16]
Places = npt.NDArray[np.int64]

SAME_SKETCH: Final = 50  # bits of 256 that may differ
_WORDS: Final = DIMENSIONS // 64
_RECORD: Final = np.dtype([("seq", "<i8"), ("sha256", "V32"), ("words", "<u8", 1 + _WORDS), ("check", "<u8")])
_BLOCK: Final = 32_768  # what is compared at once stays in the processor's cache
_READ: Final = 8_192
NEAREST_SKETCHES: Final = 64
_MOST: Final = 4_000  # that are alike at all: more are no answer to anybody
_KEY_DIGITS: Final = 16
_MOST_UNORDERED: Final = 20_000
LATE: Final = 1_000  # numbers that a transaction may hold while later ones are read already


class Later(NamedTuple):
    """Assets with later numbers than one, in short."""

    assets: int
    total: int
    newest: int


class Sketches:
    """The sketches of all accounts of one database. Thread-safe."""

    def __init__(self, folder: Path | None) -> None:
        """`folder` is made when needed; without one, or where it cannot be written, nothing outlives the process."""
        self._folder = folder
        self._kept: dict[tuple[str, int], _Kept] = {}
        self._complete: dict[tuple[str, int], int] = {}
        self._later: dict[tuple[str, int], Later] = {}
        self._lock = Lock()

    def candidates(
        self,
        conn: Connection,
        account_id: int,
        hashes: Words,
        vectors: Floats,
        nearest: int = NEAREST_SKETCHES,
        among: Words | None = None,
    ) -> tuple[list[str], int]:
        """SHA-256 of the account's pictures that may be the same as one of those asked for, with so many nearest of the others;
        and how many were compared.

        `hashes` are n words, `vectors` n x 256; `among` are the keys of the only files that matter (see `file_key`).
        """
        asked = np.column_stack([hashes, sketch(vectors)])
        kept = self._up_to_date(conn, account_id)
        rows = None if among is None else kept.rows_of(among)
        alike, distance = kept.compared(asked, rows)
        if not len(distance):
            return [], 0
        order = np.argsort(distance[alike], kind="stable")[:_MOST]
        found = np.concatenate([alike[order], _least(distance, nearest)])
        places = found if rows is None else rows[found]
        return [kept.sha256(row) for row in dict.fromkeys(places.tolist())], len(distance)

    def read(self, conn: Connection, account_id: int) -> None:
        """Have the account's in memory, as its first search does else."""
        self._up_to_date(conn, account_id)

    def complete_to(self, conn: Connection, account_id: int) -> int:
        """The account's assets up to this number are known to have been looked at; 0 where nothing is known."""
        key = _key(conn, account_id)
        if key not in self._complete:
            path = self._path(key, "complete")
            try:
                self._complete[key] = int(path.read_text(encoding="ascii")) if path is not None else 0
            except (OSError, ValueError):
                self._complete[key] = 0
        return self._complete[key]

    def set_complete_to(self, conn: Connection, account_id: int, seq: int) -> None:
        """Every asset of the account up to `seq` has been looked at."""
        key = _key(conn, account_id)
        if seq != self.complete_to(conn, account_id):
            self._complete[key] = seq
            _write(self._path(key, "complete"), str(seq).encode("ascii"), "wb")

    def nothing_waits_in(self, conn: Connection, account_id: int) -> Later | None:
        """The assets later than `complete_to` that are known to have been looked at too, by this process."""
        return self._later.get(_key(conn, account_id))

    def set_nothing_waits_in(self, conn: Connection, account_id: int, later: Later) -> None:
        """Each of these has been looked at."""
        self._later[_key(conn, account_id)] = later

    def _up_to_date(self, conn: Connection, account_id: int) -> _Kept:
        """What is kept, with what was remembered since the last search."""
        key = _key(conn, account_id)
        with self._lock:
            path = self._path(key)
            kept = self._kept.get(key) or _Kept(_loaded(path))
            if not kept.is_of(conn, account_id):
                kept = _Kept(np.empty(0, _RECORD))
                _remove(path)
                self._complete.pop(key, None)
                self._later.pop(key, None)
                _remove(self._path(key, "complete"))
            new = _added(conn, account_id, kept)
            if len(new):
                kept.add(new)
                _write(path, new.tobytes(), "ab")
            self._kept[key] = kept
            return kept

    def _path(self, key: tuple[str, int], what: str = "sketches") -> Path | None:
        if self._folder is None:
            return None
        name = text_digest(f"{VERSION} {key[1]} {key[0]}")[:16]
        return self._folder / f"{name}.{what}"


class _Kept:
    """The sketches of one account, in columns, which are compared far faster. Grows at its end, so that who reads may go on."""

    def __init__(self, records: Records) -> None:
        self._count = 0
        self._sha256s = np.zeros(0, "V32")
        self._keys = np.zeros(0, np.uint64)
        self._columns = [np.zeros(0, np.uint64) for _ in range(1 + _WORDS)]
        self._order = np.zeros(0, np.int64)  # rows by their keys, of all but the latest
        self._latest: list[int] = []
        self.last = 0
        self.add(records)

    def sha256(self, row: int) -> str:
        return str(self._sha256s[row].tobytes().hex())

    def unknown(self, seqs: Iterable[int]) -> set[int]:
        """Which of numbers that may have come late have."""
        return {*seqs}.difference(self._latest)

    def add(self, records: Records) -> None:
        start, end = self._count, self._count + len(records)
        if end > len(self._keys):
            self._sha256s, self._keys = with_room(self._sha256s, end), with_room(self._keys, end)
            self._columns = [with_room(column, end) for column in self._columns]
        self._sha256s[start:end] = records["sha256"]
        self._keys[start:end] = _keys_of(records["sha256"])
        for column, words in zip(self._columns, records["words"].T, strict=True):
            column[start:end] = words
        self._latest = [*self._latest, *records["seq"][-2 * LATE :].tolist()][-2 * LATE :]
        self.last = max(self.last, int(records["seq"].max(initial=0)))
        self._count = end

    def rows_of(self, keys: Words) -> Places:
        """The rows of these files, of those that are here."""
        count, wanted = self._count, np.unique(keys)
        if count - len(self._order) > _MOST_UNORDERED:
            self._order = np.argsort(self._keys[:count], kind="stable")
        order = self._order  # others may make another meanwhile
        ordered = len(order)
        late = np.flatnonzero(np.isin(self._keys[ordered:count], wanted)) + ordered
        if not ordered:
            return late
        at = np.minimum(np.searchsorted(self._keys[:ordered], wanted, sorter=order), ordered - 1)
        rows = order[at]
        return np.concatenate([rows[self._keys[rows] == wanted], late])

    def is_of(self, conn: Connection, account_id: int) -> bool:
        """Whether the last picture is still that one in the table: a database may have been put back from a copy."""
        if not self._count:
            return True
        mine = (fingerprint.c.account_id == account_id) & (fingerprint.c.seq == self._latest[-1])
        return bool(conn.execute(select(fingerprint.c.sha256).where(mine)).scalar() == self.sha256(self._count - 1))

    def compared(self, asked: Words, rows: Places | None) -> tuple[Places, Distances]:
        """Which of these rows, or of all, may be the same as one of the asked, and the least distance of the sketch of each."""
        count = self._count if rows is None else len(rows)
        columns = self._columns if rows is None else [column.take(rows) for column in self._columns]
        alike, nearest = [], np.empty(count, np.uint16)
        for start in range(0, count, _BLOCK):
            part = [column[start : min(count, start + _BLOCK)] for column in columns]
            best, found = np.full(len(part[0]), DIMENSIONS, np.uint16), np.zeros(len(part[0]), bool)
            for words in asked:
                away = np.zeros(len(part[0]), np.uint16)
                for column, word in zip(part[1:], words[1:], strict=True):
                    away += np.bitwise_count(column ^ word)
                found |= (away <= SAME_SKETCH) | (np.bitwise_count(part[0] ^ words[0]) <= SAME_HASH)
                np.minimum(best, away, out=best)
            nearest[start : start + len(best)] = best
            alike.append(np.flatnonzero(found) + start)
        return np.concatenate(alike) if alike else np.empty(0, np.int64), nearest


def _least(distance: Distances, most: int) -> Places:
    """Where so many of the least stand. To sort values in part and to look for them takes a tenth of sorting their places."""
    if len(distance) <= most:
        return np.arange(len(distance))
    near = np.flatnonzero(distance <= np.partition(distance, most - 1)[most - 1])
    return near[np.argsort(distance[near], kind="stable")[:most]]


def file_key(sha256: str) -> int:
    """A file's name in short, by which columns of assets and sketches are brought together."""
    return int(sha256[:_KEY_DIGITS], 16)


def _keys_of(sha256s: npt.NDArray[np.void]) -> Words:
    return np.ascontiguousarray(sha256s).view(">u8")[:: sha256s.itemsize // 8].astype(np.uint64)


def _key(conn: Connection, account_id: int) -> tuple[str, int]:
    return conn.engine.url.render_as_string(hide_password=True), account_id


def sketch(vectors: Floats) -> Words:
    """n x 4 words of n x 256 vectors."""
    bits = np.packbits(vectors @ _directions() > 0, axis=1, bitorder="little")
    return bits.view("<u8").astype(np.uint64, copy=False)


@cache
def _directions() -> Floats:
    """256 directions as columns, each a row of signs: the same on every machine and with every version of numpy."""
    drawn = hashlib.shake_256(b"pressroom sketches 1").digest(DIMENSIONS * DIMENSIONS // 8)
    signs = np.unpackbits(np.frombuffer(drawn, np.uint8)).reshape(DIMENSIONS, DIMENSIONS)
    return signs.astype(np.float32) * 2 - 1


def _added(conn: Connection, account_id: int, kept: _Kept) -> Records:
    """Records of what was remembered since: PostgreSQL gives numbers before rows can be seen, so its last ones are read again."""
    mine = (fingerprint.c.account_id == account_id) & (fingerprint.c.version == VERSION)
    fresh: ColumnElement[bool] = fingerprint.c.seq > kept.last
    if conn.dialect.name == "postgresql" and kept.last:
        last_ones = select(fingerprint.c.seq).where(mine, fingerprint.c.seq.between(kept.last - LATE, kept.last))
        if late := kept.unknown(conn.execute(last_ones).scalars()):
            fresh |= in_values(fingerprint.c.seq, late)
    query = select(fingerprint.c.seq, fingerprint.c.sha256, fingerprint.c.hash, fingerprint.c.vector)
    query = query.where(mine, fresh).order_by(fingerprint.c.seq)
    found = []
    for rows in conn.execute(query.execution_options(yield_per=_READ)).partitions(_READ):
        new = [row for row in rows if any(row.vector)]  # zeros: there is nothing to be seen
        if new:
            found.append(_records(new))
    return np.concatenate(found) if found else np.empty(0, _RECORD)


def _records(rows: list[Any]) -> Records:
    made = np.empty(len(rows), _RECORD)
    made["seq"] = [row.seq for row in rows]
    made["sha256"] = np.frombuffer(b"".join(bytes.fromhex(row.sha256) for row in rows), "V32")
    made["words"][:, 0] = np.array([row.hash for row in rows], np.int64).view(np.uint64)
    vectors = np.frombuffer(b"".join(row.vector for row in rows), np.float32).reshape(-1, DIMENSIONS)
    made["words"][:, 1:] = sketch(vectors)
    made["check"] = _checks(made)
    return made


def _checks(records: Records) -> Words:
    return np.asarray(
        np.bitwise_xor.reduce(records["words"], axis=1) ^ records["seq"].view(np.uint64) ^ np.uint64(VERSION)
    )


def _loaded(path: Path | None) -> Records:
    """What an earlier process kept; nothing where the file is not what one of them wrote."""
    try:
        data = path.read_bytes() if path is not None else b""
    except OSError:
        data = b""
    whole = len(data) // _RECORD.itemsize * _RECORD.itemsize
    records = np.frombuffer(data[:whole], _RECORD)
    if whole != len(data) or not np.array_equal(records["check"], _checks(records)):
        _remove(path)
        return np.empty(0, _RECORD)
    _, first = np.unique(records["seq"], return_index=True)  # two processes may have kept the same pictures
    return records if len(first) == len(records) else records[np.sort(first)]


def _write(path: Path | None, data: bytes, mode: Literal["wb", "ab"]) -> None:
    if path is not None:
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open(mode) as file:
                file.write(data)


def _remove(path: Path | None) -> None:
    if path is not None:
        with contextlib.suppress(OSError):
            path.unlink()
