"""The application: the API, and whatever else is served beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import Depends, FastAPI
from fastapi.concurrency import run_in_threadpool
from starlette.routing import Match, Mount, Route
from starlette.types import Scope

from pressroom import __version__
from pressroom.agents import http as agents_door
from pressroom.agents.backend import AgentBackend
from pressroom.agents.http import AgentDoor
from pressroom.api.address import API
from pressroom.api.backend import Backend
from pressroom.api.bodies import BoundedBodies
from pressroom.api.document import describe
from pressroom.api.problems import answer_with_problems, documented
from pressroom.api.rates import RateFields
from pressroom.api.routes import (
    accounts,
    agents,
    assets,
    batches,
    calls,
    campaigns,
    catalog,
    changes,
    collections,
    events,
    generations,
    health,
    members,
    planning,
    providers,
    retention,
    runs,
    shares,
    tokens,
    tus,
    uploads,
    visitors,
    webhooks,
)
from pressroom.api.sound import require_sound
from pressroom.web.pages import pages

_ROUTERS: Final = (
    accounts.router,
    agents.router,
    uploads.router,
    tus.router,
    changes.router,
    assets.router,
    collections.router,
    retention.router,
    planning.router,
    campaigns.router,
    runs.router,
    batches.router,
    events.router,
    generations.router,
    catalog.router,
    providers.router,
    tokens.router,
    members.router,
    shares.router,
    visitors.router,
    calls.router,
    webhooks.router,
)
STREAMED: Final = (f"{API}/assets/uploads", f"{API}{tus.PATH}/")  # that take files


class _Pages(Mount):
    """Whatever is not the API's: a wrong address or verb below it is answered as a problem."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path = scope.get("path", "")
        return (Match.NONE, {}) if path.startswith(f"{API}/") or path in health.PATHS else super().matches(scope)


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
    answer_with_problems(app, backend.context.recordable)
    app.add_middleware(RateFields)
    app.add_middleware(BoundedBodies, below=(f"{API}/", agents_door.PATH), streamed=STREAMED)
    app.include_router(health.router)
    for router in _ROUTERS:
        app.include_router(
            router,
            prefix=API,
            responses=documented(400, 401, 403, 422, 429, 503),
            dependencies=[Depends(require_sound)],
        )
    app.routes.append(Route(agents_door.PATH, app.state.agents, include_in_schema=False))
    app.routes.append(_Pages("/", pages(backend, trusts_this_machine=trusts_this_machine)))
    describe(app, _ROUTERS, API)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    backend: Backend = app.state.backend
    backend.crew.begin()
    backend.feed.begin()
    backend.courier.begin()
    backend.clerk.begin()
    async with app.state.agents.open():
        yield
    await backend.feed.stop()
    await run_in_threadpool(backend.courier.stop)
    backend.clerk.stop()
    backend.crew.stop()


def _for_agents(backend: Backend) -> AgentBackend:
    return AgentBackend(backend.context, backend.crew, backend.planning)
