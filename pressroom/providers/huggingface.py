"""Hugging Face's own inference: pictures, answered at once as bytes. Contract: huggingface_hub 2.4.0, 2026-11-29.

While a model is loaded the answer is a 503 with the time that takes; nothing was begun then. Nothing is listed, and no answer
says what it costs: what is charged are the seconds of the machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pressroom.domain.media import mime_of
from pressroom.providers.api import Answered, Denied, Inline, Purchase, Said, Talk
from pressroom.providers.at_once import BLOCKING_SECONDS, AnswersAtOnce
from pressroom.providers.base import Billed, Trouble
from pressroom.providers.http.messages import Request, Response
from pressroom.providers.reading import seconds_of, usual_trouble

HUB: Final = "hub"  # the host that knows accounts
_EVIDENCE: Final = ("x-request-id", "x-compute-time", "x-compute-type")


class HuggingFace(AnswersAtOnce):
    """The base address ends in `/hf-inference`."""

    def key_headers(self, key: str) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {key}"}

    def submit(self, purchase: Purchase) -> Talk[Answered]:
        fields = dict(purchase.fields)
        body: dict[str, Any] = {"inputs": fields.pop("inputs"), "parameters": fields}
        response = yield Request(
            "POST",
            f"/models/{purchase.model.id}",
            headers={"Accept": mime_of("png")},
            json=body,
            spends=True,
            seconds=BLOCKING_SECONDS,
        )
        if words := _words(response):
            raise Denied(Said(Trouble.FAILED, words), response.status)
        said = {name: response.headers[name] for name in _EVIDENCE if name in response.headers}
        return Answered([Inline(response.body)], Billed(evidence=said))

    def refusal(self, response: Response) -> Said:
        estimated = _said(response).get("estimated_time")
        return Said(usual_trouble(response.status), _words(response), seconds_of(response, estimated))

    def probe(self) -> Talk[str]:
        """Whose key it is only the hub knows: what stands in for the inference alone says nothing of it."""
        answer = yield Request("GET", "/api/whoami-v2", host=HUB, answers=(404,))
        return str(answer.json().get("name", "")) if answer.is_success else ""


def _said(response: Response) -> Mapping[str, Any]:
    body = response.json_or_none()
    return body if isinstance(body, dict) else {}


def _words(response: Response) -> str:
    """What an error says, which is a text, a list of them, or what is wrong with each parameter."""
    said = _said(response)
    found = said.get("error") or said.get("message") or said.get("detail") or ""
    return "; ".join(_told(item) for item in (found if isinstance(found, list) else [found]))


def _told(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    where = ".".join(map(str, item.get("loc") or ()))
    return ": ".join(filter(None, (where, str(item.get("msg") or item.get("message") or item))))
