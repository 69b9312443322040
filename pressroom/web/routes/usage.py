"""Credits: what there is, what this month has used, and every movement."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from pressroom.api.backend import BackendOf
from pressroom.domain.amounts import said_amount
from pressroom.domain.errors import Invalid
from pressroom.domain.money import credits_text
from pressroom.planning.allowances import CREDITS
from pressroom.runs.usage import UsageBy
from pressroom.services.accounts import open_account, set_budget, show_account, show_statement
from pressroom.services.usage import show_usage
from pressroom.web.rendering import page, see
from pressroom.web.visitor import Admin, CreditsReader, Form

router = APIRouter()
_A_PAGE: Final = 50


@router.get("/usage")
def usage_page(
    request: Request,
    backend: BackendOf,
    visitor: CreditsReader,
    before: Annotated[int | None, Query()] = None,
    by: UsageBy = UsageBy.DAY,
    begins: Annotated[str, Query(alias="from")] = "",
    ends: Annotated[str, Query(alias="to")] = "",
) -> Response:
    open_account(visitor.principal, backend.context)
    found = show_account(visitor.principal, backend.context)
    lines = show_statement(visitor.principal, backend.context, limit=_A_PAGE, before=before)
    older = lines[-1].id if len(lines) == _A_PAGE else None
    used = show_usage(visitor.principal, backend.context, by=by, begins=_day(begins), ends=_day(ends))
    budget = "".join(credits_text(each.limit or 0) for each in found.allowances if each.family == CREDITS)
    values: dict[str, Any] = {
        "account": found,
        "lines": lines,
        "older": older,
        "used": used,
        "budget": budget,
        "ways": list(UsageBy),
    }
    return page(request, visitor, "usage.html.j2", **values)


@router.post("/usage/budget")
def budget(backend: BackendOf, visitor: Admin, form: Form) -> Response:
    set_budget(visitor.principal, backend.context, said_amount(str(form.get("credits", ""))))
    return see("/usage", "saved")


def _day(text: str) -> date | None:
    """Raises Invalid for what is no day; a field that was left empty is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as exc:
        raise Invalid(f"{text[:20]!r} is no day", hint="write it like 2026-12-01") from exc
