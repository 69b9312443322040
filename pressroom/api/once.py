"""Calls with an `Idempotency-Key`: sent again, they have the answer that they had, and no second effect."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

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

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
_LOOK_SECONDS: Final = 0.2
_SPENDING: Final = ("/runs", "/generations", "/resume", "/approve")  # what credits are spent by

Handler = Callable[[Request], Awaitable[Response]]


class OnceRoute(APIRoute):
    """A route that spends or creates."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        handle: Handler = super().get_route_handler()

        async def once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if key is None or request.method != "POST":
                return await handle(request)
            backend: Backend = request.app.state.backend
            principal = await run_in_threadpool(principal_of, request)
            asked = hashlib.sha256(str(request.url.query).encode() + b"\n" + await request.body()).hexdigest()
            call = Call(principal.account, request.url.path, key, asked)
            async with backend.calls.turn(call):
                return await _once(request, handle, principal, backend, call)

        return once


async def _once(request: Request, handle: Handler, principal: Principal, backend: Backend, call: Call) -> Response:
    kept = await _begun(principal, backend, call)
    if kept is not None:
        return Response(kept.body, kept.status, {REPLAYED: "true"}, mime_of("json"))
    request.state.effect = call.name
    try:
        answer = await handle(request)
    except BaseException:
        await run_in_threadpool(drop_call, principal, backend.context, call)
        raise
    spends = request.url.path.endswith(_SPENDING)
    kept = Kept(answer.status_code, bytes(answer.body).decode())
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
