"""API tokens of the account."""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter, methodcaller
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field

from pressroom.api import models
from pressroom.api.asking import Admin
from pressroom.api.backend import BackendOf
from pressroom.api.lists import USUAL, Cursor, Limit, PageOf, page_of
from pressroom.api.once import SecretOnceRoute, secret_seed
from pressroom.api.problems import documented
from pressroom.domain.asked import Asked
from pressroom.domain.money import MAX_CREDITS
from pressroom.people.members import MAX_NAME_LENGTH
from pressroom.services.tokens import change_caps, create_token, list_tokens, revoke_token

router = APIRouter(route_class=SecretOnceRoute, prefix="/tokens", tags=["tokens"])


Credits = Annotated[float | None, Field(ge=0, le=MAX_CREDITS)]


class Caps(Asked):
    """What a token may spend, in credits; null is no cap, and no standing budget."""

    model_config = ConfigDict(extra="forbid")

    cap_run: Credits = Field(None, description="The most that one of its runs may cost.")
    cap_day: Credits = Field(None, description="The most that its runs of a day (UTC) may cost.")
    standing_day: Credits = Field(None, description="Within so much a day (UTC) its agent asks no person.")


class WantedToken(Caps):
    """What a new token is for, what it may be used for (only reading where no scopes are named), and what it may spend."""

    name: str = Field(min_length=1, max_length=MAX_NAME_LENGTH)
    scopes: list[str] = Field(default_factory=list, max_length=20)
    user: str = Field("", max_length=254, description="The member that it belongs to; empty: nobody.")
    days: int = Field(365, ge=1, le=3_650, description="After so many days it expires.")


@router.get("", response_model=PageOf[models.Token])
def tokens(principal: Admin, backend: BackendOf, limit: Limit = USUAL, cursor: Cursor = "") -> Any:
    """The account's tokens, the newest first."""
    found = list_tokens(principal, backend.context)
    return page_of(found, limit, cursor, attrgetter("prefix"), methodcaller("as_dict"))


@router.post("", status_code=201, response_model=models.NewToken)
def create(wanted: WantedToken, principal: Admin, backend: BackendOf, called: Request) -> Any:
    """A new token; its secret is in this answer and nowhere else."""
    expires_at = backend.context.now() + timedelta(days=wanted.days)
    caps = wanted.model_dump(include=set(Caps.model_fields))
    made = create_token(
        principal,
        backend.context,
        wanted.name,
        scopes=wanted.scopes,
        user=wanted.user,
        expires_at=expires_at,
        caps=caps,
        seed=secret_seed(called),
    )
    return {**made.token.as_dict(), "secret": made.secret}


@router.patch("/{prefix}", response_model=models.Token, responses=documented(404, 409))
def change(prefix: str, caps: Caps, principal: Admin, backend: BackendOf) -> Any:
    """Give a token other caps; those that are not named stay."""
    return change_caps(principal, backend.context, prefix, caps.model_dump(exclude_unset=True)).as_dict()


@router.delete("/{prefix}", response_model=models.Token, responses=documented(404))
def revoke(prefix: str, principal: Admin, backend: BackendOf) -> Any:
    """End a token at once."""
    return revoke_token(principal, backend.context, prefix).as_dict()
