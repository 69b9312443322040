"""Plan a campaign: load it, compile it against what the account has, and let pre-flight judge it.

Makes no request and writes nothing. It opens neither the database engine nor the image libraries unless a file has to be
looked at: a plan is on the screen in half a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pressroom.campaign.feed import read_feed
from pressroom.campaign.load import Loaded, load_campaign
from pressroom.catalog.load import Catalog
from pressroom.catalog.models import SubscriptionPlan, metered_family
from pressroom.database.plan_reader import LibraryIndex, PlanReader
from pressroom.domain.errors import Invalid, Problem, Refused
from pressroom.domain.identity import Principal
from pressroom.domain.money import micros
from pressroom.domain.operation import Operation
from pressroom.domain.suggest import did_you_mean
from pressroom.planning.compile import Request, compile_plan
from pressroom.planning.inputs import located_inputs
from pressroom.planning.offers import Chooser
from pressroom.planning.plan import Plan, Verdict
from pressroom.planning.preflight import AccountFacts, preflight
from pressroom.services.run_request import RunRequest
from pressroom.settings import Settings
from pressroom.sources.local_files import LocalFiles


@dataclass(frozen=True)
class PlanningContext:
    """What planning needs of one home; pressroom.bootstrap builds it. `now` is an aware clock.

    `configured` are the providers whose keys are set. `reader` opens the database for reading what one account has;
    `has_media` says whether media is in the store, and is None where asking would be a request; `check_signing` raises
    Refused where what would be made cannot be signed.
    """

    settings: Settings
    catalog: Catalog
    configured: frozenset[str]
    operations: Mapping[str, Operation[Any]]
    reader: Callable[[str], AbstractContextManager[PlanReader]]
    has_media: Callable[[str], bool] | None
    check_signing: Callable[[], object]
    now: Callable[[], datetime]


@dataclass(frozen=True)
class Planned:
    """A compiled campaign with everything that explains it. `last` is node id -> key of the campaign's last run."""

    request: RunRequest
    loaded: Loaded
    plan: Plan
    verdict: Verdict
    account: AccountFacts
    catalog: Catalog
    chooser: Chooser
    files: LocalFiles
    feeds: Mapping[str, str]
    last: Mapping[str, str] | None


def plan_campaign(principal: Principal, context: PlanningContext, request: RunRequest) -> Planned:
    """The plan and the verdict on it. Raises Invalid for a bad document, naming every problem."""
    settings, catalog = context.settings, context.catalog
    loaded = load_campaign(Path(request.file), placements=catalog.placements)
    files = LocalFiles(loaded.folder, settings.limits, settings.ffmpeg)
    feed_files = _feed_files(loaded, request)
    chooser = Chooser(catalog, loaded.campaign.policy, context.configured, context.now().date())
    with context.reader(principal.account) as reader:
        plan = compile_plan(
            loaded,
            Request(
                catalog=catalog,
                operations=context.operations,
                files=files,
                chooser=chooser,
                inputs=located_inputs(
                    loaded.campaign, request.inputs, Path(request.inputs_from) if request.inputs_from else None
                ),
                feeds={name: read_feed(Path(path), name, settings.max_nodes) for name, path in feed_files.items()},
                index=LibraryIndex(reader, context.has_media),
                max_nodes=settings.max_nodes,
                refresh=frozenset(request.refresh),
            ),
        )
        account = _account_facts(principal, context, reader)
        last = _keys_of(reader.last_plan(plan.campaign))
    verdict = _signable(context, preflight(plan, account, catalog, chooser))
    return Planned(request, loaded, plan, verdict, account, catalog, chooser, files, feed_files, last)


def _account_facts(principal: Principal, context: PlanningContext, reader: PlanReader) -> AccountFacts:
    usage = reader.month_usage(f"{context.now():%Y-%m}")
    return AccountFacts(
        name=principal.account,
        available_micros=reader.balance(micros(context.settings.grant_credits)),
        plan=_subscription(context.settings.plan, context.catalog),
        month_counts=_metered(usage.bought, context.operations),
        month_usd_micros=usage.usd_micros,
    )


def _subscription(name: str, catalog: Catalog) -> SubscriptionPlan:
    plan = catalog.plans.get(name)
    if plan is None:
        message = f"setting 'plan': {name!r} is no subscription plan"
        raise Invalid.of([Problem("setting", message, did_you_mean(name, catalog.plans, "plans"))])
    return plan


def _metered(made: Mapping[str, int], operations: Mapping[str, Operation[Any]]) -> dict[str, int]:
    """Purchases by operation -> by metered family."""
    found: dict[str, int] = {}
    for name, count in made.items():
        if name in operations:
            family = metered_family(name, operations[name].makes)
            found[family] = found.get(family, 0) + count
    return found


def _feed_files(loaded: Loaded, request: RunRequest) -> dict[str, str]:
    """Each dimension's feed file; what the caller passed stands in for the campaign's own."""
    named: dict[str, str] = {}
    for step in loaded.campaign.steps.values():
        for dimension, path in step.feed.items():
            named.setdefault(dimension, str(loaded.folder / path))
    unknown = [dimension for dimension in request.feeds if dimension not in named]
    if unknown:
        hint = f"feeds: {', '.join(named) or 'none'}"
        raise Invalid.of([Problem("unknown_feed", f"no step has a feed {unknown[0]!r}", hint, loaded.file)])
    return named | request.feeds


def _keys_of(stored: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Node id -> key of a stored plan."""
    return None if stored is None else {node["id"]: node["key"] for node in stored["nodes"]}


def _signable(context: PlanningContext, verdict: Verdict) -> Verdict:
    """The verdict, refused as well where the configured certificate cannot sign what would be made."""
    try:
        context.check_signing()
    except Refused as exc:
        return replace(verdict, allowed=False, problems=(*verdict.problems, Problem("signing", exc.message, exc.hint)))
    return verdict
