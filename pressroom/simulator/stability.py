"""Stability AI's API v2beta, as far as Pressroom asks: forms that make pictures, their results, the balance."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from PIL import Image
from starlette.datastructures import UploadFile

from pressroom.catalog.models import Model
from pressroom.catalog.shapes import SIDES
from pressroom.domain.errors import Permanent
from pressroom.domain.media import mime_of, suffix_of
from pressroom.simulator.at_once import file_of, made
from pressroom.simulator.books import Sold
from pressroom.simulator.statuses import in_place_of_a_status
from pressroom.simulator.workshop import known_fields
from pressroom.simulator.world import Dropped, World

VENDOR: Final = "stability"
_POLLED: Final = ("stable-image/edit/replace-background-and-relight", "stable-image/upscale/creative")
_FORMATS: Final = ("png", "jpeg", "webp")
_MOST_BYTES: Final = 10 * 1024 * 1024
_MOST_WORDS: Final = 10_000
# What a picture that is sent may have: least and most pixels.
_PIXELS: Final[Mapping[str, tuple[int, int]]] = {
    "remove-background": (4_096, 4_194_304),
    "upscale-fast": (1_024, 1_048_576),
    "upscale-creative": (4_096, 1_048_576),
}
_USUAL_PIXELS: Final = (4_096, 9_437_184)
_RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "grow_mask": (0, 100),
    "creativity": (0, 1),
    "seed": (0, 4_294_967_294),
    **dict.fromkeys(SIDES, (0, 2_000)),
}


def router(world: World) -> APIRouter:
    routes = APIRouter(prefix="/stability")

    @routes.get("/v1/user/balance")
    def balance(request: Request) -> Response:
        return _unauthorized(request) or JSONResponse({"credits": 1_000.0})

    @routes.get("/v2beta/results/{name}")
    async def result(name: str, request: Request) -> Response:
        sold = world.books.find(VENDOR, name)
        if refused := _unauthorized(request) or (_not_found() if sold is None else None):
            return refused
        if fault := world.faults.draw(VENDOR, "status"):
            return in_place_of_a_status(fault)
        assert sold is not None
        found = world.look(sold)
        if found.state == "running":
            return JSONResponse({"id": name, "status": "in-progress"}, 202)
        return _file(world, found)

    @routes.post("/v2beta/{path:path}")
    async def create(path: str, request: Request) -> Response:
        fault = world.faults.draw(VENDOR, "order")
        if refused := _unauthorized(request) or _fault_before(fault):
            return refused
        row = world.workshop.model(VENDOR, path)
        if row is None:
            return _problem(404, "not_found", "the resource does not exist")
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            return _problem(400, "bad_request", "content-type: must be multipart/form-data")
        fields = await _fields(world, request)
        if refused := _wrong(world, row, fields):
            return refused
        if fault == "lost_order":
            raise Dropped
        return await _made(world, row, fields, fault)

    return routes


async def _made(world: World, row: Model, fields: dict[str, str], fault: str) -> Response:
    sold = world.take(VENDOR, row, {name: _value(text) for name, text in fields.items()}, secrets.token_hex(32), {})
    found = sold if row.id in _POLLED else await made(world, sold)
    if fault == "lost_answer":
        raise Dropped
    if fault == "error_taken":
        return _problem(500, "internal_error", "An unexpected server error has occurred, please try again later.")
    return JSONResponse({"id": sold.id}) if row.id in _POLLED else _file(world, found)


async def _fields(world: World, request: Request) -> dict[str, str]:
    """A form's words, and the addresses under which its files are kept; a part without a byte only makes it a form."""
    found = {}
    for name, value in (await request.form()).items():
        if isinstance(value, UploadFile):
            data = await value.read()
            if data:
                found[name] = f"https://{secrets.token_hex(8)}.invalid/"
                world.keep_upload(found[name], data)
        elif value:
            found[name] = value
    return found


def _value(text: str) -> Any:
    """What a form says in words, as the number it is."""
    try:
        return json.loads(text) if text.lstrip("-").replace(".", "", 1).isdigit() else text
    except ValueError:
        return text


def _wrong(world: World, row: Model, fields: Mapping[str, str]) -> Response | None:
    if strange := sorted(set(fields) - known_fields(row) - {"style_preset", "foreground_prompt"}):
        return _problem(400, "bad_request", f"{strange[0]}: is not allowed")
    for missing in world.workshop.missing(row, fields):
        if missing != "background_prompt" or "background_reference" not in fields:
            return _problem(400, "bad_request", f"{missing}: is required")
    if any(len(fields.get(name, "")) > _MOST_WORDS for name in ("prompt", "search_prompt", "select_prompt")):
        return _problem(400, "bad_request", f"prompt: must have {_MOST_WORDS} characters at most")
    if fields.get("output_format", "png") not in _FORMATS:
        return _problem(400, "bad_request", f"output_format: must be one of {', '.join(_FORMATS)}")
    if row.sizing.size and fields.get(row.sizing.size, "1:1") not in row.sizing.makes:
        return _problem(400, "bad_request", f"{row.sizing.size}: must be one of {', '.join(row.sizing.makes)}")
    for name, (low, high) in _RANGES.items():
        if name in fields and not low <= float(fields[name]) <= high:
            return _problem(400, "bad_request", f"{name}: must be between {low:g} and {high:g}")
    if row.model == "outpaint" and not any(float(fields.get(side, 0)) for side in SIDES):
        return _problem(400, "bad_request", "left, right, up, down: at least one must be above 0")
    return _wrong_file(world, row, fields)


def _wrong_file(world: World, row: Model, fields: Mapping[str, str]) -> Response | None:
    name = row.parameters.get("image")
    if name is None:
        return None
    if name not in fields:
        return _problem(400, "bad_request", f"{name}: is required")
    try:
        with Image.open(world.files_of(row, fields)["image"]) as picture:
            pixels = picture.width * picture.height
    except (OSError, Permanent):
        return _problem(400, "bad_request", f"{name}: must be a picture")
    if world.uploads[fields[name]].stat().st_size > _MOST_BYTES:
        return _problem(413, "payload_too_large", "request body exceeds 10MiB")
    low, high = _PIXELS.get(row.model, _USUAL_PIXELS)
    return None if low <= pixels <= high else _problem(400, "bad_request", f"{name}: must have {low} to {high} pixels")


def _file(world: World, sold: Sold) -> Response:
    if sold.state == "failed":
        return _problem(500, "internal_error", sold.error)
    solid = bool(sold.files) and sold.files[0].suffix == suffix_of("glb")
    written = "glb" if solid else str(sold.fields.get("output_format", "png"))
    reason = "CONTENT_FILTERED" if sold.state == "moderated" else "SUCCESS"
    # What moderation withholds is sent blurred beyond recognition.
    data = b"blurred" if sold.state == "moderated" else file_of(world, sold, written)
    headers = {"x-request-id": sold.id[:32], "finish-reason": reason, "seed": str(sold.fields.get("seed", 1))}
    return Response(data, media_type=mime_of(written), headers=headers)


def _unauthorized(request: Request) -> Response | None:
    if request.headers.get("authorization", "").removeprefix("Bearer ").startswith("sk-"):
        return None
    return _problem(401, "unauthorized", "missing or invalid authorization header")


def _not_found() -> Response:
    return _problem(404, "generation_not_found", "id: the generation either does not exist or has expired.")


_BEFORE: Final = {
    "busy": (429, "rate_limit_exceeded", "You have exceeded the rate limit, and have been timed out for 60 seconds."),
    "credit": (402, "payment_required", "You lack sufficient credits to make this request."),
    "key": (401, "unauthorized", "missing or invalid authorization header"),
    "invalid": (400, "bad_request", "prompt: is refused"),
    "moderated": (403, "content_moderation", "Your request was flagged by our content moderation system."),
    "error": (500, "internal_error", "An unexpected server error has occurred, please try again later."),
    "unavailable": (503, "internal_error", "The service is unavailable."),
}


def _fault_before(fault: str) -> Response | None:
    """What refuses an order before it is taken."""
    return _problem(*_BEFORE[fault]) if fault in _BEFORE else None


def _problem(status: int, name: str, *errors: str) -> Response:
    return JSONResponse({"id": secrets.token_hex(16), "name": name, "errors": list(errors)}, status)
