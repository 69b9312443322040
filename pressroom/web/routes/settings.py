"""What a person sets for themself, and what this installation is."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from pressroom.api.backend import Backend, BackendOf
from pressroom.api.problems import status_of
from pressroom.domain.branding import Branding
from pressroom.domain.errors import Invalid, PressroomError
from pressroom.services.add_media import add_file
from pressroom.services.branding import public_branding, set_branding
from pressroom.services.sign_in import change_password
from pressroom.web.rendering import page, see
from pressroom.web.sent_files import sent_file
from pressroom.web.visitor import Admin, Anybody, Anyone, Form, Visitor, drop_cookie

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


@router.post("/settings/looks")
async def new_looks(request: Request, backend: BackendOf, visitor: Admin, form: Form) -> Response:
    """Name, colours and logo of the account; a picture that is sent becomes an asset of it."""
    try:
        await run_in_threadpool(_set_looks, backend, visitor, form)
    except PressroomError as exc:
        return await run_in_threadpool(_shown, request, backend, visitor, None, (exc, form))
    return see("/settings", "saved")


def _set_looks(backend: Backend, visitor: Visitor, form: FormData) -> None:
    principal, context = visitor.principal, backend.context
    name, accent, dark, logo = (str(form.get(field, "")).strip() for field in ("name", "accent", "accent_dark", "logo"))
    set_branding(principal, context, Branding(name, accent, dark, logo))  # before a picture is filed for nothing
    picture = form.get("picture")
    if isinstance(picture, UploadFile) and picture.filename:
        with sent_file(picture) as path:
            logo = add_file(principal, context, path).id
        set_branding(principal, context, Branding(name, accent, dark, logo))


def _shown(
    request: Request,
    backend: Backend,
    visitor: Visitor,
    problem: PressroomError | None = None,
    looks: tuple[PressroomError, FormData] | None = None,
) -> Response:
    settings = backend.context.settings
    facts = {
        "Version": version("pressroom"),
        "Account": visitor.principal.account,
        "Database": "PostgreSQL" if settings.database_url.get_secret_value() else "SQLite in this home",
        "Media": "a bucket" if settings.store.startswith("s3://") else "a folder of this machine",
        "Provenance": settings.provenance,
    }
    refused = problem or (looks[0] if looks else None)
    mine = public_branding(backend.context, visitor.principal.account)
    written = looks[1] if looks else mine.as_dict()
    return page(
        request,
        visitor,
        "settings.html.j2",
        status=status_of(refused),
        facts=facts,
        problem=problem,
        looks=looks[0] if looks else None,
        fields={name: written.get(name) or "" for name in mine.as_dict()},
    )
