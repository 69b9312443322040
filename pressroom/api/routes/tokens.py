"""API tokens of the account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from pressroom.api import models
from pressroom.api.asking import Admin
from pressroom.api.backend import BackendOf
from pressroom.api.problems import documented
from pressroom.people.members import MAX_NAME_LENGTH
from pressroom.services.tokens import create_token, list_tokens, revoke_token

router = APIRouter(prefix="/tokens", tags=["tokens"])


class WantedToken(BaseModel):
    """What a new token is for, and what it may be used for: only reading where no scopes are named."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=MAX_NAME_LENGTH)
    scopes: list[str] = Field(default_factory=list, max_length=20)
    user: str = Field("", max_length=254, description="The member that it belongs to; empty: nobody.")
    days: int = Field(365, ge=1, le=3_650, description="After so many days it expires.")


@router.get("", response_model=list[models.Token])
def tokens(principal: Admin, backend: BackendOf) -> Any:
    """The account's tokens, the newest first."""
    return [token.as_dict() for token in list_tokens(principal, backend.context)]


@router.post("", status_code=201, response_model=models.NewToken)
def create(wanted: WantedToken, principal: Admin, backend: BackendOf) -> Any:
    """A new token; its secret is in this answer and nowhere else."""
    expires_at = backend.context.now() + timedelta(days=wanted.days)
    made = create_token(
        principal, backend.context, wanted.name, scopes=wanted.scopes, user=wanted.user, expires_at=expires_at
    )
    return {**made.token.as_dict(), "secret": made.secret}


@router.delete("/{prefix}", response_model=models.Token, responses=documented(404))
def revoke(prefix: str, principal: Admin, backend: BackendOf) -> Any:
    """End a token at once; harmless when repeated."""
    return revoke_token(principal, backend.context, prefix).as_dict()
