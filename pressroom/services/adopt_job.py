"""Take over an order that a vendor has and that is on no record here: its files into the library, its bill into the books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pressroom.buying import journal
from pressroom.buying.asking import ask
from pressroom.buying.costs import count_spent
from pressroom.buying.job import Job, turn_of
from pressroom.buying.spooling import submitted
from pressroom.domain.errors import Invalid, Permanent, Refused
from pressroom.domain.identity import Principal
from pressroom.domain.media import Asset, suffix_for
from pressroom.domain.meter import Meter
from pressroom.domain.money import micros
from pressroom.domain.states import JobState
from pressroom.ledger.accounts import ensure_account
from pressroom.ledger.holds import place_hold, release
from pressroom.providers.base import UNSAID, Billed, NoRecord, VendorJob, VendorState, name_at_vendor
from pressroom.services.add_media import add_file
from pressroom.services.context import Context

RUN: Final = "adopted"  # what stands for a run with these jobs
RECORD_DAYS: Final = 31  # for so long back its charge is looked for


@dataclass(frozen=True, slots=True)
class Adopted:
    """The job as it ended, and the assets that its files are filed as."""

    job: Job
    assets: tuple[Asset, ...]


def adopt_job(principal: Principal, context: Context, vendor: str, model: str, vendor_job_id: str) -> Adopted:
    """File what an order made that this vendor has under this id. No credits are taken; its dollars count.

    Raises Invalid for a model that is none, Refused for an order that is known here, unknown there, or has not succeeded.
    """
    principal.require_operator("to take over an order")
    if f"{vendor}/{model}" not in context.catalog.models or vendor not in context.vendors:
        raise Invalid(f"there is no model {vendor}/{model}", hint="pressroom models")
    settings, node_key = context.settings, f"adopted:{vendor}:{name_at_vendor(vendor_job_id)}"
    with context.database.write() as conn:
        account_id = ensure_account(conn, principal.account, micros(settings.grant_credits), settings.plan)
    with context.database.turn(turn_of(account_id, node_key)):
        _check(context, account_id, node_key, vendor, VendorJob(vendor_job_id, model))
        job = _taken(principal, context, account_id, node_key, VendorJob(vendor_job_id, model), vendor)
        assets = tuple(_filed(principal, context, job)) if job.state == JobState.DELIVERED else ()
        return Adopted(_ended(context, job, assets), assets)


def _check(context: Context, account_id: int, node_key: str, vendor: str, at_vendor: VendorJob) -> None:
    with context.database.read() as conn:
        begun = journal.open_job_of(conn, account_id, node_key) is not None
        known = map(name_at_vendor, journal.known_at_vendor(conn, vendor, _long_ago(context)))
        if not begun and at_vendor.name in known:
            raise Refused(
                f"{vendor}'s order {at_vendor.name} is on record here already", hint="pressroom jobs list --all"
            )
    try:
        status = context.vendors[vendor].status(at_vendor)
    except Permanent as exc:
        raise Refused(f"{vendor} does not know {at_vendor.name!r}: {exc.message}", hint="look again") from exc
    if status.state is not VendorState.SUCCEEDED:
        said = f": {status.reason}" if status.reason else ""
        raise Refused(f"{vendor}'s order {at_vendor.name} is {status.state}{said}", hint="there is nothing to file")


def _taken(
    principal: Principal, context: Context, account_id: int, node_key: str, at_vendor: VendorJob, vendor: str
) -> Job:
    """The job with its files in the store."""
    row = context.catalog.models[f"{vendor}/{at_vendor.model}"]
    with context.database.write() as conn:
        expires = context.now() + timedelta(seconds=context.settings.hold_seconds)
        hold = place_hold(conn, f"hold:{node_key}", principal.account, 0, expires)
        job = journal.open_job(
            conn,
            account_id,
            order_key=journal.next_order_key(conn, account_id, node_key),
            node_key=node_key,
            run_id=RUN,
            provider=vendor,
            model=at_vendor.model,
            now=context.now(),
            hold_id=hold.id,
            ordered={"operation": row.operation, "node": f"{RUN} {at_vendor.name}"},
        )
    if job.state == JobState.INTENT:
        job = submitted(context.market, job, at_vendor.id)
    return ask(context.market, job) if job.state == JobState.SUBMITTED else job


def _filed(principal: Principal, context: Context, job: Job) -> list[Asset]:
    found = []
    with TemporaryDirectory(prefix="pressroom-") as folder:
        for number, file in enumerate(job.delivery):
            path = Path(folder) / f"{job.model}-{number + 1}{suffix_for(file.mime)}"
            context.store.get(file.sha256, path)
            found.append(add_file(principal, context, path))
    return found


def _ended(context: Context, job: Job, assets: Sequence[Asset]) -> Job:
    """Filed, with its bill: the vendor's word where it has one, else the catalog's price of what it made."""
    if job.state != JobState.DELIVERED:
        return job
    billed = job.billed if job.billed_usd_micros is not None else _on_record(context, job)
    units, meter = _measured(context, job, assets)
    spent = meter.cost(units.get(meter.unit, 1.0), meter.usd or 0) if billed.usd_micros is None else billed.usd_micros
    ordered = {**job.ordered, "units": units, "outputs": len(assets), "meter": asdict(meter)}
    with context.database.write() as conn:
        journal.mark_stored(conn, job.order_key, RUN, context.now())
        journal.set_ordered(conn, job.order_key, ordered, billed, spent, context.now())
        job = count_spent(conn, journal.job_of(conn, job.order_key))
        release(conn, f"release:{job.node_key}", job.hold_id)
    return job


def _measured(context: Context, job: Job, assets: Sequence[Asset]) -> tuple[dict[str, float], Meter]:
    """How much of each priced measure there is in what was made, and the catalog's price of it."""
    row = context.catalog.models[job.maker]
    sizes = [(asset.width, asset.height) for asset in assets if asset.width and asset.height]
    seconds = sum(asset.duration_seconds or 0.0 for asset in assets)
    facts = {"resolution": f"{min(sizes[0])}p", "duration": seconds} if sizes else {"duration": seconds}
    megapixels = sum(width * height for width, height in sizes) / 1e6
    units = {"call": 1.0, "image": float(len(assets)), "second": seconds, "megapixel": megapixels}
    return units, row.meter(facts, context.now().date())


def _on_record(context: Context, job: Job) -> Billed:
    charges = context.vendors[job.provider].charges(_long_ago(context), context.now(), [job.at_vendor])
    if isinstance(charges, NoRecord):
        return UNSAID
    return next((charge.billed for charge in charges if charge.name == job.at_vendor.name), UNSAID)


def _long_ago(context: Context) -> datetime:
    return context.now() - timedelta(days=RECORD_DAYS)
