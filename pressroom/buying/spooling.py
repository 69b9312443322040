"""Move a job on the journal: its files in one step with the store, or its end and its bill."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from pressroom.buying import journal
from pressroom.buying.admission import Wait, count_answer, fill_places, spread
from pressroom.buying.costs import as_billed, bring_captured_to, count_spent, spent_usd, spent_without_files
from pressroom.buying.job import Job, StoredFile
from pressroom.buying.market import DEADLINE, Market
from pressroom.buying.schedule import ASK_AFTER_SECONDS
from pressroom.domain.errors import Permanent, Refused, Retryable
from pressroom.domain.events import OrderEnded
from pressroom.domain.money import to_number
from pressroom.domain.states import JobState
from pressroom.providers.base import UNSAID, Billed, Trouble, VendorFile

# How long and how often a file that is no media is asked for again.
UNUSABLE: Final = timedelta(seconds=30)
UNUSABLE_SECONDS: Final = 5.0
# Where a call of the vendor, or whoever was asked meanwhile, may have brought a job: what is said of it then is late.
_FURTHER: Final = (JobState.SUBMITTED, JobState.DELIVERED, JobState.STORED)
NOT_CAPTURED: Final = "; its run's hold had ended, so no credits were captured for it"


def as_it_is(market: Market, job: Job) -> Job:
    """The job as it is on the journal now."""
    with market.database.read() as conn:
        return journal.job_of(conn, job.order_key)


def keep(market: Market, file: VendorFile) -> StoredFile:
    """Put one delivered file into the store."""
    sha256 = market.store.put(file.source, file.mime)
    size = market.store.size_bytes(sha256)
    return StoredFile(sha256, file.mime, file.label, size, file.placement, dict(file.details))


def delivered(
    market: Market, job: Job, files: list[StoredFile], billed: Billed, vendor_job_id: str | None = None
) -> Job:
    """The files are in the store: say so. Harmless when another process has said so before.

    `vendor_job_id` is the vendor's name of an order that it answered at once.
    """
    billed = as_billed(job, billed)
    spent = spent_usd(job, billed, len(files))

    def mark(conn: Connection) -> Job:
        now = market.now()
        count_answer(conn, job.provider, now)
        found = journal.mark_delivered(conn, job.order_key, files, billed, spent, now, vendor_job_id)
        return count_spent(conn, found)

    return _end(market, job, mark)


def failed(
    market: Market, job: Job, reason: str, billed: Billed, trouble: Trouble | None = None, *, made: bool = False
) -> Job:
    """The vendor hands out nothing: what was captured for it while it was unknown is given back, what was billed is kept."""
    made = made or trouble is Trouble.MODERATED_AFTERWARDS
    return _without_files(market, job, journal.mark_failed, reason, billed, made=made)


def cancelled(market: Market, job: Job, reason: str, billed: Billed) -> Job:
    """Ended by us, as `failed`."""
    return _without_files(market, job, journal.mark_cancelled, reason, billed)


def rejected(market: Market, job: Job, reason: str) -> Job:
    """Our checks refuse what was delivered: no credits are taken, what was billed and the bytes stay on record."""

    def mark(conn: Connection) -> Job:
        return _give_back(conn, journal.mark_rejected(conn, job.order_key, market.recordable(reason), market.now()))

    return _end(market, job, mark)


def _without_files(
    market: Market, job: Job, mark: Callable[..., Job], reason: str, billed: Billed, *, made: bool = False
) -> Job:
    billed = as_billed(job, billed)
    spent = spent_without_files(job, billed, market.charged_on_refusal(job.maker), made=made)

    def marked(conn: Connection) -> Job:
        return _give_back(conn, mark(conn, job.order_key, market.recordable(reason), market.now(), billed, spent))

    return _end(market, job, marked)


def _give_back(conn: Connection, job: Job) -> Job:
    if job.captured_micros:
        bring_captured_to(conn, job, 0)
        return journal.job_of(conn, job.order_key)
    return count_spent(conn, job)


def _end(market: Market, job: Job, mark: Callable[[Connection], Job]) -> Job:
    """Move the job, or answer with where another process has moved it before."""
    try:
        with market.database.write() as conn:
            ended = mark(conn)
            event = _event_of(conn, ended)
    except Permanent:
        return as_it_is(market, job)
    fill_places(market, job.provider)
    market.emit(event)
    return ended


def _event_of(conn: Connection, ended: Job) -> OrderEnded:
    return OrderEnded(
        account=journal.payer_of(conn, ended),
        run=ended.run_id,
        campaign=str(ended.ordered.get("campaign", "")),
        order=ended.order_key,
        node=str(ended.ordered.get("node", "")),
        vendor=ended.provider,
        model=ended.model,
        state=ended.state,
        seconds=(ended.updated_at - (ended.sent_at or ended.created_at)).total_seconds(),
        usd=to_number(ended.spent_usd_micros),
        reason=ended.error,
    )


def unknown(market: Market, job: Job, reason: str, billed: Billed = UNSAID) -> Job:
    """Nobody can say whether the vendor has it: its dollars count as spent, its credits are captured where a hold still has them.

    Where none has, no credits are captured, and the job says so.
    """
    reason, billed = market.recordable(reason).removesuffix(NOT_CAPTURED), as_billed(job, billed)
    lost = _lost(market, job, reason, billed)
    fill_places(market, job.provider)
    with suppress(Retryable), market.database.read() as conn:
        market.emit(_event_of(conn, lost))
    return lost


def _lost(market: Market, job: Job, reason: str, billed: Billed) -> Job:
    with suppress(Refused), market.database.write() as conn:
        found = journal.mark_unknown(conn, job.order_key, reason, market.now(), billed)
        if found.captured_micros < found.credits_bound_micros:
            bring_captured_to(conn, found, found.credits_bound_micros, found.hold_id)
            return journal.job_of(conn, job.order_key)
        return count_spent(conn, found)
    with market.database.write() as conn:
        if journal.job_of(conn, job.order_key).captured_micros == 0:
            reason += NOT_CAPTURED
        return count_spent(conn, journal.mark_unknown(conn, job.order_key, reason, market.now(), billed))


def _moved(market: Market, job: Job, mark: Callable[[Connection], Job]) -> Job:
    """Move the job, or answer with where it has come meanwhile: a vendor may call before its answer is read.

    Raises Permanent where it has ended without files, or is another order at its vendor.
    """
    try:
        with market.database.write() as conn:
            return count_spent(conn, mark(conn))
    except Permanent as exc:
        if exc.fields.get("state") not in _FURTHER:
            raise
    return as_it_is(market, job)


def unsent(market: Market, job: Job, reason: str) -> Job:
    """It certainly never left: it may be sent later under the same key."""
    told = market.recordable(reason)
    return _moved(market, job, lambda conn: journal.mark_unsent(conn, job.order_key, told, market.now()))


def absent(market: Market, job: Job, reason: str) -> Job:
    """The vendor does not have it: it may be sent under the same key. What was captured for it pays for that."""
    with market.database.write() as conn:
        return count_spent(conn, journal.mark_absent(conn, job.order_key, market.recordable(reason), market.now()))


def submitted(
    market: Market, job: Job, vendor_job_id: str, ask_again_after: float | None = None, billed: Billed = UNSAID
) -> Job:
    """The vendor has it under this id, and may have said what it costs."""
    first = ASK_AFTER_SECONDS[0] if ask_again_after is None else ask_again_after
    due = {"next_ask_at": market.after(first), "deadline_at": market.now() + DEADLINE}

    def mark(conn: Connection) -> Job:
        count_answer(conn, job.provider, market.now())
        return journal.mark_submitted(conn, job.order_key, vendor_job_id, market.now(), billed, **due)

    return _moved(market, job, mark)


def again_later(market: Market, job: Job, seconds: float, reason: str) -> Job:
    """Time alone will tell more: it is to be asked for, or sent, in so many seconds."""
    due = {"next_ask_at": market.after(seconds), "deadline_at": job.deadline_at or market.now() + DEADLINE}
    told = market.recordable(reason)
    return _moved(market, job, lambda conn: journal.mark_later(conn, job.order_key, told, market.now(), **due))


def in_line(market: Market, job: Job, wait: Wait) -> Job:
    """It has not left, and may not yet. A place is waited for however long it takes, a vendor in trouble only so long."""
    seconds, now, reason = spread(wait.seconds, job.order_key), market.now(), market.recordable(wait.reason)
    last = (job.deadline_at or now + DEADLINE) if wait.troubled else market.after(seconds) + DEADLINE
    due = {"next_ask_at": market.after(seconds), "deadline_at": last}

    def mark(conn: Connection) -> Job:
        journal.mark_unsent(conn, job.order_key, reason, now)
        return journal.mark_later(conn, job.order_key, reason, now, **due)

    _moved(market, job, mark)
    fill_places(market, job.provider)
    return as_it_is(market, job)


def unusable(market: Market, job: Job, reason: str, billed: Billed = UNSAID, *, made: bool = False) -> Job:
    """What the vendor hands out for it cannot be taken: asked for again a few times in this run, and by every later one.

    What was made counts as spent already.
    """
    billed = as_billed(job, billed)
    spent = spent_usd(job, billed, int(job.ordered["outputs"])) if made else job.spent_usd_micros
    last, told = market.now() + UNUSABLE, market.recordable(reason)
    due = {
        "next_ask_at": market.after(UNUSABLE_SECONDS),
        "deadline_at": min(job.deadline_at or last, last) if not job.error else job.deadline_at or last,
    }

    def mark(conn: Connection) -> Job:
        return journal.mark_unusable(conn, job.order_key, told, market.now(), billed, spent, **due)

    return _moved(market, job, mark)
