"""Plans in memory: campaigns as text, files and library as facts, the shipped operations and prices."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from pressroom.campaign.feed import Feed, parse_feed
from pressroom.campaign.load import Loaded, parse_campaign
from pressroom.catalog.load import Catalog, load_catalog
from pressroom.catalog.models import METERED, SubscriptionPlan
from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.money import micros
from pressroom.domain.operation import Operation
from pressroom.domain.purchases import OpenJob
from pressroom.domain.states import JobState
from pressroom.operations import OPERATIONS
from pressroom.planning.compile import Request, compile_plan
from pressroom.planning.known_files import KnownFiles
from pressroom.planning.offers import Chooser, configured_providers
from pressroom.planning.plan import FileFacts, Plan, Verdict
from pressroom.planning.preflight import AccountFacts, preflight
from tests.support.known_index import KnownIndex

TODAY = date(2026, 11, 29)
PHOTO_INPUT = "inputs: {photo: {type: image, default: photo.jpg}}\n"


def image(name: str, width: int = 1600, height: int = 2000) -> FileFacts:
    """A picture whose bytes are told apart by `name`."""
    return FileFacts(hashlib.sha256(name.encode()).hexdigest(), MediaInfo(Kind.IMAGE, "image/jpeg", width, height))


def font(name: str) -> FileFacts:
    return FileFacts(hashlib.sha256(name.encode()).hexdigest(), MediaInfo(Kind.TEXT, "font/ttf"))


FILES = KnownFiles(
    {
        "photo.jpg": image("photo"),
        "other.jpg": image("other"),
        "huge.jpg": image("huge", 4000, 4000),
        "logo.png": image("logo", 400, 400),
        "clip.mp4": FileFacts("c" * 64, MediaInfo(Kind.VIDEO, "video/mp4", 1920, 1080, 12.0)),
        "broken.jpg": FileFacts(problem="broken.jpg is cut off"),
    }
)


def loaded(text: str, name: str = "campaign") -> Loaded:
    """A campaign of this text; `name:` is added where it has none."""
    head = "" if text.lstrip().startswith("name:") else f"name: {name}\n"
    return parse_campaign(head + text, "campaign.yaml")


def plan_of(campaign: str | Loaded, **changes: Any) -> Plan:
    """Compile with the shipped catalog and operations; `changes` replace fields of the Request."""
    found = loaded(campaign) if isinstance(campaign, str) else campaign
    catalog = changes.pop("catalog", load_catalog())
    chooser = changes.pop("chooser", None) or chooser_of(found, catalog, changes.pop("today", TODAY))
    values: dict[str, Any] = {"files": FILES, "chooser": chooser, "operations": OPERATIONS, **changes}
    return compile_plan(found, Request(catalog=catalog, **values))


def chooser_of(
    campaign: str | Loaded,
    catalog: Catalog | None = None,
    today: date = TODAY,
    configured: frozenset[str] | None = None,
) -> Chooser:
    found = loaded(campaign) if isinstance(campaign, str) else campaign
    catalog = catalog or load_catalog()
    return Chooser(catalog, found.campaign.policy, configured or configured_providers(catalog), today)


def account(credits: float = 1_000, plan: str | SubscriptionPlan = "enterprise", **facts: Any) -> AccountFacts:
    row = load_catalog().plans[plan] if isinstance(plan, str) else plan
    return AccountFacts("acme", micros(credits), row, **facts)


def verdict_of(
    campaign: str, payer: AccountFacts | None = None, catalog: Catalog | None = None, **changes: Any
) -> Verdict:
    catalog = catalog or load_catalog()
    found = loaded(campaign)
    plan = plan_of(found, catalog=catalog, **changes)
    return preflight(plan, payer or account(), catalog, chooser_of(found, catalog), found.positions)


def rows(text: str, folder: Path, name: str = "rows.csv") -> Feed:
    """The feed of a file with this text."""
    return parse_feed(text.encode(), str(folder / name), "row", 1_000)


def keys_of(plan: Plan) -> dict[str, str]:
    return {node.id: node.key for node in plan.nodes}


def index_of(plan: Plan, ids: Iterable[str] | None = None) -> KnownIndex:
    """A library that holds these nodes of the plan (all of them unless named)."""
    wanted = set(keys_of(plan) if ids is None else ids)
    return KnownIndex(frozenset(node.key for node in plan.nodes if node.id in wanted))


def being_bought(*keys: str, state: JobState = JobState.SUBMITTED, provider: str = "simulated") -> dict[str, OpenJob]:
    """Unfinished purchases of these nodes, each of at most 3 cents."""
    return {key: OpenJob(f"1:{key}:0", state, provider, 30_000) for key in keys}


def codes(problems: Iterable[Any]) -> list[str]:
    return [problem.code for problem in problems]


def with_model(catalog: Catalog, name: str, **changes: Any) -> Catalog:
    """The catalog with one model's row changed; `credits` and the like change its only price."""
    row = catalog.models[name]
    price = {column: changes.pop(column) for column in METERED if column in changes}
    if price:
        changes["prices"] = (row.prices[0].model_copy(update=price),)
    row = row.model_copy(update=changes)
    return replace(catalog, models={**catalog.models, name: row})


def with_operation(name: str, **changes: Any) -> Mapping[str, Operation[Any]]:
    return {**OPERATIONS, name: replace(OPERATIONS[name], **changes)}


def with_file(path: str, facts: FileFacts) -> KnownFiles:
    return KnownFiles({**FILES.facts, path: facts}, FILES.fonts)
