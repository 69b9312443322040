"""Plans and estimates: what a campaign or one operation would cost, and whether it may run."""

from __future__ import annotations

from typing import Any, Self

from fastapi import APIRouter
from pydantic import ConfigDict, Field, model_validator

from pressroom.api import models
from pressroom.api.asking import RunsReader
from pressroom.api.backend import BackendOf
from pressroom.api.problems import documented, told_outside
from pressroom.campaign.document import MAX_DOCUMENT_BYTES
from pressroom.domain.asked import Asked
from pressroom.services.batches import BatchRequest, estimate_batch
from pressroom.services.documents import MAX_NAME_CHARACTERS
from pressroom.services.estimate import estimate
from pressroom.services.generate import Generation, asked_for, request_of
from pressroom.services.plan_campaign import plan_campaign
from pressroom.services.run_request import RunRequest
from pressroom.services.shown_plans import keep_plan, plan_shown
from pressroom.services.validate_campaign import validate_campaign

router = APIRouter(tags=["plans"])


class CampaignRequest(Asked):
    """A campaign with its inputs: one that is stored, by name or id, or its text."""

    model_config = ConfigDict(extra="forbid")

    campaign: str = Field("", max_length=MAX_NAME_CHARACTERS, description="A stored one, by name or id.")
    yaml: str = Field("", max_length=MAX_DOCUMENT_BYTES, description="In place of a stored one: its text.")
    inputs: dict[str, Any] = Field(default_factory=dict, description="Media as asset:ID or as an https address.")
    feeds: dict[str, str] = Field(
        default_factory=dict,
        max_length=100,
        description="Tables by dimension in place of the campaign's, as asset:ID.",
    )
    refresh: list[str] = Field(default_factory=list, max_length=1_000, description='Steps to make again; "*": all.')

    @property
    def names_a_plan(self) -> bool:
        """Whether it need not say which campaign."""
        return False

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.campaign and self.yaml) or not (self.campaign or self.yaml or self.names_a_plan):
            raise ValueError("give one of campaign and yaml")
        return self

    def asked(self, **more: Any) -> RunRequest:
        """The run that is asked for; no path of the server is in it."""
        return RunRequest(
            document=self.campaign, yaml=self.yaml, inputs=self.inputs, feeds=self.feeds, refresh=self.refresh, **more
        )


class EstimateRequest(Asked):
    """What would cost something: one operation, a campaign, or a batch of one."""

    model_config = ConfigDict(extra="forbid")

    generation: Generation | None = None
    campaign: CampaignRequest | None = None
    batch: BatchRequest | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(each is not None for each in (self.generation, self.campaign, self.batch)) != 1:
            raise ValueError("give one of generation, campaign and batch")
        return self


@router.post("/estimates", response_model=models.Estimate, responses=documented(404))
def estimates(asked: EstimateRequest, principal: RunsReader, backend: BackendOf) -> Any:
    """What it would cost by which model, and whether it may be made, with every reason against it. Writes nothing."""
    if asked.batch is not None:
        return estimate_batch(principal, backend.planning(), asked.batch)
    if asked.generation is None:
        assert asked.campaign is not None, "one of the three is given"
        return estimate(principal, backend.planning(), asked.campaign.asked())
    with asked_for():
        planning, operations = backend.planning(), backend.context.operations
        return estimate(principal, planning, request_of(asked.generation, operations, paths=bool(planning.paths)))


@router.post("/plans", response_model=models.Plan, responses=documented(404))
def plans(asked: CampaignRequest, principal: RunsReader, backend: BackendOf) -> Any:
    """The plan of a campaign, node by node, and the verdict on it. Its hash starts exactly this one, or is refused."""
    planned = plan_campaign(principal, backend.planning(), asked.asked())
    return keep_plan(principal, backend.context, planned)


@router.get("/plans/{plan_hash}", response_model=models.Plan, responses=documented(404))
def shown(plan_hash: str, principal: RunsReader, backend: BackendOf) -> Any:
    """A plan as it was shown, by its hash."""
    return plan_shown(principal, backend.context, plan_hash)[1]


@router.post("/campaigns/validate", response_model=models.Validation, responses=documented(404))
def validate(asked: CampaignRequest, principal: RunsReader, backend: BackendOf) -> Any:
    """Whether a campaign is right, with line and column of every mistake; one that is has a plan, whatever the money says."""
    found = validate_campaign(principal, backend.planning(), asked.asked())
    return {"valid": found.valid, "problems": [told_outside(problem) for problem in found.problems]}
