"""OpenAI: pictures and words, answered at once. Contract: developers.openai.com/api/docs, 2026-11-29.

No idempotency key is documented and no order is listed: an answer that got lost stays unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from pressroom.catalog.models import Model
from pressroom.providers.api import Answered, Denied, Inline, Purchase, Said, Talk
from pressroom.providers.at_once import BLOCKING_SECONDS, AnswersAtOnce, inlined_file, written_answer
from pressroom.providers.base import Billed, Listed, Trouble
from pressroom.providers.briefs import Brief
from pressroom.providers.http.messages import Request, Response
from pressroom.providers.reading import counted, fields_of, inlined, objects, seconds_of, token_billed, usual_trouble

_IMAGE: Final = "input_image"
_CUT_OFF: Final = "max_output_tokens"
_FILTERED: Final = "content_filter"
_CODES: Final = {
    "moderation_blocked": Trouble.MODERATED,
    "content_policy_violation": Trouble.MODERATED,
    "insufficient_quota": Trouble.OUT_OF_CREDIT,
    "billing_hard_limit_reached": Trouble.OUT_OF_CREDIT,
}


class OpenAI(AnswersAtOnce):
    """The base address ends in `/v1`."""

    def key_headers(self, key: str) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {key}"}

    def submit(self, purchase: Purchase) -> Talk[Answered]:
        if purchase.brief is not None:
            return _written(purchase, (yield _asked(purchase, purchase.brief)).json())
        response = yield _picture(purchase)
        found = response.json()
        billed = _billed(purchase.model, found, response.headers.get("x-request-id", ""))
        items = found["data"] if billed.usd_micros is None else found.get("data")
        pictures = [inlined_file(item.get("b64_json"), billed) for item in objects(items)]
        outputs = [Inline(data, "" if number == 0 else str(number)) for number, data in enumerate(pictures)]
        return Answered(outputs, billed)

    def refusal(self, response: Response) -> Said:
        body = response.json_or_none()
        error = body.get("error") if isinstance(body, dict) else None
        said = error if isinstance(error, dict) else {}
        usual = usual_trouble(response.status)
        named = _CODES.get(str(said.get("code")), _CODES.get(str(said.get("type"))))
        words = error if isinstance(error, str) else str(said.get("message") or "")
        return Said(named or usual, words, seconds_of(response))

    def listed(self, models: Sequence[Model]) -> Talk[Sequence[Listed]]:
        """Which of them are there, and their last days; it tells no prices."""
        rows = {row["id"]: row.get("shutdown_date") for row in (yield Request("GET", "/models")).json()["data"]}
        ends = {name: date.fromisoformat(day) for name, day in rows.items() if day}
        return [Listed(row.model, ends_on=ends.get(row.id), tells_ends=True, sold=row.id in rows) for row in models]

    def probe(self) -> Talk[str]:
        (yield Request("GET", "/models")).json()
        return ""


def _asked(purchase: Purchase, brief: Brief) -> Request:
    """A question about pictures or none, answered in the form that the brief wants."""
    pictures = [{"type": _IMAGE, "image_url": uri} for uri in inlined(purchase.files.get(_IMAGE, ()))]
    content = [{"type": "input_text", "text": brief.text}, *pictures]
    form = {"type": "json_schema", "name": "answer", "schema": brief.schema, "strict": True}
    body = {
        "model": purchase.model.id,
        "input": [{"role": "user", "content": content}],
        "text": {"format": form},
        **purchase.fields,
    }
    return Request("POST", "/responses", json=body, spends=True, seconds=BLOCKING_SECONDS)


def _written(purchase: Purchase, found: Mapping[str, Any]) -> Answered:
    usage = fields_of(found.get("usage"))
    evidence = {"response": found.get("id"), "usage": usage}
    billed = token_billed(
        purchase.model,
        lambda: {"in": counted(usage, "input_tokens"), "out": counted(usage, "output_tokens", least=1)},
        evidence,
    )
    output = found["output"] if billed.usd_micros is None else found.get("output")
    messages = [item for item in objects(output) if item.get("type") == "message"]
    said = [part for item in messages for part in objects(item.get("content"))]
    refused = [str(part["refusal"]) for part in said if part.get("refusal")]
    unfinished = str(fields_of(found.get("incomplete_details")).get("reason") or "")
    if refused or unfinished == _FILTERED:
        raise Denied(Said(Trouble.MODERATED_AFTERWARDS, " ".join(refused) or unfinished, billed=billed))
    text = "".join(str(part["text"]) for part in said if part.get("type") == "output_text" and part.get("text"))
    return written_answer(purchase, text, billed, cut_off=unfinished == _CUT_OFF)


def _picture(purchase: Purchase) -> Request:
    """From words alone, or from pictures: these go in a form, a list of them under a name with brackets."""
    body = {"model": purchase.model.id, **purchase.fields}
    if not purchase.files:
        return Request("POST", "/images/generations", json=body, spends=True, seconds=BLOCKING_SECONDS)
    files = {f"{name}[]" if isinstance(file, tuple) else name: file for name, file in purchase.files.items()}
    form = {**{name: str(value) for name, value in body.items()}, **files}
    return Request("POST", "/images/edits", form=form, spends=True, seconds=BLOCKING_SECONDS)


def _billed(model: Model, found: Mapping[str, Any], request_id: str) -> Billed:
    """Counted tokens at their prices; `size` and `quality` of an answer are those that were really used."""
    usage = found.get("usage")
    said = {"request": request_id, **{name: found.get(name) for name in ("size", "quality")}}
    if not isinstance(usage, dict):
        return Billed(evidence=said)
    return token_billed(model, lambda: _tokens(usage), {**said, "usage": usage})


def _tokens(usage: Mapping[str, Any]) -> Mapping[str, int]:
    details = {"image_tokens": 0, **(usage.get("input_tokens_details") or {})}
    read, images = counted(usage, "input_tokens"), counted(details, "image_tokens")
    if images > read:
        raise ValueError(f"{images} of {read} tokens are of pictures")
    return {"text_in": read - images, "image_in": images, "out": counted(usage, "output_tokens", least=1)}
