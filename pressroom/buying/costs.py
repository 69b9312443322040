"""What a purchase cost: vendor dollars as they were billed, credits as the account pays them.

Dollars are facts and never clipped; where the vendor says nothing, the quote by the catalog's meters is assumed and marked so.
Credits follow the catalog's price of what was billed and delivered, and never pass the quoted bound.
"""

from __future__ import annotations

from sqlalchemy import Connection

from pressroom.buying import journal
from pressroom.buying.job import Job
from pressroom.domain.meter import Meter
from pressroom.domain.money import usd_text
from pressroom.ledger.accounts import refund
from pressroom.ledger.holds import capture, count
from pressroom.planning.allowances import USD
from pressroom.providers.base import Billed

# Units that are counted in files: of N ordered and k delivered only the k are paid for.
_PER_FILE = ("image", "call")


def spent_usd(job: Job, billed: Billed, delivered: int) -> int:
    """Micro-USD that count as spent for this delivery: as billed, else the quoted price of the billed units."""
    meter = _meter(job)
    if billed.usd_micros is not None:
        return billed.usd_micros
    if meter is None:
        return job.usd_estimate_micros
    return meter.cost(_quantity(meter, job, billed, delivered), meter.usd or 0)


def spent_without_files(job: Job, billed: Billed, charged_on_refusal: str) -> int:
    """Micro-USD that count as spent for a job that ended without files; what is not known counts as charged."""
    if billed.usd_micros is not None:
        return billed.usd_micros
    return 0 if charged_on_refusal == "no" else job.usd_estimate_micros


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

    Raises Refused, and undoes the whole transaction, where the hold has no room or has ended.
    """
    captures, captured_from = job.captures, job.captured_hold_id
    if amount_micros < job.captured_micros:
        back = job.captured_micros - amount_micros
        refund(
            conn, f"refund:{job.order_key}:{captures}:{amount_micros}", _capture_key(job, captures), back, _memo(job)
        )
    elif hold_id is not None and (amount_micros > job.captured_micros or captures == 0):
        captures, captured_from = captures + 1, hold_id
        more = amount_micros - job.captured_micros
        owed = max(job.spent_usd_micros - job.counted_usd_micros, 0) if job.counted_hold_id in (None, hold_id) else 0
        capture(conn, _capture_key(job, captures), hold_id, more, _memo(job), used=_used(job) | {USD: owed})
        if owed:
            journal.set_counted(conn, job.order_key, job.spent_usd_micros, hold_id)
    journal.set_captured(conn, job.order_key, amount_micros, captures, captured_from)
    return amount_micros if captured_from == hold_id else 0


def count_spent(conn: Connection, job: Job) -> Job:
    """Let what counts as spent count against the month's dollars, in full and once, credits captured or not; returns the job.

    Give it the job as it is in this transaction. It counts in the month of the first run that spent on it; where more or less is
    found out later, the difference counts there. Jobs of before there were holds count nowhere.
    """
    hold_id = job.counted_hold_id or job.hold_id
    if hold_id is None or job.spent_usd_micros == job.counted_usd_micros:
        return job
    count(conn, hold_id, USD, job.spent_usd_micros - job.counted_usd_micros)
    journal.set_counted(conn, job.order_key, job.spent_usd_micros, hold_id)
    return journal.job_of(conn, job.order_key)


def _used(job: Job) -> dict[str, int]:
    """What a purchase uses of the month's allowances besides dollars: once, however often it is captured."""
    family = job.ordered.get("family")
    return {family: 1} if family and not job.captures else {}


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
