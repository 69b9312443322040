"""Stability AI, REST v2beta: forms that are answered with the file, a few with an id to poll.

Contract: platform.stability.ai/docs/api-reference and its OpenAPI document, 2026-11-29. Nothing is listed and no answer says what
was charged: a successful call costs its credits, a refused one nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pressroom.catalog.models import Model
from pressroom.domain.errors import Retryable
from pressroom.domain.media import Kind
from pressroom.providers.api import Answered, Denied, Inline, Output, Purchase, Said, Talk
from pressroom.providers.at_once import BLOCKING_SECONDS, AnswersAtOnce
from pressroom.providers.base import (
    FREE_OF_CHARGE,
    UNSAID,
    Billed,
    Pending,
    Status,
    Trouble,
    VendorJob,
    VendorState,
)
from pressroom.providers.http.messages import Request, Response, Upload
from pressroom.providers.reading import named, seconds_of, usual_trouble

POLL_SECONDS: Final = 10.0  # it may refuse whoever asks more often
PAUSE_SECONDS: Final = 60.0  # for which it refuses whoever asked too often
_PICTURES: Final = "stable-image/"
_POLLED: Final = ("stable-image/edit/replace-background-and-relight", "stable-image/upscale/creative")


class Stability(AnswersAtOnce):
    """The base address has no version in it; a model's own name is its path."""

    def key_headers(self, key: str) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {key}"}

    def submit(self, purchase: Purchase) -> Talk[Pending | Answered]:
        polled = purchase.model.id in _POLLED
        response = yield Request(
            "POST",
            f"/v2beta/{purchase.model.id}",
            headers={"Accept": f"{Kind.IMAGE}/*" if purchase.model.id.startswith(_PICTURES) and not polled else "*/*"},
            form=_form(purchase),
            spends=True,
            seconds=BLOCKING_SECONDS,
        )
        if polled:
            return Pending(named(response.json()["id"]), POLL_SECONDS)
        if _is_withheld(response):
            raise Denied(Said(Trouble.MODERATED_AFTERWARDS, "CONTENT_FILTERED", billed=_billed(response)))
        return Answered([Inline(response.body)], _billed(response))

    def status(self, job: VendorJob, model: Model) -> Talk[Status]:
        response = yield _result(job)
        if response.status == 202:
            return Status(VendorState.RUNNING, retry_after_seconds=POLL_SECONDS)
        if not response.mime.startswith(Kind.IMAGE):
            raise Retryable(f"the answer is no picture but {response.mime or 'something without a type'}")
        if _is_withheld(response):
            reason, trouble = "CONTENT_FILTERED", Trouble.MODERATED_AFTERWARDS
            return Status(VendorState.FAILED, _billed(response), reason=reason, trouble=trouble)
        return Status(VendorState.SUCCEEDED, _billed(response))

    def outputs(self, job: VendorJob, model: Model) -> Talk[Sequence[Output]]:
        return [Inline((yield _result(job)).body)]

    def refusal(self, response: Response) -> Said:
        body = response.json_or_none()
        said = body if isinstance(body, dict) else {}
        words = "; ".join(map(str, said.get("errors") or [said.get("message") or ""]))
        if response.status == 403 and said.get("name") == "content_moderation":
            return Said(Trouble.MODERATED, words, billed=FREE_OF_CHARGE)
        trouble = usual_trouble(response.status)
        seconds = seconds_of(response)
        return Said(trouble, words, PAUSE_SECONDS if response.status == 429 and seconds is None else seconds)

    def probe(self) -> Talk[str]:
        return f"{float((yield Request('GET', '/v1/user/balance')).json()['credits']):g} credits left there"


def _form(purchase: Purchase) -> dict[str, str | Upload]:
    files = {name: file for name, file in purchase.files.items() if isinstance(file, Upload)}
    return {**{name: str(value) for name, value in purchase.fields.items()}, **files}


def _result(job: VendorJob) -> Request:
    return Request("GET", f"/v2beta/results/{job.id}", headers={"Accept": "*/*"})


def _is_withheld(response: Response) -> bool:
    """Whether it was made, and blurred because moderation did not like it."""
    return response.headers.get("finish-reason", "").upper() == "CONTENT_FILTERED"


def _billed(response: Response) -> Billed:
    """It sends no bill: what identifies the call is kept, and the price is the catalog's."""
    names = ("x-request-id", "seed", "finish-reason")
    said = {name: response.headers[name] for name in names if name in response.headers}
    return Billed(evidence=said) if said else UNSAID
