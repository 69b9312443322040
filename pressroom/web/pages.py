"""The application of the pages, to be mounted beside the API."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI
from fastapi.responses import Response
from starlette.types import ASGIApp

from pressroom.api.backend import Backend
from pressroom.web import static_files
from pressroom.web.failures import answer_with_pages
from pressroom.web.headers import SafeHeaders
from pressroom.web.rendering import see
from pressroom.web.routes import (
    assets,
    campaigns,
    changes,
    library,
    making,
    people,
    previews,
    runs,
    settings,
    setup,
    shares,
    signing_in,
    tokens,
    usage,
)

_ROUTERS: Final = tuple(
    module.router
    for module in (
        static_files,
        signing_in,
        library,
        changes,
        assets,
        previews,
        runs,
        campaigns,
        making,
        usage,
        setup,
        people,
        tokens,
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
    answer_with_pages(app)
    for router in _ROUTERS:
        app.include_router(router)

    @app.get("/")
    def first_page() -> Response:
        return see("/library")

    return SafeHeaders(app)
