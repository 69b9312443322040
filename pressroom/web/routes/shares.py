"""What the account shares: with people by their address, and with whoever has a link."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from pressroom.api.backend import Backend, BackendOf
from pressroom.api.problems import status_of
from pressroom.domain.errors import Invalid, PressroomError
from pressroom.domain.library import Right, Shared
from pressroom.services.library import assets_named
from pressroom.services.public_links import NewLink, create_link, list_links, revoke_link
from pressroom.services.shared_assets import shared_with
from pressroom.services.sharing import Given, list_shares, share, unshare
from pressroom.web.rendering import page, see
from pressroom.web.routes.links import embed_code
from pressroom.web.visitor import AssetsReader, AssetsWriter, Form, Visitor

router = APIRouter()
_DAYS: Final = (7, 30, 365)


@router.get("/shares")
def shares_page(request: Request, backend: BackendOf, visitor: AssetsReader) -> Response:
    return _shown(request, backend, visitor)


@router.post("/shares")
def add(request: Request, backend: BackendOf, visitor: AssetsWriter, form: Form) -> Response:
    kind, name, email, right = (str(form.get(field, "")).strip() for field in ("kind", "name", "email", "right"))
    try:
        given = share(visitor.principal, backend.context, kind, name, email, right)
    except PressroomError as exc:
        return _shown(request, backend, visitor, problem=exc)
    return _shown(request, backend, visitor, given=given) if given.invitation else see("/shares", "added")


@router.post("/shares/remove")
def remove(backend: BackendOf, visitor: AssetsWriter, form: Form) -> Response:
    kind, name, email = (str(form.get(field, "")) for field in ("kind", "name", "email"))
    unshare(visitor.principal, backend.context, kind, name, email)
    return see("/shares", "removed")


@router.post("/shares/links")
def add_link(request: Request, backend: BackendOf, visitor: AssetsWriter, form: Form) -> Response:
    kind, name, right, password = (str(form.get(field, "")).strip() for field in ("kind", "name", "right", "password"))
    try:
        made = create_link(
            visitor.principal,
            backend.context,
            kind,
            name,
            right=right,
            password=password,
            most_downloads=_number(str(form.get("most", ""))),
            expires_at=backend.context.now() + timedelta(days=_number(str(form.get("days", ""))) or _DAYS[0]),
        )
    except PressroomError as exc:
        return _shown(request, backend, visitor, problem=exc)
    return _shown(request, backend, visitor, made=made)


@router.post("/shares/links/{number}/revoke")
def revoke(backend: BackendOf, visitor: AssetsWriter, number: int) -> Response:
    revoke_link(visitor.principal, backend.context, number)
    return see("/shares", "revoked")


def _number(text: str) -> int | None:
    if text.strip() and not text.strip().isdecimal():
        raise Invalid(f"{text[:20]!r} is no number", hint="write it in digits, or leave it empty")
    return int(text) if text.strip() else None


def _shown(
    request: Request,
    backend: Backend,
    visitor: Visitor,
    *,
    problem: PressroomError | None = None,
    given: Given | None = None,
    made: NewLink | None = None,
) -> Response:
    principal, context, asked = visitor.principal, backend.context, request.query_params
    base = str(request.base_url).rstrip("/")
    shares, links = list_shares(principal, context), list_links(principal, context)
    return page(
        request,
        visitor,
        "shares.html.j2",
        status=status_of(problem),
        shares=shares,
        links=links,
        assets=assets_named(principal, context, {*(each.name for each in shares), *(each.name for each in links)}),
        others=shared_with(principal, context),
        now=context.now(),
        problem=problem,
        given=given,
        made=made,
        address=f"{base}/p/{made.secret}" if made else "",
        code=embed_code(f"{base}/p/{made.secret}", made.link.name) if made and not made.link.has_password else "",
        invitation=f"{base}/invitations/{given.invitation}" if given else "",
        kinds=list(Shared),
        rights=list(Right),
        days=_DAYS,
        kind=asked.get("kind", ""),
        name=asked.get("name", ""),
    )
