"""The application of the pages, to be mounted beside the API."""

from __future__ import annotations

from typing import Final

from fastapi import Depends, FastAPI
from fastapi.responses import Response
from starlette.types import ASGIApp

from pressroom.api.backend import Backend
from pressroom.api.sound import require_sound
from pressroom.web import static_files
from pressroom.web.failures import answer_with_pages
from pressroom.web.headers import SafeHeaders
from pressroom.web.rendering import see
from pressroom.web.routes import (
    assets,
    brands,
    campaigns,
    changes,
    collections,
    invitations,
    library,
    links,
    live,
    making,
    oidc,
    people,
    previews,
    runs,
    searches,
    settings,
    setup,
    shared,
    shares,
    signing_in,
    tokens,
    usage,
    webhooks,
)
from pressroom.web.visitor import count_visitor

ROUTERS: Final = tuple(
    module.router
    for module in (
        signing_in,
        oidc,
        brands,
        links,
        invitations,
        library,
        searches,
        shared,
        changes,
        collections,
        assets,
        previews,
        live,
        runs,
        campaigns,
        making,
        usage,
        setup,
        people,
        tokens,
        webhooks,
        shares,
        settings,
    )
)


def pages(backend: Backend, *, trusts_this_machine: bool) -> ASGIApp:
    """All pages of one home. `trusts_this_machine`: nothing but this machine reaches the server, so that whoever is at it may do
    everything until somebody has a password.
    """
    app = FastAPI(title="Pressroom", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.backend, app.state.trusts_this_machine = backend, trusts_this_machine
    answer_with_pages(app, backend.context.recordable)
    app.include_router(static_files.router)
    for router in ROUTERS:
        app.include_router(router, dependencies=[Depends(count_visitor), Depends(require_sound)])

    @app.get("/")
    def first_page() -> Response:
        return see("/library")

    return SafeHeaders(app)
