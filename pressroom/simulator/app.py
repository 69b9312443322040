"""The simulator as two web applications: the vendors' APIs, and the host on which finished files lie."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from pressroom.domain.media import Kind, mime_of
from pressroom.simulator import (
    bfl,
    elevenlabs,
    fal,
    gemini,
    huggingface,
    openai,
    replicate,
    runway,
    stability,
    wavespeed,
)
from pressroom.simulator.at_once import kind_in, spoiled
from pressroom.simulator.world import Dropped, World

ROUTERS = (
    bfl.router,
    elevenlabs.router,
    fal.router,
    gemini.router,
    huggingface.router,
    openai.router,
    replicate.router,
    runway.router,
    stability.router,
    wavespeed.router,
)  # one for each vendor

_DROPS: Final = 30
_SLOW_SECONDS: Final = 3.0

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def apis(world: World) -> Dropping:
    """Every vendor's API under its name, and what they billed under `/_bill`."""
    app = FastAPI(title="Pressroom's simulator of media vendors")

    @app.get("/_bill")
    def bill() -> dict[str, Any]:
        return world.bill()

    for router in ROUTERS:
        app.include_router(router(world))
    return Dropping(app)


def files(world: World) -> Dropping:
    """The finished files, as a vendor's delivery network has them: without any key."""
    app = FastAPI()

    @app.get("/{path:path}")
    def file(path: str) -> Response:
        found = (world.workshop.folder / path).resolve()
        fault = world.faults.draw(world.seller_of(found), "file")
        if fault == "gone" or not found.is_relative_to(world.workshop.folder.resolve()) or not found.is_file():
            return Response("expired", 404)
        return _faulty(fault, found)

    return Dropping(app)


def _faulty(fault: str, path: Path) -> Response:
    data = path.read_bytes()
    sent = spoiled(fault, data)
    if fault == "html":
        return HTMLResponse(sent)
    if fault == "slow":
        return StreamingResponse(_dripping(sent), headers={"Content-Length": str(len(sent))})
    if fault == "mislabelled":
        return Response(sent, media_type=mime_of("png" if kind_in(data) is Kind.VIDEO else "mp4"))
    return Response(sent, headers={"Content-Length": str(len(data))} if fault == "truncated" else None)


async def _dripping(data: bytes) -> AsyncIterator[bytes]:
    size = -(-len(data) // _DROPS)
    for start in range(0, len(data), size):
        await asyncio.sleep(_SLOW_SECONDS / _DROPS)
        yield data[start : start + size]


class Dropping:
    """Lets a connection break without an answer, which a web framework has no word for."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        logging.getLogger("uvicorn.error").addFilter(_is_no_dropped_one)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Dropped:
            logging.getLogger(__name__).info("dropped %s", scope.get("path"))
            # What uvicorn hands to an application is a method of the connection's own object.
            send.__self__.transport.abort()  # type: ignore[attr-defined]


def _is_no_dropped_one(record: logging.LogRecord) -> bool:
    """The server takes it for a mistake of the application's that it does not answer."""
    return "returned without starting response" not in record.getMessage()
