"""Setup: each vendor with what it offers, from which price, where to get a key, and the key itself, saved once it works."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import SecretStr

from pressroom.api.backend import Backend, BackendOf
from pressroom.api.problems import status_of
from pressroom.domain.errors import PressroomError
from pressroom.services.providers import Standing, list_providers, remove_key, set_key
from pressroom.web.rendering import page, see
from pressroom.web.visitor import Admin, AdminReader, Form, Visitor

router = APIRouter()
# Of the dearest tier that a vendor sells: groups as people look for them.
_GROUPS: Final = ("free", "budget", "premium")


@router.get("/setup")
def setup_page(request: Request, backend: BackendOf, visitor: AdminReader) -> Response:
    return _shown(request, backend, visitor)


@router.post("/setup/{vendor}/key")
def save_key(request: Request, backend: BackendOf, visitor: Admin, form: Form, vendor: str) -> Response:
    try:
        set_key(visitor.principal, backend.providers(), vendor, SecretStr(str(form.get("key", ""))))
    except PressroomError as exc:
        return _shown(request, backend, visitor, vendor, exc)
    return see("/setup", "saved")


@router.post("/setup/{vendor}/remove")
def forget_key(backend: BackendOf, visitor: Admin, vendor: str) -> Response:
    remove_key(visitor.principal, backend.providers(), vendor)
    return see("/setup", "removed")


def _shown(
    request: Request, backend: Backend, visitor: Visitor, tried: str = "", problem: PressroomError | None = None
) -> Response:
    found = [each for each in list_providers(visitor.principal, backend.providers()) if each.row.keys]
    groups = {name: [each for each in found if _group(each) == name] for name in _GROUPS}
    return page(
        request, visitor, "setup.html.j2", status=status_of(problem), groups=groups, tried=tried, problem=problem
    )


def _group(standing: Standing) -> str:
    tiers = {model.tier for model in standing.models}
    return next((name for name in _GROUPS if name in tiers), _GROUPS[-1])
