"""The job journal: every purchase from a vendor, from intent to stored asset.

    intent ──> submitted ──> delivered ──> stored
      │ ▲          ▲  │           │
      ▼ │          │  │           └──────> rejected    delivered, and refused by our checks
    unknown ───────┘  └─────> failed, cancelled        ended without files; failed also from `intent` and `unknown`

`intent` is committed before the request leaves. A job found in `intent` by a later attempt may have been sent: it is looked up at
the vendor first. `unknown` is a lost answer of a vendor that cannot be asked: it counts as spent and is never sent again. At most
one job of a node is unfinished in an account, in all processes.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, select, text, update

from pressroom.buying.job import WAITED_FOR, Job, StoredFile, job_from
from pressroom.database.dialect import in_values, insert_new
from pressroom.database.schema import UNFINISHED_JOB, account, job
from pressroom.domain.content_hash import canonical
from pressroom.domain.errors import Permanent, Retryable
from pressroom.domain.states import UNFINISHED_JOBS, JobState
from pressroom.library.purging import keep_object
from pressroom.planning.plan import FREE, Quote
from pressroom.providers.base import UNSAID, Billed, name_at_vendor

_BEFORE_DELIVERY: Final = (JobState.INTENT, JobState.SUBMITTED, JobState.UNKNOWN)
# From which states a job may come to the one named.
_FROM: Final = {
    JobState.INTENT: (JobState.INTENT, JobState.UNKNOWN),
    JobState.SUBMITTED: _BEFORE_DELIVERY,
    JobState.UNKNOWN: (JobState.INTENT, JobState.UNKNOWN),
    JobState.DELIVERED: _BEFORE_DELIVERY,
    JobState.STORED: (JobState.DELIVERED,),
    JobState.REJECTED: (JobState.DELIVERED,),
    JobState.FAILED: _BEFORE_DELIVERY,
    JobState.CANCELLED: (JobState.SUBMITTED,),
}

# Built once: to build a statement costs several times what SQLite needs to run it.
_MINE: Final = (job.c.account_id == bindparam("mine"), job.c.node_key == bindparam("node"))
_JOB: Final = select(job).where(job.c.order_key == bindparam("named"))
_OF_NODE: Final = select(job).where(*_MINE).order_by(job.c.created_at.desc(), job.c.order_key.desc())
_OPEN_OF_NODE: Final = select(job).where(*_MINE, job.c.state.in_(UNFINISHED_JOBS))
_ENDED: Final = select(func.count()).where(*_MINE, job.c.state.not_in(UNFINISHED_JOBS))
_AMONG: Final = select(job).where(in_values(job.c.order_key, bindparam("named")))
_GLANCE: Final = select(job.c.order_key, job.c.state, job.c.next_ask_at, job.c.deadline_at).where(
    in_values(job.c.order_key, bindparam("named"))
)
_SET: Final = update(job).where(job.c.order_key == bindparam("named"))
_TO: Final = {state: _SET.where(job.c.state.in_(before)).returning(*job.c) for state, before in _FROM.items()}


def open_job(
    conn: Connection,
    account_id: int,
    *,
    order_key: str,
    node_key: str,
    run_id: str,
    provider: str,
    model: str,
    now: datetime,
    hold_id: int,
    quote: Quote = FREE,
    ordered: Mapping[str, Any] | None = None,
) -> Job:
    """A new job in `intent`, or the unfinished one of this node taken up by this run (it keeps its own order key).

    Raises Permanent when the order key was used by a job that has ended.
    """
    row = {
        "order_key": order_key,
        "account_id": account_id,
        "node_key": node_key,
        "run_id": run_id,
        "run_ids": _json([run_id]),
        "provider": provider,
        "model": model,
        "callback_key": secrets.token_hex(16),
        "state": JobState.INTENT,
        "hold_id": hold_id,
        "ordered": _json(dict(ordered or {})),
        "credits_estimate_micros": quote.credits_estimate or 0,
        "credits_bound_micros": quote.credits_bound or 0,
        "usd_estimate_micros": quote.usd_estimate or 0,
        "usd_bound_micros": quote.usd_bound or 0,
        "captured_micros": 0,
        "captures": 0,
        "attempts": 1,
        "asked": 0,
        "billed_meters": "{}",
        "evidence": "{}",
        "spent_usd_micros": 0,
        "delivery": "[]",
        "error": "",
        "created_at": now,
        "updated_at": now,
        "counted_usd_micros": 0,
    }
    opened = conn.execute(insert_new(conn, job).values(**row).returning(*job.c)).one_or_none()
    found = job_from(opened) if opened is not None else _take_up(conn, account_id, node_key, run_id, hold_id, now)
    return found if found is not None else _not_opened(conn, order_key, node_key)


def _take_up(conn: Connection, account_id: int, node_key: str, run_id: str, hold_id: int, now: datetime) -> Job | None:
    found = open_job_of(conn, account_id, node_key)
    if found is None:
        return None
    values = {
        "run_ids": _json(list(dict.fromkeys((*found.run_ids, run_id)))),
        "attempts": job.c.attempts + 1,
        "updated_at": now,
    }
    if found.state != JobState.UNKNOWN:  # what is unknown is the cost of the run that it was lost to
        values |= {"run_id": run_id, "hold_id": hold_id}
    if found.state == JobState.INTENT:
        values["next_ask_at"] = None  # whoever takes it up sees to it now
        if found.hold_id != hold_id:
            values["deadline_at"] = None  # how long it was waited for before is no matter now
    same = (job.c.order_key == found.order_key, job.c.state.in_(UNFINISHED_JOBS))
    row = conn.execute(update(job).where(*same).values(**values).returning(*job.c)).one_or_none()
    return None if row is None else job_from(row)


def hand_over(conn: Connection, order_key: str, run_id: str, hold_id: int) -> Job:
    """What was unknown is known again: it is this run's to see to from now on."""
    values = {"named": order_key, "run_id": run_id, "hold_id": hold_id}
    return job_from(conn.execute(_SET.returning(*job.c), values).one())


def mark_unsent(conn: Connection, order_key: str, reason: str, now: datetime) -> Job:
    """It certainly never left, and is not being sent now: whoever takes it up next may send it."""
    values = {"attempts": 0, "sent_at": None, "next_ask_at": None, "spent_usd_micros": 0, "asked": 0}
    return _move(conn, order_key, JobState.INTENT, now, error=reason, **values)


def mark_later(
    conn: Connection, order_key: str, reason: str, now: datetime, *, next_ask_at: datetime, deadline_at: datetime
) -> Job:
    """It is not known yet whether the vendor has it, or it may be sent later: to be seen to then."""
    due = {"next_ask_at": next_ask_at, "deadline_at": deadline_at}
    return _move(conn, order_key, JobState.INTENT, now, error=reason, **due)


def mark_absent(conn: Connection, order_key: str, reason: str, now: datetime) -> Job:
    """The vendor does not have it and it is sent now: whoever takes it up after a crash looks at the vendor first."""
    return _move(conn, order_key, JobState.INTENT, now, error=reason, spent_usd_micros=0)


def mark_submitted(
    conn: Connection,
    order_key: str,
    vendor_job_id: str,
    now: datetime,
    billed: Billed = UNSAID,
    *,
    next_ask_at: datetime,
    deadline_at: datetime,
) -> Job:
    """The vendor has it under this id, and may have said what it costs. Raises Permanent when it is known under another.

    A call of the vendor may have come before its answer: it has the name alone, the answer also where it is asked for.
    """
    known = job_of(conn, order_key).vendor_job_id
    if known is not None and name_at_vendor(known) != name_at_vendor(vendor_job_id):
        raise Permanent(f"job {order_key!r} is {known!r} at its vendor, not {vendor_job_id!r}: was it sent twice?")
    values = {"vendor_job_id": vendor_job_id, "next_ask_at": next_ask_at, "deadline_at": deadline_at, "error": ""}
    said = {} if billed == UNSAID else _said(billed)
    if billed.usd_micros is not None:
        said["spent_usd_micros"] = billed.usd_micros  # it charges what it takes
    return _move(conn, order_key, JobState.SUBMITTED, now, **values, **said)


def mark_unusable(
    conn: Connection,
    order_key: str,
    reason: str,
    now: datetime,
    billed: Billed,
    spent_usd_micros: int,
    *,
    next_ask_at: datetime,
    deadline_at: datetime,
) -> Job:
    """The vendor has it, and what it hands out cannot be taken."""
    due = {"next_ask_at": next_ask_at, "deadline_at": deadline_at}
    return _move(conn, order_key, JobState.SUBMITTED, now, error=reason, **due, **_bill(billed, spent_usd_micros))


def mark_unknown(conn: Connection, order_key: str, reason: str, now: datetime, billed: Billed = UNSAID) -> Job:
    """The answer got lost: the vendor may or may not have it. The most it can cost counts as spent."""
    spent = job_of(conn, order_key).usd_bound_micros if billed.usd_micros is None else billed.usd_micros
    return _move(conn, order_key, JobState.UNKNOWN, now, error=reason, **_bill(billed, spent))


def mark_delivered(
    conn: Connection,
    order_key: str,
    files: Sequence[StoredFile],
    billed: Billed,
    spent_usd_micros: int,
    now: datetime,
    vendor_job_id: str | None = None,
) -> Job:
    """Its files are in the store. `vendor_job_id` is the vendor's name of an order that had none before.

    Raises Retryable as `keep_object`.
    """
    values = {
        **_delivery(conn, files, now),
        "next_ask_at": None,
        "error": "",
        **_bill(billed, spent_usd_micros),
        **({} if vendor_job_id is None else {"vendor_job_id": vendor_job_id}),
    }
    return _move(conn, order_key, JobState.DELIVERED, now, **values)


def mark_taken_again(
    conn: Connection, order_key: str, files: Sequence[StoredFile], now: datetime, before: Sequence[JobState]
) -> Job:
    """Other files were fetched for a job that is in one of these states: it is delivered with them, at the bill that it has.

    Raises Permanent where it is in none of them, Retryable as `keep_object`.
    """
    values = {"state": JobState.DELIVERED, "error": "", "updated_at": now, **_delivery(conn, files, now)}
    same = (job.c.order_key == order_key, job.c.state.in_(before))
    row = conn.execute(update(job).where(*same).values(**values).returning(*job.c)).one_or_none()
    if row is None:
        raise Permanent(f"job {order_key!r} is {job_of(conn, order_key).state} meanwhile")
    return job_from(row)


def _delivery(conn: Connection, files: Sequence[StoredFile], now: datetime) -> dict[str, Any]:
    """What stands of files that are in the store from now on. Raises Retryable as `keep_object`."""
    for file in files:
        keep_object(conn, file.sha256)
    return {"delivery": _json([asdict(file) for file in files]), "delivered_at": now}


def mark_stored(conn: Connection, order_key: str, run_id: str, now: datetime) -> Job:
    """Filed by this run. Call it in the transaction that records the assets and captures the credits."""
    return _move(conn, order_key, JobState.STORED, now, error="", run_id=run_id)


def mark_rejected(conn: Connection, order_key: str, reason: str, now: datetime) -> Job:
    """Our checks refuse what was delivered. What was billed for it stays; the node may be bought again."""
    return _move(conn, order_key, JobState.REJECTED, now, error=reason)


def mark_failed(
    conn: Connection, order_key: str, reason: str, now: datetime, billed: Billed = UNSAID, spent_usd_micros: int = 0
) -> Job:
    """Ended without files; the node may be bought again under a new order key."""
    bill = _bill(billed, spent_usd_micros)
    return _move(conn, order_key, JobState.FAILED, now, error=reason, next_ask_at=None, **bill)


def mark_cancelled(
    conn: Connection, order_key: str, reason: str, now: datetime, billed: Billed = UNSAID, spent_usd_micros: int = 0
) -> Job:
    """Stopped by us before it was delivered."""
    bill = _bill(billed, spent_usd_micros)
    return _move(conn, order_key, JobState.CANCELLED, now, error=reason, next_ask_at=None, **bill)


def ask_again(conn: Connection, order_key: str, at: datetime, deadline_at: datetime | None = None) -> None:
    """When to ask for it next, where it is still waited for; with a new deadline if one is given."""
    values = {"next_ask_at": at} | ({} if deadline_at is None else {"deadline_at": deadline_at})
    waits = (job.c.order_key == order_key, job.c.state == JobState.SUBMITTED)
    conn.execute(update(job).where(*waits).values(**values))


def claim_due(conn: Connection, order_keys: Sequence[str], now: datetime, until: datetime) -> list[Job]:
    """Those of the jobs that are to be asked for now, claimed: nobody else asks for them until then."""
    due = (in_values(job.c.order_key, order_keys), job.c.state.in_(WAITED_FOR), job.c.next_ask_at <= now)
    claim = update(job).where(*due).values(asked=job.c.asked + 1, next_ask_at=until)
    return [job_from(row) for row in conn.execute(claim.returning(*job.c))]


def claim_longer(conn: Connection, claimed: Sequence[Job], until: Sequence[datetime]) -> list[Job]:
    """The jobs that were just claimed, each until a time of its own."""
    for at in sorted(set(until)):
        keys = [each.order_key for each, its in zip(claimed, until, strict=True) if its == at]
        conn.execute(update(job).where(in_values(job.c.order_key, keys)).values(next_ask_at=at))
    return [replace(each, next_ask_at=at) for each, at in zip(claimed, until, strict=True)]


def taken_by(conn: Connection, providers: Collection[str]) -> Mapping[str, int]:
    """How many jobs each of these vendors has that are not done."""
    theirs = (in_values(job.c.provider, list(providers)), text(UNFINISHED_JOB), job.c.state == JobState.SUBMITTED)
    found = conn.execute(select(job.c.provider, func.count()).where(*theirs).group_by(job.c.provider))
    return dict.fromkeys(providers, 0) | {row[0]: row[1] for row in found}


def times_taken(conn: Connection, provider: str, model: str, most: int) -> list[tuple[float, float]]:
    """How many seconds the last orders of a model took until they were delivered, the newest first: as listed, and in fact."""
    found = (
        select(job.c.ordered, job.c.sent_at, job.c.delivered_at)
        .where(job.c.provider == provider, job.c.model == model, job.c.delivered_at.is_not(None))
        .order_by(job.c.delivered_at.desc())
        .limit(most)
    )
    return [
        (json.loads(ordered).get("seconds") or 0.0, (delivered_at - sent_at).total_seconds())
        for ordered, sent_at, delivered_at in conn.execute(found)
        if sent_at is not None
    ]


def set_captured(conn: Connection, order_key: str, captured_micros: int, captures: int, hold_id: int | None) -> None:
    """What was captured for it, less what was given back, in how many captures, the last of them from this hold."""
    values = {"captured_micros": captured_micros, "captures": captures, "captured_hold_id": hold_id}
    conn.execute(_SET, {"named": order_key, **values})


def set_counted(
    conn: Connection, order_key: str, usd_micros: int, hold_id: int | None, unit_hold_id: int | None
) -> None:
    """How many dollars count against the month's allowance for it and through which hold, and the hold of its unit."""
    values = {"counted_usd_micros": usd_micros, "counted_hold_id": hold_id, "unit_hold_id": unit_hold_id}
    conn.execute(_SET, {"named": order_key, **values})


def set_ordered(
    conn: Connection, order_key: str, ordered: Mapping[str, Any], billed: Billed, spent_usd_micros: int, now: datetime
) -> None:
    """What an order turns out to have been that was not placed here, and what counts as spent on it."""
    values = {"ordered": _json(dict(ordered)), "updated_at": now, **_bill(billed, spent_usd_micros)}
    conn.execute(update(job).where(job.c.order_key == order_key).values(**values))


def set_billed(conn: Connection, order_key: str, billed: Billed, now: datetime) -> None:
    """What a person found on the vendor's bill."""
    bill = _bill(billed, billed.usd_micros or 0)
    conn.execute(update(job).where(job.c.order_key == order_key).values(updated_at=now, **bill))


def job_of(conn: Connection, order_key: str) -> Job:
    """Raises Permanent when there is none."""
    row = conn.execute(_JOB, {"named": order_key}).one_or_none()
    if row is None:
        raise Permanent(f"there is no job {order_key!r}")
    return job_from(row)


def job_called(conn: Connection, provider: str, callback_key: str) -> Job | None:
    """The job whose vendor was given this secret to call back with."""
    same = (job.c.callback_key == callback_key, job.c.provider == provider)
    row = conn.execute(select(job).where(*same)).one_or_none()
    return None if row is None else job_from(row)


def payer_of(conn: Connection, found: Job) -> str:
    """The name of the account that a job is of."""
    return str(conn.execute(select(account.c.name).where(account.c.id == found.account_id)).scalar_one())


def oldest_unsent(conn: Connection) -> datetime | None:
    """Since when the order that has waited longest to leave for its vendor has been waiting; None where none does."""
    found: datetime | None = conn.execute(
        select(func.min(job.c.created_at)).where(job.c.state == JobState.INTENT)
    ).scalar()
    return found


def jobs_of_node(conn: Connection, account_id: int, node_key: str) -> list[Job]:
    """Every purchase of the node, newest first."""
    return [job_from(row) for row in conn.execute(_OF_NODE, {"mine": account_id, "node": node_key})]


def open_job_of(conn: Connection, account_id: int, node_key: str) -> Job | None:
    """The unfinished purchase of the node."""
    row = conn.execute(_OPEN_OF_NODE, {"mine": account_id, "node": node_key}).one_or_none()
    return None if row is None else job_from(row)


def jobs_in(
    conn: Connection, account_id: int, states: Sequence[JobState] = UNFINISHED_JOBS, run_id: str | None = None
) -> list[Job]:
    """The account's jobs in these states, oldest first; of one run where it is named."""
    query = select(job).where(job.c.account_id == account_id, job.c.state.in_(states))
    if run_id is not None:
        query = query.where(job.c.run_id == run_id)
    return [job_from(row) for row in conn.execute(query.order_by(job.c.created_at, job.c.order_key))]


def jobs_of_nodes(conn: Connection, account_id: int, node_keys: Sequence[str]) -> list[Job]:
    """Every purchase of these nodes."""
    query = select(job).where(job.c.account_id == account_id, in_values(job.c.node_key, node_keys))
    return [job_from(row) for row in conn.execute(query)]


def accounts_waiting(conn: Connection) -> list[str]:
    """Names of the accounts that have purchases under way: for housekeeping, which works for all of them."""
    query = select(account.c.name).join_from(job, account, account.c.id == job.c.account_id)
    return list(
        conn.execute(query.where(job.c.state.in_(UNFINISHED_JOBS)).distinct().order_by(account.c.name)).scalars()
    )


def jobs_at(conn: Connection, provider: str, since: datetime, until: datetime) -> list[tuple[str, Job]]:
    """Every account's name and job that was sent to a vendor in this time, oldest first; what surely never left is not there."""
    sent = (job.c.provider == provider, job.c.created_at >= since, job.c.created_at < until, job.c.attempts > 0)
    jobs = [job_from(row) for row in conn.execute(select(job).where(*sent).order_by(job.c.created_at, job.c.order_key))]
    names = {row.id: row.name for row in conn.execute(select(account.c.id, account.c.name))}
    return [(names[each.account_id], each) for each in jobs]


def known_at_vendor(conn: Connection, provider: str, since: datetime) -> list[str]:
    """The vendor's ids of all orders that it was known to have from us since then, whoever's they are."""
    theirs = (job.c.provider == provider, job.c.vendor_job_id.is_not(None), job.c.updated_at >= since)
    return list(conn.execute(select(job.c.vendor_job_id).where(*theirs)).scalars())


def without_a_place(conn: Connection, one: Job) -> int:
    """How many other orders of its model may be at the vendor since then under a name that nobody knows, whoever's they are."""
    alike = (job.c.provider == one.provider, job.c.model == one.model, job.c.order_key != one.order_key)
    unplaced = (job.c.vendor_job_id.is_(None), job.c.attempts > 0, job.c.updated_at >= one.created_at)
    open_ones = job.c.state.in_((JobState.INTENT, JobState.UNKNOWN))
    return conn.execute(select(func.count()).where(*alike, *unplaced, open_ones)).scalar_one()


def jobs_named(conn: Connection, account_id: int, name: str) -> list[Job]:
    """The account's job with this order key, else those whose key or node begins so."""
    mine = job.c.account_id == account_id
    exact = conn.execute(select(job).where(mine, job.c.order_key == name)).one_or_none()
    if exact is not None:
        return [job_from(exact)]
    begins = job.c.order_key.startswith(name, autoescape=True) | job.c.node_key.startswith(name, autoescape=True)
    return [job_from(row) for row in conn.execute(select(job).where(mine, begins).limit(10))] if name else []


def jobs_among(conn: Connection, order_keys: Sequence[str]) -> list[Job]:
    """The jobs with these keys."""
    return [job_from(row) for row in conn.execute(_AMONG, {"named": order_keys})]


def glance(conn: Connection, order_keys: Sequence[str]) -> dict[str, tuple[str, datetime | None, datetime | None]]:
    """State, next time to ask and deadline of each of these jobs: what a poller needs, a thousand at a time."""
    return {
        key: (state, next_ask_at, deadline_at)
        for key, state, next_ask_at, deadline_at in conn.execute(_GLANCE, {"named": order_keys})
    }


def next_order_key(conn: Connection, account_id: int, node_key: str) -> str:
    """Account, node, and how many purchases of it have ended: the same until this one has."""
    ended = conn.execute(_ENDED, {"mine": account_id, "node": node_key}).scalar_one()
    return f"{account_id}:{node_key}:{ended}"


def _move(conn: Connection, order_key: str, state: JobState, now: datetime, **values: Any) -> Job:
    row = conn.execute(_TO[state], {"named": order_key, "state": state, "updated_at": now, **values}).one_or_none()
    if row is None:
        found = job_of(conn, order_key)
        raise Permanent(f"job {order_key!r} is {found.state}, it cannot become {state}", state=found.state)
    return job_from(row)


def _not_opened(conn: Connection, order_key: str, node_key: str) -> Job:
    taken = conn.execute(select(job.c.state).where(job.c.order_key == order_key)).scalar()
    if taken is None:
        raise Retryable(f"the job of node {node_key} ended just now", hint="look in the library again")
    raise Permanent(f"order key {order_key!r} belongs to a job that is {taken}", hint="choose a new order key")


def _bill(billed: Billed, spent_usd_micros: int) -> dict[str, Any]:
    return {**_said(billed), "spent_usd_micros": spent_usd_micros}


def _said(billed: Billed) -> dict[str, Any]:
    return {
        "billed_usd_micros": billed.usd_micros,
        "billed_meters": _json(_in_json(billed.meters)),
        "evidence": _json(_in_json(billed.evidence)),
    }


def _in_json(said: Mapping[str, Any]) -> dict[str, Any]:
    """A vendor's numbers that JSON does not have (NaN), as words."""
    found: dict[str, Any] = json.loads(json.dumps(dict(said)), parse_constant=str)
    return found


def _json(value: Any) -> str:
    return canonical(value).decode()
