"""The job journal: every purchase from a provider, from intent to stored asset.

    intent ──> submitted ──> stored
      │  ╲        │  ▲          ▲
      │   ╲       ▼  │          │
      │    ────> unknown ───────┘        failed is reached from every unfinished state

`intent` is committed before the request leaves. A job found in `intent` by a later attempt may have been sent: treat it
like `unknown` and look for it at the provider first. At most one job of an account's node is unfinished, in all processes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from pressroom.database.dialect import insert_new
from pressroom.database.schema import job
from pressroom.domain.errors import Permanent, Retryable
from pressroom.domain.states import UNFINISHED_JOBS, JobState

UNFINISHED: Final = UNFINISHED_JOBS
# From which states a job may come to the one named.
_FROM: Final = {
    JobState.SUBMITTED: (JobState.INTENT, JobState.UNKNOWN, JobState.SUBMITTED),
    JobState.UNKNOWN: UNFINISHED,
    JobState.STORED: (JobState.SUBMITTED, JobState.UNKNOWN, JobState.INTENT),
    JobState.FAILED: UNFINISHED,
}


@dataclass(frozen=True, slots=True)
class Job:
    """One purchase. `attempts` counts how often a run took it up; `hold_id` is what the last of them pays from."""

    order_key: str
    account_id: int
    node_key: str
    run_id: str
    provider: str
    model: str
    provider_job_id: str | None
    state: str
    hold_id: int | None
    credits_bound_micros: int
    attempts: int
    error: str
    created_at: datetime
    updated_at: datetime

    @property
    def fresh(self) -> bool:
        """Certainly not sent to the provider yet."""
        return self.state == JobState.INTENT and self.attempts == 1

    @property
    def finished(self) -> bool:
        return self.state not in UNFINISHED


def open_job(
    conn: Connection,
    account_id: int,
    *,
    order_key: str,
    node_key: str,
    run_id: str,
    provider: str,
    model: str,
    hold_id: int | None = None,
    credits_bound_micros: int = 0,
) -> Job:
    """A new job in `intent`, or the unfinished one of this node taken up by this run (it keeps its own order key).

    Raises Permanent when the order key was used by a job that has ended.
    """
    now = datetime.now(UTC)
    mine = {"run_id": run_id, "hold_id": hold_id, "credits_bound_micros": credits_bound_micros, "updated_at": now}
    row = {
        "order_key": order_key,
        "account_id": account_id,
        "node_key": node_key,
        "provider": provider,
        "model": model,
        "state": JobState.INTENT,
        "attempts": 1,
        "error": "",
        "created_at": now,
    }
    opened = conn.execute(insert_new(conn, job).values(**row, **mine).returning(*job.c)).one_or_none()
    if opened is None:
        unfinished = (job.c.account_id == account_id, job.c.node_key == node_key, job.c.state.in_(UNFINISHED))
        adopt = update(job).where(*unfinished).values(**mine, attempts=job.c.attempts + 1).returning(*job.c)
        opened = conn.execute(adopt).one_or_none()
    return _job(opened) if opened is not None else _not_opened(conn, account_id, order_key, node_key)


def mark_submitted(conn: Connection, account_id: int, order_key: str, provider_job_id: str) -> Job:
    """The provider has it under this id. Raises Permanent when it is known under another."""
    known = _by_key(conn, account_id, order_key).provider_job_id
    if known not in (None, provider_job_id):
        raise Permanent(f"job {order_key!r} is {known!r} at its provider, not {provider_job_id!r}: was it sent twice?")
    return _move(conn, account_id, order_key, JobState.SUBMITTED, provider_job_id=provider_job_id)


def mark_unknown(conn: Connection, account_id: int, order_key: str, reason: str = "answer lost") -> Job:
    """The answer got lost: the provider may or may not have it. What was known of it stays."""
    return _move(conn, account_id, order_key, JobState.UNKNOWN, error=reason)


def mark_stored(conn: Connection, account_id: int, order_key: str, run_id: str | None = None) -> Job:
    """Delivered, and filed by this run. Call it in the transaction that records the assets and captures the credits."""
    filed_by = {} if run_id is None else {"run_id": run_id}
    return _move(conn, account_id, order_key, JobState.STORED, error="", **filed_by)


def mark_failed(conn: Connection, account_id: int, order_key: str, reason: str) -> Job:
    """Ended without a result; the node may be bought again under a new order key."""
    return _move(conn, account_id, order_key, JobState.FAILED, error=reason)


def job_of(conn: Connection, account_id: int, order_key: str) -> Job:
    """Raises Permanent when there is none."""
    return _by_key(conn, account_id, order_key)


def job_for(conn: Connection, account_id: int, node_key: str) -> Job | None:
    """The unfinished job of a node, else its newest one, else None."""
    query = select(job).where(job.c.account_id == account_id, job.c.node_key == node_key)
    rows = conn.execute(query.order_by(job.c.created_at.desc(), job.c.order_key.desc())).all()
    jobs = [_job(row) for row in rows]
    return next((each for each in jobs if not each.finished), jobs[0] if jobs else None)


def unfinished(conn: Connection, account_id: int) -> list[Job]:
    """Every job of the account that was begun and has not ended, oldest first."""
    query = select(job).where(job.c.account_id == account_id, job.c.state.in_(UNFINISHED))
    query = query.order_by(job.c.created_at, job.c.order_key)
    return [_job(row) for row in conn.execute(query)]


def _move(conn: Connection, account_id: int, order_key: str, state: JobState, **values: Any) -> Job:
    allowed = (job.c.account_id == account_id, job.c.order_key == order_key, job.c.state.in_(_FROM[state]))
    statement = update(job).where(*allowed).values(state=state, updated_at=datetime.now(UTC), **values)
    row = conn.execute(statement.returning(*job.c)).one_or_none()
    if row is None:
        now = _by_key(conn, account_id, order_key)
        raise Permanent(f"job {order_key!r} is {now.state}, it cannot become {state}", state=now.state)
    return _job(row)


def _by_key(conn: Connection, account_id: int, order_key: str) -> Job:
    this = (job.c.account_id == account_id, job.c.order_key == order_key)
    row = conn.execute(select(job).where(*this)).one_or_none()
    if row is None:
        raise Permanent(f"there is no job {order_key!r}")
    return _job(row)


def _not_opened(conn: Connection, account_id: int, order_key: str, node_key: str) -> Job:
    this = (job.c.account_id == account_id, job.c.order_key == order_key)
    taken = conn.execute(select(job.c.state).where(*this)).scalar()
    if taken is None:
        raise Retryable(f"the job of node {node_key} ended just now", hint="look in the library again")
    raise Permanent(f"order key {order_key!r} belongs to a job that is {taken}", hint="choose a new order key")


def _job(row: Row[Any]) -> Job:
    return Job(**row._mapping)
