"""API tokens: made for a program, shown once, revoked at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from pressroom.api.backend import Backend, BackendOf
from pressroom.api.problems import status_of
from pressroom.domain.errors import Invalid, PressroomError
from pressroom.domain.identity import Scope
from pressroom.services import tokens
from pressroom.services.accounts import open_account
from pressroom.web.rendering import page, see
from pressroom.web.visitor import Anybody, Anyone, Form, Visitor

router = APIRouter()
_DAYS: Final = (30, 90, 365)


@router.get("/tokens")
def tokens_page(request: Request, backend: BackendOf, visitor: Anybody) -> Response:
    return _shown(request, backend, visitor)


@router.post("/tokens")
def create(request: Request, backend: BackendOf, visitor: Anyone, form: Form) -> Response:
    try:
        made = tokens.create_token(
            visitor.principal,
            backend.context,
            str(form.get("name", "")).strip(),
            scopes=[str(scope) for scope in form.getlist("scope")],
            user=visitor.principal.user if visitor.signed_in else "",
            expires_at=backend.context.now() + timedelta(days=_days(str(form.get("days", "")))),
            caps=_caps(form),
        )
    except PressroomError as exc:
        return _shown(request, backend, visitor, problem=exc)
    return _shown(request, backend, visitor, made=made)


@router.post("/tokens/{prefix}/caps")
def change(request: Request, backend: BackendOf, visitor: Anyone, prefix: str, form: Form) -> Response:
    try:
        tokens.change_caps(visitor.principal, backend.context, prefix, _caps(form))
    except PressroomError as exc:
        return _shown(request, backend, visitor, problem=exc)
    return see("/tokens", "capped")


@router.post("/tokens/{prefix}/revoke")
def revoke(backend: BackendOf, visitor: Anyone, prefix: str) -> Response:
    tokens.revoke_token(visitor.principal, backend.context, prefix)
    return see("/tokens", "revoked")


def _caps(form: FormData) -> dict[str, float | None]:
    """The caps of the form by their names; an empty field is no cap. Raises Invalid for what is no number."""
    return {name: _credits(str(form.get(name, "")).strip()) for name in ("cap_run", "cap_day", "standing_day")}


def _credits(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError as exc:
        raise Invalid(f"a cap is a number of credits, not {text[:20]!r}", hint="leave it empty for no cap") from exc


def _days(text: str) -> int:
    if not text.isdecimal() or int(text) not in _DAYS:
        raise Invalid(f"a token made here is good for {', '.join(map(str, _DAYS))} days, not {text[:10]!r}")
    return int(text)


def _shown(
    request: Request,
    backend: Backend,
    visitor: Visitor,
    problem: PressroomError | None = None,
    made: tokens.NewToken | None = None,
) -> Response:
    open_account(visitor.principal, backend.context)
    found = tokens.list_tokens(visitor.principal, backend.context)
    values = {"tokens": found, "now": backend.context.now(), "problem": problem, "made": made}
    scopes = [scope for scope in Scope if scope in visitor.principal.scopes]
    return page(request, visitor, "tokens.html.j2", status=status_of(problem), scopes=scopes, days=_DAYS, **values)
