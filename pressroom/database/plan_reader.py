"""Reading what a plan needs without writing anything, without creating anything, and for SQLite without SQLAlchemy.

`pressroom plan` has half a second from start to exit, and importing SQLAlchemy alone would take a third of it. Where no
database is there yet, the answers are those of an empty one.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from pressroom.database.migrations import HEAD, VERSION_TABLE
from pressroom.database.month_spent import ACCOUNT_SPENT, CAMPAIGN_SPENT, NO_HOLD
from pressroom.database.rows import Rows
from pressroom.database.urls import checked, sqlite_path
from pressroom.domain.content_hash import text_digest
from pressroom.domain.errors import Corrupt, Retryable
from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.months import checked_month
from pressroom.domain.purchases import OpenJob, Outcome, RecentOrder
from pressroom.domain.states import UNFINISHED_JOBS, JobState, RunState, is_in, one_of

CHUNK: Final = 500
MAX_NAMED: Final = 100
MAX_RECENT: Final = 500
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_AFTER_HEX: Final = "g"  # sorts after every hexadecimal digit: the end of the range that a beginning stands for

# One text for both databases; :name parameters are understood by sqlite3 and by SQLAlchemy's text().
_MINE: Final = "account_id = (SELECT id FROM account WHERE name = :account AND id > 0)"
_BALANCE: Final = "SELECT balance - held FROM account WHERE name = :account AND id > 0"
_KNOWN: Final = (
    # Constants alone, here and below.
    "SELECT node_key, run_id, id, sha256, kind, mime, size_bytes, width, height, duration_seconds, label, placement, "  # noqa: S608
    f"ordinal FROM asset WHERE {_MINE} "
    "AND node_key IN ({keys}) ORDER BY seq"
)
_UNFINISHED: Final = one_of("state", UNFINISHED_JOBS)
_JOBS: Final = (
    "SELECT node_key, order_key, state, provider, usd_bound_micros FROM job "  # noqa: S608
    f"WHERE {_MINE} AND {_UNFINISHED} "
    "AND node_key IN ({keys})"
)
_PLAN: Final = (
    f"SELECT plan FROM run WHERE {_MINE} AND campaign = :campaign AND NOT {is_in('state', RunState.REFUSED)} "  # noqa: S608
    "ORDER BY created_at DESC, id DESC LIMIT 1"
)
_SUBSCRIPTION: Final = "SELECT plan FROM account WHERE name = :account AND id > 0"
_MONTH_BUDGET: Final = "SELECT month_budget FROM account WHERE name = :account AND id > 0"
_USAGE: Final = f"SELECT family, used, held FROM allowance WHERE {_MINE} AND month = :month"  # noqa: S608

_DOCUMENT: Final = (
    f"SELECT id, name, text, sha256, created_at FROM campaign_document WHERE {_MINE} "  # noqa: S608
    "AND (id = :id OR name = :name) ORDER BY CASE WHEN id = :id THEN 0 ELSE 1 END, created_at DESC, id LIMIT 1"
)
_RECENT: Final = (
    "SELECT provider, model, ordered, state, attempts, vendor_job_id, evidence, updated_at, next_ask_at, deadline_at, "  # noqa: S608
    "COALESCE(sent_at, created_at), delivered_at FROM job "
    f"WHERE {_MINE} AND (updated_at >= :since OR {_UNFINISHED}) "
    "ORDER BY updated_at DESC LIMIT :most"
)
_ERRORS: Final = (
    # What an order in line says is no error.
    f"SELECT provider, error, updated_at FROM job WHERE {_MINE} AND error <> '' "  # noqa: S608
    f"AND NOT ({is_in('state', JobState.INTENT)} AND attempts = 0 AND next_ask_at IS NOT NULL) "
    "ORDER BY updated_at DESC LIMIT :most"
)
_FACTS: Final = "id, sha256, kind, mime, size_bytes, width, height, duration_seconds"
_NAMED: Final = (
    f"SELECT {_FACTS} FROM asset WHERE {_MINE} "  # noqa: S608
    "AND ((id >= :low AND id < :high) OR (sha256 >= :low AND sha256 < :high)) ORDER BY seq DESC LIMIT :most"
)
_UPLOADED: Final = (
    f"SELECT {_FACTS} FROM asset WHERE {_MINE} AND id = "  # noqa: S608
    f"(SELECT asset_id FROM upload WHERE {_MINE} AND id = :upload)"
)
_FETCHED: Final = (
    f"SELECT {_FACTS} FROM asset WHERE {_MINE} AND id = "  # noqa: S608
    f"(SELECT asset_id FROM fetched_url WHERE {_MINE} AND url_sha256 = :url)"
)


@dataclass(frozen=True, slots=True)
class KnownFile:
    """One file of a node that is in the library."""

    asset_id: str
    info: MediaInfo
    label: str = ""
    placement: str | None = None


@dataclass(frozen=True, slots=True)
class KnownNode:
    """A node that was made before, with its files in order."""

    key: str
    files: tuple[KnownFile, ...]


@dataclass(frozen=True, slots=True)
class LastError:
    """What went wrong last with an order at a vendor, in the words of its job."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Usage:
    """What an account used in a month (UTC) and what its running runs hold: family -> units, dollars in millionths."""

    used: Mapping[str, int] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)


class PlanReader:
    """The planner's view of the database: what it holds of one account, and nothing of any other."""

    def __init__(self, rows: Rows, account: str) -> None:
        self._rows = rows
        self._account = account

    def balance(self, default_grant_micros: int) -> int:
        """Available micro-credits; a new account would start with the grant."""
        rows = self._ask(_BALANCE)
        return int(rows[0][0]) if rows else default_grant_micros

    def known_keys(self, keys: Iterable[str]) -> dict[str, KnownNode]:
        """Those nodes whose files are in the library. One made again answers with its newest files."""
        found: dict[str, tuple[str, list[tuple[int, KnownFile]]]] = {}
        for key, run_id, ordinal, file in map(_known, self._among(_KNOWN, keys)):
            if found.get(key, ("", []))[0] != run_id or key not in found:
                found[key] = (run_id, [])
            found[key][1].append((ordinal, file))
        return {key: KnownNode(key, _in_order(files)) for key, (_, files) in found.items()}

    def open_jobs(self, keys: Iterable[str]) -> dict[str, OpenJob]:
        """Those nodes with an unfinished purchase, and what is known of it."""
        return {
            key: OpenJob(order_key, JobState(state), provider, int(usd))
            for key, order_key, state, provider, usd in self._among(_JOBS, keys)
        }

    def last_plan(self, campaign: str) -> dict[str, Any] | None:
        """The plan of the campaign's newest run that was not refused, as JSON values."""
        rows = self._ask(_PLAN, campaign=campaign)
        plan: dict[str, Any] | None = json.loads(rows[0][0]) if rows and rows[0][0] else None
        return plan

    def subscription(self, default: str) -> str:
        """The name of the account's plan; a new account would start on the default."""
        rows = self._ask(_SUBSCRIPTION)
        return str(rows[0][0]) if rows else default

    def month_usage(self, month: str) -> Usage:
        """What of its allowances the account has used and holds in `month` ("2026-11"). Raises Invalid for another form."""
        rows = self._ask(_USAGE, month=checked_month(month))
        return Usage({family: int(used) for family, used, _ in rows}, {family: int(held) for family, _, held in rows})

    def month_budget(self) -> int | None:
        """The most micro-credits that the account spends in a month; None is no limit."""
        rows = self._ask(_MONTH_BUDGET)
        return None if not rows or rows[0][0] is None else int(rows[0][0])

    def month_spent(self, month: str, campaign: str = "") -> int:
        """Micro-credits that the account's runs, or those of one campaign, have spent and hold in that month."""
        values = {"month": checked_month(month), "but": NO_HOLD} | ({"campaign": campaign} if campaign else {})
        rows = self._ask(CAMPAIGN_SPENT if campaign else ACCOUNT_SPENT, **values)
        return sum(map(int, rows[0])) if rows else 0

    def document(self, name: str) -> tuple[str, str, str, str, datetime] | None:
        """Id, name, text, SHA-256 and time of the stored campaign with this id, or of the newest one of this name."""
        rows = self._ask(_DOCUMENT, id=name, name=name)
        return (*rows[0][:4], EPOCH + timedelta(microseconds=rows[0][4])) if rows else None

    def recent_orders(self, since: datetime, now: datetime) -> list[RecentOrder]:
        """The account's orders that moved since then and those that are open, the newest first; bounded."""
        rows = self._ask(_RECENT, since=micros_of(since), most=MAX_RECENT)
        return [_recent(row, micros_of(now)) for row in rows]

    def last_errors(self) -> dict[str, LastError]:
        """Vendor -> the newest error of the account's orders there."""
        rows = self._ask(_ERRORS, most=MAX_RECENT)
        return {name: LastError(error, EPOCH + timedelta(microseconds=at)) for name, error, at in reversed(rows)}

    def assets_named(self, name: str) -> list[tuple[str, MediaInfo]]:
        """Ids and facts of the assets whose id or SHA-256 begins so, the newest first."""
        rows = self._ask(_NAMED, low=name, high=f"{name}{_AFTER_HEX}", most=MAX_NAMED)
        return [_asset(row) for row in rows]

    def uploaded(self, upload_id: str) -> tuple[str, MediaInfo] | None:
        """The asset that this upload became."""
        rows = self._ask(_UPLOADED, upload=upload_id)
        return _asset(rows[0]) if rows else None

    def fetched(self, url: str) -> tuple[str, MediaInfo] | None:
        """The asset that this URL gave when it was fetched last."""
        rows = self._ask(_FETCHED, url=text_digest(url))
        return _asset(rows[0]) if rows else None

    def _among(self, sql: str, keys: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        iterator = iter(dict.fromkeys(key for key in keys if key))
        while chunk := list(islice(iterator, CHUNK)):
            values = {f"k{number}": key for number, key in enumerate(chunk)}
            yield from self._ask(sql.format(keys=", ".join(f":{name}" for name in values)), **values)

    def _ask(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        return self._rows(sql, {"account": self._account, **values})


class LibraryIndex:
    """What the planner asks of an index, answered from the account's library."""

    def __init__(self, reader: PlanReader, has: Callable[[str], bool] | None = None) -> None:
        """`has` says whether the media of a SHA-256 is in the store; without it the library is believed."""
        self._reader = reader
        self._has = has

    def known_keys(self, keys: list[str]) -> dict[str, bool]:
        return {key: self._is_whole(node) for key, node in self._reader.known_keys(keys).items()}

    def _is_whole(self, node: KnownNode) -> bool:
        return self._has is None or all(self._has(file.info.sha256 or "") for file in node.files)

    def open_jobs(self, keys: list[str]) -> dict[str, OpenJob]:
        return self._reader.open_jobs(keys)


@contextmanager
def plan_reader_for(url: str, account: str) -> Iterator[PlanReader]:
    """A view of what the database of this URL has of the account, as of one moment. Close it soon.

    A database of an older version is brought up to date first: its answers would be those of another schema.
    """
    url = checked(url)
    path = sqlite_path(url)
    if path is None:
        from pressroom.database.plan_reader_server import server_rows

        with server_rows(url) as rows:
            yield PlanReader(rows, account)
    elif not path.is_file():
        yield PlanReader(_nothing, account)
    else:
        with _file_rows(path) as rows:
            if _is_up_to_date(rows):
                yield PlanReader(rows, account)
                return
        from pressroom.database.engine import Database

        Database.open(url).close()
        with _file_rows(path) as rows:
            yield PlanReader(rows, account)


def _is_up_to_date(rows: Rows) -> bool:
    found = rows(f"SELECT version_num FROM {VERSION_TABLE}", {})  # noqa: S608 - a constant
    return not found or found[0][0] == HEAD


@contextmanager
def _file_rows(path: Path) -> Iterator[Rows]:
    connection = _connect(path)

    def rows(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        try:
            return connection.execute(sql, values).fetchall()
        except sqlite3.DatabaseError as exc:
            return _no_rows(exc, path)

    try:
        yield rows
    finally:
        connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    """Read-only. Without a write-ahead log nobody has the file open, and `immutable` leaves no -shm and -wal behind."""
    log = path.with_name(path.name + "-wal")
    mode = "mode=ro" if log.exists() else "mode=ro&immutable=1"
    connection = sqlite3.connect(f"file:{quote(os.path.realpath(path))}?{mode}", uri=True, isolation_level=None)
    connection.execute("BEGIN")
    return connection


def _no_rows(exc: sqlite3.DatabaseError, path: Path) -> list[tuple[Any, ...]]:
    if "no such table" in str(exc):
        return []
    if isinstance(exc, sqlite3.OperationalError):
        raise Retryable(f"cannot read the database {path}: {exc}", hint="try again") from exc
    raise Corrupt(f"the database file {path} is damaged: {exc}", hint="restore a copy; the media are safe") from exc


def _nothing(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    return []


def _known(row: tuple[Any, ...]) -> tuple[str, str, int, KnownFile]:
    key, run_id, asset_id, sha256, kind, mime, size, width, height, seconds, label, placement, ordinal = row
    info = MediaInfo(Kind(kind), mime, width, height, seconds, size, sha256)
    return key, run_id, ordinal, KnownFile(asset_id, info, label, placement)


def _asset(row: tuple[Any, ...]) -> tuple[str, MediaInfo]:
    asset_id, sha256, kind, mime, size, width, height, seconds = row
    return asset_id, MediaInfo(Kind(kind), mime, width, height, seconds, size, sha256)


def _recent(row: tuple[Any, ...], now: int) -> RecentOrder:
    provider, model, ordered, state, attempts, vendor_job_id, evidence, updated_at, next_ask_at, deadline_at = row[:-2]
    sent_at, delivered_at = row[-2:]
    what = json.loads(ordered)
    unsent = state == JobState.INTENT and attempts == 0
    if state in (JobState.DELIVERED, JobState.STORED, JobState.REJECTED):
        outcome = Outcome.GOOD
    elif unsent and next_ask_at is not None:
        outcome = Outcome.OPEN  # it waits to be sent
    elif unsent or state == JobState.UNKNOWN:
        outcome = Outcome.BAD
    elif state == JobState.FAILED:
        # Refused at once is the order's fault; what a person settled says nothing of now.
        took_it = vendor_job_id is not None and "reconciled" not in json.loads(evidence)
        outcome = Outcome.BAD if took_it else Outcome.NONE
    elif state == JobState.SUBMITTED and deadline_at is not None and deadline_at <= now:
        outcome = Outcome.BAD
    else:
        outcome = Outcome.NONE if state == JobState.CANCELLED else Outcome.OPEN
    return RecentOrder(
        provider=provider,
        campaign=str(what.get("campaign", "")),
        step=str(what.get("node", "")).partition("[")[0],
        outcome=outcome,
        at=EPOCH + timedelta(microseconds=updated_at),
        taken=not unsent,
        unfinished=state in UNFINISHED_JOBS,
        model=f"{provider}/{model}",
        listed_seconds=float(what.get("seconds", 0.0)),
        took_seconds=0.0 if delivered_at is None else (delivered_at - sent_at) / 1_000_000,
    )


def micros_of(at: datetime) -> int:
    """As the tables keep a moment."""
    return (at - EPOCH) // timedelta(microseconds=1)


def _in_order(files: list[tuple[int, KnownFile]]) -> tuple[KnownFile, ...]:
    return tuple(file for _, file in sorted(files, key=lambda pair: pair[0]))
