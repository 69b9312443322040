"""fal's queue and what of its platform API Pressroom asks: orders, their status and results, the list, prices."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from pressroom.catalog.models import Model
from pressroom.domain.media import Kind
from pressroom.simulator.books import Sold, page_of
from pressroom.simulator.calls import Call
from pressroom.simulator.orders import Manners, place
from pressroom.simulator.statuses import in_place_of_a_status
from pressroom.simulator.world import World, iso

VENDOR = "fal"
BASE = "/fal"
_POLICY = {"loc": ["body", "prompt"], "msg": "The content could not be processed.", "type": "content_policy_violation"}
_REFUSALS: dict[str, tuple[int, Any]] = {
    "busy": (429, {"detail": "Too many requests", "error_type": "rate_limited"}),
    "unavailable": (503, {"detail": "Service unavailable", "error_type": "runner_scheduling_failure"}),
    "error": (500, {"detail": "Internal server error", "error_type": "internal_error"}),
    "key": (401, {"detail": "Authentication is required to access this application."}),
    "credit": (403, {"detail": "User is locked. Reason: Exhausted balance."}),
    "moderated": (422, {"detail": [_POLICY]}),
    "invalid": (422, {"detail": [{"loc": ["body", "prompt"], "msg": "prompt is refused", "type": "value_error"}]}),
    "missing": (404, {"detail": "Application not found"}),
}
_FAILED = {"detail": "The model failed. Please try again.", "error_type": "internal_server_error"}
# What a result calls its file.
_NAMES = {Kind.IMAGE: "image", Kind.VIDEO: "video", Kind.MODEL: "model_glb"}


def router(world: World) -> APIRouter:
    routes = APIRouter(prefix=BASE)

    @routes.get("/v1/models/requests/by-endpoint")
    def listed(endpoint_id: str, request: Request, cursor: str = "") -> Response:
        of_model = [sold for sold in world.books.of(VENDOR) if _item(sold)["endpoint_id"] == endpoint_id]
        page, last = page_of(of_model, cursor)
        items = [_item(world.look(sold)) for sold in page]
        answer = {"items": items, "next_cursor": last or None, "has_more": bool(last)}
        return _unauthorized(request) or JSONResponse(answer)

    @routes.get("/v1/models/pricing")
    def pricing(endpoint_id: str, request: Request) -> Response:
        row = world.workshop.model(VENDOR, endpoint_id)
        if refused := _unauthorized(request) or (_refused("missing") if row is None else None):
            return refused
        assert row is not None
        usd = world.unit_price(row) / 1_000_000
        price = {"endpoint_id": endpoint_id, "unit_price": usd, "unit": f"{row.prices[0].unit}s", "currency": "USD"}
        return JSONResponse({"prices": [price], "next_cursor": None, "has_more": False})

    @routes.get("/v1/models/billing-events")
    def events(request: Request) -> Response:
        rows = [_event(sold) for sold in world.charged_in(VENDOR, *_window(request))]
        page = {"billing_events": rows, "next_cursor": None, "has_more": False}
        return _unauthorized(request) or _not_for_billing(request) or JSONResponse(page)

    @routes.get("/.well-known/jwks.json")
    def signers() -> Response:
        return JSONResponse(world.calls.jwks())

    @routes.get("/{owner}/{app}/requests/{name}/status")
    def status(owner: str, app: str, name: str, request: Request) -> Response:
        sold = _sold(world, owner, app, name)
        if refused := _unauthorized(request) or (_not_found() if sold is None else None):
            return refused
        if fault := world.faults.draw(VENDOR, "status"):
            return in_place_of_a_status(fault)
        assert sold is not None
        return _status(sold, request)

    @routes.get("/{owner}/{app}/requests/{name}")
    def result(owner: str, app: str, name: str, request: Request) -> Response:
        sold = _sold(world, owner, app, name)
        if refused := _unauthorized(request) or (_not_found() if sold is None else None):
            return refused
        assert sold is not None
        return _result(world, sold)

    @routes.put("/{owner}/{app}/requests/{name}/cancel")
    def cancel(owner: str, app: str, name: str, request: Request) -> Response:
        sold = _sold(world, owner, app, name)
        if refused := _unauthorized(request) or (_not_found() if sold is None else None):
            return refused
        assert sold is not None
        if sold.state != "running":
            return JSONResponse({"status": "ALREADY_COMPLETED"}, 400)
        world.cancel(sold, free=True)
        return JSONResponse({"status": "CANCELLATION_REQUESTED"}, 202)

    # The last, since it takes every path.
    @routes.post("/{endpoint:path}")
    async def create(endpoint: str, request: Request, fal_webhook: str = "") -> Response:
        if refused := _unauthorized(request):
            return refused
        manners = Manners(
            _refused,
            _invalid,
            lambda sold: JSONResponse(_queued(sold, request)),
            call=lambda sold: Call(fal_webhook, lambda: _said(world, world.look(sold)), world.calls.as_fal(sold.id)),
        )
        fields = await request.json()
        facts = {"endpoint": endpoint, "webhook": fal_webhook}
        return await place(world, VENDOR, world.workshop.model(VENDOR, endpoint, fields), fields, manners, facts)

    return routes


def _sold(world: World, owner: str, app: str, name: str) -> Sold | None:
    sold = world.books.find(VENDOR, name)
    asked = sold is not None and sold.facts["endpoint"].split("/")[:2] == [owner, app]
    return world.look(sold) if sold is not None and asked else None


def _addresses(sold: Sold, request: Request) -> dict[str, str]:
    owner, app, *_ = sold.facts["endpoint"].split("/")
    here = f"{str(request.base_url).rstrip('/')}{BASE}/{owner}/{app}/requests/{sold.id}"
    return {"response_url": here, "status_url": f"{here}/status", "cancel_url": f"{here}/cancel"}


def _queued(sold: Sold, request: Request) -> dict[str, Any]:
    return {"status": "IN_QUEUE", "request_id": sold.id, "queue_position": 0, **_addresses(sold, request)}


def _status(sold: Sold, request: Request) -> Response:
    if sold.state == "running":
        return JSONResponse({**_queued(sold, request), "status": "IN_PROGRESS", "logs": []}, 202)
    body = {
        **_queued(sold, request),
        "status": "COMPLETED",
        "logs": [],
        "metrics": {"inference_time": sold.ready_at - sold.created_at},
    }
    del body["queue_position"]
    if sold.state == "succeeded":
        return JSONResponse(body)
    kinds = {
        "failed": "internal_server_error",
        "moderated": "content_policy_violation",
        "cancelled": "request_cancelled",
    }
    return JSONResponse({**body, "error": sold.error or "withheld", "error_type": kinds[sold.state]})


def _result(world: World, sold: Sold) -> Response:
    if sold.state == "running":
        return JSONResponse({"detail": "Request is still in progress"}, 400)
    if sold.state == "cancelled":
        return JSONResponse({"detail": "Request was cancelled", "error_type": "request_cancelled"}, 499)
    if sold.state == "moderated":
        return JSONResponse({"detail": [_POLICY]}, 422)
    if sold.state == "failed":
        return JSONResponse(_FAILED, 500)
    row = world.workshop.catalog.models[sold.model]
    files = [{"url": world.link_of(sold, path)} for path in sold.files]
    if "num_images" in row.fixed:
        made: dict[str, Any] = {"images": files, "has_nsfw_concepts": [False]}
    else:
        made = {_NAMES[world.workshop.operations[row.operation].makes]: files[0]}
    units = {"X-Fal-Billable-Units": _units(row, sold.usd_micros or 0)}
    return JSONResponse({**made, "seed": sold.fields.get("seed", 0)}, headers=units)


def _units(row: Model, usd_micros: int) -> str:
    """As many as what is charged comes to."""
    price = row.usd_per_million_tokens.get("unit")
    return "1" if price is None else f"{Decimal(usd_micros) / Decimal(str(price)):.6f}"


def _said(world: World, sold: Sold) -> dict[str, Any]:
    """What its call says of an order that has ended."""
    found = json.loads(bytes(_result(world, sold).body))
    wrong = {} if sold.state == "succeeded" else {"error": sold.error or "withheld"}
    status = "ERROR" if wrong else "OK"
    return {"request_id": sold.id, "gateway_request_id": sold.id, "status": status, "payload": found, **wrong}


def _item(sold: Sold) -> dict[str, Any]:
    done = sold.state != "running"
    return {
        "request_id": sold.id,
        "endpoint_id": sold.facts["endpoint"],
        "sent_at": iso(sold.created_at),
        "started_at": iso(sold.created_at),
        **({"ended_at": iso(sold.ready_at), "status_code": 200} if done else {}),
        "json_input": dict(sold.fields),
        "json_output": None,
    }


def _window(request: Request) -> tuple[float, float]:
    """The times that are asked for, in seconds of the epoch."""
    query = request.query_params
    return datetime.fromisoformat(query["start"]).timestamp(), datetime.fromisoformat(query["end"]).timestamp()


def _event(sold: Sold) -> dict[str, Any]:
    usd = (sold.usd_micros or 0) / 1e6
    money = {"cost_subtotal": usd, "cost_discount": 0.0, "cost_total": usd, "cost_estimate_nano_usd": None}
    made = {"output_units": 1.0, "unit_price": usd, "percent_discount": 0.0}
    return {
        "request_id": sold.id,
        "endpoint_id": sold.facts["endpoint"],
        "timestamp": iso(sold.ready_at),
        **made,
        **money,
    }


def _refused(fault: str) -> Response:
    status, body = _REFUSALS[fault]
    return JSONResponse(body, status, {"Retry-After": "1"} if status == 429 else None)


def _invalid(words: str) -> Response:
    return JSONResponse({"detail": [{"loc": ["body"], "msg": words, "type": "value_error"}]}, 422)


def _not_found() -> Response:
    return JSONResponse({"status": "NOT_FOUND"}, 404)


def _not_for_billing(request: Request) -> Response | None:
    """Only a key that an account's admin has made reads what was charged."""
    may_read = request.headers["authorization"].partition(":")[0].endswith("-admin")
    return None if may_read else JSONResponse({"detail": "This key has no billing scope"}, 403)


def _unauthorized(request: Request) -> Response | None:
    given = request.headers.get("authorization", "")
    return None if given.startswith("Key ") and ":" in given else _refused("key")
