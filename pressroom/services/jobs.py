"""Purchases by hand: what is open at vendors, what to look for there, and how a person settles what no program can know."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from pressroom.buying import journal
from pressroom.buying.asking import ask, look_up
from pressroom.buying.costs import bring_captured_to, count_spent
from pressroom.buying.job import Job
from pressroom.buying.refetching import taken_again
from pressroom.buying.spooling import as_it_is, failed, submitted
from pressroom.domain.errors import AnswerLost, Invalid, NotFound, Permanent, Refused, Retryable
from pressroom.domain.identity import Principal
from pressroom.domain.money import to_number
from pressroom.domain.states import UNFINISHED_JOBS, WORKING_RUNS, HoldState, JobState, RunState
from pressroom.ledger.accounts import account_id_of
from pressroom.library.assets import is_made
from pressroom.providers.base import Billed, Trouble, VendorJob, VendorState
from pressroom.runs import records as runs
from pressroom.services.context import Context
from pressroom.services.rounds import going_on
from pressroom.services.running import RunningRun
from pressroom.services.settle_run import held_by

LISTED = (*UNFINISHED_JOBS, JobState.REJECTED)
# States in which nobody but a person may know whether the vendor has the order.
_OPEN = (JobState.INTENT, JobState.SUBMITTED, JobState.UNKNOWN)
_WITHOUT_FILES: Final = (JobState.REJECTED, JobState.FAILED)  # that may have been made all the same
_BUY_AGAIN: Final = "run its campaign again: it is bought anew"
_ASKED_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a person found at the vendor, one of the three."""

    vendor_job_id: str = ""
    absent: bool = False
    billed_usd_micros: int | None = None


def list_jobs(principal: Principal, context: Context, *, everything: bool = False) -> list[Job]:
    """The account's purchases that are open or were rejected, oldest first; all of them with `everything`."""
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        return journal.jobs_in(conn, account_id, tuple(JobState) if everything else LISTED)


def open_orders(principal: Principal, context: Context, run_id: str) -> list[Job]:
    """What the account's run has ordered and a vendor may still be at work on, or be about to bill."""
    with context.database.read() as conn:
        return journal.jobs_in(conn, account_id_of(conn, principal.account), _OPEN, run_id)


def spent_by(context: Context, run: RunningRun) -> dict[str, float]:
    """Credits that a run held, captured and released; empty where it took none and nothing is open at a vendor either."""
    with context.database.read() as conn:
        holds = held_by(conn, run.id)
    captured = sum(each.captured_micros for each in holds)
    if not captured and not open_orders(run.principal, context, run.id):
        return {}
    held = sum(each.amount_micros for each in holds)
    released = sum(each.amount_micros - each.captured_micros for each in holds if each.state != HoldState.OPEN)
    amounts = {"held": held, "captured": captured, "released": released}
    return {name: to_number(micros) for name, micros in amounts.items()}


def find_job(principal: Principal, context: Context, name: str) -> Job:
    """The account's job of this order key, or the one whose key or node begins so. Raises Invalid for none or several."""
    with context.database.read() as conn:
        found = journal.jobs_named(conn, account_id_of(conn, principal.account), name)
    if not found:
        raise NotFound(f"there is no job {name!r}", hint="pressroom jobs list")
    if len(found) > 1:
        raise Invalid(f"{len(found)} jobs begin with {name!r}", hint="give more of it")
    return found[0]


def look_for(job: Job) -> dict[str, Any]:
    """What to look for at the vendor, in its own console or on its bill."""
    return {
        "vendor": job.provider,
        "model": job.model,
        "sent_after": job.created_at,
        "sent_before": job.updated_at,
        "vendor_job_id": job.vendor_job_id,
        "operation": job.ordered.get("operation", ""),
        "prompt": job.ordered.get("prompt", ""),
        "sizes": job.ordered.get("sizes", []),
        "files": job.ordered.get("outputs"),
        "price_usd_micros": job.usd_estimate_micros,
        "price_usd_bound_micros": job.usd_bound_micros,
    }


def reconcile(principal: Principal, context: Context, name: str, found: Reconciled) -> Job:
    """Settle a job by what a person found at the vendor. Raises Refused where that cannot be of this job."""
    job = find_job(principal, context, name)
    with context.database.turn(job.turn):
        job = as_it_is(context.market, job)
        if found.billed_usd_micros is not None:
            return _billed(context, job, found.billed_usd_micros)
        if job.state not in _OPEN:
            raise Refused(f"job {job.order_key} is {job.state}: nothing about it is unknown")
        if found.absent:
            if job.vendor_job_id is not None:
                raise Refused(f"job {job.order_key} is {job.vendor_job_id} at {job.provider}, it cannot be absent")
            return failed(context.market, job, "a person found that the vendor never took it", _said(0, "absent"))
        return _adopted(context, job, found.vendor_job_id)


def forget(principal: Principal, context: Context, name: str) -> Job:
    """Give a job up: the most it can cost stays counted as spent, and its node may be bought again."""
    job = find_job(principal, context, name)
    with context.database.turn(job.turn), context.database.write() as conn:
        job = journal.job_of(conn, job.order_key)
        if job.state not in _OPEN:
            raise Refused(f"job {job.order_key} is {job.state}: there is nothing to give up")
        reason = f"given up by a person: {job.error}" if job.error else "given up by a person"
        said = _said(None, "forgotten")
        return count_spent(
            conn, journal.mark_failed(conn, job.order_key, reason, context.now(), said, job.usd_bound_micros)
        )


def fetch_again(principal: Principal, context: Context, name: str) -> Job:
    """Fetch what our checks refused, or what could not be had, once more; nothing is ordered. The next run checks and files it.

    Raises Refused where there is nothing to fetch or nothing new, Retryable or Corrupt where it cannot be had now.
    """
    job = find_job(principal, context, name)
    with context.database.turn(job.turn):
        job = as_it_is(context.market, job)
        _check_lost(context, job)
        try:
            status = context.market.vendor(job.provider).status(job.at_vendor)
            if status.state is not VendorState.SUCCEEDED:
                said = f": {status.reason}" if status.reason else ""
                raise Refused(f"{job.provider} says that {job.at_vendor.name} is {status.state}{said}", hint=_BUY_AGAIN)
            found = taken_again(context.market, job, *_WITHOUT_FILES)
        except Permanent as exc:
            raise Refused(f"{job.maker} does not hand it out any more: {exc.message}", hint=_BUY_AGAIN) from exc
        if found is None:
            raise Refused(f"{job.maker} hands out the same files for {job.order_key} as before", hint=_BUY_AGAIN)
        return found


def _check_lost(context: Context, job: Job) -> None:
    """Raises Refused for a job whose files are not missing, or whose vendor keeps none."""
    if job.state not in _WITHOUT_FILES:
        raise Refused(f"job {job.order_key} is {job.state}: only what was rejected or has failed is fetched again")
    if job.vendor_job_id is None:
        raise Refused(f"{job.provider} answers with its files and keeps none of {job.order_key}", hint=_BUY_AGAIN)
    with context.database.read() as conn:
        other = journal.open_job_of(conn, job.account_id, job.node_key)
        if other is not None or is_made(conn, job.account_id, job.node_key):
            raise Refused(
                f"what {job.order_key} was to make has been ordered again, or is there",
                hint="pressroom jobs list --all",
            )


def collect(principal: Principal, context: Context) -> list[Job]:
    """Ask about every open job of runs that have ended, and take into the store what is done; returns those that moved.

    What is taken is filed by the next run that needs it, without buying it again.
    """
    moved = []
    for job in _left_behind(principal, context):
        # Where its vendor has no key any more, the others are asked.
        hindered = f"job {job.order_key} could not be asked about"
        with going_on(context, hindered), suppress(Retryable, AnswerLost), context.database.turn(job.turn):
            now = _asked(context, as_it_is(context.market, job))
            if now.state != job.state:
                moved.append(now)
    return moved


def collect_all(context: Context) -> list[Job]:
    """The same for every account of this home: housekeeping, which tells nobody's jobs to anybody else."""
    with context.database.read() as conn:
        names = journal.accounts_waiting(conn)
    return [job for name in names for job in collect(Principal(name), context)]


def cancel_jobs(principal: Principal, context: Context, run_id: str) -> list[Job]:
    """Ask the vendors to stop what this run ordered and still waits for; returns the jobs as they are then.

    What is done already is taken into the store. A job that another run has taken up since goes on.
    """
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        jobs = journal.jobs_in(conn, account_id, (JobState.SUBMITTED,), run_id)

    def stop(job: Job) -> Job | None:
        with suppress(Retryable):
            return _stopped(context, job)
        return None

    # Each answer is waited for, and the process that asks may have seconds only.
    with ThreadPoolExecutor(_ASKED_AT_ONCE, thread_name_prefix="stop") as pool:
        return [job for job in pool.map(stop, jobs) if job is not None]


def _left_behind(principal: Principal, context: Context) -> list[Job]:
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        jobs = journal.jobs_in(conn, account_id, _OPEN)
        living = {}
        for run_id in {job.run_id for job in jobs}:
            run = runs.find_run(conn, account_id, run_id)
            living[run_id] = run is not None and run.state in WORKING_RUNS
    return [job for job in jobs if not living[job.run_id]]


def _asked(context: Context, job: Job) -> Job:
    """Where the job stands at its vendor now."""
    if job.state not in _OPEN:
        return job
    if job.state != JobState.SUBMITTED:
        found = look_up(context.market, job) if job.sent else None
        if found is None:
            return failed(
                context.market, as_it_is(context.market, job), "its order never reached the vendor", _said(0, "absent")
            )
        if found.vendor_job_id is None:
            return found  # too early to tell
        job = found
    with context.database.read() as conn:
        run = runs.find_run(conn, job.account_id, job.run_id)
    if run is not None and run.state == RunState.CANCELLED:
        return _stopped(context, job)
    return ask(context.market, job)


def _stopped(context: Context, job: Job) -> Job:
    provider = context.catalog.providers.get(job.provider)
    if provider is not None and provider.can_cancel and job.vendor_job_id is not None:
        with suppress(Permanent):  # it has ended, says the vendor: then it is asked how
            context.market.vendor(job.provider).cancel(job.at_vendor)
    return ask(context.market, job)


def _adopted(context: Context, job: Job, vendor_job_id: str) -> Job:
    vendor = context.market.vendor(job.provider)
    try:
        status = vendor.status(VendorJob(vendor_job_id, job.model))
    except Permanent as exc:
        raise _not_there(job, vendor_job_id, exc.message) from exc
    if status.trouble is Trouble.GONE:
        raise _not_there(job, vendor_job_id, status.reason)
    return ask(context.market, submitted(context.market, job, vendor_job_id, 0))


def _not_there(job: Job, vendor_job_id: str, why: str) -> Refused:
    hint = "look again, or settle it by what was billed: --billed USD, or --absent where it was never taken"
    return Refused(f"{job.provider} does not know {vendor_job_id!r}: {why}", hint=hint)


def _billed(context: Context, job: Job, usd_micros: int) -> Job:
    """The true bill: an open job ends by it, and of its captured credits those above the bill are given back."""
    with context.database.write() as conn:
        said = _said(usd_micros, "billed")
        if job.finished:
            journal.set_billed(conn, job.order_key, said, context.now())
            return count_spent(conn, journal.job_of(conn, job.order_key))
        if job.state == JobState.DELIVERED:
            raise Refused(f"job {job.order_key} is delivered", hint="run its campaign: it is filed, not bought again")
        reason = "a person found it on the bill; its files cannot be had"
        job = journal.mark_failed(conn, job.order_key, reason, context.now(), said, usd_micros)
        due = min(job.captured_micros, -(-job.captured_micros * usd_micros // max(job.usd_bound_micros, 1)))
        bring_captured_to(conn, job, due)
        return journal.job_of(conn, job.order_key)


def _said(usd_micros: int | None, what: str) -> Billed:
    return Billed(usd_micros, {}, {"reconciled": what})
