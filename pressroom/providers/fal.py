"""fal: a queue that is polled. Contract: docs.fal.ai/model-apis and its queue and platform API documents, 2026-11-29.

An order is asked for below the first two parts of its endpoint, so its id here carries the endpoint. Orders are listed by
endpoint with their inputs for thirty days, surely once they have ended; whether waiting ones are is not said.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from pressroom.catalog.models import Model
from pressroom.domain.errors import Retryable
from pressroom.providers.api import Link, Output, Purchase, Said, Talk
from pressroom.providers.base import (
    FREE_OF_CHARGE,
    UNSAID,
    Absent,
    Billed,
    Charge,
    Found,
    Listed,
    LostOrder,
    NoRecord,
    Pending,
    PriceNow,
    Status,
    Trouble,
    Undecided,
    Unknowable,
    VendorJob,
    VendorState,
)
from pressroom.providers.http.messages import Request, Response
from pressroom.providers.reading import (
    alike,
    inlined,
    look_again,
    named,
    rows_of,
    seconds_of,
    sent_since,
    usual_trouble,
)

PLATFORM: Final = "platform"  # the host of lists and prices
SIGNATURES: Final = "signatures"  # the host of the keys that its calls are signed with
PRICES: Final = "/v1/models/pricing"
LISTED_SECONDS: Final = 30 * 86_400  # for how long the inputs are kept
START_SECONDS: Final = 300  # what has not begun so long after it was queued is given up by the queue itself
RUNS_TIMES: Final = 10  # what runs so many times as long as its model usually takes has ended
MOST_PAGES: Final = 5  # of a hundred orders
EVENTS_A_PAGE: Final = 10_000
PRICE_SECONDS: Final = 10.0  # for which an answer about a price is waited for
POLL_SECONDS: Final = 1.0
CANCELLED: Final = 499
_WIDER: Final = timedelta(hours=1)  # which of an order's times a list goes by is not said
_FAILURES: Final = range(400, 600)
_NOT_OF_THE_JOB: Final = (401, 403, 408, 429)
_STATES: Final = {
    "IN_QUEUE": VendorState.RUNNING,
    "IN_PROGRESS": VendorState.RUNNING,
    "COMPLETED": VendorState.SUCCEEDED,
}
_LOCKED: Final = ("locked", "balance")
# Its words for what it bills by; a video of one price is a call.
_UNITS: Final = {
    **{name: name for name in ("image", "megapixel", "second")},
    **dict.fromkeys(("video", "request", "generation", "run", "call"), "call"),
}
_UNITS_COUNTED: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_POLICY: Final = "content_policy_violation"
_FILES: Final = ("images", "image", "video", "audio", "model_mesh", "model_glb")


class Fal:
    """The base address is the queue's."""

    def key_headers(self, key: str) -> Mapping[str, str]:
        return {"Authorization": f"Key {key}"}

    def submit(self, purchase: Purchase) -> Talk[Pending]:
        endpoint = purchase.model.id
        body = {**purchase.fields, **{name: inlined(files) for name, files in purchase.files.items()}}
        query = {"fal_webhook": purchase.callback_url} if purchase.callback_url else {}
        headers = {"X-Fal-Request-Timeout": str(START_SECONDS)}
        response = yield Request("POST", f"/{endpoint}", query, headers, json=body, spends=True)
        return Pending(f"{named(response.json()['request_id'])}@{endpoint}", POLL_SECONDS)

    def look_up(
        self, lost: LostOrder, purchase: Purchase, age_seconds: float
    ) -> Talk[Found | Absent | Undecided | Unknowable]:
        if age_seconds > LISTED_SECONDS:
            return Unknowable("it keeps the inputs of an order for thirty days only")
        listed = yield from _listed(lost, purchase.model.id)
        if listed is None:
            return Unknowable("its list of orders is too long to be read")
        seen = [item for item in listed if item["request_id"] not in lost.other_names]
        found = alike({named(item["request_id"]): item.get("json_input") for item in seen}, purchase)
        if name := found.the_one(lost.rivals):
            return Found(f"{name}@{purchase.model.id}")
        left = _settled_seconds(purchase.model) - age_seconds
        if left > 0:
            return look_again(age_seconds, left)
        if found.any:
            return Unknowable(f"several of its orders may be this one: {found.ids}")
        return Absent()

    def status(self, job: VendorJob, model: Model) -> Talk[Status]:
        path = _path(job, model)
        said = (yield Request("GET", f"{path}/status")).json()
        if _STATES[said["status"]] is VendorState.RUNNING:
            return Status(VendorState.RUNNING)
        answer = yield Request("GET", path, answers=_FAILURES)
        if not said.get("error") and _is_of_the_way(answer):
            raise Retryable(f"the result cannot be had now (status {answer.status})", hint="try again later")
        return _ended(job, model, said, answer)

    def outputs(self, job: VendorJob, model: Model) -> Talk[Sequence[Output]]:
        made = (yield Request("GET", _path(job, model))).json()
        files: Any = next((made[name] for name in _FILES if made.get(name)), [])
        urls = [named(file["url"]) for file in (files if isinstance(files, list) else [files])]
        return [Link(url, "" if number == 0 else str(number)) for number, url in enumerate(urls)]

    def cancel(self, job: VendorJob, model: Model) -> Talk[None]:
        yield Request("PUT", f"{_path(job, model)}/cancel", answers=(400, 404))

    def charges(self, since: datetime, until: datetime, jobs: Sequence[VendorJob]) -> Talk[Sequence[Charge] | NoRecord]:
        return _billing_events(since, until)

    def refusal(self, response: Response) -> Said:
        words, kinds = _words(response)
        if _POLICY in kinds:
            return Said(Trouble.MODERATED, words)
        if response.status == 403 and any(mark in words.lower() for mark in _LOCKED):
            return Said(Trouble.OUT_OF_CREDIT, words)
        trouble = usual_trouble(response.status)
        return Said(trouble, words, seconds_of(response))

    def price(self, purchase: Purchase) -> Talk[PriceNow | None]:
        said = yield from _unit_price(purchase.model.id)
        unit = None if said is None else _UNITS.get(said[1].lower().removesuffix("s"))
        return None if said is None or unit is None else PriceNow(said[0], unit)

    def listed(self, models: Sequence[Model]) -> Talk[Sequence[Listed]]:
        """Its price for a unit of each, discounts of the account included."""
        found = []
        for model in models:
            said = yield from _unit_price(model.id)
            row = Listed(model.model, sold=False) if said is None else Listed(model.model, round(said[0]), unit=said[1])
            found.append(row)
        return found

    def signing_secret(self) -> Talk[str]:
        """Its public keys, which anybody may read."""
        answer = yield Request("GET", "/.well-known/jwks.json", host=SIGNATURES, keyless=True)
        return answer.body.decode()

    def probe(self) -> Talk[str]:
        yield Request("GET", PRICES, {"endpoint_id": "fal-ai/flux/schnell"}, host=PLATFORM)
        return ""


def _path(job: VendorJob, model: Model) -> str:
    owner, app, *_ = (job.place or model.id).split("/")
    return f"/{owner}/{app}/requests/{job.name}"


def _settled_seconds(model: Model) -> float:
    """How long after it was sent an order has ended, and is listed if it ever arrived."""
    seconds = model.latency_seconds_per.get("second", 0.0) * max(model.sizing.seconds, default=10.0)
    return START_SECONDS + RUNS_TIMES * (model.latency_seconds + seconds)


def _listed(lost: LostOrder, endpoint: str) -> Generator[Request, Response, list[dict[str, Any]] | None]:
    """The endpoint's orders since this one may have been sent; None where the list goes on further than is read."""
    found: list[dict[str, Any]] = []
    query = {"endpoint_id": endpoint, "start": _iso(lost.sent_at - _WIDER), "expand": "payloads", "limit": "100"}
    for _ in range(MOST_PAGES):
        page = (yield Request("GET", "/v1/models/requests/by-endpoint", query, host=PLATFORM)).json()
        found += [item for item in rows_of(page["items"]) if sent_since(item["sent_at"], lost.sent_at)]
        if not page.get("has_more"):
            return found
        query = {**query, "cursor": str(page["next_cursor"])}
    return None


def _unit_price(endpoint: str) -> Talk[tuple[Decimal, str] | None]:
    """What a unit of the endpoint costs now, in micro-USD, and its own word for the unit; None where it is not sold."""
    query = {"endpoint_id": endpoint}
    answer = yield Request("GET", PRICES, query, host=PLATFORM, answers=(404,), seconds=PRICE_SECONDS)
    prices = rows_of(answer.json()["prices"]) if answer.is_success else []
    found = next((each for each in prices if each["endpoint_id"] == endpoint), None)
    return None if found is None else (Decimal(str(found["unit_price"])) * 1_000_000, str(found["unit"]))


def _billing_events(since: datetime, until: datetime) -> Talk[Sequence[Charge] | NoRecord]:
    """Its list of charges; which of an order's times it goes by is not said."""
    found: list[Charge] = []
    query = {"start": _iso(since), "end": _iso(until), "limit": str(EVENTS_A_PAGE)}
    while True:
        path, refused = "/v1/models/billing-events", (401, 403)
        answer = yield Request("GET", path, query, host=PLATFORM, billing=True, answers=refused)
        if answer.status in refused:
            return NoRecord("this key may not read it")
        page = answer.json()
        found += map(_charge, rows_of(page["billing_events"]))
        if not page.get("has_more"):
            return found
        query = {**query, "cursor": str(page["next_cursor"])}


def _charge(event: Mapping[str, Any]) -> Charge:
    nano = event.get("cost_estimate_nano_usd")
    exact = Decimal(str(event["cost_total"])) * 1_000_000 if nano is None else Decimal(str(nano)) / 1_000
    kept = ("output_units", "unit_price", "percent_discount", "cost_total")
    billed = Billed(round(exact), {}, {name: event[name] for name in kept if name in event})
    at = datetime.fromisoformat(event["timestamp"])
    return Charge(named(event["request_id"]), str(event["endpoint_id"] or ""), at, billed)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_of_the_way(answer: Response) -> bool:
    """Whether an error says nothing of the job, but of who asks or of a gateway: it names no kind of fal's then."""
    return answer.status in _NOT_OF_THE_JOB or (answer.status >= 500 and not any(_words(answer)[1]))


def _ended(job: VendorJob, model: Model, said: Mapping[str, Any], answer: Response) -> Status:
    """A job that the queue calls completed: only its result tells of what kind its end is."""
    if answer.is_success and not said.get("error"):
        billed = _counted(job, model, answer)
        if any(answer.json().get("has_nsfw_concepts") or ()):
            words = "the result is withheld (has_nsfw_concepts)"
            return Status(VendorState.FAILED, billed, reason=words, trouble=Trouble.MODERATED_AFTERWARDS)
        return Status(VendorState.SUCCEEDED, billed)
    words, kinds = _words(answer)
    words = words or str(said.get("error") or "")
    kinds |= {str(said.get("error_type") or "")}
    if answer.status == CANCELLED or any("cancel" in kind for kind in kinds):
        return Status(VendorState.CANCELLED, FREE_OF_CHARGE, reason=words)
    # Failures of its own are never billed; what a model refuses may be.
    billed = FREE_OF_CHARGE if answer.status >= 500 else UNSAID
    return Status(VendorState.FAILED, billed, reason=words, trouble=_trouble(answer.status, kinds))


def _trouble(status: int, kinds: set[str]) -> Trouble:
    if _POLICY in kinds:
        return Trouble.MODERATED_AFTERWARDS
    if status == 422:
        return Trouble.INVALID
    return Trouble.TIMED_OUT if status == 504 else Trouble.FAILED


def _counted(job: VendorJob, model: Model, answer: Response) -> Billed:
    """The units that it counts, at the price of one where the catalog's row is by the same unit."""
    units, price = answer.headers.get("x-fal-billable-units", ""), model.usd_per_million_tokens.get("unit")
    if not _UNITS_COUNTED.fullmatch(units):
        return Billed(evidence={"request": job.name})
    # A dollar for a million of them is a micro-dollar for one.
    usd = None if price is None else round(Decimal(units) * Decimal(str(price)))
    return Billed(usd, evidence={"request": job.name, "billable_units": units})


def _words(response: Response) -> tuple[str, set[str]]:
    """What an error says, and the vendor's names of its kinds."""
    body = response.json_or_none()
    said = body if isinstance(body, dict) else {}
    kinds = {str(said.get("error_type") or response.headers.get("x-fal-error-type", ""))}
    detail = said.get("detail")
    if not isinstance(detail, list):
        return str(detail or said.get("status") or ""), kinds
    rows = [row for row in detail if isinstance(row, dict)]
    return "; ".join(str(row.get("msg", "")) for row in rows), kinds | {str(row.get("type", "")) for row in rows}
