"""Who may send an order to a vendor now: so many at once, so many a minute, none while it asks for a pause or is left alone.

Kept in the database, so that all threads and processes on it share what a vendor allows. An order that may not leave yet stays in
`intent` with a time, which costs no thread; the end of another one wakes the oldest that wait.

A vendor that failed several times in a row is left alone, longer each time. Then one order is let through, the probe: once that
one has arrived all others follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, select, text, update

from pressroom.buying.job import Job
from pressroom.buying.market import DEADLINE, Market
from pressroom.catalog.models import ProviderRow
from pressroom.database.dialect import insert_new
from pressroom.database.schema import UNFINISHED_JOB, job, vendor_pace
from pressroom.domain.content_hash import text_digest
from pressroom.domain.states import JobState

BURST: Final = timedelta(seconds=1)  # of a rate: what it allows in so long may leave together
LONGEST_PAUSE_SECONDS: Final = 60.0
LONGEST_REST_SECONDS: Final = 600.0
IN_LINE_SECONDS: Final = 30.0  # after which an order that nobody has woken looks for itself
GOING_SECONDS: Final = 10.0  # who was woken, or looks for itself, has taken its place after so long or does not come
SOON_SECONDS: Final = 1.0  # who looks for itself within so long is not woken: it is on its way
# How much longer an order waits than it must, at most: those that were refused together do not come back together.
SPREAD: Final = 0.25

_OPEN: Final = (job.c.provider == bindparam("vendor"), text(UNFINISHED_JOB))
_IN_WORK: Final = (
    select(func.count())
    .where(*_OPEN, job.c.state.in_((JobState.INTENT, JobState.SUBMITTED)))
    .where(job.c.sent_at > bindparam("since"))
)
_IN_LINE: Final = (*_OPEN, job.c.state == JobState.INTENT, job.c.attempts == 0, job.c.next_ask_at > bindparam("moment"))
_OLDEST: Final = select(job.c.order_key).where(*_IN_LINE).order_by(job.c.created_at, job.c.order_key)
_GOING: Final = (
    select(func.count())
    .where(*_OPEN, job.c.state == JobState.INTENT, job.c.attempts == 0, job.c.sent_at.is_(None))
    .where(job.c.next_ask_at > bindparam("since"), job.c.next_ask_at <= bindparam("moment"))
)
_WAKE: Final = update(job).where(job.c.order_key == bindparam("named"))
_LEAVES: Final = update(job).where(job.c.order_key == bindparam("named")).values(sent_at=bindparam("moment"))
_WAKE_ALL: Final = update(job).where(*_IN_LINE)
_PACE: Final = select(vendor_pace).where(vendor_pace.c.provider == bindparam("vendor"))
_WELL: Final = (
    update(vendor_pace)
    .where(vendor_pace.c.provider == bindparam("vendor"), vendor_pace.c.failures + vendor_pace.c.pauses > 0)
    .values(failures=0, pauses=0, rests=0, rests_until=None, probe=None)
)


@dataclass(frozen=True, slots=True)
class Wait:
    """An order that may not leave yet, and why.

    `troubled` says that its vendor is in trouble, so that it is waited for only so long; `resting` that it is left alone.
    """

    seconds: float
    reason: str
    troubled: bool = False
    resting: bool = False


def admitted(market: Market, one: Job) -> Wait | None:
    """Let the order leave, which counts from now on; or say how long it waits."""
    row = market.providers.get(one.provider)
    if row is None or not (row.is_limited or _is_held_up(market, row.name)):
        with market.database.write() as conn:
            conn.execute(_LEAVES, {"named": one.order_key, "moment": market.now()})
        return None
    with market.database.write() as conn:
        now, pace = market.now(), _pace_of(conn, row.name)
        wait = _resting(row, pace, now) or _crowded(conn, row, now) or _too_soon(row, pace, now)
        if wait is None:
            _let_through(conn, row, pace, one.order_key, now)
        return wait


def spread(seconds: float, order_key: str) -> float:
    """A little more than so many seconds: always the same for one order, and different for each."""
    return seconds * (1 + SPREAD * int(text_digest(order_key)[:6], 16) / 0xFFFFFF)


def pause(market: Market, provider: str, seconds: float) -> None:
    """The vendor is busy: nobody sends it an order for so long, and longer where it says so again and again."""
    with market.database.write() as conn:
        now, pace = market.now(), _pace_of(conn, provider)
        if _is_later(pace.next_send_at, now + BURST):
            return  # another order was told so just now
        longest = max(seconds, LONGEST_PAUSE_SECONDS)
        until = now + BURST + timedelta(seconds=min(seconds * 2**pace.pauses, longest))
        _set(conn, provider, pauses=pace.pauses + 1, next_send_at=until)


def count_failure(market: Market, one: Job) -> Wait | None:
    """The vendor could not be reached, or lost its answer: after several of them in a row it is left alone, for so long."""
    row = market.providers.get(one.provider)
    if row is None:
        return None
    with market.database.write() as conn:
        now, pace = market.now(), _pace_of(conn, row.name)
        if _is_later(pace.rests_until, now) and pace.probe != one.order_key:
            return _resting(row, pace, now)  # it was sent before the vendor was left alone
        values: dict[str, Any] = {"failures": pace.failures + 1}
        if pace.failures + 1 >= row.rests_after:
            seconds = min(row.rest_seconds * 2**pace.rests, LONGEST_REST_SECONDS)
            values |= {"rests": pace.rests + 1, "rests_until": now + timedelta(seconds=seconds), "probe": None}
        _set(conn, row.name, **values)
        return _resting(row, _pace_of(conn, row.name), now)


def count_answer(conn: Connection, provider: str, now: datetime) -> None:
    """The vendor has answered an order: what went wrong before is over, and who waits because of it goes on."""
    if conn.execute(_WELL, {"vendor": provider}).rowcount:
        conn.execute(_WAKE_ALL, {"vendor": provider, "moment": now, "next_ask_at": now})


def fill_places(market: Market, provider: str) -> None:
    """Let as many of the oldest in line try as there are free places that nobody is on the way to.

    To be called when an order is no longer in work, and when one has joined the line: its place may have come free meanwhile.
    """
    row = market.providers.get(provider)
    if row is None or row.jobs_at_once is None:
        return
    with market.database.write() as conn:
        _pace_of(conn, row.name)
        now = market.now()
        soon = {"vendor": row.name, "moment": now + timedelta(seconds=SOON_SECONDS)}
        free = row.jobs_at_once - _in_work(conn, row, now)
        free -= conn.execute(_GOING, {**soon, "since": now - timedelta(seconds=GOING_SECONDS)}).scalar_one()
        for oldest in conn.execute(_OLDEST.limit(max(free, 0)), soon).scalars().all():
            conn.execute(_WAKE, {"named": oldest, "next_ask_at": now})


def _is_held_up(market: Market, provider: str) -> bool:
    """It has failed, or has asked for a pause: that stands, whatever it answers to orders that left before."""
    with market.database.read() as conn:
        pace = conn.execute(_PACE, {"vendor": provider}).one_or_none()
    return pace is not None and (pace.failures + pace.pauses > 0 or _is_later(pace.next_send_at, market.now()))


def _resting(row: ProviderRow, pace: Row[Any], now: datetime) -> Wait | None:
    if not _is_later(pace.rests_until, now):
        return None
    reason = f"{row.title} is left alone: its last {pace.failures} orders went wrong"
    return Wait((pace.rests_until - now).total_seconds(), reason, troubled=True, resting=True)


def _crowded(conn: Connection, row: ProviderRow, now: datetime) -> Wait | None:
    if row.jobs_at_once is None:
        return None
    reason = f"waits for a place: {row.title} works on {row.jobs_at_once} orders at a time"
    return Wait(IN_LINE_SECONDS, reason) if _in_work(conn, row, now) >= row.jobs_at_once else None


def _in_work(conn: Connection, row: ProviderRow, now: datetime) -> int:
    return int(conn.execute(_IN_WORK, {"vendor": row.name, "since": now - DEADLINE}).scalar_one())


def _too_soon(row: ProviderRow, pace: Row[Any], now: datetime) -> Wait | None:
    if not _is_later(pace.next_send_at, now + BURST):
        return None
    seconds = (pace.next_send_at - now - BURST).total_seconds()
    if pace.pauses or row.requests_per_minute is None:
        return Wait(seconds, f"{row.title} has asked for a pause", troubled=True)
    return Wait(seconds, f"waits for its turn: {row.title} takes {row.requests_per_minute:g} orders a minute")


def _let_through(conn: Connection, row: ProviderRow, pace: Row[Any], order_key: str, now: datetime) -> None:
    conn.execute(_LEAVES, {"named": order_key, "moment": now})
    values: dict[str, Any] = {}
    if row.requests_per_minute is not None:
        since = pace.next_send_at if _is_later(pace.next_send_at, now) else now
        values["next_send_at"] = since + timedelta(minutes=1) / row.requests_per_minute
    if pace.failures >= row.rests_after:
        values |= {"probe": order_key, "rests_until": now + timedelta(seconds=row.rest_seconds)}
    if values:
        _set(conn, row.name, **values)


def _pace_of(conn: Connection, provider: str) -> Row[Any]:
    """The vendor's row, which nobody else changes until the transaction ends."""
    found = conn.execute(_PACE.with_for_update(), {"vendor": provider}).one_or_none()
    if found is not None:
        return found
    conn.execute(insert_new(conn, vendor_pace).values(provider=provider, failures=0, pauses=0, rests=0))
    return conn.execute(_PACE.with_for_update(), {"vendor": provider}).one()


def _set(conn: Connection, provider: str, **values: Any) -> None:
    conn.execute(update(vendor_pace).where(vendor_pace.c.provider == provider).values(**values))


def _is_later(moment: datetime | None, than: datetime) -> bool:
    return moment is not None and moment > than
