"""Google Gemini's interactions, as far as Pressroom asks for clips: orders in the background, their state, their files."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from pressroom.catalog.models import Model
from pressroom.domain.media import mime_of
from pressroom.providers.reading import token_bill
from pressroom.providers.simulator.vendor import OVERCHARGE_FACTOR
from pressroom.simulator.at_once import spoiled
from pressroom.simulator.books import Sold
from pressroom.simulator.orders import Manners, place, wrong_in
from pressroom.simulator.statuses import in_place_of_a_status
from pressroom.simulator.world import World

_STATES: Final = {"succeeded": "completed", "moderated": "completed", "failed": "failed", "cancelled": "cancelled"}


def router(
    world: World,
    vendor: str,
    version: str,
    unauthorized: Callable[[Request], Response | None],
    refused: Callable[[str], Response | None],
    problem: Callable[[int, str, str], Response],
) -> APIRouter:
    """Below the version of the API; the answers to strangers and to faults are those of the rest of it."""
    routes = APIRouter()

    def unknown() -> Response:
        return problem(400, "INVALID_ARGUMENT", "Invalid interaction name.")

    def address(request: Request, name: str) -> str:
        return str(request.url_for(f"film {version}", name=name))

    @routes.post("/interactions")
    async def create(request: Request) -> Response:
        body = await request.json()
        fields = _fields(body)
        manners = Manners(
            lambda fault: refused(fault) or problem(404, "NOT_FOUND", "The model is not found."),
            lambda words: problem(400, "INVALID_ARGUMENT", words),
            lambda sold: JSONResponse({"id": sold.id, "status": "queued"}),
            lambda: f"v1_{secrets.token_hex(12)}",
        )
        row = world.workshop.model(vendor, str(body.get("model")), fields)
        return unauthorized(request) or await place(world, vendor, row, fields, manners, _counted(world, row, fields))

    @routes.get("/interactions/{name}")
    def one(name: str, request: Request) -> Response:
        sold = world.books.find(vendor, name)
        if no := unauthorized(request) or (unknown() if sold is None else None):
            return no
        if fault := world.faults.draw(vendor, "status"):
            return in_place_of_a_status(fault)
        assert sold is not None
        return JSONResponse(_shown(world.look(sold), address(request, name)))

    @routes.post("/interactions/{name}/cancel")
    def cancel(name: str, request: Request) -> Response:
        sold = world.books.find(vendor, name)
        if no := unauthorized(request) or (unknown() if sold is None else None):
            return no
        assert sold is not None
        return JSONResponse(_shown(world.cancel(sold), address(request, name)))

    @routes.delete("/interactions/{name}")
    def forget(name: str, request: Request) -> Response:
        sold = world.books.find(vendor, name)
        return unauthorized(request) or (unknown() if sold is None else JSONResponse({}))

    @routes.get("/films/{name}", name=f"film {version}")
    def film(name: str, request: Request) -> Response:
        sold = world.books.find(vendor, name)
        if no := unauthorized(request) or (unknown() if sold is None or not sold.files else None):
            return no
        assert sold is not None
        data = spoiled(world.faults.draw(vendor, "file"), sold.files[0].read_bytes())
        return Response(data, media_type=mime_of("mp4"))

    return routes


def _fields(body: Mapping[str, Any]) -> dict[str, Any]:
    said = body.get("input")
    parts = [{"type": "text", "text": said}] if isinstance(said, str) else said if isinstance(said, list) else []
    pictures = [f"data:{part['mime_type']};base64,{part['data']}" for part in parts if part.get("type") == "image"]
    prompt = " ".join(part["text"] for part in parts if part.get("type") == "text")
    form = {
        name: value for name, value in (body.get("response_format") or {}).items() if name not in ("type", "delivery")
    }
    return {**form, "prompt": prompt, **({"image": pictures} if pictures else {})}


def _counted(world: World, row: Model | None, fields: Mapping[str, Any]) -> dict[str, Any]:
    """As many tokens as the price of the clip comes to."""
    if row is None or wrong_in(world, row, fields):
        return {}
    counts = {"film_out": round(world.listed(row, fields) / row.usd_per_million_tokens["film_out"])}
    return {"counts": counts, "usd_micros": token_bill(row, counts)}


def _usage(sold: Sold) -> dict[str, Any]:
    """The tokens of what was made, withheld or not."""
    times = OVERCHARGE_FACTOR if sold.facts["fault"] == "overcharge" else 1
    made = sold.facts["counts"]["film_out"] * times if sold.usd_micros else 0
    kinds = [{"modality": "video", "tokens": made}] if made else [{"modality": "text", "tokens": 12}]
    return {"total_output_tokens": kinds[0]["tokens"], "output_tokens_by_modality": kinds}


def _shown(sold: Sold, address: str) -> dict[str, Any]:
    content: list[dict[str, str]] = [{"type": "text", "text": "I cannot make this."}]
    if sold.files:
        content = [{"type": "video", "uri": address}]
    steps = [{"type": "model_output", "content": content}] if sold.state in ("succeeded", "moderated") else []
    error = {"error": {"message": sold.error}} if sold.error else {}
    usage = {"usage": _usage(sold)} if sold.usd_micros is not None and "counts" in sold.facts else {}
    return {"id": sold.id, "status": _STATES.get(sold.state, "in_progress"), "steps": steps, **usage, **error}
