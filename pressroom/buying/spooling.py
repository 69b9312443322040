"""Move a job by what its vendor says: files into the store and onto the journal in one step, or its end and its bill."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from sqlalchemy import Connection

from pressroom.buying import journal
from pressroom.buying.costs import bring_captured_to, count_spent, spent_usd, spent_without_files
from pressroom.buying.job import Job, StoredFile
from pressroom.buying.market import ASK_AFTER_SECONDS, DEADLINE, Market
from pressroom.domain.errors import Permanent, Refused
from pressroom.providers.base import UNSAID, Billed, Status, VendorFile, VendorState

NOT_CAPTURED: Final = "; its run's hold had ended, so no credits were captured for it"


def ask(market: Market, job: Job) -> Job:
    """Ask the vendor how the job goes, and take what it has. Returns the job as it is then.

    Raises Retryable when the vendor or the store cannot be reached now, Refused when the store has no room: the job then stays
    as it was.
    """
    vendor = market.vendor(job.provider)
    assert job.vendor_job_id is not None, "only a job that the vendor has is asked for"
    try:
        status = vendor.status(job.vendor_job_id)
        if status.state is VendorState.SUCCEEDED:
            files: list[StoredFile] = []
            vendor.fetch(job.vendor_job_id, lambda file: files.append(keep(market, file)))
            return delivered(market, job, files, status.billed)
    except Permanent as exc:
        # It cannot be asked or fetched any more, whatever it was billed.
        return failed(market, job, str(exc), exc.fields.get("billed", UNSAID))
    return _not_succeeded(market, job, status)


def _not_succeeded(market: Market, job: Job, status: Status) -> Job:
    if status.state is VendorState.FAILED:
        return failed(market, job, status.reason or "it failed", status.billed)
    if status.state is VendorState.CANCELLED:
        return cancelled(market, job, status.reason or "cancelled", status.billed)
    with market.database.write() as conn:
        if status.retry_after_seconds is not None:
            journal.ask_again(conn, job.order_key, market.after(status.retry_after_seconds))
        return journal.job_of(conn, job.order_key)


def keep(market: Market, file: VendorFile) -> StoredFile:
    """Put one delivered file into the store."""
    sha256 = market.store.put(file.source, file.mime)
    size = market.store.size_bytes(sha256)
    return StoredFile(sha256, file.mime, file.label, size, file.placement, dict(file.details))


def delivered(market: Market, job: Job, files: list[StoredFile], billed: Billed) -> Job:
    """The files are in the store: say so. Harmless when another process has said so before."""
    spent = spent_usd(job, billed, len(files))

    def mark(conn: Connection) -> Job:
        return count_spent(conn, journal.mark_delivered(conn, job.order_key, files, billed, spent, market.now()))

    return _end(market, job, mark)


def failed(market: Market, job: Job, reason: str, billed: Billed) -> Job:
    """The vendor made nothing: what was captured for it while it was unknown is given back, what was billed is kept."""
    return _without_files(market, job, journal.mark_failed, reason, billed)


def cancelled(market: Market, job: Job, reason: str, billed: Billed) -> Job:
    """Ended by us, as `failed`."""
    return _without_files(market, job, journal.mark_cancelled, reason, billed)


def rejected(market: Market, job: Job, reason: str) -> Job:
    """Our checks refuse what was delivered: no credits are taken, what was billed and the bytes stay on record."""

    def mark(conn: Connection) -> Job:
        return _give_back(conn, journal.mark_rejected(conn, job.order_key, market.recordable(reason), market.now()))

    return _end(market, job, mark)


def _without_files(market: Market, job: Job, mark: Callable[..., Job], reason: str, billed: Billed) -> Job:
    spent = spent_without_files(job, billed, market.charged_on_refusal(job.maker))

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
    with suppress(Permanent), market.database.write() as conn:
        return mark(conn)
    with market.database.read() as conn:
        return journal.job_of(conn, job.order_key)


def unknown(market: Market, job: Job, reason: str, billed: Billed = UNSAID) -> Job:
    """Nobody can say whether the vendor has it: its dollars count as spent, its credits are captured where a hold still has them.

    Where none has, no credits are captured, and the job says so.
    """
    reason = market.recordable(reason).removesuffix(NOT_CAPTURED)
    with suppress(Refused), market.database.write() as conn:
        found = journal.mark_unknown(conn, job.order_key, reason, market.now(), billed)
        if found.captured_micros < found.credits_bound_micros:
            bring_captured_to(conn, found, found.credits_bound_micros, job.hold_id)
            return journal.job_of(conn, job.order_key)
        return count_spent(conn, found)
    with market.database.write() as conn:
        if journal.job_of(conn, job.order_key).captured_micros == 0:
            reason += NOT_CAPTURED
        return count_spent(conn, journal.mark_unknown(conn, job.order_key, reason, market.now(), billed))


def unsent(market: Market, job: Job, reason: str) -> Job:
    """It certainly never left: it may be sent later under the same key."""
    with market.database.write() as conn:
        return count_spent(conn, journal.mark_unsent(conn, job.order_key, market.recordable(reason), market.now()))


def absent(market: Market, job: Job, reason: str) -> Job:
    """The vendor does not have it: it may be sent under the same key. What was captured for it pays for that."""
    with market.database.write() as conn:
        return count_spent(conn, journal.mark_absent(conn, job.order_key, market.recordable(reason), market.now()))


def submitted(market: Market, job: Job, vendor_job_id: str, ask_again_after: float | None = None) -> Job:
    """The vendor has it under this id."""
    first = ASK_AFTER_SECONDS[0] if ask_again_after is None else ask_again_after
    due = {"next_ask_at": market.after(first), "deadline_at": market.now() + DEADLINE}
    with market.database.write() as conn:
        return journal.mark_submitted(conn, job.order_key, vendor_job_id, market.now(), **due)
