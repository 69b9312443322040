"""The team: who may act for the account, as what."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from pressroom.api.backend import Backend, BackendOf
from pressroom.api.problems import status_of
from pressroom.domain.errors import PressroomError
from pressroom.domain.identity import SCOPES_OF, Role
from pressroom.services import people
from pressroom.services.accounts import open_account
from pressroom.services.sign_in import password_link
from pressroom.web.rendering import page, see
from pressroom.web.visitor import Admin, AdminReader, Form, Visitor

router = APIRouter()


@router.get("/team")
def team_page(request: Request, backend: BackendOf, visitor: AdminReader) -> Response:
    return _shown(request, backend, visitor)


@router.post("/team")
def add(request: Request, backend: BackendOf, visitor: Admin, form: Form) -> Response:
    email, role, name = (str(form.get(field, "")) for field in ("email", "role", "name"))
    try:
        people.add_member(visitor.principal, backend.context, email, role, name=name)
    except PressroomError as exc:
        return _shown(request, backend, visitor, problem=exc)
    return see("/team", "added")


@router.post("/team/{email}/role")
def change_role(backend: BackendOf, visitor: Admin, form: Form, email: str) -> Response:
    people.change_role(visitor.principal, backend.context, email, str(form.get("role", "")))
    return see("/team", "changed")


@router.post("/team/{email}/remove")
def remove(backend: BackendOf, visitor: Admin, email: str) -> Response:
    people.remove_member(visitor.principal, backend.context, email)
    return see("/team", "removed")


@router.post("/team/{email}/link")
def make_link(request: Request, backend: BackendOf, visitor: Admin, email: str) -> Response:
    """Shown once, to be sent to the person."""
    secret = password_link(visitor.principal, backend.context, email)
    return _shown(request, backend, visitor, link=(email, str(request.url_for("password_page", secret=secret))))


def _shown(
    request: Request,
    backend: Backend,
    visitor: Visitor,
    problem: PressroomError | None = None,
    link: tuple[str, str] | None = None,
) -> Response:
    open_account(visitor.principal, backend.context)
    members = people.list_members(visitor.principal, backend.context)
    values = {"members": members, "problem": problem, "link": link, "roles": list(Role), "scopes": SCOPES_OF}
    return page(request, visitor, "team.html.j2", status=status_of(problem), **values)
