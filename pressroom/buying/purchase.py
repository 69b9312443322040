"""Place the order for one node: journalled before the request leaves, adopted after any crash, never sent twice.

The order key is the node's key, its account, and a number that counts ended purchases of it, so a restarted run asks for the same
order again, and a refresh makes a new one. From opening the job to knowing the vendor's id for it, one buyer at a time: a second
one that found the first's intent and nothing at the vendor yet would send the order again.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pressroom.buying import journal
from pressroom.buying.admission import Wait, admitted, count_answer, count_failure, pause, spread
from pressroom.buying.asking import look_up, still_unknown
from pressroom.buying.costs import bill_text
from pressroom.buying.job import Job, turn_of
from pressroom.buying.market import DEADLINE, Market
from pressroom.buying.promises import short_of
from pressroom.buying.spooling import again_later, delivered, failed, in_line, keep, submitted, unknown, unsent
from pressroom.catalog.models import metered_family
from pressroom.catalog.shapes import main_of, ordered_by
from pressroom.domain.errors import AnswerLost, OutOfCredits, Permanent, PressroomError, Retryable
from pressroom.domain.media import MediaInfo
from pressroom.domain.operation import Brand
from pressroom.domain.states import JobState
from pressroom.ledger.commands import refuse
from pressroom.library.assets import assets_of_node
from pressroom.planning.allowances import in_words
from pressroom.planning.plan import Alternative, Node
from pressroom.providers.base import FREE_OF_CHARGE, UNSAID, Delivered, Order, Pending

LOOKS = 5
# An order that a vendor surely did not take is sent once more at once; after that a later attempt does it.
SENDS = 2


class _EndedJustNow(Retryable):
    """On PostgreSQL another run may end its purchase between our counting of ended ones and our opening the next."""


@dataclass(frozen=True, slots=True)
class Supplies:
    """What goes to the vendor with the order: files on this machine, and the brand; `sha256s` are of the inputs."""

    inputs: Mapping[str, Path] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    brand: Brand = field(default_factory=Brand)
    sha256s: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a run wants to buy, for whom, and what it pays from. `offers` are the vendors' models that are tried, in order.

    `units` is what is ordered of each priced measure, by the inputs as they are.
    """

    account_id: int
    run_id: str
    hold_id: int
    campaign: str
    node: Node
    offers: tuple[Alternative, ...]
    units: Mapping[str, float]
    capped: bool = False  # the hold may be too small for all that the run wants to buy


def place(market: Market, ticket: Ticket, supplies: Supplies) -> Job | None:
    """The job that buys this node: waited for, delivered, or (no offer left) failed. None where the library has the node.

    Raises Permanent when the last vendor refuses (the journal then says failed), Retryable when the order certainly did not get
    through, AnswerLost when nobody can say.
    """
    last: Permanent | None = None
    for offer in ticket.offers:
        before = _failure(market, ticket, offer)
        if before is not None:
            last = failure_of(before)
            continue
        with market.database.turn(turn_of(ticket.account_id, ticket.node.key)):
            opened = _open(market, ticket, offer, supplies)
            if opened is None or opened.state == JobState.DELIVERED:
                return opened
            try:
                return _taken(market, opened, ticket) or _send(
                    market, opened, ticket, supplies, last=offer is ticket.offers[-1]
                )
            except Permanent as exc:
                last = exc
    assert last is not None, "a ticket has an offer"
    raise last


def failure_of(job: Job) -> Permanent:
    """Why a job ended without files, and what was billed for it."""
    return Permanent(f"{job.maker} failed: {job.error}", hint=bill_text(job), job=job.order_key)


def _failure(market: Market, ticket: Ticket, offer: Alternative) -> Job | None:
    """The job with which this run has tried the offer in vain.

    One that was cancelled while the run goes on counts, too: whoever did so at the vendor, it may do so again, and charge for it.
    A run that was cancelled itself and is resumed has another hold.
    """
    with market.database.read() as conn:
        jobs = journal.jobs_of_node(conn, ticket.account_id, ticket.node.key)
    ours = (job for job in jobs if ticket.run_id in job.run_ids and _ended_in_vain(job, ticket))
    return next((job for job in ours if (job.provider, job.model) == (offer.provider, offer.model)), None)


def _ended_in_vain(job: Job, ticket: Ticket) -> bool:
    return job.state == JobState.FAILED or (job.state == JobState.CANCELLED and job.hold_id == ticket.hold_id)


def _open(market: Market, ticket: Ticket, offer: Alternative, supplies: Supplies) -> Job | None:
    """The job, taken up or new; None when the library has the node. Looks again when a purchase ends while it looks."""
    for _ in range(LOOKS - 1):
        with suppress(_EndedJustNow):
            return _look(market, ticket, offer, supplies)
    return _look(market, ticket, offer, supplies)


def _look(market: Market, ticket: Ticket, offer: Alternative, supplies: Supplies) -> Job | None:
    node = ticket.node
    with market.database.write() as conn:
        # Counted before looking into the library: a run that files the node in between has then used this order key.
        order_key = journal.next_order_key(conn, ticket.account_id, node.key)
        if not node.renew and assets_of_node(conn, ticket.account_id, node.key):
            return None
        try:
            opened = journal.open_job(
                conn,
                ticket.account_id,
                order_key=order_key,
                node_key=node.key,
                run_id=ticket.run_id,
                provider=offer.provider,
                model=offer.model,
                now=market.now(),
                hold_id=ticket.hold_id,
                quote=offer.quote,
                ordered={**_ordered(market, ticket, offer), "sha256s": dict(supplies.sha256s)},
            )
        except Permanent as exc:
            raise _EndedJustNow(f"a purchase of {node.id} ended just now", hint="look in the library again") from exc
        if ticket.capped and (short := short_of(conn, ticket.hold_id, opened.family)):
            told = " and ".join(in_words(of, amount) for of, amount in short.items())
            refuse(conn, OutOfCredits(f"{told} more than what is left may be needed for {node.id}", short=short))
        return opened


def _ordered(market: Market, ticket: Ticket, offer: Alternative) -> dict[str, Any]:
    node, meter = ticket.node, offer.quote.meter
    row = market.models.get(offer.name)
    units = ticket.units if row is None else ordered_by(row, node.outputs, ticket.units, node.facts).units
    return {
        "campaign": ticket.campaign,
        "node": node.id,
        "operation": node.operation,
        "family": metered_family(node.operation, node.makes),
        "prompt": node.prompt,
        "params": dict(node.params),
        "units": dict(units),
        "inputs": {name: source.key for name, source in node.inputs.items()},
        "outputs": len(node.outputs),
        "seconds": offer.quote.seconds,
        "sizes": [_size(info) for _, info in node.outputs],
        "meter": None if meter is None else asdict(meter),
    }


def _size(info: MediaInfo) -> str:
    """What a person can recognise at the vendor: `24 x 16`, `1920 x 1080, 8 s`."""
    size = f"{info.width} x {info.height}" if info.width and info.height else ""
    seconds = f"{info.duration_seconds:g} s" if info.duration_seconds else ""
    return ", ".join(filter(None, (size, seconds)))


def _taken(market: Market, job: Job, ticket: Ticket) -> Job | None:
    """The job where the vendor has the order already; None where it may be sent. Raises AnswerLost where nobody can say."""
    if job.vendor_job_id is not None and job.state == JobState.SUBMITTED:
        with market.database.write() as conn:
            journal.ask_again(conn, job.order_key, market.now(), market.now() + DEADLINE)
            return journal.job_of(conn, job.order_key)
    if job.fresh:
        return None
    found = look_up(market, job)
    with market.database.write() as conn:
        ours = journal.hand_over(conn, job.order_key, ticket.run_id, ticket.hold_id)
    return found and ours


def _send(market: Market, job: Job, ticket: Ticket, supplies: Supplies, *, last: bool) -> Job:
    vendor, order = market.vendor(job.provider), _order(job, ticket, supplies)
    for _ in range(SENDS):
        wait = admitted(market, job)
        if wait is not None:
            return _kept_back(market, job, wait, last)
        try:
            return _answered(market, job, vendor.submit(order))
        except Retryable as exc:
            return _not_taken(market, job, exc, last)
        except Permanent as exc:
            _note_answer(market, job, exc)
            ended = failed(market, job, exc.message, exc.fields.get("billed", UNSAID), exc.fields.get("trouble"))
            hint = "; ".join(filter(None, (exc.hint, bill_text(ended))))
            raise Permanent(exc.message, hint=hint, job=job.order_key) from exc
        except AnswerLost as exc:
            count_failure(market, job)
            # Whoever is killed now leaves an intent that may have been sent: it is looked up first, as here.
            found = look_up(market, job, exc.message, exc.fields.get("billed", UNSAID))
        if found is not None:
            return found
    raise Retryable(f"{job.maker} could not be reached, and it has no order of ours", hint="nothing was bought")


def _kept_back(market: Market, job: Job, wait: Wait, last: bool) -> Job:
    """The order may not leave now: it waits in line. A vendor that is left alone gives way to the next one that is offered.

    Raises Permanent where there is one, Retryable where the vendor has been in trouble for longer than anybody waits.
    """
    if wait.resting and not last:
        failed(market, job, wait.reason, FREE_OF_CHARGE)
        raise Permanent(wait.reason, hint="nothing was bought", job=job.order_key)
    if wait.troubled and not job.in_time(market.now()):
        unsent(market, job, wait.reason)
        raise Retryable(wait.reason, hint="nothing was bought: run again later")
    return in_line(market, job, wait)


def _not_taken(market: Market, job: Job, exc: Retryable, last: bool) -> Job:
    """It certainly never left, or the vendor is busy and wants to be asked again later."""
    job = unsent(market, job, exc.message)
    seconds = exc.fields.get("retry_after_seconds")
    if seconds is None:
        wait = count_failure(market, job)
        if wait is None:
            raise exc
        return _kept_back(market, job, wait, last)
    pause(market, job.provider, seconds)
    if not job.in_time(market.now()):
        raise exc
    return again_later(market, job, spread(seconds, job.order_key), exc.message)


def _note_answer(market: Market, job: Job, exc: Permanent) -> None:
    """A no in the vendor's own words shows that it is there."""
    if "trouble" in exc.fields:
        with market.database.write() as conn:
            count_answer(conn, job.provider, market.now())


def _answered(market: Market, job: Job, answer: Pending | Delivered) -> Job:
    if isinstance(answer, Pending):
        return submitted(market, job, answer.vendor_job_id, answer.ask_again_after, answer.billed)
    try:
        files = [keep(market, file) for file in answer.files]
    except PressroomError as exc:
        # Made, charged for, and nowhere to put it: it will not be answered a second time.
        lost = unknown(market, job, f"it was delivered and could not be stored: {exc.message}", answer.billed)
        raise still_unknown(lost) from exc
    return delivered(market, job, files, answer.billed, answer.vendor_job_id)


def _order(job: Job, ticket: Ticket, supplies: Supplies) -> Order:
    node = ticket.node
    return Order(
        order_key=job.order_key,
        operation=node.operation,
        model=job.model,
        params=node.params,
        expected_outputs=len(node.outputs),
        units=job.ordered.get("units", node.units),
        inputs=supplies.inputs,
        files=supplies.files,
        brand=supplies.brand,
        callback_key=job.callback_key,
        makes=main_of(node.outputs),
    )
