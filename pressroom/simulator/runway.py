"""Runway's API, as far as Pressroom and Runway's own client ask: tasks of pictures, clips and sound, uploads, the balance."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from pressroom.catalog.limits import utf16_units
from pressroom.catalog.models import Model
from pressroom.simulator.books import Sold
from pressroom.simulator.orders import Manners, place
from pressroom.simulator.statuses import in_place_of_a_status
from pressroom.simulator.world import World, iso

VENDOR: Final = "runway"
BASE: Final = "/runway/v1"
_VERSION: Final = "2024-11-06"
_MICROS_A_CREDIT: Final = 10_000
_AT_ONCE: Final = 2  # tasks of one model; more are throttled
_WAITS: Final = 0.1  # of its time, before it runs
_USUAL_SECONDS: Final = 3  # of a sound whose length is left open
_OPERATIONS: Final = {
    "text_to_image": "generate_image",
    "image_to_video": "image_to_video",
    "text_to_video": "text_to_video",
    "text_to_speech": "speak",
    "sound_effect": "sound_effect",
    "image_upscale": "upscale",
}
_REFUSALS: Final = {
    "busy": (429, "You have exceeded the limit of your tier."),
    "unavailable": (503, "The service is overloaded."),
    "error": (500, "Internal server error"),
    "key": (401, "The API key is invalid."),
    "credit": (400, "You do not have enough credits to run this task."),
    "moderated": (400, "The prompt did not pass content moderation."),
}
_FAILURES: Final = {
    "failed": ("The task failed. Please try again.", "INTERNAL.BAD_OUTPUT.CODE01"),
    "moderated": ("The output did not pass moderation.", "SAFETY.OUTPUT.IMAGE"),
}


def router(world: World) -> APIRouter:
    routes = APIRouter(prefix=BASE)

    @routes.get("/organization")
    def organization(request: Request) -> Response:
        limits = {"maxMonthlyCreditSpend": 10_000, "models": {}}
        body = {"creditBalance": 1_000, "tier": limits, "usage": {"models": {}}}
        return _refused_before(request) or JSONResponse(body)

    @routes.post("/organization/usage")
    def usage(request: Request) -> Response:
        sums: dict[str, Counter[str]] = {}
        for sold in world.books.of(VENDOR):
            row, day = world.workshop.catalog.models[sold.model], iso(sold.created_at)[:10]
            sums.setdefault(day, Counter())[row.id] += -(-(sold.usd_micros or 0) // _MICROS_A_CREDIT)
        days = [
            {"date": day, "usedCredits": [{"model": name, "amount": amount} for name, amount in found.items()]}
            for day, found in sums.items()
        ]
        models = sorted({name for found in sums.values() for name in found})
        return _refused_before(request) or JSONResponse({"results": days, "models": models})

    @routes.post("/uploads")
    async def ticket(request: Request) -> Response:
        if refused := _refused_before(request):
            return refused
        name = secrets.token_hex(16)
        url = f"{str(request.base_url).rstrip('/')}{BASE}/uploads/{name}"
        return JSONResponse({"uploadUrl": url, "fields": {"key": name}, "runwayUri": f"runway://{name}"})

    @routes.post("/uploads/{name}")
    async def keep(name: str, request: Request) -> Response:
        file: Any = (await request.form())["file"]
        world.keep_upload(f"runway://{name}", await file.read())
        return Response(status_code=204)

    @routes.get("/tasks/{name}")
    def task(name: str, request: Request) -> Response:
        sold = _task(world, name)
        if refused := _refused_before(request) or (_error(404, "Task not found.") if sold is None else None):
            return refused
        if fault := world.faults.draw(VENDOR, "status"):
            return in_place_of_a_status(fault)
        assert sold is not None
        return JSONResponse(_shown(world, sold))

    @routes.delete("/tasks/{name}")
    def delete(name: str, request: Request) -> Response:
        sold = _task(world, name)
        if refused := _refused_before(request) or (_error(404, "Task not found.") if sold is None else None):
            return refused
        assert sold is not None
        if sold.state == "running":
            world.cancel(sold, free=_waiting(world, sold) != "RUNNING")
        else:
            world.books.change(sold, lambda each: replace(each, facts={**each.facts, "deleted": True}))
        return Response(status_code=204)

    # The last, since it takes every name.
    @routes.post("/{path}")
    async def create(path: str, request: Request) -> Response:
        if refused := _refused_before(request):
            return refused
        body = await request.json()
        row = _row(world, _OPERATIONS.get(path, ""), body)
        fields = _fields(row, body)
        if row is not None and (issue := _issue(row, fields)):
            return _invalid(*issue)
        manners = Manners(_refused, partial(_invalid, "body"), lambda sold: JSONResponse(_taken(world, sold)))
        return await place(world, VENDOR, row, fields, manners, {})

    return routes


def _row(world: World, operation: str, body: Mapping[str, Any]) -> Model | None:
    """The catalog's row of the model for this, of several the one that makes the asked-for size."""
    rows = [
        row for row in world.workshop.catalog.models.values() if (row.provider, row.operation) == (VENDOR, operation)
    ]
    rows = [row for row in rows if row.id == body.get("model") and row.shutdown_on is None]
    return next((row for row in rows if body.get("ratio") in row.sizing.makes), rows[0] if rows else None)


def _fields(row: Model | None, body: Mapping[str, Any]) -> dict[str, Any]:
    """The order as the catalog names it: a voice by its preset, the first frame as an address, a length that was left open."""
    fields = {name: value for name, value in body.items() if name not in ("model", "voice", "contentModeration")}
    if isinstance(voice := body.get("voice"), Mapping):
        fields["presetId"] = voice.get("presetId")
    if isinstance(frames := fields.get("promptImage"), list):
        fields["promptImage"] = next((frame["uri"] for frame in frames if frame.get("position") == "first"), "")
    if row is not None and row.sizing.duration:
        fields.setdefault(row.sizing.duration, max(row.sizing.seconds, default=_USUAL_SECONDS))
    return fields


def _issue(row: Model, fields: Mapping[str, Any]) -> tuple[str, str] | None:
    """Which field the schema refuses, and why."""
    text = str(fields.get("promptText", ""))
    if not text and row.operation not in ("image_to_video", "upscale"):
        return "promptText", "Required"
    if utf16_units(text) > (row.limits.max_prompt_utf16_units or utf16_units(text)):
        return "promptText", f"Too big: expected string to have <={row.limits.max_prompt_utf16_units} characters"
    if row.sizing.size and fields.get(row.sizing.size) not in row.sizing.makes:
        return "ratio", f"Invalid option: expected one of {'|'.join(row.sizing.makes)}"
    if row.sizing.seconds and fields["duration"] not in row.sizing.seconds:
        return "duration", f"Invalid option: expected one of {'|'.join(f'{each:g}' for each in row.sizing.seconds)}"
    if "image" in row.parameters and not fields.get(row.parameters["image"]):
        return row.parameters["image"], "Required"
    if row.sizing.factors and fields.get(row.sizing.factor) not in row.sizing.factors:
        return (
            row.sizing.factor,
            f"Invalid option: expected one of {'|'.join(f'{each:g}' for each in row.sizing.factors)}",
        )
    if row.limits.values.get("voice") and fields.get("presetId") not in row.limits.values["voice"]:
        return "voice", "Invalid input"
    return None


def _task(world: World, name: str) -> Sold | None:
    """The task as it is now; None where there is none, or it was deleted."""
    sold = world.books.find(VENDOR, name)
    return None if sold is None or sold.facts.get("deleted") else world.look(sold)


def _taken(world: World, sold: Sold) -> dict[str, Any]:
    return {"id": sold.id, **_estimate(world, sold)}


def _estimate(world: World, sold: Sold) -> dict[str, Any]:
    return {"estimatedCost": {"credits": _credits(world.price(sold))}}


def _credits(usd_micros: int) -> int:
    return -(-usd_micros // _MICROS_A_CREDIT)


def _shown(world: World, sold: Sold) -> dict[str, Any]:
    task: dict[str, Any] = {"id": sold.id, "createdAt": iso(sold.created_at)}
    if sold.state == "running":
        state = _waiting(world, sold)
        progress = {"progress": _WAITS} if state == "RUNNING" else {}
        return {**task, "status": state, **progress, **_estimate(world, sold)}
    task["cost"] = {"credits": _credits(sold.usd_micros or 0)}
    if sold.state == "succeeded":
        return {**task, "status": "SUCCEEDED", "output": [world.link_of(sold, path) for path in sold.files]}
    if sold.state == "cancelled":
        return {**task, "status": "CANCELLED"}
    failure, code = _FAILURES[sold.state]
    return {**task, "status": "FAILED", "failure": failure, "failureCode": code}


def _waiting(world: World, sold: Sold) -> str:
    """What a task that has not ended is called."""
    alike = [each for each in world.books.of(VENDOR) if each.model == sold.model and each.state == "running"]
    if sum(each.created_at < sold.created_at for each in alike) >= _AT_ONCE:
        return "THROTTLED"
    share = (world.clock() - sold.created_at) / (sold.ready_at - sold.created_at)
    return "PENDING" if share < _WAITS else "RUNNING"


def _refused_before(request: Request) -> Response | None:
    if not request.headers.get("authorization", "").startswith("Bearer key_"):
        return _refused("key")
    if request.headers.get("x-runway-version") != _VERSION:
        return _error(400, f"The header X-Runway-Version has to be {_VERSION}.")
    return None


def _refused(fault: str) -> Response:
    if fault == "missing":
        return _invalid("model", "Invalid option")
    return _error(*_REFUSALS[fault]) if fault in _REFUSALS else _invalid("promptText", "It is refused")


def _invalid(field: str, words: str) -> Response:
    issues = [{"code": "invalid_value", "path": [field], "message": words}]
    return _error(400, "Validation of body failed", issues=issues)


def _error(status: int, words: str, **more: Any) -> Response:
    return JSONResponse({"error": words, "docUrl": "https://docs.dev.runwayml.com/api", **more}, status)
