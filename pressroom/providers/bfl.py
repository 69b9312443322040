"""Black Forest Labs: polled at the address that each answer names. Contract: docs.bfl.ai and its API reference, 2026-11-29.

The answer to an order says what it costs. Finished files can be fetched for ten minutes. Orders are not listed: only a call of
the vendor tells of one whose answer got lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from pressroom.catalog.models import Model
from pressroom.providers.api import Link, Output, Purchase, Said, Talk
from pressroom.providers.base import (
    UNSAID,
    Absent,
    Billed,
    Charge,
    Found,
    LostOrder,
    NoRecord,
    Pending,
    Status,
    Trouble,
    Undecided,
    Unknowable,
    VendorJob,
    VendorState,
)
from pressroom.providers.http.messages import Request, Response
from pressroom.providers.reading import amount_of, inlined, named, seconds_of, usual_trouble

POLL_SECONDS: Final = 1.0
USD_MICROS_A_CENT: Final = 10_000
_ENDS: Final = {
    "Ready": (VendorState.SUCCEEDED, None),
    "Error": (VendorState.FAILED, Trouble.FAILED),
    "Request Moderated": (VendorState.FAILED, Trouble.MODERATED),
    "Content Moderated": (VendorState.FAILED, Trouble.MODERATED_AFTERWARDS),
    "Task not found": (VendorState.FAILED, Trouble.GONE),
}


class BlackForestLabs:
    """The base address ends in `/v1`."""

    def key_headers(self, key: str) -> Mapping[str, str]:
        return {"x-key": key}

    def submit(self, purchase: Purchase) -> Talk[Pending]:
        body = {**purchase.fields, **{name: inlined(files) for name, files in purchase.files.items()}}
        if purchase.callback_url:
            body |= {"webhook_url": purchase.callback_url, "webhook_secret": purchase.order.callback_key}
        taken = (yield Request("POST", f"/{purchase.model.id}", json=body, spends=True)).json()
        place = str(taken.get("polling_url") or "").partition("?")[0]
        name = named(taken["id"])
        return Pending(f"{name}@{place}" if place else name, POLL_SECONDS, _billed(taken))

    def look_up(
        self, lost: LostOrder, purchase: Purchase, age_seconds: float
    ) -> Talk[Found | Absent | Undecided | Unknowable]:
        yield from ()
        return Unknowable()

    def status(self, job: VendorJob, model: Model) -> Talk[Status]:
        said = (yield _asked(job)).json()
        state, trouble = _ENDS.get(said["status"], (VendorState.RUNNING, None))
        if state is not VendorState.FAILED:
            return Status(state)
        return Status(state, reason=_reason(said), trouble=trouble)

    def outputs(self, job: VendorJob, model: Model) -> Talk[Sequence[Output]]:
        return [Link(named((yield _asked(job)).json()["result"]["sample"]))]

    def cancel(self, job: VendorJob, model: Model) -> Talk[None]:
        yield from ()

    def charges(self, since: datetime, until: datetime, jobs: Sequence[VendorJob]) -> Talk[Sequence[Charge] | NoRecord]:
        yield from ()
        return NoRecord("what an order costs stands in the answer to it and nowhere else")

    def refusal(self, response: Response) -> Said:
        body = response.json_or_none()
        said = body if isinstance(body, dict) else {}
        words = _words(said.get("message") or said.get("detail") or said.get("error") or said.get("status"))
        trouble = usual_trouble(response.status)
        if response.status in (400, 422) and "moderat" in words.lower():
            trouble = Trouble.MODERATED
        return Said(trouble, words, seconds_of(response, said.get("retry_after")))

    def probe(self) -> Talk[str]:
        """What a host of its own kind does not have is no word on the key."""
        yield Request("GET", "/credits", answers=(404,))
        return ""


def _asked(job: VendorJob) -> Request:
    """Where the answer to the order said; below the base address where only the order's name is known."""
    if not job.place:
        return Request("GET", "/get_result", {"id": job.name})
    return Request("GET", f"{job.place}?{urlencode({'id': job.name})}")


def _billed(taken: Mapping[str, Any]) -> Billed:
    """What the answer to an order says that it costs, in cents."""
    cents = amount_of(taken.get("cost"))
    if cents is None:
        return UNSAID
    counts = {name: amount_of(taken.get(name)) for name in ("input_mp", "output_mp")}
    meters = {name: float(count) for name, count in counts.items() if count is not None}
    return Billed(round(cents * USD_MICROS_A_CENT), meters, {"order": taken["id"], "cost_cents": cents})


def _reason(said: Mapping[str, Any]) -> str:
    """Its status, and what it says of it."""
    details = said.get("details")
    reasons = ", ".join(map(str, details.get("Moderation Reasons") or ())) if isinstance(details, dict) else ""
    return f"{said['status']}: {reasons}" if reasons else str(said["status"])


def _words(said: Any) -> str:
    if isinstance(said, list):
        return "; ".join(str(row.get("msg", row)) if isinstance(row, dict) else str(row) for row in said)
    return str(said or "")
