"""What the API answers with: models that describe it in the OpenAPI document, and by which the client reads it."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from pressroom.domain import media


class Answer(BaseModel):
    """New fields may come with any version: a reader passes over those that it does not know."""

    model_config = ConfigDict(extra="ignore")


def _asset_fields() -> dict[str, Any]:
    hints = get_type_hints(media.Asset)
    return {field.name: (hints[field.name], ...) for field in fields(media.Asset)}


# All that the library records of an asset, and no second list of it.
Asset = create_model(
    "Asset",
    __base__=Answer,
    __doc__="A file of the library with its record; amounts are millionths of a credit and of a dollar.",
    **_asset_fields(),
    account=(str, ...),
)


class FacetCounts(Answer):
    """Values with how many assets have each; `more` other values are not told."""

    values: dict[str, int]
    more: int


class FoundAssets(Answer):
    """A page of what fits. `suggestion` is a search that finds something, where this one found nothing."""

    items: list[Asset]
    next_cursor: str | None
    count: int
    count_is_capped: bool
    facets: dict[str, FacetCounts]
    timeline: dict[str, int]
    suggestion: str
    matches: dict[str, dict[str, Any]]


class SavedSearch(Answer):
    """A search by its name, as names and values of `/assets`."""

    name: str
    query: list[tuple[str, str]]
    created_at: datetime


class Changed(Answer):
    """What was done to which assets, or would be; `kept` are those that stay, each with why."""

    action: str
    done: bool
    count: int
    assets: list[str]
    kept: dict[str, str]


class Folder(Answer):
    """`count` assets lie in the folder itself, not in those below it."""

    path: str
    count: int


class Count(Answer):
    count: int


class Collection(Answer):
    name: str
    description: str
    created_at: datetime
    count: int
    cover: str | None


class CollectionAssets(Answer):
    collection: Collection
    items: list[Asset]
    next_cursor: str | None


class AssetUse(Answer):
    """One use: who, as a member's address or `link:N` for who held a public link."""

    kind: str
    member: str
    at: datetime
    details: dict[str, Any]


class Version(Answer):
    """One version of the same place of a campaign; `changes` is what differs from the one before."""

    number: int
    asset: Asset
    changes: list[dict[str, Any]]


class Lineage(Answer):
    """What an asset was made from, the nearest first, and what was made of it."""

    asset: Asset
    made_from: list[Asset]
    became: list[Asset]


class Credits(Answer):
    """Credits of an account: all it has, what of that is held for runs, and what is left."""

    balance: float
    held: float
    available: float


class Allowance(Answer):
    """How much of one kind of purchase this month has seen; a limit of null is none."""

    used: float
    held: float
    limit: float | None
    left: float | None


class Account(Answer):
    account: str
    plan: str
    credits: Credits
    month: str = Field(examples=["2026-11"])
    allowances: dict[str, Allowance]


class StatementLine(Answer):
    """One movement of an account: what changed, and the balance after it."""

    id: int
    account: str
    at: datetime
    kind: str
    key: str
    memo: str
    hold_id: int | None
    credits: float
    held: float
    balance: float


class RunCredits(Answer):
    held: float
    captured: float
    released: float


class Run(Answer):
    """One run and how it stands. `nodes` counts them by state, once the run has ended."""

    id: str
    campaign: str
    account: str
    state: str
    error: str
    plan_hash: str
    flow_run_id: str | None
    nodes: dict[str, int]
    credits: RunCredits
    usd_micros: int
    created_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None


class WaitsFor(Answer):
    """What a suspended run waits for; amounts in credits."""

    kind: str
    why: str
    spent: float
    held: float
    missing: float
    until: str
    hint: str


class RunView(Run):
    waits_for: WaitsFor | None


class GenerationView(Answer):
    """One operation on its way: queued, running, suspended, completed, completed_with_failures, failed or cancelled."""

    id: str
    state: str
    operation: str
    assets: list[str]
    error: str
    credits: RunCredits
    usd_micros: int
    created_at: datetime | None
    finished_at: datetime | None
    waits_for: WaitsFor | None


class Estimate(Answer):
    """What it would cost. A bound of null is not known, and refused. Dollars are in millionths."""

    allowed: bool
    plan_hash: str
    credits_estimate: float | None
    credits_bound: float | None
    usd_estimate_micros: int | None
    usd_bound_micros: int | None
    seconds: float | None
    balance: float
    balance_after: float | None
    made: int
    reused: int
    nodes: list[dict[str, Any]]
    problems: list[dict[str, Any]]


class Plan(Answer):
    plan_hash: str
    campaign: str
    allowed: bool
    problems: list[dict[str, Any]]
    nodes: list[dict[str, Any]]
    totals: dict[str, Any]


class Validation(Answer):
    valid: bool
    problems: list[dict[str, Any]]


class RunNode(Answer):
    """One node of a run: what is made, how far it is, what it cost, and the assets that came of it."""

    id: str
    step: str
    variant: str
    operation: str
    state: str
    action: str
    credits: float
    usd_micros: int
    seconds: float
    error: str
    assets: list[str]


class Campaign(Answer):
    """One version of a stored campaign."""

    id: str
    name: str
    sha256: str
    created_at: datetime


class CampaignText(Campaign):
    text: str


class Token(Answer):
    """A token, without its secret."""

    prefix: str
    name: str
    user: str | None
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewToken(Token):
    secret: str = Field(description="Shown this once.")


class Operation(Answer):
    """What can be done to media, with the JSON Schema of its parameters."""

    name: str
    summary: str
    version: int
    parameters: dict[str, Any]


class Provider(Answer):
    """A vendor as it stands here: whether it has a key, and what it costs from."""

    name: str
    title: str
    configured: bool
    keys: list[str] = Field(description="Names in the environment, one of which may hold its key.")
    key_from: str | None = Field(description="Where its key is kept; never the key.")
    tiers: list[str]
    models: list[str]
    usd_from_micros: int | None
    ails: str = Field(description="Why it is passed over for now; empty where it is not.")


class Health(Answer):
    status: str


class Readiness(Answer):
    """Whether everything that the server needs answers; a part that does not says why."""

    ready: bool
    parts: dict[str, str]
