"""The records of batches: what was asked for, which run each row became, and what all of them have come to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, exists, func, insert, or_, select, update

from pressroom.database.counting import Count, counted
from pressroom.database.dialect import insert_new
from pressroom.database.schema import account, batch, batch_row, hold, hold_left, run, run_hold
from pressroom.domain.content_hash import text_digest
from pressroom.domain.errors import NotFound
from pressroom.domain.states import WORKING_RUNS, RunState

WAITING: Final = "waiting"  # of a row: not begun yet
_REFUSED: Final = RunState.REFUSED.value


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch as it was asked for."""

    id: str
    account_id: int
    campaign: str
    document_id: str
    refresh: tuple[str, ...]
    approved: bool
    credits_bound_micros: int
    created_by: str
    created_at: datetime
    cancelled_at: datetime | None
    token_id: int | None


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One row: `state` is that of its run, waiting before it has one, or refused with why in `error`."""

    position: int
    inputs: Mapping[str, Any]
    run_id: str | None
    state: str
    error: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How many rows are in which state, and what they have cost; amounts in micro-credits and micro-USD."""

    rows: Mapping[str, int]
    held_micros: int
    captured_micros: int
    left_micros: int
    usd_micros: int

    @property
    def released_micros(self) -> int:
        return self.held_micros - self.captured_micros - self.left_micros

    @property
    def state(self) -> str:
        """Running while any row goes on or is to begin, suspended while the others wait for a person, then how they ended."""
        if any(self.rows.get(state) for state in (WAITING, *WORKING_RUNS)):
            return RunState.RUNNING
        if self.rows.get(RunState.SUSPENDED):
            return RunState.SUSPENDED
        if len(self.rows) == 1 and (only := next(iter(self.rows))) != _REFUSED:
            return only
        good = self.rows.get(RunState.COMPLETED, 0) + self.rows.get(RunState.COMPLETED_WITH_FAILURES, 0)
        return RunState.COMPLETED_WITH_FAILURES if good else RunState.FAILED


def add_batch(conn: Connection, wanted: Batch, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write a batch down, with rows that are to begin."""
    values = {name: getattr(wanted, name) for name in Batch.__slots__}
    conn.execute(insert_new(conn, batch).values(**{**values, "refresh": json.dumps(wanted.refresh)}))
    blank = {"batch_id": wanted.id, "error": ""}
    conn.execute(
        insert(batch_row),
        [{**blank, "position": number, "inputs": json.dumps(row)} for number, row in enumerate(rows)],
    )


def find_batch(conn: Connection, account_id: int, name: str) -> Batch | None:
    row = conn.execute(select(batch).where(batch.c.account_id == account_id, batch.c.id == name)).one_or_none()
    return None if row is None else _batch(row)


def batch_of(conn: Connection, account_id: int, name: str) -> Batch:
    """Raises NotFound where the account has none of this name."""
    found = find_batch(conn, account_id, name)
    if found is None:
        raise NotFound(f"there is no batch {name!r}", hint="GET /batches lists them")
    return found


def batches_of(conn: Connection, account_id: int, *, before: str, limit: int) -> list[Batch]:
    """The account's batches, the newest first; behind the one that is named, where one is."""
    query = select(batch).where(batch.c.account_id == account_id)
    if before:
        last = batch_of(conn, account_id, before)
        same = and_(batch.c.created_at == last.created_at, batch.c.id < last.id)
        query = query.where(or_(batch.c.created_at < last.created_at, same))
    return [
        _batch(row) for row in conn.execute(query.order_by(batch.c.created_at.desc(), batch.c.id.desc()).limit(limit))
    ]


def count_batches(conn: Connection, account_id: int) -> Count:
    """How many batches the account has."""
    return counted(conn, select(batch.c.id).where(batch.c.account_id == account_id))


def rows_of(conn: Connection, found: Batch) -> list[BatchRow]:
    """Its rows in their order."""
    query = select(batch_row, run.c.state, run.c.error.label("run_error")).join(
        run, run.c.id == batch_row.c.run_id, isouter=True
    )
    rows = conn.execute(query.where(batch_row.c.batch_id == found.id).order_by(batch_row.c.position))
    return [
        BatchRow(row.position, json.loads(row.inputs), row.run_id, _state(row, found), row.error or row.run_error or "")
        for row in rows
    ]


def standing_of(conn: Connection, found: Batch) -> Standing:
    of_batch = batch_row.c.batch_id == found.id
    runs = select(batch_row.c.run_id, batch_row.c.error, run.c.state, run.c.totals).join(
        run, run.c.id == batch_row.c.run_id, isouter=True
    )
    rows = conn.execute(runs.where(of_batch)).all()
    sums = (func.coalesce(func.sum(column), 0) for column in (hold.c.amount, hold.c.captured, hold_left))
    holds = select(*sums).select_from(batch_row).join(run_hold, run_hold.c.run_id == batch_row.c.run_id)
    held, captured, open_now = conn.execute(holds.join(hold, hold.c.id == run_hold.c.hold_id).where(of_batch)).one()
    usd = sum(json.loads(row.totals).get("usd_micros", 0) for row in rows if row.totals)
    return Standing(Counter(_state(row, found) for row in rows), int(held), int(captured), int(open_now), usd)


def account_of(conn: Connection, found: Batch) -> str:
    """The name of whose it is."""
    return str(conn.execute(select(account.c.name).where(account.c.id == found.account_id)).scalar_one())


def is_waiting(conn: Connection, name: str, position: int) -> bool:
    """Whether this row is still to begin."""
    this = (batch_row.c.batch_id == name, batch_row.c.position == position)
    waits = (batch_row.c.run_id.is_(None), batch_row.c.error == "", batch.c.cancelled_at.is_(None))
    query = select(batch_row.c.position).join(batch, batch.c.id == batch_row.c.batch_id).where(*this, *waits)
    return conn.execute(query).one_or_none() is not None


def set_begun(conn: Connection, name: str, position: int, run_id: str) -> None:
    this = (batch_row.c.batch_id == name, batch_row.c.position == position)
    conn.execute(update(batch_row).where(*this).values(run_id=run_id, error=""))


def set_refused(conn: Connection, name: str, position: int, error: str) -> None:
    this = (batch_row.c.batch_id == name, batch_row.c.position == position)
    conn.execute(update(batch_row).where(*this).values(error=error))


def wait_again(conn: Connection, name: str, token_id: int | None) -> None:
    """What of it was refused is to begin once more, with the caps of this token."""
    these = (batch_row.c.batch_id == name, batch_row.c.run_id.is_(None))
    conn.execute(update(batch_row).where(*these).values(error=""))
    conn.execute(update(batch).where(batch.c.id == name).values(token_id=token_id))


def waiting_batches(conn: Connection) -> list[Batch]:
    """Those of all accounts with rows that are to begin, the oldest first."""
    waits = exists().where(batch_row.c.batch_id == batch.c.id, batch_row.c.run_id.is_(None), batch_row.c.error == "")
    query = select(batch).where(batch.c.cancelled_at.is_(None), waits)
    return [_batch(row) for row in conn.execute(query.order_by(batch.c.created_at, batch.c.id))]


def set_cancelled(conn: Connection, name: str, now: datetime) -> None:
    """Nothing of it is begun any more; the first time stays."""
    conn.execute(update(batch).where(batch.c.id == name, batch.c.cancelled_at.is_(None)).values(cancelled_at=now))


def run_name(name: str, position: int) -> str:
    """What the run of a row is called: begun again, it is the same one."""
    return f"r{text_digest(f'{name}/{position}')[:16]}"


def _state(row: Any, found: Batch) -> str:
    if row.state:
        return str(row.state)
    if row.error:
        return _REFUSED
    return WAITING if found.cancelled_at is None else RunState.CANCELLED


def _batch(row: Row[Any]) -> Batch:
    values = dict(row._mapping)
    return Batch(**{**values, "refresh": tuple(json.loads(values["refresh"]))})
