"""Uploads that go on where they were cut off, after tus 1.0: creation, expiration, termination and checksums."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from datetime import UTC
from email.utils import format_datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Request, Response
from fastapi.concurrency import contextmanager_in_threadpool, run_in_threadpool
from fastapi.exceptions import RequestValidationError
from starlette.requests import ClientDisconnect

from pressroom.api import models
from pressroom.api.address import API
from pressroom.api.asking import AssetsWriter
from pressroom.api.backend import BackendOf
from pressroom.api.once import REPLAYED, Handler, OnceRoute, effect_name
from pressroom.api.problems import answer_to, answer_to_request, documented, problem_answer
from pressroom.domain.errors import PressroomError
from pressroom.domain.media import PART_MIME
from pressroom.services.uploads import (
    CHECKSUMS,
    Checksum,
    Upload,
    WrongChecksum,
    appending,
    begin_upload,
    end_upload,
    finish_upload,
    most_bytes,
    upload_of,
)

PATH: Final = "/uploads"
VERSION: Final = "1.0.0"
LENGTH: Final = "Upload-Length"
METADATA: Final = "Upload-Metadata"
MISMATCH: Final = 460  # tus: what came is not what was sent
_TAIL: Final = "(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
_BASE64: Final = f"(?:[A-Za-z0-9+/]{{4}})*{_TAIL}"
PAIR: Final = f"[!-+\\-.-~]+(?: {_BASE64})?"
SUM: Final = f"^(?:(?:{'|'.join(CHECKSUMS)}) (?:[A-Za-z0-9+/]{{4}})+{_TAIL})?$"
SPOKEN: Final = "Tus-Resumable"
_SAYS: Final = {SPOKEN: VERSION}
_CAN: Final = {
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,expiration,termination,checksum",
    "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
}


class _Answered(HTTPException):
    """A refusal of the protocol itself, with its code."""

    def __init__(self, status: int, code: str, detail: str, **headers: str) -> None:
        super().__init__(status, detail, headers)
        self.code = code


class TusRoute(OnceRoute):
    """Every answer says the version of the protocol, a refusal too."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        handle: Handler = super().get_route_handler()

        async def spoken(request: Request) -> Response:
            try:
                answer = await handle(request)
            except WrongChecksum as exc:
                answer = problem_answer(MISMATCH, "checksum", exc.message, exc.hint)
            except PressroomError as exc:
                answer = answer_to(exc, request.app.state.backend.context.recordable)
            except RequestValidationError as exc:
                answer = answer_to_request(exc)
            except _Answered as exc:
                answer = problem_answer(exc.status_code, exc.code, str(exc.detail), headers=exc.headers)
            if REPLAYED in answer.headers:
                kept = json.loads(bytes(answer.body))
                answer.headers["Location"] = f"{API}{PATH}/{kept['id']}"
            answer.headers.update(_SAYS)
            return answer

        return spoken

    def also_asked(self, request: Request) -> bytes:
        return "\n".join(request.headers.get(name, "") for name in (SPOKEN, LENGTH, METADATA)).encode()


def _speaks(
    principal: AssetsWriter,  # first who asks, then how
    version: Annotated[
        str,
        Header(alias=SPOKEN, description="The version of tus.", json_schema_extra={"enum": [VERSION]}),
    ] = "",
) -> None:
    if version != VERSION:
        raise _Answered(412, "tus_version", f"this speaks tus {VERSION}, not {version[:20]!r}", **_CAN)


router = APIRouter(prefix=PATH, tags=["uploads"], route_class=TusRoute, responses=documented(404, 410))
_TUS: Final[dict[str, Any]] = {"dependencies": [Depends(_speaks)]}
Id = Annotated[str, Path(pattern="^u[0-9a-f]{16}$")]
Length = Annotated[int, Header(alias=LENGTH, ge=1, lt=2**63, description="Bytes of the whole file.")]
Offset = Annotated[int, Header(alias="Upload-Offset", ge=0, lt=2**63, description="Bytes that have arrived before.")]
Metadata = Annotated[
    str,
    Header(
        alias=METADATA,
        max_length=4_000,
        description="Names with base64 values: `filename`, and `sha256` in hex, by which a file that is there is not sent.",
        json_schema_extra={"pattern": rf"^({PAIR}(,{PAIR})*)?$"},
    ),
]
Sum = Annotated[
    str,
    Header(
        alias="Upload-Checksum",
        max_length=200,
        description="Algorithm and base64 digest of this body.",
        json_schema_extra={"pattern": SUM},
    ),
]
_BODY: Final = {
    "requestBody": {"required": True, "content": {PART_MIME: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.options("", status_code=204)
def able(principal: AssetsWriter, backend: BackendOf, response: Response) -> None:
    """What of tus this server can, and the largest file that it takes."""
    response.headers.update({**_CAN, "Tus-Max-Size": str(most_bytes(backend.context))})


@router.post("", status_code=201, response_model=models.Upload, responses=documented(400, 409, 412, 413), **_TUS)
def begin(
    length: Length,
    principal: AssetsWriter,
    backend: BackendOf,
    called: Request,
    response: Response,
    metadata: Metadata = "",
) -> Any:
    """Begin an upload; its bytes come by PATCH to its `Location`. Finished at once where the account has the file already."""
    told = _metadata(metadata)
    found = begin_upload(
        principal,
        backend.context,
        told.get("filename", "upload"),
        length,
        sha256=told.get("sha256", ""),
        name=effect_name(called),
    )
    response.headers.update({"Location": f"{API}{PATH}/{found.id}", **_headers_of(found)})
    return found.as_dict()


@router.head("/{upload_id}", response_class=Response, responses=documented(412), **_TUS)
def offset(upload_id: Id, principal: AssetsWriter, backend: BackendOf) -> Response:
    """How many bytes have arrived, whatever was cut off or killed."""
    found = upload_of(principal, backend.context, upload_id)
    return Response(headers={LENGTH: str(found.size_bytes), "Cache-Control": "no-store", **_headers_of(found)})


@router.get("/{upload_id}", response_model=models.Upload)
def show(upload_id: Id, principal: AssetsWriter, backend: BackendOf, response: Response) -> Any:
    """How far it is, and the asset that it became; one that has arrived and was not filed yet is filed now."""
    response.headers["Cache-Control"] = "no-store"
    return finish_upload(principal, backend.context, upload_id).as_dict()


@router.patch(
    "/{upload_id}",
    status_code=204,
    openapi_extra=_BODY,
    responses=documented(400, 409, 412, 413, 415, 423, MISMATCH),
    **_TUS,
)
async def append(
    upload_id: Id,
    at: Offset,
    called: Request,
    principal: AssetsWriter,
    backend: BackendOf,
    checksum: Sum = "",
) -> Response:
    """Send bytes behind those that have arrived. With the last ones the file is checked and filed: `Upload-Asset` names it."""
    if called.headers.get("Content-Type", "").partition(";")[0].strip() != PART_MIME:
        raise _Answered(415, "tus_part", f"parts come as {PART_MIME}")
    context = backend.context
    taking = appending(principal, context, upload_id, at, _checksum(checksum))
    try:
        async with contextmanager_in_threadpool(taking) as part:
            async for chunk in called.stream():
                await run_in_threadpool(part.write, chunk)
            await run_in_threadpool(part.end)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody hears it; what came is kept
    found = await run_in_threadpool(finish_upload, principal, context, upload_id)
    return Response(status_code=204, headers=_headers_of(found))


@router.delete("/{upload_id}", status_code=204, responses=documented(412), **_TUS)
def end(upload_id: Id, principal: AssetsWriter, backend: BackendOf) -> None:
    """End an upload; what has arrived of it is gone, an asset that it became stays."""
    end_upload(principal, backend.context, upload_id)


def _headers_of(found: Upload) -> dict[str, str]:
    until = format_datetime(found.expires_at.astimezone(UTC), usegmt=True)
    became = {"Upload-Asset": found.asset_id} if found.asset_id else {"Upload-Expires": until}
    return {"Upload-Offset": str(found.offset), **became}


def _metadata(text: str) -> dict[str, str]:
    found = {}
    for pair in filter(None, (each.strip() for each in text.split(","))):
        name, _, value = pair.partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode("utf-8", "replace")
        except ValueError as exc:
            raise _Answered(
                400, "tus_metadata", f"the value of {name[:40]!r} in Upload-Metadata is no base64 text"
            ) from exc
    return found


def _checksum(text: str) -> Checksum | None:
    if not text:
        return None
    algorithm, _, value = text.partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except binascii.Error:
        digest = b""
    if algorithm not in CHECKSUMS or not digest:
        known = ", ".join(CHECKSUMS)
        raise _Answered(400, "tus_checksum", f"Upload-Checksum is one of {known}, a space, and the digest in base64")
    return Checksum(algorithm, digest)
