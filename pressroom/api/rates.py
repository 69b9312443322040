"""How often somebody may ask: limits as data, and the fields that tell of them in every answer."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pressroom.api.backend import backend_of
from pressroom.domain.errors import refusal
from pressroom.domain.identity import Principal
from pressroom.people.rates import Counted, limit_of

_SAFE: Final = frozenset({"GET", "HEAD"})
_COUNTED: Final = "rate"


class Page(StrEnum):
    """What somebody at the pages asks for: a page, what a form does, or a picture or file that a page shows."""

    PAGE = "page"
    FORM = "form"
    FILE = "file"


class Rate(StrEnum):
    """What a route does, as far as its limit goes; reading with a route that writes too is reading."""

    READ = "read"
    WRITE = "write"
    SPEND = "spend"


def count_request(request: Request, principal: Principal, rate: Rate) -> None:
    """Raises Refused (`rate`) for a token that has asked too often."""
    _count(request, f"token:{principal.token}", "of_a_token", Rate.READ if request.method in _SAFE else rate)


def count_visit(request: Request, person: str, page: Page) -> None:
    """Raises Refused (`rate`) for a person who has asked too often for pages; one who has not signed in is an address."""
    if not person:
        count_unknown(request)
        return
    _count(request, f"person:{person}", "of_a_person", page if request.method in _SAFE else Page.FORM)


def count_unknown(request: Request) -> None:
    """Raises Refused (`rate`) where an address has asked too often without saying who it is."""
    host = request.client.host if request.client else ""
    _count(request, f"address:{host}", "of_an_address", "unknown")


def _count(request: Request, subject: str, whose: str, name: str) -> None:
    backend = backend_of(request)
    limit = limit_of(whose, str(name), backend.context.settings.rate_factor)
    if limit is None:
        return
    found = backend.rates.count(subject, limit, int(backend.context.now().timestamp()))
    setattr(request.state, _COUNTED, found)
    if not found.allowed:
        wait = found.reset_seconds
        text = f"more than {limit.most} requests of the kind {limit.name!r} within {limit.window} seconds"
        raise refusal("rate", text, f"wait {wait} seconds", retry_after=wait)


class RateFields:
    """Tells, in every answer to a request that was counted, the limit and what is left of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            found: Counted | None = scope.get("state", {}).get(_COUNTED)
            if message["type"] == "http.response.start" and found is not None:
                headers = MutableHeaders(scope=message)
                headers["RateLimit-Policy"] = f'"{found.limit.name}";q={found.limit.most};w={found.limit.window}'
                headers["RateLimit"] = f'"{found.limit.name}";r={found.remaining};t={found.reset_seconds}'
            await send(message)

        await self._app(scope, receive, told)
