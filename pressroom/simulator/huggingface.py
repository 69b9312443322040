"""Hugging Face's own inference, as far as Pressroom and Hugging Face's own client ask: pictures from text, whose key it is."""

from __future__ import annotations

import io
import secrets
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from PIL import Image

from pressroom.catalog.models import Model
from pressroom.domain.media import mime_of
from pressroom.simulator.at_once import file_of, made
from pressroom.simulator.books import Sold
from pressroom.simulator.orders import wrong_in
from pressroom.simulator.world import Dropped, World

VENDOR: Final = "huggingface"
_LOADING_SECONDS: Final = 20.0
_USUAL_SIDE: Final = 1_024


def router(world: World) -> APIRouter:
    routes = APIRouter(prefix="/huggingface")

    @routes.post("/hf-inference/models/{name:path}")
    async def generate(name: str, request: Request) -> Response:
        fault = world.faults.draw(VENDOR, "order")
        if refused := _unauthorized(request) or _fault_before(fault, name):
            return refused
        row = world.workshop.model(VENDOR, name)
        if row is None:
            return _error(404, f"Model {name} is not supported by provider hf-inference.")
        body = await request.json()
        fields = {"width": _USUAL_SIDE, "height": _USUAL_SIDE, **(body.get("parameters") or {})}
        if wrong := wrong_in(world, row, {**fields, "inputs": body.get("inputs")}):
            return _error(422, wrong)
        if fault == "lost_order":
            raise Dropped
        return await _made(world, row, {**fields, "inputs": body["inputs"]}, fault)

    @routes.get("/hf-inference/api/whoami-v2")
    @routes.get("/api/whoami-v2")
    def whoami(request: Request) -> Response:
        return _unauthorized(request) or JSONResponse({"type": "user", "name": "rehearsal"})

    return routes


async def _made(world: World, row: Model, fields: dict[str, Any], fault: str) -> Response:
    sold = await made(world, world.take(VENDOR, row, fields, secrets.token_hex(16), {}))
    if fault == "lost_answer":
        raise Dropped
    if fault == "error_taken" or sold.state == "failed":
        return _error(500, "The model failed, please try again.")
    data = _black(sold) if sold.state == "moderated" else file_of(world, sold)
    return Response(data, media_type=mime_of("png"), headers={"x-request-id": sold.id})


def _black(sold: Sold) -> bytes:
    """What a safety checker puts in place of a picture; nothing else tells of it."""
    written = io.BytesIO()
    Image.new("RGB", (sold.fields["width"], sold.fields["height"])).save(written, "PNG")
    return written.getvalue()


def _unauthorized(request: Request) -> Response | None:
    given = request.headers.get("authorization", "")
    return None if given.startswith("Bearer hf_") else _error(401, "Invalid username or password.")


def _fault_before(fault: str, name: str) -> Response | None:
    """What refuses an order before it is taken; it moderates no words."""
    if fault == "unavailable":
        loading = {"error": f"Model {name} is currently loading", "estimated_time": _LOADING_SECONDS}
        return JSONResponse(loading, 503)
    refusals = {
        "busy": (429, "You have reached the rate limit."),
        "error": (500, "Internal server error"),
        "key": (401, "Invalid username or password."),
        "credit": (402, "You have exceeded your monthly included credits for Inference Providers."),
        "invalid": (422, "inputs is refused"),
    }
    return _error(*refusals[fault]) if fault in refusals else None


def _error(status: int, words: str) -> Response:
    return JSONResponse({"error": words}, status, {"Retry-After": "1"} if status == 429 else None)
