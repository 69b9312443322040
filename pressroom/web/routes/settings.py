"""What a person sets for themself, and what this installation is."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import APIRouter, Request
from fastapi.responses import Response

from pressroom.api.backend import Backend, BackendOf
from pressroom.api.problems import status_of
from pressroom.domain.errors import Invalid, PressroomError
from pressroom.services.sign_in import change_password
from pressroom.web.rendering import page, see
from pressroom.web.visitor import Anybody, Anyone, Form, Visitor, drop_cookie

router = APIRouter()


@router.get("/settings")
def settings_page(request: Request, backend: BackendOf, visitor: Anybody) -> Response:
    return _shown(request, backend, visitor)


@router.post("/settings/password")
def new_password(request: Request, backend: BackendOf, visitor: Anyone, form: Form) -> Response:
    old, password, again = (str(form.get(name, "")) for name in ("old", "password", "again"))
    try:
        if password != again:
            raise Invalid("the two passwords are not the same", hint="write the same twice")
        change_password(visitor.principal, backend.context, old, password)
    except PressroomError as exc:
        return _shown(request, backend, visitor, exc)
    answer = see("/login", "password")
    drop_cookie(request, answer)
    return answer


def _shown(request: Request, backend: Backend, visitor: Visitor, problem: PressroomError | None = None) -> Response:
    settings = backend.context.settings
    facts = {
        "Version": version("pressroom"),
        "Account": visitor.principal.account,
        "Database": "PostgreSQL" if settings.database_url.get_secret_value() else "SQLite in this home",
        "Media": "a bucket" if settings.store.startswith("s3://") else "a folder of this machine",
        "Provenance": settings.provenance,
    }
    status = 200 if problem is None else status_of(problem)
    return page(request, visitor, "settings.html.j2", status=status, facts=facts, problem=problem)
