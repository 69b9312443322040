"""Runway: tasks that are polled. Contract: docs.dev.runwayml.com and its SDK 5.24.0, 2026-11-29.

No task is listed. What has ended says what it cost in credits of its own, of which one is a cent; 0 where it was given back. To
delete a task stops it, and what has ended is lost by it, with its files. These can be fetched for a day or two.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

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
from pressroom.providers.http.messages import Request, Response, Upload
from pressroom.providers.reading import amount_of, data_uri, fields_of, named, seconds_of, usual_trouble

VERSION: Final = "2024-11-06"
POLL_SECONDS: Final = 5.0  # it wants to be asked no more often
USD_MICROS_A_CREDIT: Final = 10_000
MOST_INLINE_BYTES: Final = 3_500_000  # of a file: as a data URI it may have five megabytes
_PATHS: Final = {
    "generate_image": "/v1/text_to_image",
    "image_to_video": "/v1/image_to_video",
    "sound_effect": "/v1/sound_effect",
    "speak": "/v1/text_to_speech",
    "text_to_video": "/v1/text_to_video",
    "upscale": "/v1/image_upscale",
}
_STATES: Final = {
    "PENDING": VendorState.RUNNING,
    "THROTTLED": VendorState.RUNNING,
    "RUNNING": VendorState.RUNNING,
    "SUCCEEDED": VendorState.SUCCEEDED,
    "FAILED": VendorState.FAILED,
    "CANCELLED": VendorState.CANCELLED,
}
_FAILURES: Final = {"SAFETY.INPUT": Trouble.MODERATED, "SAFETY": Trouble.MODERATED_AFTERWARDS, "ASSET": Trouble.INVALID}
_CREDIT: Final = "enough credits"
_MODERATED: Final = "moderation"


class Runway:
    """The base address has no version in it."""

    def key_headers(self, key: str) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {key}"}

    def submit(self, purchase: Purchase) -> Talk[Pending]:
        body = {"model": purchase.model.id, **_nested(purchase.fields)}
        for name, file in purchase.files.items():
            assert isinstance(file, Upload), "it takes one file for each name"
            body[name] = yield from _address_of(file)
        asked = _asked("POST", _PATHS[purchase.model.operation], json=body, spends=True)
        taken = (yield asked).json()
        return Pending(named(taken["id"]), POLL_SECONDS, _estimated(taken))

    def look_up(
        self, lost: LostOrder, purchase: Purchase, age_seconds: float
    ) -> Talk[Found | Absent | Undecided | Unknowable]:
        yield from ()
        return Unknowable("it lists no tasks")

    def status(self, job: VendorJob, model: Model) -> Talk[Status]:
        found = (yield _task(job)).json()
        state = _STATES[found["status"]]
        if state is VendorState.RUNNING:
            return Status(state, retry_after_seconds=POLL_SECONDS)
        if state is not VendorState.FAILED:
            return Status(state, _billed(found), reason="" if state is VendorState.SUCCEEDED else "cancelled")
        code = str(found.get("failureCode") or "")
        trouble = next((kind for mark, kind in _FAILURES.items() if code.startswith(mark)), Trouble.FAILED)
        reason = f"{found.get('failure') or 'it failed'} ({code})" if code else str(found.get("failure") or "")
        return Status(state, _billed(found), reason=reason, trouble=trouble)

    def outputs(self, job: VendorJob, model: Model) -> Talk[Sequence[Output]]:
        urls = (yield _task(job)).json()["output"]
        return [Link(named(url), "" if number == 0 else str(number)) for number, url in enumerate(urls)]

    def cancel(self, job: VendorJob, model: Model) -> Talk[None]:
        """Only what has not ended: whatever has is kept, with its files and what it says that it cost."""
        if _STATES[(yield _task(job)).json()["status"]] is VendorState.RUNNING:
            yield _asked("DELETE", f"/v1/tasks/{job.id}", answers=(404,))

    def charges(self, since: datetime, until: datetime, jobs: Sequence[VendorJob]) -> Talk[Sequence[Charge] | NoRecord]:
        """Of these jobs, since none are listed; what was deleted is gone."""
        found = []
        for job in jobs:
            answer = yield _task(job, answers=(404,))
            said = answer.json() if answer.is_success else {}
            if (billed := _billed(said)) != UNSAID:
                found.append(Charge(job.name, job.model, datetime.fromisoformat(said["createdAt"]), billed))
        return found

    def refusal(self, response: Response) -> Said:
        body = response.json_or_none()
        said = body if isinstance(body, dict) else {}
        words = _words(said)
        trouble = usual_trouble(response.status)
        if response.status == 400 and _CREDIT in words:
            trouble = Trouble.OUT_OF_CREDIT
        if response.status == 400 and _MODERATED in words.lower():
            trouble = Trouble.MODERATED
        return Said(trouble, words, seconds_of(response))

    def probe(self) -> Talk[str]:
        return f"{(yield _asked('GET', '/v1/organization')).json()['creditBalance']} credits left there"


def _asked(method: str, path: str, **more: Any) -> Request:
    return Request(method, path, headers={"X-Runway-Version": VERSION}, **more)


def _task(job: VendorJob, **more: Any) -> Request:
    return _asked("GET", f"/v1/tasks/{job.id}", **more)


def _nested(fields: Mapping[str, Any]) -> dict[str, Any]:
    """With a voice as its preset."""
    body = dict(fields)
    if "presetId" in body:
        body["voice"] = {"type": "runway-preset", "presetId": body.pop("presetId")}
    return body


def _address_of(file: Upload) -> Generator[Request, Response, str]:
    """A file in the order itself where that takes it, else uploaded first."""
    if file.path.stat().st_size <= MOST_INLINE_BYTES:
        return data_uri(file)
    ticket = (yield _asked("POST", "/v1/uploads", json={"filename": file.name, "type": "ephemeral"})).json()
    yield Request("POST", str(ticket["uploadUrl"]), form={**ticket["fields"], "file": file})
    return str(ticket["runwayUri"])


def _estimated(taken: Mapping[str, Any]) -> Billed:
    """What it may come to at most is no bill, but worth keeping."""
    most = fields_of(taken.get("estimatedCost")).get("credits")
    return UNSAID if most is None else Billed(evidence={"task": taken["id"], "estimated_credits": most})


def _billed(found: Mapping[str, Any]) -> Billed:
    credits = amount_of(fields_of(found.get("cost")).get("credits"))
    if credits is None:
        return UNSAID
    return Billed(round(credits * USD_MICROS_A_CREDIT), evidence={"task": found["id"], "credits": credits})


def _words(said: Mapping[str, Any]) -> str:
    """What an error says, and what it finds wrong where."""
    issues = [row for row in said.get("issues") or () if isinstance(row, dict)]
    rows = [f"{'.'.join(map(str, row.get('path') or ()))}: {row.get('message', row.get('code', ''))}" for row in issues]
    return "; ".join(filter(None, [str(said.get("error") or ""), *rows]))
