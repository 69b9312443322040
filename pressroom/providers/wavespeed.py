"""WaveSpeed: predictions that are polled. Contract: wavespeed.ai/docs and the vendor's Python SDK, 2026-11-29.

Every answer is an envelope of code, message and data. Predictions are listed for seven days, without their inputs: an order is
found by its model and time alone. Nothing can be cancelled. Files are uploaded first.
"""

from __future__ import annotations

import itertools
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from pressroom.catalog.models import Model, Price
from pressroom.providers.api import Denied, Link, Output, Purchase, Said, Talk
from pressroom.providers.base import (
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
from pressroom.providers.http.messages import Request, Response, Upload
from pressroom.providers.reading import named, rows_of, seconds_of, sent_since, usual_trouble
from pressroom.providers.webhooks import WHSEC

LISTED_SECONDS: Final = 7 * 86_400
SETTLED_SECONDS: Final = 60  # what is not listed so long after it was sent never arrived
MOST_PAGES: Final = 5
PAGE_SIZE: Final = 100
PRICE_SECONDS: Final = 10.0  # for which a run that starts waits for a price
POLL_SECONDS: Final = 1.0
REFUNDED: Final = "refund"  # how the state of an order begins that was given back
_STATES: Final = {
    "created": VendorState.RUNNING,
    "pending": VendorState.RUNNING,
    "processing": VendorState.RUNNING,
    "completed": VendorState.SUCCEEDED,
    "failed": VendorState.FAILED,
    "timeout": VendorState.FAILED,
    "cancelled": VendorState.CANCELLED,
}
_CREDIT: Final = ("balance", "credit", "top up")
_MODERATED: Final = ("nsfw", "sensitive", "content policy", "moderation")


class WaveSpeed:
    """The base address ends in `/api/v3`. `refund_list` is its name for what it gave back; without one it is not asked for."""

    def __init__(self, refund_list: str = "") -> None:
        self._refund_list = refund_list

    def key_headers(self, key: str) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {key}"}

    def submit(self, purchase: Purchase) -> Talk[Pending]:
        inputs = dict(purchase.fields)
        for field, files in purchase.files.items():
            inputs[field] = yield from _uploaded(files)
        query = {"webhook": purchase.callback_url} if purchase.callback_url else {}
        data = _data((yield Request("POST", f"/{purchase.model.id}", query, json=inputs, spends=True)))
        return Pending(named(data["id"]), POLL_SECONDS)

    def look_up(
        self, lost: LostOrder, purchase: Purchase, age_seconds: float
    ) -> Talk[Found | Absent | Undecided | Unknowable]:
        if age_seconds > LISTED_SECONDS:
            return Unknowable("it lists the orders of the last seven days only")
        listed = yield from _predictions(lost)
        if listed is None:
            return Unknowable("its list of orders is too long to be read")
        left = SETTLED_SECONDS - age_seconds
        ids = [
            named(item["id"])
            for item in listed
            if named(item["model"]) == purchase.model.id and item["id"] not in lost.other_names
        ]
        if len(ids) == 1 and not lost.rivals:
            return Found(ids[0])
        if ids and not (lost.rivals and left > 0):
            return Unknowable(f"it lists orders without their inputs, and several may be this one: {', '.join(ids)}")
        return Absent() if left <= 0 else Undecided(min(left + 1, 10.0))

    def status(self, job: VendorJob, model: Model) -> Talk[Status]:
        found = _data((yield Request("GET", f"/predictions/{job.id}/result")))
        state, words = _STATES.get(found["status"], VendorState.RUNNING), str(found.get("error") or "")
        if state is VendorState.RUNNING:
            return Status(state)
        if state is VendorState.CANCELLED:
            return Status(state, reason=words or "cancelled")
        flagged = any(found.get("has_nsfw_contents") or ())
        if flagged or any(mark in words.lower() for mark in _MODERATED):
            words = words or "the result is flagged (has_nsfw_contents)"
            return Status(VendorState.FAILED, _billed(found), reason=words, trouble=Trouble.MODERATED_AFTERWARDS)
        if state is VendorState.SUCCEEDED:
            return Status(state, _billed(found))
        trouble = Trouble.TIMED_OUT if found["status"] == "timeout" else Trouble.FAILED
        return Status(state, reason=words, trouble=trouble)

    def outputs(self, job: VendorJob, model: Model) -> Talk[Sequence[Output]]:
        urls = _data((yield Request("GET", f"/predictions/{job.id}/result")))["outputs"]
        return [Link(named(url), "" if number == 0 else str(number)) for number, url in enumerate(urls)]

    def cancel(self, job: VendorJob, model: Model) -> Talk[None]:
        yield from ()

    def charges(self, since: datetime, until: datetime, jobs: Sequence[VendorJob]) -> Talk[Sequence[Charge] | NoRecord]:
        return _deductions(since, until, self._refund_list)

    def refusal(self, response: Response) -> Said:
        return _refused(response)

    def price(self, purchase: Purchase) -> Talk[PriceNow | None]:
        asked = {"model_id": purchase.model.id, "inputs": dict(purchase.fields)}
        data = _data((yield Request("POST", "/model/price", json=asked, seconds=PRICE_SECONDS)))
        return PriceNow(_usd_micros(data))

    def listed(self, models: Sequence[Model]) -> Talk[Sequence[Listed]]:
        """Its price for exactly the inputs of the smallest order at each price of the catalog."""
        found = []
        for model in models:
            for price in model.prices:
                inputs, quantity = _smallest(model, price)
                answer = yield Request(
                    "POST", "/model/price", json={"model_id": model.id, "inputs": inputs}, answers=(404,)
                )
                if not answer.is_success:
                    found.append(Listed(model.model, sold=False))
                    break
                usd = round(_usd_micros(_data(answer)))
                # Without the sound that it goes by, the price of an avatar is only its least.
                told = None if price.unit == "second" and not model.sizing.duration else usd
                found.append(Listed(model.model, told, quantity, price.unit, price.when))
        return found

    def signing_secret(self) -> Talk[str]:
        """Under which name it stands in the answer is not documented: it is known by how it begins."""
        said = _data((yield Request("GET", "/webhook/secret")))
        values = said.values() if isinstance(said, Mapping) else (said,)
        secret, *_ = (str(value) for value in values if str(value).startswith(WHSEC))
        return secret

    def probe(self) -> Talk[str]:
        _data((yield Request("GET", "/balance")))
        return ""


def _usd_micros(data: Mapping[str, Any]) -> Decimal:
    """What an account pays, discounts taken off."""
    price = data["price"] if data.get("discounted_price") is None else data["discounted_price"]
    return Decimal(str(price)) * 1_000_000


def _smallest(model: Model, price: Price) -> tuple[dict[str, Any], float]:
    """The inputs of the shortest order that the price is for, as far as prices depend on them, and how many units it has."""
    named = dict(_named(model, name, value) for name, value in price.when.items())
    seconds = min(model.sizing.seconds, default=price.billing_step)
    timed = {model.sizing.duration: seconds} if model.sizing.duration else {}
    return {**model.fixed, **named, **timed}, seconds if price.unit == "second" else 1.0


def _named(model: Model, name: str, value: Any) -> tuple[str, Any]:
    """Its parameter and value for a condition of a price."""
    if name == "resolution" and model.sizing.short_sides:
        return model.sizing.resolution, next(
            key for key, side in model.sizing.short_sides.items() if f"{side}p" == value
        )
    return model.parameters.get(name, name), value


def _deductions(since: datetime, until: datetime, refund_list: str) -> Talk[Sequence[Charge] | NoRecord]:
    """Its lists of what it took from the balance and of what it gave back, which for what failed it does within three hours.

    Of what was given back it says so in the list of its own, or in the order that a deduction belongs to: once counts.
    """
    window = {"start_time": _milliseconds(since), "end_time": _milliseconds(until)}
    taken = yield from _billings({"billing_type": "deduct", **window})
    returned: list[dict[str, Any]] = []
    if refund_list:
        returned = yield from _billings({"billing_type": refund_list, **window}, answers=(400, 422))
    back = {str(item["prediction"]["uuid"]) for item in returned}
    charges = [_charge(item, free=_is_returned(item) and str(item["prediction"]["uuid"]) not in back) for item in taken]
    return [*charges, *(_charge(item, sign=-1) for item in returned)]


def _billings(
    asked: Mapping[str, Any], answers: tuple[int, ...] = ()
) -> Generator[Request, Response, list[dict[str, Any]]]:
    """All rows of a list that belong to predictions; none where it does not know the list."""
    found: list[dict[str, Any]] = []
    for number in itertools.count(1):
        query = {**asked, "sort": "created_at ASC", "page": number, "page_size": PAGE_SIZE}
        answer = yield Request("POST", "/billings/search", json=query, billing=True, answers=answers)
        if not answer.is_success or (answers and answer.json()["code"] in answers):
            break
        items = rows_of(_data(answer)["items"])
        found += [item for item in items if item.get("prediction")]
        if len(items) < PAGE_SIZE:
            break
    return found


def _is_returned(item: Mapping[str, Any]) -> bool:
    return str((item.get("order") or {}).get("state", "")).lower().startswith(REFUNDED)


def _charge(item: Mapping[str, Any], *, sign: int = 1, free: bool = False) -> Charge:
    price, made = Decimal(0) if free else abs(Decimal(str(item["price"]))) * sign, item["prediction"]
    billed = Billed(round(price * 1_000_000), {}, {"billing": item["uuid"], "price": item["price"]})
    return Charge(
        named(made["uuid"]), str(made["model_uuid"] or ""), datetime.fromisoformat(item["created_at"]), billed
    )


def _milliseconds(moment: datetime) -> str:
    return str(round(moment.timestamp() * 1_000))


def _refused(response: Response) -> Said:
    body = response.json_or_none()
    words = str(body.get("message") or "") if isinstance(body, dict) else ""
    if 400 <= response.status < 500 and any(mark in words.lower() for mark in _CREDIT):
        return Said(Trouble.OUT_OF_CREDIT, words)
    if response.status == 400 and any(mark in words.lower() for mark in _MODERATED):
        return Said(Trouble.MODERATED, words)
    trouble = usual_trouble(response.status)
    return Said(trouble, words, seconds_of(response))


def _data(response: Response) -> Any:
    """Raises Denied for a no inside an answer that is otherwise a success."""
    body = response.json()
    if body["code"] != 200:
        # A code of its own says nothing of whether an order was taken.
        status = body["code"] if body["code"] in range(400, 600) else 500
        raise Denied(_refused(replace(response, status=status)), status)
    return body["data"]


def _uploaded(files: Upload | tuple[Upload, ...]) -> Generator[Request, Response, str | list[str]]:
    if isinstance(files, tuple):
        urls = []
        for file in files:
            urls.append((yield from _uploaded_one(file)))
        return urls
    return (yield from _uploaded_one(files))


def _uploaded_one(file: Upload) -> Generator[Request, Response, str]:
    said = {"filename": file.name, "size": file.path.stat().st_size, "content_type": file.mime}
    ticket = _data((yield Request("POST", "/media/uploads", json=said)))
    place = ticket["upload"]
    yield Request(place.get("method", "PUT"), place["url"], headers=place.get("headers") or {}, content=file)
    return str(ticket["download_url"])


def _predictions(lost: LostOrder) -> Generator[Request, Response, list[dict[str, Any]] | None]:
    """What was created since the order may have been sent; None where the list goes on further than is read."""
    found: list[dict[str, Any]] = []
    for page in range(1, MOST_PAGES + 1):
        asked = Request("POST", "/predictions", json={"page": page, "page_size": PAGE_SIZE})
        items = rows_of(_data((yield asked))["items"])
        recent = [item for item in items if sent_since(item["created_at"], lost.sent_at)]
        found += recent
        if len(recent) < PAGE_SIZE:
            return found
    return None


def _billed(found: Mapping[str, Any]) -> Billed:
    """It sends no bill with the result: what it measured is kept, and the price is the catalog's."""
    return Billed(evidence={"prediction": found["id"], "timings": found["timings"]}) if found.get("timings") else UNSAID
