"""Bit sketches of what an account's pictures look like: which few of a million are worth comparing.

The sketch of a vector is one bit for each of 256 fixed directions: on which side of it the vector lies (M. Charikar, "Similarity
estimation techniques from rounding algorithms", 2002). Two vectors at a cosine of 0.95 differ in 26 bits on average and in more
than 50 once in two million pairs; unrelated ones differ in 128. Sketches are kept in memory and, between processes, in a file
under the home; both are caches of the table `fingerprint` that are brought up to date when a search begins, and may be deleted.
"""

from __future__ import annotations

import contextlib
import hashlib
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, select

from pressroom.database.schema import fingerprint
from pressroom.domain.content_hash import text_digest
from pressroom.media.files.fingerprint import DIMENSIONS, SAME_HASH, VERSION

Words = npt.NDArray[np.uint64]
Records = npt.NDArray[np.void]
Floats = npt.NDArray[np.float32]
Distances = npt.NDArray[np.uint16]

SAME_SKETCH: Final = 50  # bits of 256 that may differ
_WORDS: Final = DIMENSIONS // 64
_RECORD: Final = np.dtype([("seq", "<i8"), ("sha256", "V32"), ("words", "<u8", 1 + _WORDS), ("check", "<u8")])
_BLOCK: Final = 32_768  # what is compared at once stays in the processor's cache
_READ: Final = 8_192
_NEAREST: Final = 64
_MOST: Final = 4_000  # that are alike at all: more are no answer to anybody
LATE: Final = 1_000  # numbers that a transaction may hold while later ones are read already


class Sketches:
    """The sketches of all accounts of one database. Thread-safe."""

    def __init__(self, folder: Path | None) -> None:
        """`folder` is made when needed; without one, or where it cannot be written, nothing outlives the process."""
        self._folder = folder
        self._kept: dict[tuple[str, int], _Kept] = {}
        self._complete: dict[tuple[str, int], int] = {}
        self._lock = Lock()

    def candidates(
        self, conn: Connection, account_id: int, hashes: Words, vectors: Floats, nearest: int = _NEAREST
    ) -> tuple[list[str], int]:
        """SHA-256 of the account's pictures that may be the same as one of those asked for, with the nearest of the others,
        at least so many; and how many were compared.

        `hashes` are n words, `vectors` n x 256.
        """
        asked = np.column_stack([hashes, sketch(vectors)])
        kept = self._up_to_date(conn, account_id)
        if not len(kept):
            return [], 0
        alike, distance = kept.compared(asked)
        order = np.argsort(distance[alike], kind="stable")[:_MOST]
        wanted = max(nearest, _NEAREST)
        nearby = np.argpartition(distance, min(wanted, len(distance) - 1))[:wanted]
        rows = dict.fromkeys([*alike[order].tolist(), *nearby.tolist()])
        return [kept.sha256(row) for row in rows], len(kept)

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
                _remove(self._path(key, "complete"))
            new = _added(conn, account_id, kept.seqs)
            if len(new):
                kept = kept.with_new(new)
                _write(path, new.tobytes(), "ab")
            self._kept[key] = kept
            return kept

    def _path(self, key: tuple[str, int], what: str = "sketches") -> Path | None:
        if self._folder is None:
            return None
        name = text_digest(f"{VERSION} {key[1]} {key[0]}")[:16]
        return self._folder / f"{name}.{what}"


class _Kept:
    """Records of one account, and their words in columns, which are compared far faster. Never changed once made."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._columns = np.ascontiguousarray(records["words"].T)

    def __len__(self) -> int:
        return len(self._records)

    @property
    def seqs(self) -> npt.NDArray[np.int64]:
        return np.asarray(self._records["seq"])

    def sha256(self, row: int) -> str:
        return str(self._records["sha256"][row].tobytes().hex())

    def with_new(self, records: Records) -> _Kept:
        return _Kept(np.concatenate([self._records, records]))

    def is_of(self, conn: Connection, account_id: int) -> bool:
        """Whether the last picture is still that one in the table: a database may have been put back from a copy."""
        if not len(self):
            return True
        mine = (fingerprint.c.account_id == account_id) & (fingerprint.c.seq == int(self.seqs[-1]))
        return bool(conn.execute(select(fingerprint.c.sha256).where(mine)).scalar() == self.sha256(-1))

    def compared(self, asked: Words) -> tuple[npt.NDArray[np.intp], Distances]:
        """Rows that may be the same as one of the asked, and every row's least distance of sketches to any of them."""
        alike, nearest = [], np.empty(len(self), np.uint16)
        for start in range(0, len(self), _BLOCK):
            part = self._columns[:, start : start + _BLOCK]
            best, found = np.full(part.shape[1], DIMENSIONS, np.uint16), np.zeros(part.shape[1], bool)
            for words in asked:
                away = np.zeros(part.shape[1], np.uint16)
                for column, word in zip(part[1:], words[1:], strict=True):
                    away += np.bitwise_count(column ^ word)
                found |= (away <= SAME_SKETCH) | (np.bitwise_count(part[0] ^ words[0]) <= SAME_HASH)
                np.minimum(best, away, out=best)
            nearest[start : start + len(best)] = best
            alike.append(np.flatnonzero(found) + start)
        return np.concatenate(alike), nearest


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


def _added(conn: Connection, account_id: int, seqs: npt.NDArray[np.int64]) -> Records:
    """Records of what was remembered since: PostgreSQL gives numbers before rows can be seen, so its last ones are read again."""
    since = int(seqs.max()) if len(seqs) else 0
    if conn.dialect.name == "postgresql":
        since -= LATE
    known = set(seqs[-2 * LATE :].tolist())
    query = select(fingerprint.c.seq, fingerprint.c.sha256, fingerprint.c.hash, fingerprint.c.vector)
    mine = (fingerprint.c.account_id == account_id) & (fingerprint.c.version == VERSION)
    query = query.where(mine, fingerprint.c.seq > since).order_by(fingerprint.c.seq)
    found = []
    for rows in conn.execute(query.execution_options(yield_per=_READ)).partitions(_READ):
        new = [row for row in rows if row.seq not in known and any(row.vector)]  # zeros: there is nothing to be seen
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
