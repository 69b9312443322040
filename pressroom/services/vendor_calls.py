"""Vendors' calls as they arrive at the server: believed with the vendor's signature, and then what they tell of is fetched.

Nobody signs in for one. Whoever cannot sign as the vendor learns nothing: keys that are known and keys that are not are
answered alike, with a good signature and with a bad one.
"""

from __future__ import annotations

from typing import Final

from pressroom.buying import journal
from pressroom.buying.inbox import take
from pressroom.domain.errors import Problem, Refused
from pressroom.providers.http_vendor import HttpVendor
from pressroom.providers.webhooks import Delivery, Refusal
from pressroom.services.context import Context

MOST_BYTES: Final = 1_000_000  # of a call; what was made is fetched, and never in it


def take_call(context: Context, provider: str, callback_key: str, delivery: Delivery) -> None:
    """Take a call; one that is doubled, late or of no order of ours changes nothing.

    What it tells of is asked for at once, whether or not a run still waits for it: files at a vendor expire. Raises Refused for
    one that is not signed by the vendor, Retryable where what it signs with cannot be known now.
    """
    vendor = context.vendors.get(provider)
    secrets = vendor.call_secrets(callback_key) if isinstance(vendor, HttpVendor) else iter(())
    for secret in secrets:
        told = take(context.market, provider, callback_key, delivery, secret)
        if isinstance(told, Refusal):
            continue
        if told:
            _fetch(context, provider, callback_key)
        return
    message = "this call is not signed by the vendor"
    raise Refused(message, problems=(Problem("signature", message, "the vendor signs its calls; nobody else does"),))


def _fetch(context: Context, provider: str, callback_key: str) -> None:
    with context.database.read() as conn:
        job = journal.job_called(conn, provider, callback_key)
    if job is not None:
        context.poller.wait(job.order_key)
