"""Rules for what has become old: made, listed, removed, and applied or asked what they would do."""

from __future__ import annotations

from operator import attrgetter, methodcaller
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from pressroom.api import models
from pressroom.api.asking import Admin, AssetsReader
from pressroom.api.backend import BackendOf
from pressroom.api.lists import USUAL, Cursor, Limit, PageOf, page_of
from pressroom.api.once import OnceRoute
from pressroom.api.problems import documented
from pressroom.domain.asked import Asked
from pressroom.domain.library import AssetState, RetentionAction
from pressroom.domain.media import Kind
from pressroom.library.retention import MAX_DAYS, MAX_NAME_LENGTH, RetentionRule
from pressroom.services import retention

router = APIRouter(prefix="/retention", tags=["assets"], route_class=OnceRoute)
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_LENGTH)]


class WantedRule(Asked):
    """For what was filed longer ago than so many days; what is left out does not matter."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    action: RetentionAction
    older_than_days: Annotated[int, Field(ge=1, le=MAX_DAYS)]
    kind: Kind | None = None
    tag: str = ""
    campaign: str = ""
    state: AssetState | None = None

    @property
    def rule(self) -> RetentionRule:
        kind, state = self.kind or "", self.state or ""
        return RetentionRule(self.name, self.action, self.older_than_days, kind, self.tag, self.campaign, state)


class Application(Asked):
    """With `dry_run` the answer says what would be done."""

    model_config = ConfigDict(extra="forbid")

    dry_run: bool = True


@router.get("", response_model=PageOf[models.RetentionRule])
def listed(principal: AssetsReader, backend: BackendOf, limit: Limit = USUAL, cursor: Cursor = "") -> Any:
    """The account's rules, in the order in which they are applied."""
    found = retention.list_retention_rules(principal, backend.context)
    return page_of(found, limit, cursor, attrgetter("name"), methodcaller("as_dict"))


@router.post("", status_code=201, response_model=models.RetentionRule)
def add(wanted: WantedRule, principal: Admin, backend: BackendOf) -> Any:
    """A new rule; nothing is done before it is applied. A name that is taken is refused."""
    return retention.add_retention_rule(principal, backend.context, wanted.rule).as_dict()


@router.post("/apply", response_model=dict[str, models.Changed])
def apply(wanted: Application, principal: Admin, backend: BackendOf) -> Any:
    """Name of a rule -> what it does, or would do, to what has become old; some thousands of assets of each at a time."""
    found = retention.apply_retention(principal, backend.context, dry_run=wanted.dry_run)
    return {name: changed.as_dict() for name, changed in found.items()}


@router.delete("", response_model=models.RetentionRule, responses=documented(404))
def remove(
    name: Annotated[str, Query(min_length=1, max_length=MAX_NAME_LENGTH)], principal: Admin, backend: BackendOf
) -> Any:
    """End a rule; what it has done stays."""
    return retention.remove_retention_rule(principal, backend.context, name).as_dict()
