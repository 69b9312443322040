"""OpenAI's API, as far as Pressroom and OpenAI's own client ask: pictures, words, and what models there are."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from PIL import Image
from starlette.datastructures import UploadFile

from pressroom.catalog.models import Model
from pressroom.domain.errors import Permanent
from pressroom.media.files.sniff import sniff_file
from pressroom.providers.reading import token_bill
from pressroom.providers.simulator.vendor import OVERCHARGE_FACTOR
from pressroom.simulator import writing
from pressroom.simulator.at_once import file_of, made
from pressroom.simulator.books import Sold
from pressroom.simulator.streaming import events
from pressroom.simulator.world import Dropped, World

VENDOR: Final = "openai"
_TAKEN: Final[Mapping[str, tuple[str, ...]]] = {
    "quality": ("auto", "low", "medium", "high", "xhigh", "max"),
    "background": ("auto", "opaque", "transparent"),
    "output_format": ("png", "jpeg", "webp"),
    "moderation": ("auto", "low"),
}
_KNOWN: Final = {
    "model",
    "prompt",
    "n",
    "size",
    "user",
    "output_compression",
    "image",
    "mask",
    "stream",
    "partial_images",
    *_TAKEN,
}
_TOKENS: Final = ("text_in", "image_in", "out")
_ASKED: Final = {
    *("model", "input", "instructions", "text", "max_output_tokens", "store", "stream"),
    *("temperature", "top_p", "metadata", "user", "reasoning"),
}
_USUAL: Final = {"size": "1024x1024", "quality": "medium", "background": "opaque"}  # in place of auto
_LEAST_TOKENS: Final = 16
_INPUT_TOKENS: Final = 1_500  # of a picture that is sent along
_PICTURES: Final = ("png", "webp", "jpeg")
_MOST_PICTURES: Final = 16
_PICTURE_BYTES: Final = 50 * 1024 * 1024
_MASK_BYTES: Final = 4 * 1024 * 1024
_USUAL_PIXELS: Final = 1024 * 1024
_LEAST_PIXELS, _MOST_PIXELS = 655_360, 8_294_400


def router(world: World) -> APIRouter:
    routes = APIRouter(prefix="/openai/v1")

    @routes.post("/images/generations")
    async def generate(request: Request) -> Response:
        return await _sold(world, request, await request.json())

    @routes.post("/images/edits")
    async def edit(request: Request) -> Response:
        body = await _form(world, request)
        return _wrong_files(world, body) or await _sold(world, request, body)

    @routes.post("/responses")
    async def respond(request: Request) -> Response:
        return await _responded(world, request, await request.json())

    @routes.get("/models")
    def models(request: Request) -> Response:
        rows = [row for row in world.workshop.catalog.models.values() if row.provider == VENDOR]
        listed = [_model(world, row) for row in {row.id: row for row in rows}.values() if not _ended(row)]
        return _unauthorized(request) or JSONResponse({"object": "list", "data": listed})

    @routes.get("/models/{name}")
    def model(name: str, request: Request) -> Response:
        rows = (row for row in world.workshop.catalog.models.values() if (row.provider, row.id) == (VENDOR, name))
        row = next((row for row in rows if not _ended(row)), None)
        return _unauthorized(request) or (_no_model(name) if row is None else JSONResponse(_model(world, row)))

    return routes


async def _sold(world: World, request: Request, body: dict[str, Any]) -> Response:
    fault = world.faults.draw(VENDOR, "order")
    row = world.workshop.model(VENDOR, str(body.get("model")), body)
    if refused := _unauthorized(request) or _fault_before(fault) or _wrong(row, body):
        return refused
    if fault == "lost_order":
        raise Dropped
    assert row is not None
    sold = [_taken(world, row, body) for _ in range(int(body.get("n", 1)))]
    done = [await made(world, each) for each in sold]
    if fault == "lost_answer":
        raise Dropped
    if fault == "error_taken" or any(each.state == "failed" for each in done):
        return _problem(500, "The server had an error while processing your request.", kind="server_error")
    if any(each.state == "moderated" for each in done):
        return _moderated()
    return _answer(world, done, body)


async def _responded(world: World, request: Request, body: dict[str, Any]) -> Response:
    fault = world.faults.draw(VENDOR, "order")
    schema = ((body.get("text") or {}).get("format") or {}).get("schema") or {}
    row = writing.row_of(world, VENDOR, str(body.get("model")), schema)
    if refused := _unauthorized(request) or _fault_before(fault) or _wrong_question(row, body):
        return refused
    if fault == "lost_order":
        raise Dropped
    assert row is not None
    content = _content(body)
    prompt = "\n\n".join(part["text"] for part in content if part["type"] == "input_text")
    pictures = [part["image_url"] for part in content if part["type"] == "input_image"]
    name = f"resp_{secrets.token_hex(16)}"
    most = body.get("max_output_tokens")
    sold = await made(world, writing.taken(world, row, prompt, pictures, schema, name, "out", most))
    if fault == "lost_answer":
        raise Dropped
    if fault == "error_taken" or sold.state == "failed":
        return _problem(500, "The server had an error while processing your request.", kind="server_error")
    answer = _response(sold, row)
    return events(_written_events(answer)) if body.get("stream") else JSONResponse(answer)


def _content(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is said to the model, in parts: its input is a text, or messages of a text or of parts each."""
    said = body["input"]
    messages = [{"content": said}] if isinstance(said, str) else said
    contents = [item.get("content") or [] for item in [{"content": body.get("instructions") or []}, *messages]]
    return [
        part
        for content in contents
        for part in ([{"type": "input_text", "text": content}] if isinstance(content, str) else content)
    ]


def _written_events(answer: dict[str, Any]) -> list[dict[str, Any]]:
    begun = {**answer, "status": "in_progress", "output": [], "usage": None}
    place = {"item_id": answer["output"][0]["id"], "output_index": 0, "content_index": 0}
    text = str(answer["output"][0]["content"][0].get("text", ""))
    told = [
        {"type": "response.created", "response": begun},
        {"type": "response.output_text.delta", **place, "delta": text, "logprobs": []},
        {"type": "response.output_text.done", **place, "text": text, "logprobs": []},
        {"type": f"response.{answer['status']}", "response": answer},
    ]
    return [{**event, "sequence_number": number} for number, event in enumerate(told)]


def _response(sold: Sold, row: Model) -> dict[str, Any]:
    times = OVERCHARGE_FACTOR if sold.facts["fault"] == "overcharge" else 1
    read, out = (sold.facts["counts"][kind] * times for kind in ("in", "out"))
    said: dict[str, Any] = {"type": "refusal", "refusal": "I cannot help with that."}
    cut_off = False
    if sold.state == "succeeded":
        text, cut_off = writing.answer_of(sold, row)
        said = {"type": "output_text", "text": text, "annotations": []}
    message = {"type": "message", "id": f"msg_{sold.id}", "role": "assistant", "status": "completed", "content": [said]}
    return {
        "id": sold.id,
        "object": "response",
        "created_at": int(sold.created_at),
        "status": "incomplete" if cut_off else "completed",
        "incomplete_details": {"reason": "max_output_tokens"} if cut_off else None,
        "model": row.id,
        "output": [message],
        "usage": {"input_tokens": read, "output_tokens": out, "total_tokens": read + out},
    }


def _wrong_question(row: Model | None, body: Mapping[str, Any]) -> Response | None:
    if row is None:
        return _no_model(body.get("model"))
    if strange := sorted(set(body) - _ASKED):
        return _problem(400, f"Unknown parameter: '{strange[0]}'.", code="unknown_parameter", param=strange[0])
    if not isinstance(body.get("input"), list | str) or not body["input"]:
        return _problem(400, "Missing required parameter: 'input'.", code="missing_required_parameter", param="input")
    most = body.get("max_output_tokens")
    if most is not None and (not isinstance(most, int) or most < _LEAST_TOKENS):
        return _invalid("max_output_tokens", f"It must be {_LEAST_TOKENS} or more.")
    return None


async def _form(world: World, request: Request) -> dict[str, Any]:
    """A form's words, and the addresses under which its files are kept: a list for the pictures."""
    found: dict[str, Any] = {}
    for name, value in (await request.form()).multi_items():
        if not isinstance(value, UploadFile):
            found[name] = int(value) if name == "n" and value.isdigit() else value
            continue
        url = f"https://{secrets.token_hex(8)}.invalid/"
        world.keep_upload(url, await value.read())
        if name == "mask":
            found[name] = url
        else:
            found.setdefault(name.removesuffix("[]"), []).append(url)
    return found


def _wrong_files(world: World, body: Mapping[str, Any]) -> Response | None:
    """What of the files of an edit is refused."""
    pictures = [world.uploads[url] for url in body.get("image", ())]
    if not 1 <= len(pictures) <= _MOST_PICTURES:
        return _invalid("image", f"Send 1 to {_MOST_PICTURES} images.")
    if any(path.stat().st_size >= _PICTURE_BYTES or _kind_of(path) not in _PICTURES for path in pictures):
        return _invalid("image", "Supported are png, webp and jpg files of less than 50MB.")
    if "mask" not in body:
        return None
    mask = world.uploads[body["mask"]]
    if mask.stat().st_size >= _MASK_BYTES or _kind_of(mask) != "png":
        return _invalid("mask", "It must be a png of less than 4MB.")
    with Image.open(pictures[0]) as picture, Image.open(mask) as shown:
        if shown.mode != "RGBA" or shown.size != picture.size:
            return _invalid("mask", "It must have an alpha channel and the size of the image.")
    return None


def _kind_of(path: Path) -> str:
    found = sniff_file(path)
    return found.name if found else ""


def _taken(world: World, row: Model, body: dict[str, Any]) -> Sold:
    pixels = _pixels(str(body.get("size", "auto"))) or _USUAL_PIXELS
    usual = (row.prices[0].usd or 0) / row.usd_per_million_tokens.get("out", 1)
    counts = {
        "text_in": max(1, len(str(body["prompt"])) // 4),
        "image_in": len(body.get("image", ())) * _INPUT_TOKENS,
        "out": round(usual * pixels / _USUAL_PIXELS),
    }
    facts = {"counts": counts, "usd_micros": token_bill(row, counts) or 0}
    return world.take(VENDOR, row, body, f"req_{secrets.token_hex(16)}", facts)


def _answer(world: World, done: list[Sold], body: dict[str, Any]) -> Response:
    written = str(body.get("output_format", "png"))
    data = [{"b64_json": base64.b64encode(file_of(world, sold, written)).decode()} for sold in done]
    shown = {
        "created": int(done[0].created_at),
        "data": data,
        "output_format": written,
        **{name: usual if body.get(name, "auto") == "auto" else body[name] for name, usual in _USUAL.items()},
        "usage": _usage(done),
    }
    if str(body.get("stream")).lower() == "true":
        return events(_picture_events(shown, body))
    return JSONResponse(shown, headers={"x-request-id": done[0].id})


def _picture_events(shown: Mapping[str, Any], body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """As many of what it is to become as were asked for, and what it has become."""
    kind = "image_edit" if "image" in body else "image_generation"
    names = ("background", "output_format", "quality", "size")
    about = {"created_at": shown["created"], **{name: shown[name] for name in names}}
    found: list[dict[str, Any]] = []
    for item in shown["data"]:
        picture = {"b64_json": item["b64_json"], **about}
        partial = {"type": f"{kind}.partial_image", **picture}
        found += [{**partial, "partial_image_index": number} for number in range(int(body.get("partial_images", 0)))]
        found.append({"type": f"{kind}.completed", **picture, "usage": shown["usage"]})
    return found


def _usage(done: list[Sold]) -> dict[str, Any]:
    times = OVERCHARGE_FACTOR if done[0].facts["fault"] == "overcharge" else 1
    text, images, out = (sum(sold.facts["counts"][kind] for sold in done) * times for kind in _TOKENS)
    return {
        "input_tokens": text + images,
        "input_tokens_details": {"text_tokens": text, "image_tokens": images},
        "output_tokens": out,
        "output_tokens_details": {"text_tokens": 0, "image_tokens": out},
        "total_tokens": text + images + out,
    }


def _wrong(row: Model | None, body: dict[str, Any]) -> Response | None:
    if row is None or _ended(row) or not row.usd_per_million_tokens:
        return _no_model(body.get("model"))
    if strange := sorted(set(body) - _KNOWN):
        return _problem(400, f"Unknown parameter: '{strange[0]}'.", code="unknown_parameter", param=strange[0])
    if not body.get("prompt"):
        words = "Missing required parameter: 'prompt'."
        return _problem(400, words, code="missing_required_parameter", param="prompt")
    for name, taken in _TAKEN.items():
        if body.get(name, taken[0]) not in taken:
            return _invalid(name, f"Supported values are: {', '.join(taken)}.")
    if not isinstance(count := body.get("n", 1), int) or not 1 <= count <= 10:
        return _invalid("n", "It must be between 1 and 10.")
    try:
        _pixels(str(body.get("size", "auto")))
    except Permanent as exc:
        return _invalid("size", str(exc))
    return None


def _pixels(size: str) -> int:
    """How many pixels a size has, 0 for auto. Raises Permanent for one that is not made."""
    if size == "auto":
        return 0
    width, height = (int(side) for side in size.split("x")) if re.fullmatch(r"\d{1,5}x\d{1,5}", size) else (0, 0)
    whole = width > 0 and height > 0 and width % 16 == 0 == height % 16
    if not whole or not 1 / 3 <= width / height <= 3 or not _LEAST_PIXELS <= width * height <= _MOST_PIXELS:
        raise Permanent("Sides are multiples of 16, the ratio lies between 1:3 and 3:1.")
    return width * height


def _ended(row: Model) -> bool:
    return row.shutdown_on is not None and row.shutdown_on <= date.today()


def _model(world: World, row: Model) -> dict[str, Any]:
    day = world.last_day(row)
    ends = None if day is None else day.isoformat()
    return {"id": row.id, "object": "model", "created": 1_790_000_000, "owned_by": "system", "shutdown_date": ends}


def _unauthorized(request: Request) -> Response | None:
    shown = request.headers.get("authorization", "")
    if shown.startswith("Bearer sk-"):
        return None
    return _problem(401, "Incorrect API key provided.", code="invalid_api_key")


def _fault_before(fault: str) -> Response | None:
    """What refuses an order before it is taken."""
    if fault == "busy":
        busy = _problem(429, "Rate limit reached for images per minute.", code="rate_limit_exceeded", kind="requests")
        busy.headers["retry-after"] = "1"
        return busy
    if fault == "credit":
        words = "You exceeded your current quota, please check your plan and billing details."
        return _problem(429, words, code="insufficient_quota", kind="insufficient_quota")
    if fault == "key":
        return _problem(401, "Incorrect API key provided.", code="invalid_api_key")
    if fault == "invalid":
        return _invalid("prompt", "It is refused.")
    if fault == "moderated":
        return _moderated()
    if fault in ("error", "unavailable"):
        words = "The server had an error while processing your request."
        return _problem(500 if fault == "error" else 503, words, kind="server_error")
    return None


def _moderated() -> Response:
    words = "Your request was rejected by the safety system."
    return _problem(400, words, code="moderation_blocked", kind="image_generation_user_error")


def _no_model(name: object) -> Response:
    words = f"The model '{name}' does not exist or you do not have access to it."
    return _problem(404, words, code="model_not_found", param="model")


def _invalid(name: str, why: str) -> Response:
    return _problem(400, f"Invalid value for '{name}'. {why}", code="invalid_value", param=name)


def _problem(
    status: int,
    message: str,
    *,
    code: str | None = None,
    param: str | None = None,
    kind: str = "invalid_request_error",
) -> Response:
    return JSONResponse({"error": {"message": message, "type": kind, "param": param, "code": code}}, status)
