"""ElevenLabs' API, as far as Pressroom and ElevenLabs' own client ask: speech, sound effects, the history, models."""

from __future__ import annotations

import base64
import math
import re
import secrets
from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from pressroom.catalog.models import Model
from pressroom.domain.media import mime_of
from pressroom.providers.reading import token_bill
from pressroom.providers.simulator.vendor import OVERCHARGE_FACTOR
from pressroom.simulator.at_once import file_of, made
from pressroom.simulator.books import Sold
from pressroom.simulator.statuses import in_place_of_a_status
from pressroom.simulator.world import Dropped, World

VENDOR: Final = "elevenlabs"
_VOICE: Final = re.compile(r"[A-Za-z0-9]{20}")
_USUAL_SECONDS: Final = 3.0  # of an effect whose length is left open
_USUAL_FORMAT: Final = "mp3_44100_128"
_CHARACTER_SECONDS: Final = 0.06
_LIMIT_CHARACTERS: Final = 100_000
_GEORGE: Final = {"voice_id": "JBFqnCBsd6RMkjVDRZzb", "name": "George", "category": "premade", "labels": {}}
_FORMATS: Final = ("mp3", "wav")  # what those that are made here begin with
_KNOWN: Final[Mapping[str, frozenset[str]]] = {
    "speak": frozenset({"text", "model_id", "voice_settings", "seed", "language_code", "previous_text", "next_text"}),
    "sound_effect": frozenset({"text", "model_id", "duration_seconds", "prompt_influence", "loop"}),
}


def router(world: World) -> APIRouter:
    routes = APIRouter(prefix="/elevenlabs/v1")

    @routes.post("/text-to-speech/{voice}")
    async def speak(voice: str, request: Request, output_format: str = _USUAL_FORMAT) -> Response:
        said = await request.json()
        settings = said.get("voice_settings") or {}
        fields = {**said, **settings, "voice_id": voice, "output_format": output_format}
        return await _ordered(world, request, "speak", said, fields)

    @routes.post("/text-to-speech/{voice}/stream")
    async def stream(voice: str, request: Request, output_format: str = _USUAL_FORMAT) -> Response:
        return await speak(voice, request, output_format)

    @routes.post("/text-to-speech/{voice}/with-timestamps")
    async def timed(voice: str, request: Request, output_format: str = _USUAL_FORMAT) -> Response:
        text, answer = str((await request.json()).get("text")), await speak(voice, request, output_format)
        if answer.status_code != 200:
            return answer
        names = ("request-id", "history-item-id", "character-cost")
        headers = {name: answer.headers[name] for name in names if name in answer.headers}
        return JSONResponse(_timed(text, bytes(answer.body)), headers=headers)

    @routes.get("/voices")
    def voices(request: Request) -> Response:
        return _unauthorized(request) or JSONResponse({"voices": [_GEORGE]})

    @routes.get("/voices/{name}")
    def voice(name: str, request: Request) -> Response:
        words = f"A voice with the voice_id {name} was not found."
        there = JSONResponse(_GEORGE) if name == _GEORGE["voice_id"] else _problem(404, "voice_not_found", words)
        return _unauthorized(request) or there

    @routes.get("/user")
    def user(request: Request) -> Response:
        return _unauthorized(request) or JSONResponse({"user_id": "rehearsal", "subscription": _subscription(world)})

    @routes.get("/user/subscription")
    def subscription(request: Request) -> Response:
        return _unauthorized(request) or JSONResponse(_subscription(world))

    @routes.post("/sound-generation")
    async def effect(request: Request, output_format: str = _USUAL_FORMAT) -> Response:
        said = {"model_id": "eleven_text_to_sound_v2", **(await request.json())}
        seconds = said.get("duration_seconds") or _USUAL_SECONDS
        fields = {**said, "duration_seconds": seconds, "output_format": output_format}
        return await _ordered(world, request, "sound_effect", said, fields)

    @routes.get("/history")
    def history(request: Request) -> Response:
        asked = request.query_params
        items = [_item(world, sold) for sold in reversed(_said(world))]
        items = [item for item in items if asked.get("voice_id", item["voice_id"]) == item["voice_id"]]
        since, until = (int(asked.get(f"date_{side}_unix", usual)) for side, usual in (("after", 0), ("before", 2**40)))
        items = [item for item in items if since <= item["date_unix"] < until]
        ids = [item["history_item_id"] for item in items]
        first = ids.index(after) + 1 if (after := asked.get("start_after_history_item_id")) in ids else 0
        page = items[first : first + int(asked.get("page_size", 100))]
        last = page[-1]["history_item_id"] if page else None
        body = {"history": page, "last_history_item_id": last, "has_more": first + len(page) < len(items)}
        return _unauthorized(request) or JSONResponse(body)

    @routes.get("/history/{name}")
    def one(name: str, request: Request) -> Response:
        sold = next((each for each in _said(world) if each.id == name), None)
        if refused := _unauthorized(request) or (_missing() if sold is None else None):
            return refused
        if fault := world.faults.draw(VENDOR, "status"):
            return in_place_of_a_status(fault)
        assert sold is not None
        return JSONResponse(_item(world, sold))

    @routes.get("/history/{name}/audio")
    def audio(name: str, request: Request) -> Response:
        sold = next((each for each in _said(world) if each.id == name), None)
        if refused := _unauthorized(request) or (_missing() if sold is None else None):
            return refused
        assert sold is not None
        return _audio(world, sold)

    @routes.get("/models")
    def models(request: Request) -> Response:
        rows = [row for row in world.workshop.catalog.models.values() if row.provider == VENDOR]
        return _unauthorized(request) or JSONResponse([_model(world, row) for row in rows])

    found = APIRouter()
    found.include_router(routes)

    @found.get("/elevenlabs/v2/voices")
    def searched(request: Request) -> Response:
        body = {"voices": [_GEORGE], "has_more": False, "total_count": 1, "next_page_token": None}
        return _unauthorized(request) or JSONResponse(body)

    return found


def _timed(text: str, sound: bytes) -> dict[str, Any]:
    """A sound with the time of each character, as if all took equally long."""
    starts = [round(number * _CHARACTER_SECONDS, 3) for number in range(len(text) + 1)]
    alignment = {
        "characters": list(text),
        "character_start_times_seconds": starts[:-1],
        "character_end_times_seconds": starts[1:],
    }
    written = base64.b64encode(sound).decode()
    return {"audio_base64": written, "alignment": alignment, "normalized_alignment": alignment}


def _subscription(world: World) -> dict[str, Any]:
    used = sum(map(_cost, _said(world)))
    return {"tier": "creator", "status": "active", "character_count": used, "character_limit": _LIMIT_CHARACTERS}


async def _ordered(
    world: World, request: Request, operation: str, said: Mapping[str, Any], fields: Mapping[str, Any]
) -> Response:
    """`said` is the order's body; `fields` what it comes to, with what stands in its address."""
    fault = world.faults.draw(VENDOR, "order")
    row = world.workshop.model(VENDOR, str(said.get("model_id", "eleven_multilingual_v2")))
    if refused := _unauthorized(request) or _fault_before(fault) or _wrong(row, operation, said, fields):
        return refused
    if fault == "lost_order":
        raise Dropped
    assert row is not None
    sold = await made(world, _taken(world, row, fields))
    if fault == "lost_answer":
        raise Dropped
    if fault == "error_taken" or sold.state == "failed":
        return _problem(500, "something_went_wrong", "We are sorry, something went wrong.")
    if sold.state == "moderated":
        return _problem(400, "bad_prompt", "Your prompt appears to have violated our Terms of Service.")
    return _audio(world, sold)


def _taken(world: World, row: Model, fields: Mapping[str, Any]) -> Sold:
    """Speech is charged by its characters, at half a one for each with a model that costs half as much."""
    facts: dict[str, Any] = {"request": secrets.token_urlsafe(12), "params": {"format": _format(fields)}}
    kept = {name: value for name, value in fields.items() if name not in ("model_id", "voice_settings")}
    if row.usd_per_million_tokens:
        share = (row.prices[0].usd or 0) / 1_000 / row.usd_per_million_tokens["character"]
        cost = math.ceil(len(fields["text"]) * share)
        facts |= {"characters": cost, "usd_micros": token_bill(row, {"character": cost})}
    return world.take(VENDOR, row, kept, secrets.token_hex(10), facts)


def _audio(world: World, sold: Sold) -> Response:
    headers = {"request-id": sold.facts["request"], "history-item-id": sold.id}
    if "characters" in sold.facts:
        headers["character-cost"] = str(_cost(sold))
    data = file_of(world, sold)
    return Response(data, media_type=mime_of(_format(sold.fields)), headers=headers)


def _cost(sold: Sold) -> int:
    characters: int = sold.facts["characters"]
    return characters * (OVERCHARGE_FACTOR if sold.facts["fault"] == "overcharge" else 1)


def _format(fields: Mapping[str, Any]) -> str:
    return str(fields["output_format"]).partition("_")[0]


def _said(world: World) -> list[Sold]:
    """Of what was made only speech is listed."""
    sold = world.books.of(VENDOR)
    return [each for each in sold if "characters" in each.facts and each.state == "succeeded"]


def _item(world: World, sold: Sold) -> dict[str, Any]:
    before = sum(_cost(each) for each in _said(world) if each.created_at < sold.created_at)
    return {
        "history_item_id": sold.id,
        "request_id": sold.facts["request"],
        "voice_id": sold.fields["voice_id"],
        "model_id": world.workshop.catalog.models[sold.model].id,
        "text": sold.fields["text"],
        "date_unix": int(sold.created_at),
        "character_count_change_from": before,
        "character_count_change_to": before + _cost(sold),
        "content_type": mime_of(_format(sold.fields)),
        "state": "created",
        "source": "TTS",
        "output_format": sold.fields["output_format"],
    }


def _wrong(row: Model | None, operation: str, said: Mapping[str, Any], fields: Mapping[str, Any]) -> Response | None:
    if row is None or row.operation != operation:
        return _problem(400, "model_not_found", f"A model with model ID {said.get('model_id')} does not exist.")
    if strange := sorted(set(said) - _KNOWN[operation]):
        return _unprocessable(strange[0], "Extra inputs are not permitted")
    if not said.get("text"):
        return _unprocessable("text", "Field required")
    if len(said["text"]) > (row.limits.max_prompt_characters or len(said["text"])):
        return _problem(400, "max_character_limit_exceeded", "This request's text exceeds the character limit.")
    if operation == "speak" and not _VOICE.fullmatch(fields["voice_id"]):
        return _problem(404, "voice_not_found", f"A voice with the voice_id {fields['voice_id']} was not found.")
    if not 0.5 <= fields.get("duration_seconds", 1) <= 30:
        return _unprocessable("duration_seconds", "Input should be between 0.5 and 30")
    if _format(fields) not in _FORMATS:
        return _unprocessable("output_format", "Input should be a format that is made here: mp3 or wav")
    return None


def _model(world: World, row: Model) -> dict[str, Any]:
    speaks = row.operation == "speak"
    a_character = row.usd_per_million_tokens.get("character")
    times = world.unit_price(row) / (a_character * 1_000) if a_character else 1.0
    return {
        "model_id": row.id,
        "name": row.model,
        "can_do_text_to_speech": speaks,
        "model_rates": {"character_cost_multiplier": times},
        "maximum_text_length_per_request": row.limits.max_prompt_characters,
    }


def _unauthorized(request: Request) -> Response | None:
    return None if request.headers.get("xi-api-key", "").startswith("sk_") else _fault_before("key")


_BEFORE: Final = {
    "busy": (429, "too_many_concurrent_requests", "You have too many concurrent requests."),
    "unavailable": (503, "system_busy", "The system is busy."),
    "error": (500, "something_went_wrong", "We are sorry, something went wrong."),
    "key": (401, "invalid_api_key", "Invalid API key"),
    "credit": (401, "quota_exceeded", "This request exceeds your quota."),
    "moderated": (400, "bad_prompt", "Your prompt appears to have violated our Terms of Service."),
    "invalid": (400, "invalid_request", "text is refused"),
}


def _fault_before(fault: str) -> Response | None:
    """What refuses an order before it is taken."""
    return _problem(*_BEFORE[fault]) if fault in _BEFORE else None


def _missing() -> Response:
    return _problem(404, "history_item_not_found", "A history item with the given ID was not found.")


def _unprocessable(name: str, why: str) -> Response:
    return JSONResponse({"detail": [{"loc": ["body", name], "msg": why, "type": "value_error"}]}, 422)


def _problem(status: int, name: str, message: str) -> Response:
    return JSONResponse({"detail": {"status": name, "message": message}}, status)
