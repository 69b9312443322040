"""Google Gemini: pictures, words and voices, answered at once, and clips, polled. Contract: ai.google.dev/gemini-api/docs.

As of 2026-11-29 and google-genai 3.6.1. A refusal comes with a status of success: no candidate and a block reason, a candidate
without a picture and its finish reason, or an interaction that is completed without a clip. Clips have sound; their files are
shown the key. Voices come as bare samples, whose type names their rate, or as a WAV file.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pressroom.catalog.models import Model
from pressroom.domain.media import SAMPLES_MIMES, mime_of
from pressroom.media.encoding.wav import as_wav
from pressroom.providers.api import Answered, Denied, Inline, Link, Output, Purchase, Said, Talk
from pressroom.providers.at_once import BLOCKING_SECONDS, AnswersAtOnce, inlined_file, written_answer
from pressroom.providers.base import UNSAID, Billed, Listed, Pending, Status, Trouble, VendorJob, VendorState
from pressroom.providers.http.messages import Request, Response
from pressroom.providers.reading import (
    base64_bytes,
    counted,
    fields_of,
    named,
    objects,
    seconds_of,
    token_billed,
    usual_trouble,
)

POLL_SECONDS: Final = 5.0
MOST_PAGES: Final = 5
_FILMS: Final = ("image_to_video", "text_to_video")
_INTERACTIONS: Final = "/v1beta/interactions"
_UNKNOWN: Final = "Invalid interaction name"
_STATES: Final = {
    "queued": VendorState.RUNNING,
    "in_progress": VendorState.RUNNING,
    "completed": VendorState.SUCCEEDED,
    "cancelled": VendorState.CANCELLED,
    "failed": VendorState.FAILED,
    "incomplete": VendorState.FAILED,
    "budget_exceeded": VendorState.FAILED,
    "requires_action": VendorState.FAILED,
}
_SPEECH: Final = "speak"
_SAMPLES: Final = tuple(map(str.lower, SAMPLES_MIMES))
_RATE: Final = re.compile(r"rate=([0-9]{4,6})\b")
_USUAL_RATE_HZ: Final = 24_000
_CUT_OFF: Final = "MAX_TOKENS"
_WITHHELD: Final = (
    "SAFETY",
    "IMAGE_SAFETY",
    "PROHIBITED_CONTENT",
    "IMAGE_PROHIBITED_CONTENT",
    "RECITATION",
    "IMAGE_RECITATION",
    "BLOCKLIST",
    "SPII",
    "ESCALATION",
    "MODEL_ARMOR",
)
_PRICED: Final = {"TEXT": "text_out", "IMAGE": "image_out", "AUDIO": "audio_out"}


class Gemini(AnswersAtOnce):
    """The base address has no version in it."""

    def key_headers(self, key: str) -> Mapping[str, str]:
        return {"x-goog-api-key": key}

    def submit(self, purchase: Purchase) -> Talk[Pending | Answered]:
        if purchase.model.operation in _FILMS:
            taken = yield Request("POST", _INTERACTIONS, json=_film(purchase), spends=True)
            return Pending(named(taken.json()["id"]), POLL_SECONDS)
        path = f"/v1beta/models/{purchase.model.id}:generateContent"
        response = yield Request("POST", path, json=_body(purchase), spends=True, seconds=BLOCKING_SECONDS)
        found = response.json()
        billed = _billed(purchase.model, found)
        candidates = objects(found.get("candidates"))
        if not candidates:
            raise Denied(_blocked(found, billed))
        parts, cut_off = _parts(candidates[0]), candidates[0].get("finishReason") == _CUT_OFF
        if purchase.brief is not None and (text := "".join(map(_spoken, parts))):
            return written_answer(purchase, text, billed, cut_off=cut_off)
        # A model that thinks in pictures sends these too, marked as such; the last one that is not is the result.
        files = [part["inlineData"] for part in parts if _holds_file(part) and not part.get("thought")]
        if files and not (cut_off and purchase.model.operation == _SPEECH):
            read = _sound if purchase.model.operation == _SPEECH else _picture
            return Answered([Inline(read(files, billed))], billed)
        raise Denied(_refused(candidates[0], parts, billed))

    def status(self, job: VendorJob, model: Model) -> Talk[Status]:
        if model.operation not in _FILMS:
            return (yield from super().status(job, model))
        answer = yield Request("GET", f"{_INTERACTIONS}/{job.id}", answers=(400,))
        found = answer.json()
        if answer.status == 400:
            # Seen of clips that are being made, too: only what it does not know is gone.
            words = self.refusal(answer).words
            gone = Status(VendorState.FAILED, reason=words, trouble=Trouble.GONE)
            return gone if _UNKNOWN in words else Status(VendorState.RUNNING, retry_after_seconds=POLL_SECONDS)
        billed = _film_bill(job, model, found)
        state = _STATES.get(found["status"], VendorState.RUNNING)  # a word that is new says of no end
        if state is VendorState.RUNNING:
            return Status(state, retry_after_seconds=POLL_SECONDS)
        if state is VendorState.FAILED:
            words = str(fields_of(found.get("error")).get("message") or found["status"])
            return Status(state, billed, reason=words, trouble=Trouble.FAILED)
        # What counts the tokens of a clip has made one, whether or not it says where.
        if state is VendorState.CANCELLED or _films(found) or billed.usd_micros:
            return Status(state, billed)
        words = " ".join(filter(None, map(_spoken, _made(found)))) or "completed without a clip"
        return Status(VendorState.FAILED, billed, reason=words, trouble=Trouble.MODERATED_AFTERWARDS)

    def outputs(self, job: VendorJob, model: Model) -> Talk[Sequence[Output]]:
        found = (yield Request("GET", f"{_INTERACTIONS}/{job.id}")).json()
        return [_output(film) for film in _films(found)[-1:]]

    def cancel(self, job: VendorJob, model: Model) -> Talk[None]:
        yield Request("POST", f"{_INTERACTIONS}/{job.id}/cancel", answers=(400, 404))

    def refusal(self, response: Response) -> Said:
        said = _error(response)
        words = str(said.get("message") or "")
        details = objects(said.get("details"))
        trouble = usual_trouble(response.status)
        if any(item.get("reason") == "API_KEY_INVALID" for item in details) or "API key not valid" in words:
            trouble = Trouble.KEY_REFUSED
        unpaid = any(item.get("reason") == "BILLING_DISABLED" for item in details)
        if unpaid or "credits are depleted" in words:
            trouble = Trouble.OUT_OF_CREDIT
        return Said(trouble, words, seconds_of(response, _delay(details)))

    def listed(self, models: Sequence[Model]) -> Talk[Sequence[Listed]]:
        """Which of them are there; it tells no prices."""
        there: set[str] = set()
        query = {"pageSize": "1000"}
        for _ in range(MOST_PAGES):
            body = (yield Request("GET", "/v1beta/models", query)).json()
            there |= {named(row["name"]).removeprefix("models/") for row in body["models"]}
            if not body.get("nextPageToken"):
                break
            query = {**query, "pageToken": str(body["nextPageToken"])}
        return [Listed(row.model, sold=row.id in there) for row in models]

    def probe(self) -> Talk[str]:
        (yield Request("GET", "/v1beta/models", {"pageSize": "1"})).json()
        return ""


def _film(purchase: Purchase) -> dict[str, Any]:
    """A clip of words, or of a picture that it begins with; made in the background."""
    fields = dict(purchase.fields)
    words = {"type": "text", "text": fields.pop("prompt")}
    pictures = [
        {"type": "image", "data": part["inlineData"]["data"], "mime_type": part["inlineData"]["mimeType"]}
        for part in _pictures(purchase)
    ]
    form = {"type": "video", "delivery": "uri", **fields}
    return {"model": purchase.model.id, "input": [*pictures, words], "background": True, "response_format": form}


def _made(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The parts of what the model has put out."""
    steps = (step for step in objects(found.get("steps")) if step.get("type") == "model_output")
    return [part for step in steps for part in objects(step.get("content"))]


def _films(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [part for part in _made(found) if part.get("type") == "video" and (part.get("uri") or part.get("data"))]


def _output(film: Mapping[str, Any]) -> Output:
    """The clip where it lies, or in the answer itself."""
    if not film.get("uri"):
        return Inline(base64_bytes(film["data"]))
    uri = str(film["uri"])
    asked = "" if "alt=media" in uri else f"{'&' if '?' in uri else '?'}alt=media"
    return Link(f"{uri}{asked}", keyed=True)


def _body(purchase: Purchase) -> dict[str, Any]:
    fields = dict(purchase.fields)
    prompt = fields.pop("prompt") if purchase.brief is None else purchase.brief.text
    if purchase.brief is not None:
        fields |= {"responseMimeType": mime_of("json"), "responseJsonSchema": purchase.brief.schema}
    parts = [*_pictures(purchase), {"text": prompt}]
    return {"contents": [{"role": "user", "parts": parts}], "generationConfig": _grouped(fields)}


def _grouped(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields by their names with dots (`imageConfig.imageSize`), as groups in groups."""
    found: dict[str, Any] = {}
    for name, value in fields.items():
        *groups, last = name.split(".")
        inner = found
        for group in groups:
            inner = inner.setdefault(group, {})
        inner[last] = value
    return found


def _picture(files: Sequence[Mapping[str, Any]], billed: Billed) -> bytes:
    return inlined_file(files[-1].get("data"), billed)


def _sound(files: Sequence[Mapping[str, Any]], billed: Billed) -> bytes:
    """A WAV file, made of bare samples where these are what was sent: of all of them, should they come in parts."""
    mimes = [str(file.get("mimeType", "")).lower() for file in files]
    bare = [file for file, mime in zip(files, mimes, strict=True) if mime.startswith(_SAMPLES)]
    data = b"".join(inlined_file(file.get("data"), billed) for file in bare or files[-1:])
    if not data or not bare:
        return data
    rate = _RATE.search(mimes[files.index(bare[0])])
    return as_wav(data, _USUAL_RATE_HZ if rate is None else int(rate[1]))


def _spoken(part: Mapping[str, Any]) -> str:
    return "" if part.get("thought") else str(part.get("text") or "")


def _pictures(purchase: Purchase) -> Iterator[dict[str, Any]]:
    for given in purchase.files.values():
        for file in given if isinstance(given, tuple) else (given,):
            data = base64.b64encode(file.path.read_bytes()).decode()
            yield {"inlineData": {"mimeType": file.mime, "data": data}}


def _blocked(found: Mapping[str, Any], billed: Billed) -> Said:
    """An answer without a candidate: it says why, or what it counted at least."""
    if not found.get("promptFeedback") and billed.usd_micros is not None:
        return Said(Trouble.FAILED, billed=billed)
    feedback = found["promptFeedback"]
    words = f"{named(feedback['blockReason'])} {feedback.get('blockReasonMessage') or ''}"
    return Said(Trouble.MODERATED, words, billed=billed)


def _refused(candidate: Mapping[str, Any], parts: Sequence[Mapping[str, Any]], billed: Billed) -> Said:
    reason = str(candidate.get("finishReason") or "NO_IMAGE")
    spoken = candidate.get("finishMessage") or " ".join(str(part["text"]) for part in parts if part.get("text"))
    trouble = Trouble.MODERATED_AFTERWARDS if reason in _WITHHELD else Trouble.FAILED
    trouble = Trouble.CUT_OFF if reason == _CUT_OFF else trouble
    return Said(trouble, f"{reason} {spoken}", billed=billed)


def _billed(model: Model, found: Mapping[str, Any]) -> Billed:
    usage = found.get("usageMetadata")
    if not usage:
        return UNSAID
    evidence = {"response": found.get("responseId", ""), "model": found.get("modelVersion", ""), "usage": usage}
    return token_billed(model, lambda: _tokens(model, usage, _holds_result(model, found)), evidence)


def _holds_result(model: Model, found: Mapping[str, Any]) -> bool:
    parts = [part for candidate in objects(found.get("candidates")) for part in _parts(candidate)]
    return any(_holds_file(part) or (model.in_brief and part.get("text")) for part in parts)


def _parts(candidate: Mapping[str, Any]) -> list[dict[str, Any]]:
    return objects(fields_of(candidate.get("content")).get("parts"))


def _holds_file(part: Mapping[str, Any]) -> bool:
    return bool(fields_of(part.get("inlineData")))


def _tokens(model: Model, usage: Mapping[str, Any], made: bool) -> Mapping[str, int]:
    """Counted tokens by what they are. Those that are not told to be of anything known are of what the model makes."""
    usual = "text_out" if model.in_brief else "audio_out" if model.operation == _SPEECH else "image_out"
    needed = "candidatesTokenCount" if made or "candidatesTokenCount" in usage else "promptTokenCount"
    counted(usage, needed)  # without it the count tells nothing of what was made
    usage = {"promptTokenCount": 0, "candidatesTokenCount": 0, "thoughtsTokenCount": 0, **usage}
    out = counted(usage, "candidatesTokenCount", least=1 if made else 0)
    counts = dict.fromkeys(_PRICED.values(), 0)
    for item in usage.get("candidatesTokensDetails") or [{"tokenCount": out}]:
        counts[_PRICED.get(str(item.get("modality")), usual)] += counted(item, "tokenCount")
    rest = max(0, out - sum(counts.values()))
    counts["text_out" if counts[usual] or not made else usual] += rest
    counts["text_out"] += counted(usage, "thoughtsTokenCount")
    return {**counts, "in": counted(usage, "promptTokenCount")}


def _film_bill(job: VendorJob, model: Model, found: Mapping[str, Any]) -> Billed:
    """What a clip is billed by are the tokens of its pictures and its sound: there are none of one that it refuses to make."""
    usage, least = fields_of(found.get("usage")), 1 if _films(found) else 0
    return token_billed(model, lambda: _film_tokens(usage, least), {"interaction": job.id, "usage": usage})


def _film_tokens(usage: Mapping[str, Any], least: int) -> Mapping[str, int]:
    kinds = [item for item in usage["output_tokens_by_modality"] if str(item.get("modality")).lower() != "text"]
    made = sum(counted({"tokens": 0, **item}, "tokens") for item in kinds)
    return {"film_out": counted({"tokens": made}, "tokens", least)}


def _error(response: Response) -> Mapping[str, Any]:
    """What an error says, which is the only one of a list where an interaction is answered."""
    body = response.json_or_none()
    body = body[0] if isinstance(body, list) and body else body
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def _delay(details: Sequence[Mapping[str, Any]]) -> float | None:
    """`retryDelay: 30s` of a RetryInfo."""
    texts = (str(item["retryDelay"]).removesuffix("s") for item in details if "retryDelay" in item)
    return next((float(text) for text in texts if text.replace(".", "", 1).isdigit()), None)
