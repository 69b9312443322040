"""Google Gemini: pictures and words, answered at once. Contract: ai.google.dev/gemini-api/docs, google-genai 3.6.1, 2026-11-29.

A refusal comes with a status of success: no candidate and a block reason, or a candidate without a picture and its finish reason.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pressroom.catalog.models import Model
from pressroom.domain.media import mime_of
from pressroom.providers.api import Answered, Denied, Inline, Purchase, Said, Talk
from pressroom.providers.at_once import BLOCKING_SECONDS, AnswersAtOnce, written_answer
from pressroom.providers.base import UNSAID, Billed, Trouble
from pressroom.providers.http.messages import Request, Response
from pressroom.providers.reading import base64_bytes, seconds_of, token_bill, usual_trouble

_OF_THE_PICTURE: Final = ("aspectRatio", "imageSize")
_OF_THE_THOUGHT: Final = ("thinkingLevel",)
_WITHHELD: Final = (
    "SAFETY",
    "IMAGE_SAFETY",
    "PROHIBITED_CONTENT",
    "IMAGE_PROHIBITED_CONTENT",
    "RECITATION",
    "IMAGE_RECITATION",
    "BLOCKLIST",
    "SPII",
)


class Gemini(AnswersAtOnce):
    """The base address has no version in it."""

    def key_headers(self, key: str) -> Mapping[str, str]:
        return {"x-goog-api-key": key}

    def submit(self, purchase: Purchase) -> Talk[Answered]:
        path = f"/v1beta/models/{purchase.model.id}:generateContent"
        response = yield Request("POST", path, json=_body(purchase), spends=True, seconds=BLOCKING_SECONDS)
        found = response.json()
        billed = _billed(purchase.model, found)
        candidates = found.get("candidates") or []
        if not candidates:
            feedback = found["promptFeedback"]
            words = f"{feedback['blockReason']} {feedback.get('blockReasonMessage', '')}"
            raise Denied(Said(Trouble.MODERATED, words, billed=billed))
        parts = (candidates[0].get("content") or {}).get("parts") or []
        if purchase.brief is not None and (text := "".join(map(_spoken, parts))):
            return written_answer(purchase, text, billed)
        # A model that thinks in pictures sends these too, marked as such; the last one that is not is the result.
        pictures = [part["inlineData"]["data"] for part in parts if "inlineData" in part and not part.get("thought")]
        if pictures:
            return Answered([Inline(base64_bytes(pictures[-1]))], billed)
        raise Denied(_refused(candidates[0], parts, billed))

    def refusal(self, response: Response) -> Said:
        body = response.json_or_none()
        error = body.get("error") if isinstance(body, dict) else None
        said = error if isinstance(error, dict) else {}
        words = str(said.get("message") or "")
        details = [item for item in said.get("details") or () if isinstance(item, dict)]
        trouble = usual_trouble(response.status)
        if any(item.get("reason") == "API_KEY_INVALID" for item in details) or "API key not valid" in words:
            trouble = Trouble.KEY_REFUSED
        if "credits are depleted" in words:
            trouble = Trouble.OUT_OF_CREDIT
        return Said(trouble, words, seconds_of(response, _delay(details)))

    def probe(self) -> Talk[str]:
        (yield Request("GET", "/v1beta/models", {"pageSize": "1"})).json()
        return ""


def _body(purchase: Purchase) -> dict[str, Any]:
    fields = dict(purchase.fields)
    prompt = fields.pop("prompt") if purchase.brief is None else purchase.brief.text
    if purchase.brief is not None:
        fields |= {"responseMimeType": mime_of("json"), "responseJsonSchema": purchase.brief.schema}
    grouped = {
        "imageConfig": {name: fields.pop(name) for name in _OF_THE_PICTURE if name in fields},
        "thinkingConfig": {name: fields.pop(name) for name in _OF_THE_THOUGHT if name in fields},
    }
    config = {**fields, **{name: group for name, group in grouped.items() if group}}
    parts = [*_pictures(purchase), {"text": prompt}]
    return {"contents": [{"role": "user", "parts": parts}], "generationConfig": config}


def _spoken(part: Mapping[str, Any]) -> str:
    return "" if part.get("thought") else str(part.get("text", ""))


def _pictures(purchase: Purchase) -> Iterator[dict[str, Any]]:
    for given in purchase.files.values():
        for file in given if isinstance(given, tuple) else (given,):
            data = base64.b64encode(file.path.read_bytes()).decode()
            yield {"inlineData": {"mimeType": file.mime, "data": data}}


def _refused(candidate: Mapping[str, Any], parts: Sequence[Mapping[str, Any]], billed: Billed) -> Said:
    reason = str(candidate.get("finishReason") or "NO_IMAGE")
    spoken = candidate.get("finishMessage") or " ".join(part["text"] for part in parts if part.get("text"))
    trouble = Trouble.MODERATED_AFTERWARDS if reason in _WITHHELD else Trouble.FAILED
    return Said(trouble, f"{reason} {spoken}", billed=billed)


def _billed(model: Model, found: Mapping[str, Any]) -> Billed:
    """Counted tokens at their prices. Where the count does not tell pictures from words, a model of pictures has made these."""
    usage = found.get("usageMetadata")
    if not usage:
        return UNSAID
    out = int(usage.get("candidatesTokenCount", 0))
    kinds = usage.get("candidatesTokensDetails") or [
        {"modality": "TEXT" if model.in_brief else "IMAGE", "tokenCount": out}
    ]
    pictures = sum(int(item["tokenCount"]) for item in kinds if item.get("modality") == "IMAGE")
    counts = {
        "in": int(usage.get("promptTokenCount", 0)),
        "image_out": pictures,
        "text_out": max(0, out - pictures) + int(usage.get("thoughtsTokenCount", 0)),
    }
    evidence = {"response": found.get("responseId", ""), "model": found.get("modelVersion", ""), "usage": usage}
    return Billed(token_bill(model, counts), evidence=evidence)


def _delay(details: Sequence[Mapping[str, Any]]) -> float | None:
    """`retryDelay: 30s` of a RetryInfo."""
    texts = (str(item["retryDelay"]).removesuffix("s") for item in details if "retryDelay" in item)
    return next((float(text) for text in texts if text.replace(".", "", 1).isdigit()), None)
