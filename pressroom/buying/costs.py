"""What a purchase cost: vendor dollars as they were billed, credits as the account pays them.

Dollars are facts and never clipped; where the vendor says nothing, the quote by the catalog's meters is assumed and marked so.
Credits follow the catalog's price of what was billed and delivered, and never pass the quoted bound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from pressroom.buying import journal
from pressroom.buying.job import Job
from pressroom.domain.meter import Meter
from pressroom.domain.money import usd_text
from pressroom.domain.states import JobState
from pressroom.ledger.accounts import refund
from pressroom.ledger.holds import capture, count
from pressroom.planning.allowances import USD
from pressroom.providers.base import UNSAID, Billed

# Units that are counted in files: of N ordered and k delivered only the k are paid for.
_PER_FILE = ("image", "call")


def as_billed(job: Job, billed: Billed) -> Billed:
    """What the vendor says in the end, else what it said when it took the order."""
    return job.billed if billed == UNSAID else billed


def spent_usd(job: Job, billed: Billed, delivered: int) -> int:
    """Micro-USD that count as spent for this delivery: as billed, else the quoted price of the billed units."""
    meter = _meter(job)
    if billed.usd_micros is not None:
        return billed.usd_micros
    if meter is None:
        return job.usd_estimate_micros
    return meter.cost(_quantity(meter, job, billed, delivered), meter.usd or 0)


def spent_without_files(job: Job, billed: Billed, charged_on_refusal: str, *, made: bool = False) -> int:
    """Micro-USD that count as spent for a job that ended without files; what is not known counts as charged.

    What was made and then withheld is no refusal.
    """
    if billed.usd_micros is not None:
        return billed.usd_micros
    return 0 if charged_on_refusal == "no" and not made else job.usd_estimate_micros


def borne_by(conn: Connection, account_id: int, node_key: str, run_id: str, hold_ids: Collection[int]) -> list[Job]:
    """The purchases of a node that are the cost of this run: those that failed too, none that another run has paid for."""
    jobs = journal.jobs_of_node(conn, account_id, node_key)
    return [job for job in jobs if job.run_id == run_id and job.is_cost_of(hold_ids)]


def borne_for(
    conn: Connection, account_id: int, node_keys: Sequence[str], run_id: str, hold_ids: Collection[int]
) -> dict[str, tuple[int, int]]:
    """Node key -> micro-credits and micro-USD that are the cost of this run, of nodes that were bought.

    Also what another run has taken over after this one had paid for it.
    """
    found: dict[str, tuple[int, int]] = {}
    for job in journal.jobs_of_nodes(conn, account_id, node_keys):
        if job.captured_hold_id in hold_ids or (job.run_id == run_id and job.is_cost_of(hold_ids)):
            credits_micros, usd_micros = found.get(job.node_key, (0, 0))
            found[job.node_key] = (credits_micros + job.captured_micros, usd_micros + job.spent_usd_micros)
    return found


def credits_due(job: Job, delivered: int) -> int:
    """Micro-credits for what was delivered, at the quoted price and never above the bound."""
    meter = _meter(job)
    if meter is None:
        return job.credits_bound_micros
    due = meter.cost(_quantity(meter, job, job.billed, delivered), meter.credits or 0)
    return min(due, job.credits_bound_micros)


def _meter(job: Job) -> Meter | None:
    """The price that was quoted; jobs of older versions kept none."""
    kept = job.ordered.get("meter")
    return None if kept is None else Meter(**kept)


def _quantity(meter: Meter, job: Job, billed: Billed, delivered: int) -> float:
    quoted = float(job.ordered["units"].get(meter.unit, 1.0))
    quantity = billed.meters.get(meter.unit, quoted)
    ordered = int(job.ordered["outputs"])
    if delivered < ordered and meter.unit in _PER_FILE:
        # Whether or not the vendor has counted that way already.
        quantity = min(quantity, quoted * delivered / ordered)
    return quantity


def bring_captured_to(conn: Connection, job: Job, amount_micros: int, hold_id: int | None = None) -> int:
    """Capture from the hold, or give back, until the job has captured this much; returns what that hold bears of it.

    Give it the job as it is in this transaction: what is spent on it is counted as well. Raises Refused, and undoes the whole
    transaction, where the hold has no room or has ended.
    """
    captures, captured_from = job.captures, job.captured_hold_id
    counting = _counting(job, hold_id)
    if hold_id is not None and (amount_micros > job.captured_micros or captures == 0):
        captures, captured_from = captures + 1, hold_id
        more = amount_micros - job.captured_micros
        capture(conn, _capture_key(job, captures), hold_id, more, _memo(job), elsewhere=counting.changes)
    else:
        count(conn, counting.changes)
        if back := job.captured_micros - amount_micros:
            key = f"refund:{job.order_key}:{captures}:{amount_micros}"
            refund(conn, key, _capture_key(job, captures), back, _memo(job))
    _note(conn, job, counting)
    journal.set_captured(conn, job.order_key, amount_micros, captures, captured_from)
    return amount_micros if captured_from == hold_id else 0


def count_spent(conn: Connection, job: Job) -> Job:
    """Let what counts as spent count against the month's allowances, in full and once, credits captured or not; returns the job.

    Give it the job as it is in this transaction. It counts in the month of the first run that spent on it; where more or less is
    found out later, the difference counts there.
    """
    counting = _counting(job)
    if not counting.changes:
        return job
    count(conn, counting.changes)
    _note(conn, job, counting)
    return journal.job_of(conn, job.order_key)


@dataclass(frozen=True, slots=True)
class _Counting:
    """Through which holds a job's dollars and its unit are to count, and what that changes."""

    usd_hold_id: int | None
    unit_hold_id: int | None
    changes: Mapping[tuple[int, str], int]


def _counting(job: Job, paying_hold_id: int | None = None) -> _Counting:
    changes: Counter[tuple[int, str]] = Counter()
    present = paying_hold_id or job.hold_id
    usd_hold = job.counted_hold_id or present
    changes[usd_hold, USD] += job.spent_usd_micros - job.counted_usd_micros
    unit_hold = (job.unit_hold_id or present) if _uses_a_unit(job) else None
    if unit_hold != job.unit_hold_id:
        if job.unit_hold_id is not None:
            changes[job.unit_hold_id, job.family] -= 1
        if unit_hold is not None:
            changes[unit_hold, job.family] += 1
    # What counts nothing may count anew in a later run's month.
    kept = usd_hold if job.spent_usd_micros else None
    return _Counting(kept, unit_hold, {key: units for key, units in changes.items() if units})


def _uses_a_unit(job: Job) -> bool:
    """Whether the purchase counts as one of its family: filed or perhaps made, or so by a person's word."""
    if not job.family or job.state in (JobState.INTENT, JobState.REJECTED, JobState.CANCELLED):
        return False
    if job.state in (JobState.STORED, JobState.UNKNOWN):
        return True
    if job.state == JobState.FAILED and not (job.spent_usd_micros and "reconciled" in job.evidence):
        return False
    return job.unit_hold_id is not None


def _note(conn: Connection, job: Job, counting: _Counting) -> None:
    if counting.changes:
        holds = (counting.usd_hold_id, counting.unit_hold_id)
        journal.set_counted(conn, job.order_key, job.spent_usd_micros, *holds)


def _capture_key(job: Job, number: int) -> str:
    return f"capture:{job.order_key}" if number == 1 else f"capture:{job.order_key}:{number}"


def _memo(job: Job) -> str:
    return f"{job.ordered.get('campaign', '')} {job.ordered.get('node', '')}".strip()


def bill_text(job: Job) -> str:
    """What was billed for it, in words: never that nothing was charged unless the vendor says so."""
    if job.billed_usd_micros == 0:
        return f"nothing was charged by {job.provider}"
    if job.billed_usd_micros is not None:
        return f"{job.provider} billed {usd_text(job.billed_usd_micros)}"
    if job.spent_usd_micros:
        return f"{job.provider} does not say what it charges: {usd_text(job.spent_usd_micros)} counts as spent"
    return f"{job.provider} does not say whether it charges for it"
