"""Black Forest Labs' API: orders, which are polled at an address of their own, and what credit is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from pressroom.simulator.books import Sold
from pressroom.simulator.calls import Call
from pressroom.simulator.orders import Manners, place
from pressroom.simulator.statuses import in_place_of_a_status
from pressroom.simulator.world import World

VENDOR = "bfl"
BASE = "/bfl/v1"
MICROS_A_CENT = 10_000
_STATES = {"succeeded": "Ready", "moderated": "Content Moderated", "failed": "Error"}
_OURS = ("webhook_url", "webhook_secret")
_REFUSALS = {
    "busy": (429, "rate_limit_exceeded", "Too many active tasks."),
    "unavailable": (503, "service_unavailable", "Service unavailable."),
    "error": (500, "internal_error", "Internal server error."),
    "key": (403, "not_authenticated", "Not authenticated."),
    "credit": (402, "insufficient_credits", "Insufficient credits."),
    "moderated": (422, "request_moderated", "The request was moderated."),
    "invalid": (422, "validation_error", "prompt is refused"),
    "missing": (404, "not_found", "Not found."),
}


def router(world: World) -> APIRouter:
    routes = APIRouter(prefix=BASE)

    @routes.get("/credits")
    def credits(request: Request) -> Response:
        return _unauthorized(request) or JSONResponse({"credits": 1000.0})

    @routes.get("/get_result")
    def result(request: Request) -> Response:
        name = request.query_params.get("id", "")
        sold = world.books.find(VENDOR, name)
        missing = JSONResponse({"id": name, "status": "Task not found", "result": None}, 404) if sold is None else None
        if refused := _unauthorized(request) or missing:
            return refused
        if fault := world.faults.draw(VENDOR, "status"):
            return in_place_of_a_status(fault)
        assert sold is not None
        return JSONResponse(_shown(world, world.look(sold)))

    # The last, since it takes every name.
    @routes.post("/{model}")
    async def create(model: str, request: Request) -> Response:
        if refused := _unauthorized(request):
            return refused
        body = await request.json()
        fields = {name: value for name, value in body.items() if name not in _OURS}
        manners = Manners(
            _refused,
            lambda words: _no(422, "validation_error", words),
            lambda sold: _taken(world, sold, request),
            call=lambda sold: _call(world, sold, body),
        )
        facts = {"webhook": body.get("webhook_url"), "charged_at_once": True}
        return await place(world, VENDOR, world.workshop.model(VENDOR, model, fields), fields, manners, facts)

    return routes


def _taken(world: World, sold: Sold, request: Request) -> Response:
    url = f"{str(request.base_url).rstrip('/')}{BASE}/get_result?id={sold.id}"
    cents = world.price(sold) / MICROS_A_CENT
    return JSONResponse({"id": sold.id, "polling_url": url, "cost": cents, "input_mp": 0.0, "output_mp": 1.0})


def _call(world: World, sold: Sold, asked: Mapping[str, Any]) -> Call:
    sign = world.calls.as_bfl(str(asked.get("webhook_secret", "")))
    return Call(asked["webhook_url"], lambda: _shown(world, world.look(sold)), sign)


def _shown(world: World, sold: Sold) -> dict[str, Any]:
    state = _STATES.get(sold.state, "Pending")
    result = None
    if sold.state == "succeeded":
        said = {"prompt": sold.fields["prompt"], "seed": sold.fields.get("seed", 0)}
        result = {"sample": world.link_of(sold, sold.files[0]), **said}
    details = {"Moderation Reasons": ["Derivative Works Filter"]} if sold.state == "moderated" else None
    return {"id": sold.id, "status": state, "result": result, "progress": None, "details": details}


def _no(status: int, error: str, words: str) -> Response:
    retry = {"retry_after": 1} if status == 429 else {}
    return JSONResponse({"error": error, "message": words, "details": None, **retry}, status)


def _refused(fault: str) -> Response:
    return _no(*_REFUSALS[fault])


def _unauthorized(request: Request) -> Response | None:
    return None if request.headers.get("x-key") == "bfl-rehearsal" else _refused("key")
