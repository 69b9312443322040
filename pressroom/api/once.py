"""Calls with an `Idempotency-Key`: sent again, they have the answer that they had, and no second effect."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final

from cryptography.fernet import Fernet
from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from pressroom.api.asking import principal_of
from pressroom.api.backend import Backend
from pressroom.domain.errors import Retryable
from pressroom.domain.identity import Principal
from pressroom.domain.media import mime_of
from pressroom.services.answers import HELD_SECONDS, Call, Kept, begin_call, drop_call, end_call
from pressroom.services.start_run import new_run_id

# What the document says of an answer 202.
LOCATED: Final[dict[int | str, dict[str, Any]]] = {
    202: {"headers": {"Location": {"description": "Where to ask how far it is.", "schema": {"type": "string"}}}}
}
HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
_LOOK_SECONDS: Final = 0.2
_SPENDING: Final = ("/runs", "/batches", "/generations", "/resume", "/approve")  # what credits are spent by

Handler = Callable[[Request], Awaitable[Response]]


class OnceRoute(APIRoute):
    """A route that spends or creates."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        handle: Handler = super().get_route_handler()

        async def once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if key is None or request.method != "POST":
                return located(request, await handle(request))
            backend: Backend = request.app.state.backend
            principal = await run_in_threadpool(principal_of, request)
            async with self.read(request, backend) as (request, body):
                asked = str(request.url.query).encode() + b"\n" + body + self.also_asked(request)
                call = Call(principal.account, request.url.path, key, hashlib.sha256(asked).hexdigest())
                seal = _seal(request, call) if self.tells_secrets else None
                async with backend.calls.turn(call):
                    return located(request, await _once(request, handle, principal, backend, call, seal))

        return once

    @asynccontextmanager
    async def read(self, request: Request, backend: Backend) -> AsyncIterator[tuple[Request, bytes]]:
        """The request to go on with, and what tells its body from others."""
        yield request, await request.body()

    @property
    def tells_secrets(self) -> bool:
        """Whether its answers are kept under seal."""
        return False

    def also_asked(self, request: Request) -> bytes:
        """What makes it another call, besides query and body."""
        return b""


def located(request: Request, answer: Response) -> Response:
    """The answer to what was begun, with where to look how far it is."""
    if answer.status_code == HTTPStatus.ACCEPTED:
        answer.headers["Location"] = f"{request.url.path}/{json.loads(bytes(answer.body))['id']}"
    return answer


class SecretOnceRoute(OnceRoute):
    """A route whose answer tells a secret: what is kept of it opens with the token that asked alone."""

    @property
    def tells_secrets(self) -> bool:
        return True

    def also_asked(self, request: Request) -> bytes:
        return b"\n" + _bearer(request)  # nobody else can read the answer that is kept


def _seal(request: Request, call: Call) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(request, call, "answer")))


async def _once(
    request: Request, handle: Handler, principal: Principal, backend: Backend, call: Call, seal: Fernet | None
) -> Response:
    kept = await _begun(principal, backend, call)
    if kept is not None:
        body = kept.body if seal is None else seal.decrypt(kept.body)
        return Response(body, kept.status, {REPLAYED: "true"}, mime_of("json"))
    request.state.effect = call.name
    request.state.seed = _derived(request, call, "secret") if seal else b""
    try:
        answer = await handle(request)
    except BaseException:
        await run_in_threadpool(drop_call, principal, backend.context, call)
        raise
    spends = request.url.path.endswith(_SPENDING)
    body = bytes(answer.body)
    kept = Kept(answer.status_code, (body if seal is None else seal.encrypt(body)).decode())
    await run_in_threadpool(end_call, principal, backend.context, call, kept, spends=spends)
    return answer


async def _begun(principal: Principal, backend: Backend, call: Call) -> Kept | None:
    """Waits for the same call that another server carries out. Raises Retryable where that takes too long."""
    for _ in range(int(HELD_SECONDS / _LOOK_SECONDS)):
        try:
            return await run_in_threadpool(begin_call, principal, backend.context, call)
        except Retryable as exc:
            if "retry_after" not in exc.fields:
                raise
            await asyncio.sleep(_LOOK_SECONDS)
    raise Retryable("this call is under way", hint="send it again in a moment", retry_after=1)


def effect_name(request: Request) -> str:
    """What the effect of this call is called: by its key, so that sent again it is the same one; else a new name."""
    return getattr(request.state, "effect", "") or new_run_id()


def secret_seed(request: Request) -> bytes:
    """32 bytes of which the secret of this call's effect is made, the same when it is sent again; none without a key."""
    return getattr(request.state, "seed", b"")


def _derived(request: Request, call: Call, what: str) -> bytes:
    """32 bytes that follow from the token and the call; of the token there is only a hash in the database."""
    return hmac.digest(_bearer(request), f"{what}/{call.name}".encode(), "sha256")


def _bearer(request: Request) -> bytes:
    return request.headers.get("Authorization", "").partition(" ")[2].strip().encode()
