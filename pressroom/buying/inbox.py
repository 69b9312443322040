"""The inbox of vendors that call back: each message is written down once and wakes its job, which is then asked for.

A message is believed as far as its secret goes: who knows the key of an order may say which job it is at the vendor, and that
it is worth asking now. What was made and what it costs is always asked for. A forged, doubled or late message changes nothing.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress

from pressroom.buying import journal
from pressroom.buying.job import Job
from pressroom.buying.market import DEADLINE, Market
from pressroom.database.dialect import insert_new
from pressroom.database.schema import inbox
from pressroom.domain.errors import Permanent
from pressroom.domain.states import JobState
from pressroom.providers.base import UNSAID, name_at_vendor
from pressroom.providers.webhooks import Delivery, Refusal, read


def receive(market: Market, provider: str, callback_key: str, vendor_job_id: str, payload: bytes) -> bool:
    """Take a vendor's call. Returns whether it told anything new; the address it came in at holds `callback_key`."""
    now = market.now()
    with suppress(Permanent), market.database.write() as conn:
        job = journal.job_called(conn, provider, callback_key)
        if job is None or _name_of(job) not in (None, vendor_job_id):
            return False  # forged: nobody was given this key, or the job is another one
        message = {
            "order_key": job.order_key,
            "vendor_job_id": vendor_job_id,
            "payload_sha256": hashlib.sha256(payload).hexdigest(),
            "received_at": now,
        }
        written = insert_new(conn, inbox).values(**message).returning(inbox.c.id)
        if conn.execute(written).one_or_none() is None or job.finished or job.state == JobState.DELIVERED:
            return False  # doubled, or late
        due = {"next_ask_at": now, "deadline_at": job.deadline_at or now + DEADLINE}
        journal.mark_submitted(conn, job.order_key, job.vendor_job_id or vendor_job_id, now, UNSAID, **due)
        return True
    return False


def take(market: Market, provider: str, callback_key: str, delivery: Delivery, secret: str) -> bool | Refusal:
    """A vendor's call as it arrives: what is not signed by the vendor is refused, all else is as `receive` takes it."""
    said = read(provider, delivery, secret, market.now().timestamp())
    if isinstance(said, Refusal):
        return said
    return receive(market, provider, callback_key, said.vendor_job_id, delivery.body)


def _name_of(job: Job) -> str | None:
    """What the vendor calls it, where that is known."""
    return None if job.vendor_job_id is None else name_at_vendor(job.vendor_job_id)
