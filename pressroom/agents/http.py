"""The tools over HTTP, at one address, for whoever brings a token. No state is kept between calls, so any server answers any."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Final

from fastapi.concurrency import run_in_threadpool
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from pressroom.agents.backend import AgentBackend
from pressroom.agents.server import agent_server
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


class AgentDoor:
    """An application at `PATH`. It takes tokens alone, so a page of another origin can do nothing by it."""

    def __init__(self, backend: AgentBackend) -> None:
        server = agent_server(replace(backend, principal=_ASKING.get, pages=_ADDRESS.get))
        hosts = TransportSecuritySettings(enable_dns_rebinding_protection=False)
        self._app: Starlette = server.streamable_http_app(
            streamable_http_path=PATH, stateless_http=True, json_response=True, transport_security=hosts
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Run what serves the calls, for as long as the block runs."""
        async with self._app.router.lifespan_context(self._app):
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            principal = await run_in_threadpool(_asking, Request(scope))
        except Refused as exc:
            await answer_to(exc)(scope, receive, send)
            return
        token, address = _ASKING.set(principal), _ADDRESS.set(str(Request(scope).base_url).rstrip("/"))
        try:
            await self._app(scope, receive, send)
        finally:
            _ASKING.reset(token)
            _ADDRESS.reset(address)
