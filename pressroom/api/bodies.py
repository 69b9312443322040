"""Bodies that are read as they are sent, up to a limit: none is kept in memory whole that may be large."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any, Final

from fastapi import HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pressroom.api.problems import http_answer
from pressroom.domain.content_hash import CHUNK_BYTES
from pressroom.storage.streams import disk_errors

# A campaign's text has a megabyte, each character of which JSON may write with six.
MOST_BYTES: Final = 8_000_000


class BoundedBodies:
    """No request below these paths has a longer body; who asks is found out later. `streamed` read theirs piece by piece.

    Without it a body is in memory before anybody looks at the token.
    """

    def __init__(self, app: ASGIApp, below: tuple[str, ...], streamed: tuple[str, ...] = ()) -> None:
        self._app = app
        self._below = below
        self._streamed = streamed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(self._below) or path.startswith(self._streamed):
            await self._app(scope, receive, send)
            return
        if _declared(Request(scope)) > MOST_BYTES:
            await http_answer(_too_large(MOST_BYTES))(scope, receive, send)
            return
        come = 0

        async def bounded() -> Message:
            nonlocal come
            message = await receive()
            come += len(message.get("body", b""))
            if come > MOST_BYTES:
                raise _too_large(MOST_BYTES)
            return message

        await self._app(scope, bounded, send)


async def body_of(request: Request, most_bytes: int) -> bytes:
    """The whole body; 413 for one that is longer, as soon as that is known."""
    found = b""
    if _declared(request) > most_bytes:
        raise _too_large(most_bytes)
    async for chunk in request.stream():
        found += chunk
        if len(found) > most_bytes:
            raise _too_large(most_bytes)
    return found


@asynccontextmanager
async def kept_on_disk(request: Request, most_bytes: int, folder: Path) -> AsyncIterator[tuple[Request, bytes]]:
    """The request with its body in a file, from which it can be read once, and the body's SHA-256; 413 for a longer one."""
    if _declared(request) > most_bytes:
        raise _too_large(most_bytes)
    with tempfile.TemporaryFile(dir=folder) as file:
        digest, size = hashlib.sha256(), 0
        with disk_errors(folder):
            async for chunk in request.stream():
                size += len(chunk)
                if size > most_bytes:
                    raise _too_large(most_bytes)
                digest.update(chunk)
                await run_in_threadpool(file.write, chunk)
            file.seek(0)
        yield Request(request.scope, _from(file)), digest.digest()


def _from(file: IO[bytes]) -> Receive:
    async def receive() -> dict[str, Any]:
        chunk = await run_in_threadpool(file.read, CHUNK_BYTES)
        return {"type": "http.request", "body": chunk, "more_body": bool(chunk)}

    return receive


def _declared(request: Request) -> int:
    length = request.headers.get("Content-Length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def _too_large(most_bytes: int) -> HTTPException:
    return HTTPException(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body of more than {most_bytes:,} bytes is not taken here"
    )
