"""Replicate's API, as far as Pressroom and Replicate's own clients ask: models, predictions, files, account."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from pressroom.domain.media import UNKNOWN_MIME
from pressroom.media.files.sniff import HEAD_BYTES, sniff
from pressroom.simulator.books import Sold, page_of
from pressroom.simulator.calls import REPLICATE_SECRET, Call
from pressroom.simulator.orders import Manners, place
from pressroom.simulator.statuses import in_place_of_a_status
from pressroom.simulator.world import World, iso

VENDOR = "replicate"
PROBLEM = "application/problem+json"
_STATES = {
    "succeeded": "succeeded",
    "failed": "failed",
    "moderated": "failed",
    "cancelled": "canceled",
}
_WAIT = re.compile(r"wait(?:=([1-9]|[1-5][0-9]|60))?")
_MOST_WAIT_SECONDS = 60
_FLAGGED = "The output was flagged as sensitive. Please try again with different inputs. (E005) (simulated)"


def router(world: World) -> APIRouter:
    routes = APIRouter(prefix="/replicate/v1")

    @routes.post("/predictions")
    async def create_of_version(request: Request) -> Response:
        body = await request.json()
        version = str(body.get("version", "")).rpartition(":")[2]
        return await _create(world, request, version, body)

    @routes.post("/models/{owner}/{name}/predictions")
    async def create(owner: str, name: str, request: Request) -> Response:
        return await _create(world, request, f"{owner}/{name}", await request.json())

    @routes.get("/predictions")
    def listed(request: Request, cursor: str = "") -> Response:
        if refused := _unauthorized(request):
            return refused
        page, last = page_of(world.books.of(VENDOR), cursor)
        results = [_shown(world, world.look(sold), request) for sold in page]
        more = str(request.url.include_query_params(cursor=last)) if last else None
        return JSONResponse({"next": more, "previous": None, "results": results})

    @routes.get("/predictions/{name}", name="prediction")
    def one(name: str, request: Request) -> Response:
        sold = world.books.find(VENDOR, name)
        if refused := _unauthorized(request) or (_not_found() if sold is None else None):
            return refused
        if fault := world.faults.draw(VENDOR, "status"):
            return in_place_of_a_status(fault)
        assert sold is not None
        return JSONResponse(_shown(world, world.look(sold), request))

    @routes.post("/predictions/{name}/cancel")
    def cancel(name: str, request: Request) -> Response:
        sold = world.books.find(VENDOR, name)
        if refused := _unauthorized(request) or (_not_found() if sold is None else None):
            return refused
        assert sold is not None
        return JSONResponse(_shown(world, world.cancel(sold), request))

    @routes.post("/files")
    async def upload(request: Request) -> Response:
        if refused := _unauthorized(request):
            return refused
        form = await request.form()
        content: Any = form["content"]
        name = secrets.token_hex(13)
        url = str(request.url_for("file", name=name))
        data = await content.read()
        world.keep_upload(url, data)
        return JSONResponse(_resource(world, url, data, content.content_type), 201)

    @routes.get("/files")
    def kept(request: Request) -> Response:
        before = f"{str(request.url).partition('?')[0]}/"
        files = {url: path.read_bytes() for url, path in world.uploads.items() if url.startswith(before)}
        results = [_resource(world, url, data, _mime(data)) for url, data in files.items()]
        return _unauthorized(request) or JSONResponse({"next": None, "previous": None, "results": results})

    @routes.delete("/files/{name}")
    def drop(name: str, request: Request) -> Response:
        url = str(request.url_for("file", name=name))
        if refused := _unauthorized(request) or (_not_found() if url not in world.uploads else None):
            return refused
        del world.uploads[url]
        return Response(status_code=204)

    @routes.get("/files/{name}", name="file")
    def file(name: str, request: Request) -> Response:
        url = str(request.url_for("file", name=name))
        path = world.uploads.get(url)
        if refused := _unauthorized(request) or (_not_found() if path is None else None):
            return refused
        assert path is not None
        data = path.read_bytes()
        return JSONResponse(_resource(world, url, data, _mime(data)))

    @routes.get("/account")
    def account(request: Request) -> Response:
        named = {"type": "organization", "username": "rehearsal", "name": "Rehearsal", "github_url": ""}
        return _unauthorized(request) or JSONResponse(named)

    @routes.get("/models")
    def models(request: Request) -> Response:
        names = dict.fromkeys(row.id for row in world.workshop.catalog.models.values() if row.provider == VENDOR)
        results = [_model(*name.split("/", 1)) for name in names if "/" in name]
        return _unauthorized(request) or JSONResponse({"next": None, "previous": None, "results": results})

    @routes.get("/models/{owner}/{name}")
    def model(owner: str, name: str, request: Request) -> Response:
        rows = world.workshop.catalog.models.values()
        there = any((row.provider, row.id) == (VENDOR, f"{owner}/{name}") for row in rows)
        found = JSONResponse(_model(owner, name)) if there else _problem(404, "Model not found", None)
        return _unauthorized(request) or found

    @routes.get("/webhooks/default/secret")
    def secret(request: Request) -> Response:
        return _unauthorized(request) or JSONResponse({"key": REPLICATE_SECRET})

    return routes


def _mime(data: bytes) -> str:
    found = sniff(data[:HEAD_BYTES])
    return found.mime if found else UNKNOWN_MIME


def _resource(world: World, url: str, data: bytes, mime: str) -> dict[str, Any]:
    """What is said of an uploaded file; its own name is not kept."""
    now, name = world.clock(), url.rpartition("/")[2]
    return {
        "id": name,
        "name": name,
        "content_type": mime,
        "size": len(data),
        "etag": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "checksums": {"sha256": hashlib.sha256(data).hexdigest()},
        "metadata": {},
        "created_at": iso(now),
        "expires_at": iso(now + 86_400),
        "urls": {"get": url},
    }


async def _create(world: World, request: Request, name: str, body: dict[str, Any]) -> Response:
    if refused := _unauthorized(request):
        return refused
    manners = Manners(
        _refused,
        _invalid,
        lambda sold: JSONResponse(_shown(world, sold, request), 201),
        lambda: secrets.token_hex(13),
        lambda sold: Call(
            body["webhook"], lambda: _shown(world, world.look(sold), request), world.calls.as_replicate(sold.id)
        ),
    )
    facts = {"webhook": body.get("webhook"), "version": body.get("version")}
    fields = body.get("input")
    row = world.workshop.model(VENDOR, name, fields)
    return await place(world, VENDOR, row, fields, manners, facts, _wait_seconds(request))


def _wait_seconds(request: Request) -> float:
    """How long a client wants its request to be left open: `Prefer: wait`, or `wait=5`."""
    asked = _WAIT.fullmatch(request.headers.get("prefer", ""))
    return float(asked[1] or _MOST_WAIT_SECONDS) if asked else 0.0


def _shown(world: World, sold: Sold, request: Request) -> dict[str, Any]:
    row = world.workshop.catalog.models[sold.model]
    here = str(request.url_for("prediction", name=sold.id))
    state = _STATES.get(sold.state, "processing" if world.clock() > sold.created_at else "starting")
    error = _FLAGGED if sold.state == "moderated" else sold.error or None
    done = state != "processing" and sold.state != "running"
    return {
        "id": sold.id,
        "model": row.id,
        "version": row.version or "hidden",
        "input": dict(sold.fields),
        "logs": "",
        "output": _output(world, sold),
        "data_removed": False,
        "error": error,
        "status": state,
        "created_at": iso(sold.created_at),
        **({"completed_at": iso(sold.ready_at), "metrics": _metrics(sold)} if done else {}),
        "urls": {"get": here, "cancel": f"{here}/cancel", "web": here},
        **({"webhook": sold.facts["webhook"]} if sold.facts.get("webhook") else {}),
    }


def _output(world: World, sold: Sold) -> str | list[str] | None:
    if not sold.files:
        return None
    urls = [world.link_of(sold, path) for path in sold.files]
    row = world.workshop.catalog.models[sold.model]
    return urls if "num_outputs" in row.fixed else urls[0]


def _metrics(sold: Sold) -> dict[str, float]:
    seconds = sold.ready_at - sold.created_at
    return {"predict_time": round(seconds * 0.9, 3), "total_time": round(seconds, 3)}


def _unauthorized(request: Request) -> Response | None:
    if request.headers.get("authorization", "").startswith("Bearer r8_"):
        return None
    return _problem(401, "You did not pass a valid authentication token", title="Unauthenticated")


def _refused(fault: str) -> Response:
    """What refuses an order before it is taken."""
    if fault == "busy":
        detail = "Request was throttled. Your rate limit resets in ~1s."
        return _problem(429, detail, title=None, retry_after=1)
    if fault == "credit":
        return _problem(402, "You have insufficient credit to run this model.", title="Insufficient credit")
    if fault == "key":
        return _problem(401, "You did not pass a valid authentication token", title="Unauthenticated")
    if fault in ("invalid", "moderated"):
        return _invalid("prompt is refused")
    if fault == "missing":
        return _not_found()
    return _problem(503 if fault == "unavailable" else 500, "Internal server error")


def _not_found() -> Response:
    return _problem(404, "The requested resource could not be found.")


def _invalid(words: str) -> Response:
    fields = [{"type": "invalid", "field": "input", "description": words}]
    return _problem(422, f"- input: {words}\n", title="Input validation failed", invalid_fields=fields)


def _problem(status: int, detail: str, title: str | None = "Error", **more: Any) -> Response:
    body = {"detail": detail, "status": status, **({"title": title} if title else {}), **more}
    return JSONResponse(body, status, media_type=PROBLEM)


def _model(owner: str, name: str) -> dict[str, Any]:
    address = f"https://replicate.com/{owner}/{name}"
    return {
        "url": address,
        "owner": owner,
        "name": name,
        "description": "Rehearsal.",
        "visibility": "public",
        "run_count": 0,
    }
