"""Replicate: predictions that are polled. Contract: replicate.com/docs/reference/http and its OpenAPI document, 2026-11-29.

Official models are ordered by their name, community ones by a version. Predictions are listed with their inputs for an hour.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from pressroom.catalog.models import Model
from pressroom.providers.api import Denied, Link, Output, Purchase, Said, Talk
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
    Status,
    Trouble,
    Undecided,
    Unknowable,
    VendorJob,
    VendorState,
)
from pressroom.providers.http.messages import Request, Response, Upload
from pressroom.providers.reading import (
    Alike,
    alike,
    look_again,
    named,
    one_or_more,
    query_of,
    rows_of,
    seconds_of,
    sent_since,
    usual_trouble,
)

LISTED_SECONDS: Final = 3_600  # for how long a prediction keeps its input
SETTLED_SECONDS: Final = 60  # what is not listed so long after it was sent never arrived
MOST_PAGES: Final = 5  # of a hundred predictions
MOST_COMPARED: Final = 20  # orders whose files are compared
POLL_SECONDS: Final = 1.0
_STATES: Final = {
    "starting": VendorState.RUNNING,
    "processing": VendorState.RUNNING,
    "succeeded": VendorState.SUCCEEDED,
    "failed": VendorState.FAILED,
    "canceled": VendorState.CANCELLED,
    "aborted": VendorState.CANCELLED,
}
_RESETS: Final = re.compile(r"resets in ~?([0-9]{1,5}) ?s")
_MODERATED: Final = ("(E005)", "flagged as sensitive", "NSFW")


class Replicate:
    """The base address ends in `/v1`."""

    def key_headers(self, key: str) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {key}"}

    def submit(self, purchase: Purchase) -> Talk[Pending]:
        model, inputs = purchase.model, dict(purchase.fields)
        for field, files in purchase.files.items():
            inputs[field] = yield from _uploaded(files)
        body: dict[str, Any] = {"input": inputs}
        if purchase.callback_url:
            body |= {"webhook": purchase.callback_url, "webhook_events_filter": ["completed"]}
        if model.version:
            body["version"] = model.version
        path = "/predictions" if model.version else f"/models/{model.id}/predictions"
        response = yield Request("POST", path, json=body, spends=True)
        return Pending(named(response.json()["id"]), POLL_SECONDS)

    def look_up(
        self, lost: LostOrder, purchase: Purchase, age_seconds: float
    ) -> Talk[Found | Absent | Undecided | Unknowable]:
        if age_seconds > LISTED_SECONDS:
            return Unknowable("it lists the orders of the last hour only")
        listed = yield from _predictions(lost)
        if listed is None:
            return Unknowable("its list of orders is too long to be read")
        seen = {
            named(item["id"]): _sent(item, purchase.model)
            for item in listed
            if item["id"] not in lost.others and _is_of(item, purchase.model)
        }
        found = alike(seen, purchase)
        if found.maybe and not found.surely:
            found = yield from _compared(found, seen, purchase)
        if name := found.the_one(lost.rivals):
            return Found(name)
        left = SETTLED_SECONDS - age_seconds
        if left > 0:
            return look_again(age_seconds, left)
        if found.any:
            return Unknowable(f"several of its orders may be this one: {found.ids}")
        return Absent()

    def status(self, job: VendorJob, model: Model) -> Talk[Status]:
        found = (yield Request("GET", f"/predictions/{job.id}")).json()
        state = _STATES[found["status"]]
        if state is VendorState.RUNNING:
            return Status(state)
        words = str(found.get("error") or "")
        billed = _billed(found)
        if state is VendorState.CANCELLED:
            return Status(state, FREE_OF_CHARGE if found["status"] == "aborted" else billed, reason=found["status"])
        if state is VendorState.SUCCEEDED:
            return Status(state, billed)
        moderated = any(mark in words for mark in _MODERATED)
        return Status(
            state, billed, reason=words, trouble=Trouble.MODERATED_AFTERWARDS if moderated else Trouble.FAILED
        )

    def outputs(self, job: VendorJob, model: Model) -> Talk[Sequence[Output]]:
        found = (yield Request("GET", f"/predictions/{job.id}")).json()
        output = found["output"]
        if not output and found.get("data_removed"):
            raise Denied(Said(Trouble.GONE, "data_removed"))
        urls = [output] if isinstance(output, str) else list(output or ())
        return [Link(named(url), "" if number == 0 else str(number)) for number, url in enumerate(urls)]

    def cancel(self, job: VendorJob, model: Model) -> Talk[None]:
        yield Request("POST", f"/predictions/{job.id}/cancel")

    def charges(self, since: datetime, until: datetime, jobs: Sequence[VendorJob]) -> Talk[Sequence[Charge] | NoRecord]:
        return _measured(since, until)

    def refusal(self, response: Response) -> Said:
        body = response.json_or_none()
        said = body if isinstance(body, dict) else {}
        words = str(said.get("detail") or said.get("title") or "")
        trouble = usual_trouble(response.status)
        return Said(trouble, words, seconds_of(response, said.get("retry_after", _resets_in(words))))

    def signing_secret(self) -> Talk[str]:
        return str((yield Request("GET", "/webhooks/default/secret")).json()["key"])

    def listed(self, models: Sequence[Model]) -> Talk[Sequence[Listed]]:
        """Which of them are there; it tells no prices."""
        there: dict[str, bool] = {}
        for name in dict.fromkeys(model.id for model in models):
            there[name] = (yield Request("GET", f"/models/{name}", answers=(404,))).is_success
        return [Listed(model.model, sold=there[model.id]) for model in models]

    def probe(self) -> Talk[str]:
        return str((yield Request("GET", "/account")).json().get("username", ""))


def _uploaded(files: Upload | tuple[Upload, ...]) -> Generator[Request, Response, str | list[str]]:
    if isinstance(files, tuple):
        urls = []
        for file in files:
            urls.append((yield from _uploaded_one(file)))
        return urls
    return (yield from _uploaded_one(files))


def _uploaded_one(file: Upload) -> Generator[Request, Response, str]:
    form: dict[str, str | Upload] = {"content": file, "filename": file.name, "type": file.mime}
    return str((yield Request("POST", "/files", form=form)).json()["urls"]["get"])


def _compared(found: Alike, sent: Mapping[str, Any], purchase: Purchase) -> Talk[Alike]:
    """The same, by the digests that it keeps of uploaded files."""
    same: dict[str, bool | None] = {}
    for name in found.maybe[:MOST_COMPARED]:
        same[name] = yield from _same_files(sent[name], purchase)
    surely = tuple(name for name, known in same.items() if known)
    return replace(found, surely=surely, maybe=tuple(name for name in found.maybe if same.get(name) is None))


def _same_files(sent: Mapping[str, Any], purchase: Purchase) -> Talk[bool | None]:
    unknown = False
    for field, digests in purchase.sha256s.items():
        for value, digest in zip(one_or_more(sent[field]), one_or_more(digests), strict=True):
            kept = yield from _kept_digest(str(value))
            if kept and digest and kept != digest:
                return False
            unknown = unknown or not (kept and digest)
    return None if unknown else True


def _kept_digest(url: str) -> Talk[str]:
    """Of a file that was uploaded here; empty where it is none, or is gone."""
    _, mark, name = url.partition("/files/")
    if not mark:
        return ""
    answer = yield Request("GET", f"/files/{name}", answers=(403, 404, 410))
    said = answer.json_or_none() if answer.is_success else None
    return str(said.get("checksums", {}).get("sha256", "")) if isinstance(said, dict) else ""


def _predictions(lost: LostOrder) -> Generator[Request, Response, list[dict[str, Any]] | None]:
    """What was created since the order may have been sent; None where the list goes on further than is read."""
    found: list[dict[str, Any]] = []
    query: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        page = (yield Request("GET", "/predictions", query)).json()
        listed = rows_of(page["results"])
        recent = [item for item in listed if sent_since(item["created_at"], lost.sent_at)]
        found += recent
        if len(recent) < len(listed) or not page.get("next"):
            return found
        query = query_of(page["next"])
    return None


def _measured(since: datetime, until: datetime) -> Talk[Sequence[Charge] | NoRecord]:
    """Its list of predictions, newest first, with what it measured of each."""
    found: list[Charge] = []
    query: dict[str, str] = {}
    while True:
        page = (yield Request("GET", "/predictions", query, billing=True)).json()
        listed = rows_of(page["results"])
        times = [datetime.fromisoformat(item["created_at"]) for item in listed]
        rows = zip(listed, times, strict=True)
        found += [_charge(item, at) for item, at in rows if since <= at < until and _has_ended(item)]
        if not page.get("next") or min(times, default=since) < since:
            return found
        query = query_of(page["next"])


def _resets_in(words: str) -> int | None:
    """When it takes orders again, where only its words tell: `Your rate limit resets in ~30s.`"""
    found = _RESETS.search(words)
    return None if found is None else int(found[1])


def _has_ended(item: Mapping[str, Any]) -> bool:
    return _STATES[item["status"]] is not VendorState.RUNNING


def _charge(item: Mapping[str, Any], at: datetime) -> Charge:
    billed = FREE_OF_CHARGE if item["status"] == "aborted" else _billed(item)
    return Charge(named(item["id"]), item.get("model") or item.get("version") or "", at, billed)


def _is_of(item: Mapping[str, Any], model: Model) -> bool:
    """Whether it is an order of this model, or may be: the list does not say."""
    return _maker(item, model) in (model.version or model.id, "")


def _sent(item: Mapping[str, Any], model: Model) -> Any:
    """What it was ordered with; None of what may be an order of another model."""
    return item.get("input") if _maker(item, model) else None


def _maker(item: Mapping[str, Any], model: Model) -> str:
    """Its model or version, as this model is ordered; empty where the list does not say."""
    return str(item.get("version" if model.version else "model") or "")


def _billed(found: Mapping[str, Any]) -> Billed:
    """It sends no bill: what it measured is kept, and the price is the catalog's."""
    metrics = found.get("metrics")
    return Billed(evidence={"prediction": found["id"], "metrics": metrics}) if metrics else UNSAID
