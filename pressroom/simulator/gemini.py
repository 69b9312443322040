"""Google Gemini's API, as far as Pressroom and Google's own client ask for pictures, words and voices."""

from __future__ import annotations

import base64
import io
import secrets
import wave
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from pressroom.catalog.models import Model
from pressroom.domain.media import SAMPLES_MIMES, UNKNOWN_MIME, data_uri, mime_of
from pressroom.media.files.sniff import HEAD_BYTES, sniff
from pressroom.operations.params.spoken import usual_seconds
from pressroom.providers.reading import base64_bytes, token_bill
from pressroom.providers.simulator.vendor import OVERCHARGE_FACTOR
from pressroom.simulator import gemini_films, writing
from pressroom.simulator.at_once import file_of, made
from pressroom.simulator.books import Sold
from pressroom.simulator.streaming import events
from pressroom.simulator.workshop import known_fields
from pressroom.simulator.world import Dropped, World

VENDOR: Final = "gemini"
_SIZES: Final = ("1K", "2K", "4K")
_INPUT_TOKENS: Final = 560  # of a picture that is sent along
_THOUGHTS: Final = {"MINIMAL": 0, "LOW": 100, "HIGH": 900}
_USUAL_THOUGHTS: Final = 300
_SCHEMAS: Final = ("responseJsonSchema", "responseSchema")
_MOST: Final = "maxOutputTokens"
_SPEECH: Final = "speak"
_SPEECH_TOKENS: Final = 25  # of a second
_RATIO, _SIZE, _LEVEL = "imageConfig.aspectRatio", "imageConfig.imageSize", "thinkingConfig.thinkingLevel"


def router(world: World) -> APIRouter:
    routes = APIRouter(prefix="/gemini")
    for version in ("v1", "v1beta"):
        routes.include_router(_version(world), prefix=f"/{version}")
        films = gemini_films.router(world, VENDOR, version, _unauthorized, _refused, _problem)
        routes.include_router(films, prefix=f"/{version}")
    return routes


def _version(world: World) -> APIRouter:
    routes = APIRouter()

    @routes.post("/models/{name}:generateContent")
    async def generate(name: str, request: Request) -> Response:
        found = await answered(name, request)
        return found if isinstance(found, Response) else JSONResponse(found)

    @routes.post("/models/{name}:streamGenerateContent")
    async def stream(name: str, request: Request) -> Response:
        found = await answered(name, request)
        if isinstance(found, Response):
            return found
        return events([found]) if request.query_params.get("alt") == "sse" else JSONResponse([found])

    @routes.post("/models/{name}:countTokens")
    async def count(name: str, request: Request) -> Response:
        asked = _asked(await request.json())
        if refused := _unauthorized(request) or (
            _problem(404, "NOT_FOUND", _unknown(name)) if not there(name) else None
        ):
            return refused
        if isinstance(asked, str):
            return _problem(400, "INVALID_ARGUMENT", asked)
        return JSONResponse({"totalTokens": _read(asked)})

    def there(name: str) -> list[Model]:
        rows = [row for row in world.workshop.catalog.models.values() if row.provider == VENDOR]
        return [row for row in rows if name in ("", row.id) and not _ended(row)]

    async def answered(name: str, request: Request) -> dict[str, Any] | Response:
        body = await request.json()
        fault = world.faults.draw(VENDOR, "order")
        if refused := _unauthorized(request) or _fault_before(fault):
            return refused
        asked = _asked(body)
        if isinstance(asked, str):
            return _problem(400, "INVALID_ARGUMENT", asked)
        row = _row(world, name, asked)
        if wrong := _wrong(row, asked):
            return _problem(400, "INVALID_ARGUMENT", wrong)
        if row is None or _ended(row):
            return _problem(404, "NOT_FOUND", _unknown(name))
        if fault == "lost_order":
            raise Dropped
        if fault == "moderated":
            return {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "modelVersion": name}
        sold = await made(world, _taken(world, row, asked))
        if fault == "lost_answer":
            raise Dropped
        if fault == "error_taken":
            return _problem(500, "INTERNAL", "An internal error has occurred.")
        return _answer(world, sold, row)

    @routes.get("/models")
    def models(request: Request) -> Response:
        names = dict.fromkeys(row.id for row in there(""))
        return _unauthorized(request) or JSONResponse({"models": [_shown(name) for name in names]})

    @routes.get("/models/{name}")
    def model(name: str, request: Request) -> Response:
        found = JSONResponse(_shown(name)) if there(name) else _problem(404, "NOT_FOUND", _unknown(name))
        return _unauthorized(request) or found

    return routes


def _shown(name: str) -> dict[str, Any]:
    return {"name": f"models/{name}", "supportedGenerationMethods": ["generateContent", "countTokens"]}


def _unknown(name: str) -> str:
    return f"models/{name} is not found for API version v1beta."


def _ended(row: Model) -> bool:
    return row.shutdown_on is not None and row.shutdown_on <= date.today()


def _asked(body: Mapping[str, Any]) -> dict[str, Any] | str:
    """The words, the sizes and what else bears on the order; in words what is wrong with it."""
    parts = [part for content in body.get("contents") or () for part in content.get("parts") or ()]
    prompt = " ".join(str(part["text"]) for part in parts if "text" in part)
    pictures = [part["inlineData"].get("data", "") for part in parts if "inlineData" in part]
    if not prompt:
        return "contents is not specified"
    if not all(map(_is_picture, pictures)):
        return "Unable to process input image."
    config = dict(_dotted(body.get("generationConfig") or {}))
    if config.get("candidateCount", 1) != 1:
        return "Multiple candidates is not enabled for this model"
    if config.get(_SIZE, "1K") not in _SIZES:
        return f"image_size must be one of {', '.join(_SIZES)}"
    level = str(config.pop(_LEVEL, "")).upper()
    sent = [data_uri(base64_bytes(each), UNKNOWN_MIME) for each in pictures]
    thoughts = _THOUGHTS.get(level, _USUAL_THOUGHTS)
    schemas = [config.pop(name, None) for name in _SCHEMAS]
    schema = next(filter(None, schemas), None)
    more = {name: value for name, value in (("inlineData", sent), ("schema", schema)) if value}
    return {"prompt": prompt, **config, **more, "thoughts": thoughts}


def _dotted(config: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """What stands in groups, by names with dots, however Google's own client spells them; a schema is one value."""
    for spelled, value in config.items():
        head, *words = spelled.split("_")
        name = head + "".join(map(str.capitalize, words))
        if isinstance(value, dict) and name not in _SCHEMAS:
            yield from _dotted(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _wrong(row: Model | None, asked: Mapping[str, Any]) -> str:
    """In words what of an order the model does not take."""
    if row is not None and row.sizing.makes and asked.get(_RATIO, "1:1") not in row.sizing.makes:
        return "aspect_ratio is not supported"
    if row is None or row.operation != _SPEECH:
        return ""
    if asked.get("responseModalities") != ["AUDIO"]:
        return "The requested combination of response modalities is not supported by the model."
    if strange := sorted(asked.keys() - known_fields(row) - {"thoughts"}):
        return f'Invalid JSON payload received. Unknown name "{strange[0]}".'
    voice = asked.get(row.parameters["voice"])
    if voice is not None and voice not in row.limits.values["voice"]:
        return f"Voice name {voice} is not supported."
    return ""


def _row(world: World, name: str, asked: Mapping[str, Any]) -> Model | None:
    row = world.workshop.model(VENDOR, name, asked)
    if row is not None and row.in_brief:
        row = writing.row_of(world, VENDOR, name, asked.get("schema", {}))
    return None if row is None else row.on(date.today())


def _is_picture(text: str) -> bool:
    try:
        return sniff(base64_bytes(text)[:HEAD_BYTES]) is not None
    except ValueError:
        return False


def _taken(world: World, row: Model, asked: dict[str, Any]) -> Sold:
    """A picture takes the tokens that its price is made of; the thoughts of a model without prices of its own are free.
    Speech takes as many as its seconds do.
    """
    if row.in_brief:
        said = (asked["prompt"], asked.get("inlineData", []), asked.get("schema", {}))
        return writing.taken(world, row, *said, secrets.token_urlsafe(16), "text_out", asked.get(_MOST))
    prices = row.usd_per_million_tokens
    counts = {"in": _read(asked)}
    fields = {name: value for name, value in asked.items() if name != "thoughts"}
    facts: dict[str, Any] = {"counts": counts}
    if row.operation == _SPEECH:
        counts |= {"audio_out": round(_SPEECH_TOKENS * usual_seconds(asked["prompt"], 1))}
        facts["params"] = {"format": "wav"}
    else:
        images = round((row.prices[0].usd or 0) / prices.get("image_out", 120))
        counts |= {"image_out": images, "text_out": asked["thoughts"]}
    facts |= {"usd_micros": token_bill(row, counts)} if prices else {}
    return world.take(VENDOR, row, fields, secrets.token_urlsafe(16), facts)


def _read(asked: Mapping[str, Any]) -> int:
    """Tokens of what is sent."""
    return max(1, len(asked["prompt"]) // 4) + len(asked.get("inlineData", ())) * _INPUT_TOKENS


def _answer(world: World, sold: Sold, row: Model) -> dict[str, Any]:
    shown = {"usageMetadata": _usage(sold), "modelVersion": row.id, "responseId": sold.id}
    if sold.state != "succeeded":
        reason = "IMAGE_SAFETY" if sold.state == "moderated" else "NO_IMAGE"
        return {"candidates": [{"content": {"role": "model"}, "finishReason": reason, "index": 0}], **shown}
    cut_off = False
    if row.in_brief:
        text, cut_off = writing.answer_of(sold, row)
        part: dict[str, Any] = {"text": text}
    elif row.operation == _SPEECH:
        part = {"inlineData": _sound(world, sold)}
    else:
        data = base64.b64encode(file_of(world, sold)).decode()
        part = {"inlineData": {"mimeType": mime_of("png"), "data": data}}
    content = {"role": "model", "parts": [part]}
    reason = "MAX_TOKENS" if cut_off else "STOP"
    return {"candidates": [{"content": content, "finishReason": reason, "index": 0}], **shown}


def _sound(world: World, sold: Sold) -> dict[str, str]:
    """Bare samples; what a fault puts in the file's place comes as it is."""
    data, mime = file_of(world, sold), mime_of("wav")
    if data == sold.files[0].read_bytes():
        with wave.open(io.BytesIO(data)) as sound:
            data, mime = (
                sound.readframes(sound.getnframes()),
                f"{SAMPLES_MIMES[0]};codec=pcm;rate={sound.getframerate()}",
            )
    return {"mimeType": mime, "data": base64.b64encode(data).decode()}


def _usage(sold: Sold) -> dict[str, Any]:
    times = OVERCHARGE_FACTOR if sold.facts["fault"] == "overcharge" else 1
    counts = {kind: count * times for kind, count in sold.facts["counts"].items()}
    if sold.state == "failed":
        counts = dict.fromkeys(counts, 0)
    made_of = next((kind for kind in ("image_out", "audio_out") if kind in counts), "text_out")
    out = counts[made_of]
    return {
        "promptTokenCount": counts["in"],
        "candidatesTokenCount": out,
        "candidatesTokensDetails": [{"modality": made_of.partition("_")[0].upper(), "tokenCount": out}],
        "thoughtsTokenCount": counts["text_out"] if made_of == "image_out" else 0,
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
