"""Files brought into the library, streamed to disk while they are measured, under the guards of every other way in."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool

from pressroom.api import models
from pressroom.api.address import MOST_AT_ONCE_BYTES
from pressroom.api.asking import AssetsWriter
from pressroom.api.backend import Backend, BackendOf
from pressroom.api.bodies import kept_on_disk
from pressroom.api.once import OnceRoute
from pressroom.api.problems import documented
from pressroom.domain.media import UNKNOWN_MIME
from pressroom.services.add_media import add_file, add_url
from pressroom.services.uploads import file_name_of
from pressroom.storage.streams import disk_errors


class FileOnceRoute(OnceRoute):
    """A route whose body is a file, which is not in memory whole."""

    @asynccontextmanager
    async def read(self, request: Request, backend: Backend) -> AsyncIterator[tuple[Request, bytes]]:
        async with kept_on_disk(request, MOST_AT_ONCE_BYTES, backend.context.settings.home) as found:
            yield found


router = APIRouter(prefix="/assets", tags=["assets"], route_class=FileOnceRoute)
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {UNKNOWN_MIME: {"schema": {"type": "string", "format": "binary"}}},
    }
}
FileName = Annotated[
    str, Query(min_length=1, max_length=255, description="What it is called; decides nothing but that.")
]


@router.post("/uploads", status_code=201, response_model=models.Asset, openapi_extra=_BODY, responses=documented(413))
async def upload(filename: FileName, called: Request, principal: AssetsWriter, backend: BackendOf) -> Any:
    """File the body: a picture, a video, a sound, a font or a feed of at most 64 MB.

    The same bytes twice are one asset: whoever knows a file's SHA-256 asks for `/assets/{sha256}` first, and sends nothing.
    """
    most = min(MOST_AT_ONCE_BYTES, backend.context.settings.limits.max_bytes)
    if int(called.headers.get("Content-Length") or 0) > most:
        raise _too_large(most)
    home = backend.context.settings.home
    with disk_errors(home), tempfile.TemporaryDirectory(prefix="upload-", dir=home) as folder:
        path = Path(folder) / file_name_of(filename)
        size = 0
        with path.open("wb") as file:
            async for chunk in called.stream():
                size += len(chunk)
                if size > most:
                    raise _too_large(most)
                await run_in_threadpool(file.write, chunk)
        found = await run_in_threadpool(add_file, principal, backend.context, path)
    return found.as_dict(principal.account)


@router.post("/fetched", status_code=201, response_model=models.Asset)
def fetch(url: Annotated[str, Query(max_length=2_000)], principal: AssetsWriter, backend: BackendOf) -> Any:
    """Fetch an https address and file what is there; from now on the address stands for this asset."""
    return add_url(principal, backend.context, url).as_dict(principal.account)


def _too_large(most: int) -> HTTPException:
    return HTTPException(
        413, f"a file of more than {most:,} bytes does not come this way: send it in parts, to /uploads"
    )
