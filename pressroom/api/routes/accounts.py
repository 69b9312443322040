"""The account: its plan, its credits and what moved them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from pressroom.api import models
from pressroom.api.asking import CreditsReader
from pressroom.api.backend import BackendOf
from pressroom.api.lists import USUAL, Limit, PageOf
from pressroom.services.accounts import show_account, show_statement

router = APIRouter(tags=["account"])


@router.get("/account", response_model=models.Account)
def account(principal: CreditsReader, backend: BackendOf) -> Any:
    """The plan, the credits, and what is left of this month's allowances."""
    return show_account(principal, backend.context).as_dict()


@router.get("/credits", response_model=models.Credits)
def credits(principal: CreditsReader, backend: BackendOf) -> Any:
    """What the account has, and how much of it is held for runs."""
    return show_account(principal, backend.context).as_dict()["credits"]


@router.get("/credits/statement", response_model=PageOf[models.StatementLine])
def statement(
    principal: CreditsReader,
    backend: BackendOf,
    limit: Limit = USUAL,
    cursor: Annotated[str, Query(pattern=r"^[0-9]{0,18}$", description="`next_cursor` of the page before.")] = "",
) -> Any:
    """Every movement of the account, newest first."""
    before = int(cursor) if cursor else None
    lines = show_statement(principal, backend.context, limit=limit + 1, before=before)
    more = str(lines[limit - 1].id) if len(lines) > limit else None
    return {"items": [line.as_dict(principal.account) for line in lines[:limit]], "next_cursor": more}
