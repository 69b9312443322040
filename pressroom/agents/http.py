"""The tools over HTTP, at one address, for whoever brings a token. No state is kept between calls, so any server answers any."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Final

import anyio
from anyio.abc import TaskGroup, TaskStatus
from fastapi.concurrency import run_in_threadpool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from pressroom.agents.backend import AgentBackend
from pressroom.api.asking import principal_of
from pressroom.api.problems import answer_to
from pressroom.api.rates import Rate, count_request
from pressroom.domain.errors import Refused
from pressroom.domain.identity import Principal

PATH: Final = "/mcp"
_ASKING: ContextVar[Principal] = ContextVar("who asks")
_ADDRESS: ContextVar[str] = ContextVar("the address that was asked")


def _asking(request: Request) -> Principal:
    """Raises Refused without a good token, and for too many calls: each counts as a request that reads."""
    principal = principal_of(request)
    count_request(request, principal, Rate.READ)
    return principal


def _application(backend: AgentBackend) -> Starlette:
    from mcp.server.transport_security import TransportSecuritySettings

    from pressroom.agents.server import agent_server

    hosts = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    return agent_server(backend).streamable_http_app(
        streamable_http_path=PATH, stateless_http=True, json_response=True, transport_security=hosts
    )


class AgentDoor:
    """An application at `PATH`. It takes tokens alone, so a page of another origin can do nothing by it.

    The protocol's library is imported, and begins to serve, with the first call: a server that no agent asks is a sixth smaller.
    """

    def __init__(self, backend: AgentBackend) -> None:
        self._backend = replace(backend, principal=_ASKING.get, pages=_ADDRESS.get)
        self._app: Starlette | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Run what serves the calls, for as long as the block runs."""
        self._beginning, self._closing = anyio.Lock(), anyio.Event()
        async with anyio.create_task_group() as group:
            self._group: TaskGroup = group
            yield
            self._closing.set()

    async def _begun(self) -> Starlette:
        async with self._beginning:
            if self._app is None:
                self._app = await self._group.start(self._serve)
        return self._app

    async def _serve(self, *, task_status: TaskStatus[Starlette]) -> None:
        app = await run_in_threadpool(_application, self._backend)
        async with app.router.lifespan_context(app):
            task_status.started(app)
            await self._closing.wait()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            principal = await run_in_threadpool(_asking, Request(scope))
        except Refused as exc:
            await answer_to(exc, self._backend.context.recordable)(scope, receive, send)
            return
        app = await self._begun()  # before anybody is named: what it starts acts for nobody
        token, address = _ASKING.set(principal), _ADDRESS.set(str(Request(scope).base_url).rstrip("/"))
        try:
            await app(scope, receive, send)
        finally:
            _ASKING.reset(token)
            _ADDRESS.reset(address)
