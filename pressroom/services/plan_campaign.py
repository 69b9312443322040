"""Plan a campaign: load it, compile it against what the account has, and let pre-flight judge it.

Makes no request and writes nothing. It opens neither the database engine nor the image libraries unless a file has to be
looked at: a plan is on the screen in half a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from pressroom.campaign.document import Document
from pressroom.campaign.feed import Feed
from pressroom.campaign.load import Loaded
from pressroom.catalog.load import Catalog
from pressroom.catalog.naming import wrong_names
from pressroom.database.plan_reader import LibraryIndex, PlanReader
from pressroom.domain.bucket import SCHEME
from pressroom.domain.errors import Problem, Refused
from pressroom.domain.identity import Principal
from pressroom.domain.money import micros
from pressroom.domain.months import month_of
from pressroom.domain.operation import Operation
from pressroom.planning.allowances import USD, subscription_of
from pressroom.planning.compile import Request, compile_plan
from pressroom.planning.health import ailing_vendors, looked_back_to, steps_staying
from pressroom.planning.inputs import located_inputs
from pressroom.planning.offers import Chooser
from pressroom.planning.plan import Files, Plan, Verdict
from pressroom.planning.preflight import AccountFacts, preflight
from pressroom.planning.speed import LOOKED_BACK, speeds_of
from pressroom.services.open_inputs import with_inputs_opened
from pressroom.services.run_request import RunRequest
from pressroom.settings import Settings
from pressroom.sources.allowed_files import AllowedFiles
from pressroom.sources.base import CampaignSource
from pressroom.sources.built import BuiltSource
from pressroom.sources.feeds import texts_in
from pressroom.sources.folder import FolderSource
from pressroom.sources.library_media import LibraryMedia
from pressroom.sources.stored import Document as StoredDocument
from pressroom.sources.stored import TextSource, no_document


@dataclass(frozen=True)
class PlanningContext:
    """What planning needs of one home; pressroom.bootstrap builds it. `now` is an aware clock.

    `configured` are the providers whose keys are set, `unsold` those for which this version has no adapter. `reader` opens the
    database for reading what one account has; `has_media` says whether media is in the store, None where asking would be a
    request, and `media_path` where it lies on this machine; `check_signing` raises Refused where what would be made cannot be
    signed.
    """

    settings: Settings
    catalog: Catalog
    configured: frozenset[str]
    operations: Mapping[str, Operation[Any]]
    reader: Callable[[str], AbstractContextManager[PlanReader]]
    has_media: Callable[[str], bool] | None
    media_path: Callable[[str], Path | None]
    check_signing: Callable[[], object]
    now: Callable[[], datetime]
    unsold: frozenset[str] = frozenset()
    paths: tuple[Path, ...] = ()  # folders of this machine in which campaigns without a folder may name media


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
    files: Files
    last: Mapping[str, str] | None


def plan_campaign(
    principal: Principal, context: PlanningContext, request: RunRequest, built: Document | None = None
) -> Planned:
    """The plan and the verdict on it. Raises Invalid for a bad campaign, naming every problem, and for one that is not there.

    `built` is the campaign where a program has built it; `request.file` is the program's then.
    """
    settings, catalog = context.settings, context.catalog
    with context.reader(principal.account) as reader:
        media = LibraryMedia(reader, context.media_path, settings.limits)
        source = _source(request, built, reader, media, context)
        loaded = source.load(
            operations=context.operations, placements=catalog.placements, names=partial(wrong_names, catalog)
        )
        feeds = source.feeds(loaded, request.feeds, settings.max_nodes)
        base = Path(request.inputs_from) if request.inputs_from else None
        inputs = located_inputs(loaded.campaign, request.inputs, base)
        files = source.files(_given(inputs, request, feeds))
        now = context.now()
        timed = loaded.campaign.policy.prefer == "fastest"
        since = looked_back_to(catalog.providers.values(), now)
        orders = reader.recent_orders(min(since, now - LOOKED_BACK) if timed else since, now)
        chooser = Chooser(
            catalog,
            loaded.campaign.policy,
            context.configured,
            now.date(),
            ailing=ailing_vendors(orders, catalog.providers, now),
            unsold=context.unsold,
            staying=steps_staying(orders, loaded.campaign.name),
            speeds=speeds_of(orders) if timed else {},
        )
        plan = compile_plan(
            loaded,
            Request(
                catalog=catalog,
                operations=context.operations,
                files=files,
                chooser=chooser,
                inputs=inputs,
                feeds=feeds,
                index=LibraryIndex(reader, context.has_media),
                max_nodes=settings.max_nodes,
                refresh=frozenset(request.refresh),
                any_seed=request.any_seed,
            ),
        )
        account = _account_facts(principal, context, reader, plan)
        last = _keys_of(reader.last_plan(plan.campaign))
    verdict = _signable(context, preflight(plan, account, catalog, chooser, loaded.positions))
    verdict = with_inputs_opened(verdict, plan, files, settings.limits, loaded.positions)
    verdict = _deliverable(settings, request, verdict)
    return Planned(request, loaded, plan, verdict, account, catalog, chooser, files, last)


def _source(
    request: RunRequest, built: Document | None, reader: PlanReader, media: LibraryMedia, context: PlanningContext
) -> CampaignSource:
    """Where the campaign comes from: a program, the file or stored document that the request names, or the text it carries."""
    settings = context.settings
    files = AllowedFiles(media, context.paths, settings.limits) if context.paths else None
    if built is not None:
        return BuiltSource(built, Path(request.file), settings.limits, library=media)
    if request.file:
        return FolderSource(Path(request.file), settings.limits, library=media)
    if request.yaml:
        return TextSource(f"{request.name}.yaml", request.yaml, media, files)
    found = reader.document(request.document)
    if found is None:
        raise no_document(request.document)
    return TextSource.of(StoredDocument(*found), media, files)


def _account_facts(principal: Principal, context: PlanningContext, reader: PlanReader, plan: Plan) -> AccountFacts:
    month = month_of(context.now())
    usage, budget = reader.month_usage(month), reader.month_budget()
    return AccountFacts(
        name=principal.account,
        available_micros=reader.balance(micros(context.settings.grant_credits)),
        plan=subscription_of(context.catalog, reader.subscription(context.settings.plan)),
        month_counts=usage.used,
        month_usd_micros=usage.used.get(USD, 0),
        held_counts=usage.held,
        held_usd_micros=usage.held.get(USD, 0),
        month=month,
        month_budget_micros=budget,
        month_spent_micros=0 if budget is None else reader.month_spent(month),
        campaign_spent_micros=0 if plan.budget_month is None else reader.month_spent(month, plan.campaign),
    )


def _given(inputs: Mapping[str, Any], request: RunRequest, feeds: Mapping[str, Feed]) -> Iterator[str]:
    """Every text that the caller brought: values of inputs, and the cells of feeds that stand in for the campaign's."""
    yield from texts_in(inputs)
    for name in request.feeds:
        yield from texts_in(row.values for row in feeds[name].rows)


def _keys_of(stored: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Node id -> key of a stored plan."""
    return None if stored is None else {node["id"]: node["key"] for node in stored["nodes"]}


def _deliverable(settings: Settings, request: RunRequest, verdict: Verdict) -> Verdict:
    """The verdict, refused as well where the files are to go into a bucket and nobody says on which server."""
    if not request.out.startswith(SCHEME) or settings.store_endpoint:
        return verdict
    problem = Problem(
        "delivery", f"{request.out} is in a bucket, and no server is named", "set PRESSROOM_STORE_ENDPOINT and its keys"
    )
    return replace(verdict, allowed=False, problems=(*verdict.problems, problem))


def _signable(context: PlanningContext, verdict: Verdict) -> Verdict:
    """The verdict, refused as well where the configured certificate cannot sign what would be made."""
    try:
        context.check_signing()
    except Refused as exc:
        return replace(verdict, allowed=False, problems=(*verdict.problems, Problem("signing", exc.message, exc.hint)))
    return verdict
