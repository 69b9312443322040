"""Credits: what there is, what this month has used, and every movement."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from pressroom.api.backend import BackendOf
from pressroom.services.accounts import open_account, show_account, show_statement
from pressroom.web.rendering import page
from pressroom.web.visitor import CreditsReader

router = APIRouter()
_A_PAGE: Final = 50


@router.get("/usage")
def usage_page(
    request: Request, backend: BackendOf, visitor: CreditsReader, before: Annotated[int | None, Query()] = None
) -> Response:
    open_account(visitor.principal, backend.context)
    found = show_account(visitor.principal, backend.context)
    lines = show_statement(visitor.principal, backend.context, limit=_A_PAGE, before=before)
    older = lines[-1].id if len(lines) == _A_PAGE else None
    return page(request, visitor, "usage.html.j2", account=found, lines=lines, older=older)
