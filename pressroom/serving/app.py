"""The application: the API, and whatever else is served beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.routing import Match, Mount, Route
from starlette.types import Scope

from pressroom import __version__
from pressroom.agents import http as agents
from pressroom.agents.backend import AgentBackend
from pressroom.agents.http import AgentDoor
from pressroom.api.address import API
from pressroom.api.backend import Backend
from pressroom.api.problems import answer_with_problems, documented, schemas
from pressroom.api.routes import (
    accounts,
    assets,
    campaigns,
    catalog,
    changes,
    collections,
    events,
    generations,
    health,
    planning,
    providers,
    runs,
    tokens,
    uploads,
)
from pressroom.web.pages import pages

_ROUTERS: Final = (
    accounts.router,
    uploads.router,
    changes.router,
    assets.router,
    collections.router,
    planning.router,
    campaigns.router,
    runs.router,
    events.router,
    generations.router,
    catalog.router,
    providers.router,
    tokens.router,
)


class _Pages(Mount):
    """Whatever is not the API's: a wrong address or verb below it is answered as a problem."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.NONE, {}) if scope.get("path", "").startswith(f"{API}/") else super().matches(scope)


def create_app(backend: Backend, *, trusts_this_machine: bool = False) -> FastAPI:
    """Everything that speaks HTTP, for one home; `trusts_this_machine` as for `pages`."""
    app = FastAPI(
        title="Pressroom",
        version=__version__,
        summary="Plan, price and run media campaigns, and find what they made.",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.backend = backend
    app.state.agents = AgentDoor(_for_agents(backend))
    answer_with_problems(app)
    app.include_router(health.router)
    for router in _ROUTERS:
        app.include_router(router, prefix=API, responses=documented(400, 401, 403, 422))
    app.routes.append(Route(agents.PATH, app.state.agents, include_in_schema=False))
    app.routes.append(_Pages("/", pages(backend, trusts_this_machine=trusts_this_machine)))
    _describe(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    backend: Backend = app.state.backend
    backend.crew.begin()
    backend.feed.begin()
    async with app.state.agents.open():
        yield
    await backend.feed.stop()
    backend.crew.stop()


def _for_agents(backend: Backend) -> AgentBackend:
    return AgentBackend(backend.context, backend.crew, backend.planning)


def _describe(app: FastAPI) -> None:
    """The OpenAPI document with the schema of problems in it."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            found["components"]["schemas"] |= schemas()
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]
