"""Members of the account: who may act for it, as what."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter, methodcaller
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import ConfigDict, Field

from pressroom.api import models
from pressroom.api.asking import Admin
from pressroom.api.backend import BackendOf
from pressroom.api.lists import USUAL, Cursor, Limit, PageOf, page_of
from pressroom.api.problems import documented
from pressroom.domain.asked import Asked
from pressroom.domain.identity import Role
from pressroom.people.members import MAX_EMAIL_LENGTH, MAX_NAME_LENGTH
from pressroom.services import people

router = APIRouter(prefix="/members", tags=["members"], responses=documented(409))
Email = Annotated[str, Path(max_length=MAX_EMAIL_LENGTH, description="E-mail address of the person.")]


class Member(models.Answer):
    email: str
    name: str
    role: Role
    since: datetime
    disabled: bool


class Membership(Asked):
    """What a person is to the account."""

    model_config = ConfigDict(extra="forbid")

    role: Role = Role.VIEWER
    name: str = Field("", max_length=MAX_NAME_LENGTH, description="What the account calls a new member.")


@router.get("", response_model=PageOf[Member])
def members(principal: Admin, backend: BackendOf, limit: Limit = USUAL, cursor: Cursor = "") -> Any:
    """Everybody in the account, by address."""
    found = people.list_members(principal, backend.context)
    return page_of(found, limit, cursor, attrgetter("email"), methodcaller("as_dict"))


@router.put("/{email}", response_model=Member)
def put(email: Email, wanted: Membership, principal: Admin, backend: BackendOf) -> Any:
    """Let a person act for the account, or make a member something else; nothing is sent to anybody."""
    return people.put_member(principal, backend.context, email, wanted.role, name=wanted.name).as_dict()


@router.delete("/{email}", response_model=Member, responses=documented(404))
def remove(email: Email, principal: Admin, backend: BackendOf) -> Any:
    """End a membership with its sessions and tokens; the account keeps an owner."""
    return people.remove_member(principal, backend.context, email).as_dict()
