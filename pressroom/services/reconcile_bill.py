"""Hold our books against a vendor's own record of what it charged in a month: order by order, to the micro-dollar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Final

from pressroom.buying import journal
from pressroom.buying.costs import count_spent, spent_usd, spent_without_files
from pressroom.buying.job import Job
from pressroom.domain.errors import Invalid
from pressroom.domain.identity import Principal
from pressroom.domain.money import usd_text
from pressroom.domain.months import bounds_of
from pressroom.domain.states import JobState
from pressroom.providers.base import Billed, Charge, NoRecord, name_at_vendor
from pressroom.providers.reading import token_bill
from pressroom.services.context import Context

# An order of a month's last minutes is charged in the next: the record is read so far beyond the month.
BEYOND: Final = timedelta(days=1)
KNOWN_FOR: Final = timedelta(days=31)  # orders that moved so long before the month are known as well
CLOCKS: Final = timedelta(minutes=2)  # by which a vendor's clock may differ from ours
_UNDER_WAY: Final = (JobState.INTENT, JobState.SUBMITTED)


class Verdict(StrEnum):
    """What a comparison came to."""

    EQUAL = "equal"
    DIFFERS = "differs"
    NOT_BILLED = "not billed"  # it counts as spent here, and the record does not have it
    UNKNOWN = "unknown here"  # the record has it, and no order of ours is it
    NOT_PROVABLE = "not provable"
    UNDER_WAY = "under way"


class Proof(StrEnum):
    """What the vendor's side of a comparison is."""

    RECORD = "its record"
    USAGE = "the usage that it states, at the catalog's prices"
    ANSWER = "its answer to the order"
    NONE = "nothing"


@dataclass(frozen=True, slots=True)
class Line:
    """One order: micro-USD as we count them and as the vendor does, None where one of the two does not."""

    verdict: Verdict
    proof: Proof
    vendor_job: str
    product: str
    at: datetime
    ours_micros: int | None
    theirs_micros: int | None
    reason: str = ""
    account: str = ""
    job: Job | None = None
    charge: Charge | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A vendor's month. `no_record` says why its record cannot be had; then only its answers prove anything."""

    vendor: str
    month: str
    lines: tuple[Line, ...]
    no_record: str = ""

    @property
    def ours_micros(self) -> int:
        return sum(line.ours_micros or 0 for line in self.lines)

    @property
    def theirs_micros(self) -> int | None:
        """None where not everything is proven: it is never made up from our own figures."""
        if any(line.verdict is Verdict.NOT_PROVABLE for line in self.lines):
            return None
        return sum(line.theirs_micros or 0 for line in self.lines)

    @property
    def proofs(self) -> tuple[Proof, ...]:
        """What the lines go by, each once."""
        return tuple(dict.fromkeys(line.proof for line in self.lines if line.proof is not Proof.NONE))

    @property
    def agrees(self) -> bool:
        """Whether every order is proven, and equal."""
        return all(line.verdict in (Verdict.EQUAL, Verdict.UNDER_WAY) for line in self.lines)

    def of(self, verdict: Verdict) -> list[Line]:
        return [line for line in self.lines if line.verdict is verdict]


def reconcile_bill(
    principal: Principal, context: Context, vendor: str, month: str, *, settle: bool = False
) -> Statement:
    """The orders of all accounts that were sent to the vendor in this month, against its record.

    With `settle`, what its record says is booked where it differs. Raises Invalid for a month or vendor that is none, Retryable
    or Permanent where the vendor cannot be asked.
    """
    principal.require_operator("what a vendor charges")
    since, until = bounds_of(month)
    _check(context, vendor)
    with context.database.read() as conn:
        jobs = journal.jobs_at(conn, vendor, since, until)
        known = set(map(name_at_vendor, journal.known_at_vendor(conn, vendor, since - KNOWN_FOR)))
    at_vendor = [job.at_vendor for _, job in jobs if job.vendor_job_id is not None]
    charges = context.vendors[vendor].charges(since - BEYOND, until + BEYOND, at_vendor)
    if isinstance(charges, NoRecord):
        return Statement(
            vendor, month, tuple(_by_answer(context, account, job) for account, job in jobs), charges.reason
        )
    record = _summed(charges)
    lines = [_by_record(context, account, job, record) for account, job in jobs]
    if settle:
        lines = [_settled(context, line) for line in lines]
    strangers = [charge for name, charge in record.items() if name not in known and since <= charge.at < until]
    lost = [job for _, job in jobs if job.state == JobState.UNKNOWN and job.vendor_job_id is None]
    return Statement(vendor, month, (*lines, *(_stranger(context, vendor, each, lost) for each in strangers)))


def _check(context: Context, vendor: str) -> None:
    if vendor not in context.vendors:
        raise Invalid(f"there is no vendor {vendor!r}", hint=f"vendors: {', '.join(sorted(context.vendors))}")


def _summed(charges: Sequence[Charge]) -> dict[str, Charge]:
    """Name of an order -> all that was charged for it."""
    in_order = sorted(charges, key=lambda charge: (name_at_vendor(charge.name), charge.at))
    return {name: _sum(list(rows)) for name, rows in groupby(in_order, key=lambda charge: name_at_vendor(charge.name))}


def _sum(rows: Sequence[Charge]) -> Charge:
    first, amounts = rows[0], [row.billed.usd_micros for row in rows if row.billed.usd_micros is not None]
    if len(rows) == 1 or not amounts:
        return first
    evidence = {"charges": [dict(row.billed.evidence) for row in rows]}
    return replace(first, billed=Billed(sum(amounts), first.billed.meters, evidence))


def _by_record(context: Context, account: str, job: Job, record: Mapping[str, Charge]) -> Line:
    row = context.catalog.models.get(job.maker)
    if row is not None and not row.on_record:
        return _by_answer(context, account, job)
    charge = record.get(name_at_vendor(job.vendor_job_id)) if job.vendor_job_id else None
    line = _line(account, job, charge)
    if job.state in _UNDER_WAY:
        return replace(line, verdict=Verdict.UNDER_WAY, ours_micros=None, theirs_micros=None)
    if charge is None:
        return _without_charge(line, job)
    theirs = charge.billed.usd_micros
    proof = Proof.USAGE if theirs is None else Proof.RECORD
    if theirs is None:
        theirs = _priced(context, job, charge.billed)
    same = theirs == job.spent_usd_micros
    verdict, reason = (Verdict.EQUAL, "") if same else (Verdict.DIFFERS, _why(job))
    return replace(line, verdict=verdict, proof=proof, theirs_micros=theirs, reason=reason)


def _without_charge(line: Line, job: Job) -> Line:
    if not job.spent_usd_micros:
        return replace(line, verdict=Verdict.EQUAL, proof=Proof.RECORD, theirs_micros=0)
    if job.vendor_job_id is None:
        reason = f"its answer was lost ({job.error}); `pressroom jobs reconcile {job.order_key}` settles it"
    else:
        reason = "no charge of it is on record; rows may come late"
    return replace(line, verdict=Verdict.NOT_BILLED, theirs_micros=0, reason=reason)


def _by_answer(context: Context, account: str, job: Job) -> Line:
    """Of an order that is on no record: what its vendor said when it was asked or answered, and nothing else, proves anything."""
    line = _line(account, job, None)
    if job.state in _UNDER_WAY:
        return replace(line, verdict=Verdict.UNDER_WAY, ours_micros=None, theirs_micros=None)
    if job.billed_usd_micros is None:
        reason = "it did not say what it charged; what counts is the quoted price"
        return replace(line, verdict=Verdict.NOT_PROVABLE, reason=reason)
    row = context.catalog.models.get(job.maker)
    proof = Proof.USAGE if row is not None and row.usd_per_million_tokens else Proof.ANSWER
    return replace(line, verdict=Verdict.EQUAL, proof=proof, theirs_micros=job.billed_usd_micros)


def _line(account: str, job: Job, charge: Charge | None) -> Line:
    return Line(
        Verdict.NOT_PROVABLE,
        Proof.NONE,
        name_at_vendor(job.vendor_job_id or ""),
        job.model,
        job.created_at,
        job.spent_usd_micros,
        None,
        account=account,
        job=job,
        charge=charge,
    )


def _priced(context: Context, job: Job, billed: Billed) -> int:
    """What was used, at the quoted price of a unit, or at the model's prices where it is counted in what they are for."""
    row = context.catalog.models.get(job.maker)
    counts = {kind: round(amount) for kind, amount in billed.meters.items()}
    counted = token_bill(row.on(job.created_at.date()), counts) if row is not None and counts else None
    if counted is not None:
        return counted
    if job.delivery:
        return spent_usd(job, billed, len(job.delivery))
    return spent_without_files(job, billed, context.market.charged_on_refusal(job.maker))


def _why(job: Job) -> str:
    if job.assumed:
        return "it had not said what it charges, so the quote counts"
    return f"it said {usd_text(job.billed_usd_micros or 0)} when it was asked"


def _settled(context: Context, line: Line) -> Line:
    """The line once the vendor's record is booked."""
    if line.verdict is not Verdict.DIFFERS or line.job is None or line.charge is None:
        return line
    evidence = {**line.job.evidence, **line.charge.billed.evidence, "reconciled": "record"}
    said = Billed(line.theirs_micros, line.charge.billed.meters, evidence)
    with context.database.turn(line.job.turn), context.database.write() as conn:
        journal.set_billed(conn, line.job.order_key, said, context.now())
        job = count_spent(conn, journal.job_of(conn, line.job.order_key))
    was = usd_text(line.ours_micros or 0)
    return replace(
        line, verdict=Verdict.EQUAL, ours_micros=job.spent_usd_micros, job=job, reason=f"counted {was} before"
    )


def _stranger(context: Context, vendor: str, charge: Charge, lost: Iterable[Job]) -> Line:
    rows = [row for row in context.catalog.models.values() if row.provider == vendor]
    names = {row.model for row in rows if charge.product in (row.id, row.version, row.model) and charge.product}
    could = [job.order_key for job in lost if job.model in names and charge.at >= job.created_at - CLOCKS]
    if could:
        reason = f"`pressroom jobs reconcile {could[0]} --vendor-job {charge.name}` takes it, if it is that order"
    elif names:
        reason = f"`pressroom jobs adopt {vendor} {min(names)} {charge.name}` brings its file into the library"
    else:
        reason = "no model of the catalog: bought with this key, not by Pressroom"
    proof = Proof.RECORD if charge.billed.usd_micros is not None else Proof.USAGE
    return Line(
        Verdict.UNKNOWN,
        proof,
        charge.name,
        min(names, default=charge.product),
        charge.at,
        None,
        charge.billed.usd_micros,
        reason,
        charge=charge,
    )
