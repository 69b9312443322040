"""WaveSpeed's API, as far as Pressroom and WaveSpeed's own client ask: predictions, their list, uploads, balance."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import UploadFile

from pressroom.simulator.books import Sold
from pressroom.simulator.calls import WAVESPEED_SECRET, Call
from pressroom.simulator.orders import Manners, place
from pressroom.simulator.statuses import in_place_of_a_status
from pressroom.simulator.world import World, iso

VENDOR = "wavespeed"
BASE = "/wavespeed/api/v3"
_SYNC_SECONDS = 60.0  # for which the answer to an order waits for its end, where that is asked for
_STATES = {"succeeded": "completed", "moderated": "completed", "failed": "failed", "cancelled": "cancelled"}
_REFUSALS = {
    "busy": (429, "rate limit exceeded"),
    "unavailable": (503, "service unavailable"),
    "error": (500, "internal server error"),
    "key": (401, "invalid api key"),
    "credit": (402, "insufficient balance, please top up"),
    "moderated": (400, "the prompt violates the content policy"),
    "invalid": (400, "prompt is refused"),
    "missing": (404, "model not found"),
}


_BILLINGS: Final[Mapping[str, Callable[[Sold], bool]]] = {
    "deduct": lambda sold: bool(sold.usd_micros) or sold.state == "failed",
    "refund": lambda sold: sold.state == "failed",
}


def router(world: World) -> APIRouter:
    routes = APIRouter(prefix=BASE)

    @routes.get("/balance")
    def balance(request: Request) -> Response:
        return _unauthorized(request) or _envelope({"balance": 100.0})

    @routes.get("/webhook/secret")
    def secret(request: Request) -> Response:
        return _unauthorized(request) or _envelope({"secret": WAVESPEED_SECRET})

    @routes.get("/predictions/{name}/result")
    def result(name: str, request: Request) -> Response:
        sold = world.books.find(VENDOR, name)
        if refused := _unauthorized(request) or (_no(404, "prediction not found") if sold is None else None):
            return refused
        if fault := world.faults.draw(VENDOR, "status"):
            return in_place_of_a_status(fault)
        assert sold is not None
        return _envelope(_shown(world, world.look(sold), request) | {"input": dict(sold.fields)})

    @routes.post("/predictions")
    async def listed(request: Request) -> Response:
        if refused := _unauthorized(request):
            return refused
        asked = await request.json()
        found = [_shown(world, world.look(sold), request) for sold in reversed(world.books.of(VENDOR))]
        page, size = int(asked.get("page", 1)), min(int(asked.get("page_size", 100)), 100)
        return _envelope({"page": page, "items": found[(page - 1) * size : page * size]})

    @routes.post("/billings/search")
    async def deductions(request: Request) -> Response:
        if refused := _unauthorized(request):
            return refused
        asked = await request.json()
        window = (int(asked["start_time"]) / 1e3, int(asked["end_time"]) / 1e3)
        kind = str(asked.get("billing_type"))
        if kind not in _BILLINGS:
            return _no(400, "billing_type is invalid")
        sold = [world.look(each) for each in world.books.of(VENDOR)]
        ended = [each for each in sold if each.state != "running" and window[0] <= each.ready_at < window[1]]
        found = [_billing(world, each, kind) for each in ended if _BILLINGS[kind](each)]
        page, size = int(asked.get("page", 1)), min(int(asked.get("page_size", 100)), 100)
        return _envelope({"page": page, "items": found[(page - 1) * size : page * size]})

    @routes.post("/model/price")
    async def price(request: Request) -> Response:
        if refused := _unauthorized(request):
            return refused
        asked = await request.json()
        row = world.workshop.model(VENDOR, str(asked.get("model_id")))
        if row is None:
            return _refused("missing")
        usd = world.listed(row, asked.get("inputs") or {}) / 1_000_000
        shown = {"model_id": row.id, "price": usd, "discounted_price": usd, "discount_rate": 1, "currency": "USD"}
        return _envelope(shown)

    def place_for(request: Request) -> str:
        return f"{str(request.base_url).rstrip('/')}{BASE}/kept/{secrets.token_hex(13)}"

    @routes.post("/media/upload/binary")
    async def sent_whole(request: Request) -> Response:
        """As clients upload that are older than the tickets."""
        if refused := _unauthorized(request):
            return refused
        file: Any = (await request.form()).get("file")
        if not isinstance(file, UploadFile):
            return _no(400, "file is required")
        url, data = place_for(request), await file.read()
        world.keep_upload(url, data)
        kind = str(file.content_type or "").partition("/")[0]
        return _envelope({"type": kind, "download_url": url, "filename": file.filename, "size": len(data)})

    @routes.post("/media/uploads")
    async def ticket(request: Request) -> Response:
        if refused := _unauthorized(request):
            return refused
        url = place_for(request)
        return _envelope({"upload": {"method": "PUT", "url": url, "headers": {}}, "download_url": url})

    @routes.put("/kept/{name}")
    async def keep(name: str, request: Request) -> Response:
        world.keep_upload(str(request.url), await request.body())
        return Response(status_code=200)

    # The last, since it takes every path.
    @routes.post("/{model:path}")
    async def create(model: str, request: Request, webhook: str = "") -> Response:
        if refused := _unauthorized(request):
            return refused
        manners = Manners(
            _refused,
            lambda words: _no(400, words),
            lambda sold: _taken(world, sold, request),
            call=lambda sold: Call(
                webhook, lambda: _shown(world, world.look(sold), request), world.calls.as_wavespeed(sold.id)
            ),
        )
        fields = await request.json()
        row = world.workshop.model(VENDOR, model, fields)
        wait_seconds = _SYNC_SECONDS if isinstance(fields, dict) and fields.get("enable_sync_mode") else 0
        return await place(world, VENDOR, row, fields, manners, {"webhook": webhook}, wait_seconds)

    return routes


def _taken(world: World, sold: Sold, request: Request) -> Response:
    state = {"status": "created"} if sold.state == "running" else {}
    return _envelope({**_shown(world, sold, request), **state, "input": dict(sold.fields)})


def _shown(world: World, sold: Sold, request: Request) -> dict[str, Any]:
    """A prediction as the list has it: without its inputs."""
    return {
        "id": sold.id,
        "model": world.workshop.catalog.models[sold.model].id,
        "outputs": [world.link_of(sold, path) for path in sold.files],
        "urls": {"get": f"{str(request.base_url).rstrip('/')}{BASE}/predictions/{sold.id}/result"},
        "status": _STATES.get(sold.state, "processing"),
        "created_at": iso(sold.created_at),
        "error": sold.error,
        "has_nsfw_contents": [sold.state == "moderated"],
        "timings": {"inference": round((sold.ready_at - sold.created_at) * 1000)},
    }


def _billing(world: World, sold: Sold, kind: str) -> dict[str, Any]:
    """What failed was paid for first, and is given back."""
    price = (sold.usd_micros or world.price(sold)) / 1e6
    product = world.workshop.catalog.models[sold.model].id
    return {
        "uuid": f"{kind}-{sold.id}",
        "billing_type": kind,
        "price": price,
        "created_at": iso(sold.ready_at),
        "order": {"uuid": f"order-{sold.id}", "state": "paid", "price": price, "origin_price": price},
        "prediction": {"uuid": sold.id, "model_uuid": product, "status": _STATES.get(sold.state, "processing")},
        "access_key_name": "rehearsal",
    }


def _envelope(data: Any) -> Response:
    return JSONResponse({"code": 200, "message": "success", "data": data})


def _no(status: int, words: str) -> Response:
    return JSONResponse({"code": status, "message": words}, status)


def _refused(fault: str) -> Response:
    return _no(*_REFUSALS[fault])


def _unauthorized(request: Request) -> Response | None:
    return None if request.headers.get("authorization") == "Bearer ws_rehearsal" else _refused("key")
