"""Google Gemini's API, as far as Pressroom and Google's own client ask for pictures: models and generateContent."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from pressroom.catalog.models import Model
from pressroom.domain.media import UNKNOWN_MIME, data_uri, mime_of
from pressroom.media.files.sniff import HEAD_BYTES, sniff
from pressroom.providers.reading import base64_bytes, token_bill
from pressroom.providers.simulator.vendor import OVERCHARGE_FACTOR
from pressroom.simulator import gemini_films, writing
from pressroom.simulator.at_once import file_of, made
from pressroom.simulator.books import Sold
from pressroom.simulator.world import Dropped, World

VENDOR: Final = "gemini"
_SIZES: Final = ("1K", "2K", "4K")
_INPUT_TOKENS: Final = 560  # of a picture that is sent along
_THOUGHTS: Final = {"MINIMAL": 0, "LOW": 100, "HIGH": 900}
_USUAL_THOUGHTS: Final = 300


def router(world: World) -> APIRouter:
    routes = APIRouter(prefix="/gemini")
    for version in ("v1", "v1beta"):
        routes.include_router(_version(world), prefix=f"/{version}")
    films = gemini_films.router(world, VENDOR, _unauthorized, _refused, _problem)
    routes.include_router(films, prefix="/v1beta")
    return routes


def _version(world: World) -> APIRouter:
    routes = APIRouter()

    @routes.post("/models/{name}:generateContent")
    async def generate(name: str, request: Request) -> Response:
        body = await request.json()
        fault = world.faults.draw(VENDOR, "order")
        if refused := _unauthorized(request) or _fault_before(fault):
            return refused
        asked = _asked(body)
        if isinstance(asked, str):
            return _problem(400, "INVALID_ARGUMENT", asked)
        row = _row(world, name, asked)
        if row is not None and row.sizing.makes and asked.get("aspectRatio", "1:1") not in row.sizing.makes:
            return _problem(400, "INVALID_ARGUMENT", "aspect_ratio is not supported")
        if row is None or (row.shutdown_on and row.shutdown_on <= date.today()):
            return _problem(404, "NOT_FOUND", f"models/{name} is not found for API version v1beta.")
        if fault == "lost_order":
            raise Dropped
        if fault == "moderated":
            return JSONResponse({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "modelVersion": name})
        sold = await made(world, _taken(world, row, asked))
        if fault == "lost_answer":
            raise Dropped
        if fault == "error_taken":
            return _problem(500, "INTERNAL", "An internal error has occurred.")
        return JSONResponse(_answer(world, sold, row))

    @routes.get("/models")
    def models(request: Request) -> Response:
        rows = [row for row in world.workshop.catalog.models.values() if row.provider == VENDOR]
        rows = [row for row in rows if row.shutdown_on is None or row.shutdown_on > date.today()]
        names = dict.fromkeys(f"models/{row.id}" for row in rows)
        listed = [{"name": name, "supportedGenerationMethods": ["generateContent"]} for name in names]
        return _unauthorized(request) or JSONResponse({"models": listed})

    return routes


def _asked(body: Mapping[str, Any]) -> dict[str, Any] | str:
    """The words, the sizes and what else bears on the order; in words what is wrong with it."""
    parts = [part for content in body.get("contents") or () for part in content.get("parts") or ()]
    prompt = " ".join(str(part["text"]) for part in parts if "text" in part)
    pictures = [part["inlineData"].get("data", "") for part in parts if "inlineData" in part]
    if not prompt:
        return "contents is not specified"
    if not all(map(_is_picture, pictures)):
        return "Unable to process input image."
    config = body.get("generationConfig") or {}
    if config.get("candidateCount", 1) != 1:
        return "Multiple candidates is not enabled for this model"
    sizes = config.get("imageConfig") or {}
    if sizes.get("imageSize", "1K") not in _SIZES:
        return f"image_size must be one of {', '.join(_SIZES)}"
    level = str((config.get("thinkingConfig") or {}).get("thinkingLevel", "")).upper()
    sent = [data_uri(base64_bytes(each), UNKNOWN_MIME) for each in pictures]
    thoughts = _THOUGHTS.get(level, _USUAL_THOUGHTS)
    schema = config.get("responseJsonSchema")
    more = {name: value for name, value in (("inlineData", sent), ("schema", schema)) if value}
    return {"prompt": prompt, **sizes, **more, "thoughts": thoughts}


def _row(world: World, name: str, asked: Mapping[str, Any]) -> Model | None:
    if "schema" in asked:
        return writing.row_of(world, VENDOR, name, asked["schema"])
    return world.workshop.model(VENDOR, name, asked)


def _is_picture(text: str) -> bool:
    try:
        return sniff(base64_bytes(text)[:HEAD_BYTES]) is not None
    except ValueError:
        return False


def _taken(world: World, row: Model, asked: dict[str, Any]) -> Sold:
    """A picture takes the tokens that its price is made of; the thoughts of a model without prices of its own are free."""
    if "schema" in asked:
        name = secrets.token_urlsafe(16)
        return writing.taken(
            world, row, asked["prompt"], asked.get("inlineData", []), asked["schema"], name, "text_out"
        )
    prices = row.usd_per_million_tokens
    counts = {
        "in": max(1, len(asked["prompt"]) // 4) + len(asked.get("inlineData", ())) * _INPUT_TOKENS,
        "image_out": round((row.prices[0].usd or 0) / prices.get("image_out", 120)),
        "text_out": asked["thoughts"],
    }
    fields = {name: value for name, value in asked.items() if name != "thoughts"}
    facts = {"counts": counts, **({"usd_micros": token_bill(row, counts)} if prices else {})}
    return world.take(VENDOR, row, fields, secrets.token_urlsafe(16), facts)


def _answer(world: World, sold: Sold, row: Model) -> dict[str, Any]:
    shown = {"usageMetadata": _usage(sold), "modelVersion": row.id, "responseId": sold.id}
    if sold.state != "succeeded":
        reason = "IMAGE_SAFETY" if sold.state == "moderated" else "NO_IMAGE"
        return {"candidates": [{"content": {"role": "model"}, "finishReason": reason, "index": 0}], **shown}
    if row.in_brief:
        part: dict[str, Any] = {"text": writing.answer_of(sold, row)}
    else:
        data = base64.b64encode(file_of(world, sold)).decode()
        part = {"inlineData": {"mimeType": mime_of("png"), "data": data}}
    content = {"role": "model", "parts": [part]}
    return {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}], **shown}


def _usage(sold: Sold) -> dict[str, Any]:
    times = OVERCHARGE_FACTOR if sold.facts["fault"] == "overcharge" else 1
    counts = {kind: count * times for kind, count in sold.facts["counts"].items()}
    if sold.state == "failed":
        counts = dict.fromkeys(counts, 0)
    written = "image_out" not in counts
    made_of, out = ("TEXT", counts["text_out"]) if written else ("IMAGE", counts["image_out"])
    return {
        "promptTokenCount": counts["in"],
        "candidatesTokenCount": out,
        "candidatesTokensDetails": [{"modality": made_of, "tokenCount": out}],
        "thoughtsTokenCount": 0 if written else counts["text_out"],
        "totalTokenCount": sum(counts.values()),
    }


def _unauthorized(request: Request) -> Response | None:
    key = request.headers.get("x-goog-api-key") or request.query_params.get("key", "")
    return None if key.startswith("AIza") else _key_refused()


def _key_refused() -> Response:
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
    }
    return _problem(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", info)


def _refused(fault: str) -> Response | None:
    """What refuses a clip before it is taken: its prompts have no feedback of their own."""
    moderated = _problem(400, "INVALID_ARGUMENT", "The prompt is blocked.") if fault == "moderated" else None
    return moderated or _fault_before(fault)


def _fault_before(fault: str) -> Response | None:
    """What refuses an order before it is taken."""
    if fault == "busy":
        delay = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1s"}
        return _problem(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", delay)
    if fault == "credit":
        return _problem(429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted.")
    if fault == "key":
        return _key_refused()
    if fault == "invalid":
        return _problem(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")
    if fault == "error":
        return _problem(500, "INTERNAL", "An internal error has occurred.")
    if fault == "unavailable":
        return _problem(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")
    return None


def _problem(status: int, name: str, message: str, *details: Mapping[str, Any]) -> Response:
    error = {"code": status, "message": message, "status": name, **({"details": list(details)} if details else {})}
    return JSONResponse({"error": error}, status)
