"""Ask a vendor: whether it has an order whose answer got lost, how a job goes, and for what it has made."""

from __future__ import annotations

from pressroom.buying import journal
from pressroom.buying.job import Job, StoredFile
from pressroom.buying.market import Market
from pressroom.buying.spooling import (
    absent,
    again_later,
    as_it_is,
    cancelled,
    delivered,
    failed,
    keep,
    submitted,
    unknown,
    unsent,
    unusable,
)
from pressroom.domain.errors import AnswerLost, Corrupt, Permanent, Retryable
from pressroom.domain.purchases import SHOW_JOB
from pressroom.domain.states import JobState
from pressroom.providers.base import (
    UNSAID,
    Absent,
    Billed,
    Found,
    LostOrder,
    Status,
    Undecided,
    Unknowable,
    VendorState,
)

NEVER_ASKED = "the run that sent it ended before the answer came"


def ask(market: Market, job: Job) -> Job:
    """Ask the vendor how the job goes, and take what it has. Returns the job as it is then.

    A job without an id at the vendor is looked up there where it may have been sent, and may be sent where it was not.
    Raises Retryable when the vendor or the store cannot be reached now, Refused when the store has no room: the job then stays
    as it was.
    """
    if job.vendor_job_id is not None:
        return _asked(market, job)
    # While somebody places this order, nobody else decides whether it was taken.
    with market.database.turn(job.turn):
        now = as_it_is(market, job)
        if now.state != JobState.INTENT or (now.attempts, now.next_ask_at) != (job.attempts, job.next_ask_at):
            return now
        try:
            found = look_up(market, now) if now.sent else None
        except AnswerLost:
            return as_it_is(market, job)
        return found or unsent(market, now, now.error)


def look_up(market: Market, job: Job, reason: str = "", billed: Billed = UNSAID) -> Job | None:
    """The job as the vendor has it, or as it waits for that to be known; None where the vendor certainly does not have it.

    `billed` is what it said that it charged, where only the file of its answer was lost. Raises AnswerLost where nobody can say.
    """
    reason = reason or job.error or NEVER_ASKED
    try:
        answer = market.vendor(job.provider).look_up(_lost(market, job))
    except (Retryable, Permanent) as exc:
        answer = Unknowable(f"it cannot be asked: {exc.message}")
    if isinstance(answer, Found):
        return submitted(market, job, answer.vendor_job_id, 0)
    try:
        if isinstance(answer, Absent):
            absent(market, job, reason)
            return None
        if isinstance(answer, Undecided):
            return again_later(market, job, answer.ask_again_after, reason)
        said = f"{reason}; {answer.reason}" if job.state != JobState.UNKNOWN else job.error
        lost = unknown(market, job, said, billed)
    except Permanent:
        called = as_it_is(market, job)
        if called.vendor_job_id is None:
            raise
        return called  # the vendor has called meanwhile
    raise still_unknown(lost)


def still_unknown(job: Job) -> AnswerLost:
    """The job of an order that may have been taken."""
    return AnswerLost(
        f"{job.maker} may have taken this order, its answer was lost ({job.error}); it counts as spent and is not sent again",
        hint=f"look at the vendor: {SHOW_JOB} {job.order_key}",
        job=job.order_key,
    )


def _asked(market: Market, job: Job) -> Job:
    vendor, billed, made = market.vendor(job.provider), UNSAID, False
    try:
        status = vendor.status(job.at_vendor)
        if status.state is VendorState.SUCCEEDED:
            billed, made = status.billed, True
            files: list[StoredFile] = []
            vendor.fetch(job.at_vendor, lambda file: files.append(keep(market, file)))
            return delivered(market, job, files, billed)
    except Permanent as exc:
        if not job.error:
            # Whoever says so once may be wrong, and it would be bought again.
            return unusable(market, job, str(exc), billed, made=made)
        # It cannot be asked or fetched any more: what was taken may have been made, and that is no refusal.
        return failed(market, job, str(exc), exc.fields.get("billed", billed), made=True)
    except Corrupt as exc:
        # A page of a gateway, or what was made is broken: paid for in any case, so it is not given up.
        return unusable(market, job, str(exc), billed, made=made)
    return _not_succeeded(market, job, status)


def _not_succeeded(market: Market, job: Job, status: Status) -> Job:
    if status.state is VendorState.FAILED:
        return failed(market, job, status.reason or "it failed", status.billed, status.trouble)
    if status.state is VendorState.CANCELLED:
        return cancelled(market, job, status.reason or "cancelled", status.billed)
    with market.database.write() as conn:
        if status.retry_after_seconds is not None:
            journal.ask_again(conn, job.order_key, market.after(status.retry_after_seconds))
        return journal.job_of(conn, job.order_key)


def _lost(market: Market, job: Job) -> LostOrder:
    with market.database.read() as conn:
        others = journal.known_at_vendor(conn, job.provider, job.created_at)
        rivals = journal.without_a_place(conn, job)
        last_sent_at = journal.job_of(conn, job.order_key).sent_at  # later than what is known of it where it just left
    params = job.ordered.get("params", {})
    return LostOrder(
        job.order_key,
        str(job.ordered.get("operation", "")),
        job.model,
        params,
        job.created_at,
        frozenset(others),
        rivals,
        inputs=job.ordered.get("sha256s") or dict.fromkeys(job.ordered.get("inputs", {}), ""),
        last_sent_at=last_sent_at,
    )
