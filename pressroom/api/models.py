"""What the API answers with: models that describe it in the OpenAPI document, and by which the client reads it."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from typing import Annotated, Any, get_type_hints

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

from pressroom.domain import media
from pressroom.domain.asked import Asked
from pressroom.domain.library import Use
from pressroom.domain.states import QUEUED, DeliveryState, NodeState, RunState
from pressroom.domain.states import WaitsFor as Waits


class Answer(BaseModel):
    """New fields may come with any version: a reader passes over those that it does not know."""

    model_config = ConfigDict(extra="ignore")


def _told(*values: str) -> Any:
    """The values of a text, for the document alone: a reader of an earlier version takes others too."""
    return Field(json_schema_extra={"enum": [*dict.fromkeys(map(str, values))]})


# Null where no run made it: an empty name is no address.
_RunId = Annotated[str | None, BeforeValidator(lambda name: name or None)]


def _asset_fields() -> dict[str, Any]:
    hints = get_type_hints(media.Asset)
    return {field.name: (hints[field.name], ...) for field in fields(media.Asset)} | {"run_id": (_RunId, ...)}


# All that the library records of an asset, and no second list of it.
Asset = create_model(
    "Asset",
    __base__=Answer,
    __doc__="A file of the library with its record; amounts are millionths of a credit and of a dollar.",
    **_asset_fields(),
    account=(str, ...),
)


AssetView = create_model(
    "AssetView",
    __base__=Asset,
    __doc__="The same of one asset, with what whoever asks thinks of it, and how often it was used.",
    favourite=(bool, ...),
    rating=(int | None, ...),
    uses=(int, ...),
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


class Upload(Answer):
    """A file that comes in parts: how many of its bytes have arrived, and the asset that it became."""

    id: str
    filename: str
    size_bytes: int
    offset: int
    expires_at: datetime
    asset: str | None


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


class RetentionRule(Answer):
    """What is done with what was filed longer ago than so many days; an empty field does not matter."""

    name: str
    action: str
    older_than_days: int
    kind: str
    tag: str
    campaign: str
    state: str


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
    count: int
    count_is_capped: bool


class AssetUse(Answer):
    """One use: who, as a member's address or `link:N` for who held a public link."""

    kind: Use
    member: str
    at: datetime
    details: dict[str, Any]


class Recorded(Answer):
    """Whether it was a use that was not known: the same key is the same use, and so is a second view within a minute."""

    recorded: bool


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
    refill: float | None = Field(description="Credits that it is given at the beginning of each month.")
    month: str = Field(examples=["2026-11"])
    allowances: dict[str, Allowance]


class Used(Answer):
    """Of a tier, a model, an operation, a user or a day: how many nodes were made, credits captured, dollars ordered for."""

    count: int
    credits: float
    usd: float
    mean_seconds: float | None
    p95_seconds: float | None


class UsedByKey(Used):
    key: str


class Usage(Answer):
    """From the begin of one day to the begin of another, in UTC. The credits are those of the statement."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    by: str
    begins: date = Field(alias="from")
    ends: date = Field(alias="to")
    items: list[UsedByKey]
    total: Used


class Branding(Asked):
    """How an account looks to its people and guests; what is empty is as it comes."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field("", max_length=200, description="In place of Pressroom.")
    accent: str = Field("", max_length=20, description="The colour of links and buttons on light pages, #rrggbb.")
    accent_dark: str = Field("", max_length=20, description="On dark pages; empty: found by the other.")
    logo: str | None = Field(None, max_length=200, description="Id of an asset.")


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
    state: Annotated[str, _told(*RunState)]
    error: str
    plan_hash: str
    flow_run_id: str | None
    nodes: dict[str, int]
    credits: RunCredits
    usd_micros: int
    created_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None


class Batch(Answer):
    """Many runs of one campaign. `counts` are its rows by state, `credits_bound` is the most that was planned for all of them."""

    id: str
    campaign: str
    document: str
    state: Annotated[str, _told(*RunState)]
    count: int
    counts: dict[str, int]
    credits_bound: float
    credits: RunCredits
    usd_micros: int
    created_by: str
    created_at: datetime
    cancelled_at: datetime | None


class BatchRow(Answer):
    """One row: waiting before it has a run, refused with why, else as its run stands."""

    inputs: dict[str, Any]
    run: str | None
    state: Annotated[str, _told(NodeState.WAITING, *RunState)]
    error: str


class BatchView(Batch):
    rows: list[BatchRow]


class AskedTake(Answer):
    """A file to look at; the parts of its score are 0 to 1 each, and it has none where nobody has measured it."""

    number: int
    asset: str
    score: float | None
    parts: dict[str, float]


class Question(Answer):
    """What is asked of a node: a `choice` of one of its takes, or the `approval` of its file.

    Where several takes go on, it is asked of as many `nodes` at once: so many as it `keeps` are chosen, none that is `gone`.
    """

    node: str
    step: str
    asks: str
    takes: list[AskedTake]
    keeps: int
    nodes: list[str]
    gone: list[int]


class Lack(Answer):
    """What a run misses besides credits: `usd`, in dollars, or purchases of a family (image, edit, video, audio)."""

    of: str
    spent: float
    held: float
    missing: float


class WaitsFor(Answer):
    """What a suspended run waits for; amounts in credits."""

    kind: Annotated[str, _told(*Waits)]
    why: str
    spent: float
    held: float
    missing: float
    lacks: list[Lack]
    until: str
    hint: str
    asks: list[Question]


class RunChanges(Answer):
    """A run against its campaign's last one that was completed or approved: ids of nodes, and the most credits of both."""

    since: str
    at: datetime
    added: list[str]
    changed: list[str]
    removed: list[str]
    same: int
    credits_bound: float
    credits_bound_before: float
    credits_paid_before: float
    text: str


class Decided(Answer):
    """What a person has decided about a run that waited: who, from which door, of which plan, and what it held from then on.

    `usd` is what its orders may cost, null where that was not written down; `chosen` is node -> number of its take, `dropped` are
    nodes that were left out.
    """

    decision: str
    by: str
    door: str
    at: datetime
    plan_hash: str
    credits: float
    usd: float | None
    dropped: list[str]
    chosen: dict[str, int]


class RunView(Run):
    waits_for: WaitsFor | None
    decisions: list[Decided]


class GenerationView(Answer):
    """One operation on its way: queued, running, suspended, completed, completed_with_failures, failed or cancelled."""

    id: str
    state: Annotated[str, _told(QUEUED, *RunState)]
    operation: str
    assets: list[str]
    error: str
    credits: RunCredits
    usd_micros: int
    created_at: datetime | None
    finished_at: datetime | None
    waits_for: WaitsFor | None


class RowEstimate(Answer):
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


class Estimate(RowEstimate):
    """The same of all that was asked for; a batch has its `rows`, and its nodes there."""

    rows: list[RowEstimate] = Field(default_factory=list)


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
    state: Annotated[str, _told(*NodeState)]
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
    cap_run: float | None = Field(description="The most credits that one of its runs may cost; null: no cap.")
    cap_day: float | None = Field(description="The most credits that its runs of a day (UTC) may cost; null: no cap.")
    standing_day: float | None = Field(description="Within so many credits a day its agent asks no person; null: none.")
    spent_today: float = Field(description="Credits that its runs have spent of the day (UTC).")
    held_today: float = Field(description="Credits that its runs have set aside of the day and not spent yet.")
    unasked_today: float = Field(description="The part of both that the standing budget covers.")


class NewToken(Token):
    secret: str = Field(description="Shown this once.")


class Webhook(Answer):
    """An endpoint of the account, without its secret."""

    id: str
    url: str
    events: list[str]
    run: str | None = Field(description="The only run that it is told of, where it is of one.")
    created_by: str
    created_at: datetime
    disabled_at: datetime | None
    disabled_why: str


class WebhookSecret(Answer):
    """What signs. `webhook` is null where it is the account's own, for what single generations name."""

    secret: str = Field(description="Shown this once.")
    webhook: Webhook | None


class WebhookDelivery(Answer):
    """One message; `id` is its `webhook-id`. `answer` is the last one's begin, or why there was none."""

    id: str
    webhook: str
    type: str
    state: Annotated[str, _told(*DeliveryState)]
    attempts: int
    answer_status: int | None
    answer: str
    body: str
    next_at: datetime | None
    answered_at: datetime | None
    created_at: datetime


class Operation(Answer):
    """What can be done to media, with the JSON Schema of its parameters."""

    name: str
    summary: str
    version: int
    parameters: dict[str, Any]


class Template(Answer):
    """What to begin with: a `campaign` that is ready to run, or a `design` that its operation draws; `group` gathers designs."""

    name: str
    kind: str
    summary: str
    operation: str
    group: str


class TemplateView(Template):
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
    """Whether everything that the server needs answers: each part is `ok` or `down`."""

    ready: bool
    parts: dict[str, str]
