"""The account: its plan, its credits and what moved them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from pressroom.api import models
from pressroom.api.asking import Admin, AssetsReader, CreditsReader
from pressroom.api.backend import BackendOf
from pressroom.api.lists import USUAL, Day, Limit, NumberCursor, PageOf, page
from pressroom.api.problems import documented
from pressroom.domain.asked import Asked
from pressroom.domain.branding import Branding
from pressroom.domain.money import MAX_CREDITS, micros
from pressroom.runs.usage import UsageBy
from pressroom.services.accounts import count_statement, set_budget, show_account, show_statement
from pressroom.services.branding import set_branding, show_branding
from pressroom.services.usage import show_usage

router = APIRouter(tags=["account"])


class MonthBudget(Asked):
    """What an account may spend in a month."""

    model_config = ConfigDict(extra="forbid")

    credits: float | None = Field(ge=0, le=MAX_CREDITS, description="Credits; null for no limit.")


@router.get("/account", response_model=models.Account)
def account(principal: CreditsReader, backend: BackendOf) -> Any:
    """The plan, the credits, and what is left of this month's allowances."""
    return show_account(principal, backend.context).as_dict()


@router.put("/account/budget", response_model=models.Account)
def change_budget(wanted: MonthBudget, principal: Admin, backend: BackendOf) -> Any:
    """The most credits that the account's runs cost in a month (UTC), or null for no limit; what is held already stays."""
    limit = None if wanted.credits is None else micros(wanted.credits)
    return set_budget(principal, backend.context, limit).as_dict()


@router.get("/account/branding", response_model=models.Branding)
def branding(principal: AssetsReader, backend: BackendOf) -> Any:
    """How the account looks to its people and guests."""
    return show_branding(principal, backend.context).as_dict()


@router.put("/account/branding", response_model=models.Branding, responses=documented(404))
def change_branding(wanted: models.Branding, principal: Admin, backend: BackendOf) -> Any:
    """Name, logo and colours, all at once; a colour in which words could not be read is refused, with a shade that can."""
    values = wanted.model_dump() | {"logo": wanted.logo or ""}
    return set_branding(principal, backend.context, Branding(**values)).as_dict()


@router.get("/credits", response_model=models.Credits)
def credits(principal: CreditsReader, backend: BackendOf) -> Any:
    """What the account has, and how much of it is held for runs."""
    return show_account(principal, backend.context).as_dict()["credits"]


@router.get("/credits/statement", response_model=PageOf[models.StatementLine])
def statement(
    principal: CreditsReader,
    backend: BackendOf,
    limit: Limit = USUAL,
    cursor: NumberCursor = "",
) -> Any:
    """Every movement of the account, newest first."""
    before = int(cursor) if cursor else None
    lines = show_statement(principal, backend.context, limit=limit + 1, before=before)
    count = count_statement(principal, backend.context)
    return page(lines, limit, count, lambda line: line.id, lambda line: line.as_dict(principal.account))


@router.get("/usage", response_model=models.Usage)
def usage(
    principal: CreditsReader,
    backend: BackendOf,
    by: UsageBy = UsageBy.DAY,
    begins: Annotated[
        Day | None, Query(alias="from", description="First day, UTC; null: the first of this month.")
    ] = None,
    ends: Annotated[Day | None, Query(alias="to", description="The day after the last one; null: tomorrow.")] = None,
) -> Any:
    """How much was made, what it cost and how long it took, by one thing; its credits are the statement's."""
    return show_usage(principal, backend.context, by=by, begins=begins, ends=ends).as_dict()
