"""The composition root: the one place that builds adapters from settings.

Imports sit inside the functions because a plan must be on the screen in half a second: it needs no database engine, no
object store and no image library until a file has to be looked at.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressroom.domain.errors import Invalid, Problem, Refused
from pressroom.settings import Settings

if TYPE_CHECKING:
    from pressroom.campaign.load import Loaded
    from pressroom.catalog.load import Catalog
    from pressroom.database.engine import Database
    from pressroom.planning.offers import Chooser
    from pressroom.planning.plan import Plan, Verdict
    from pressroom.planning.preflight import AccountFacts
    from pressroom.provenance.base import Provenance
    from pressroom.provenance.certificates import Certificate
    from pressroom.providers.base import Provider
    from pressroom.services.context import Context
    from pressroom.services.run_request import RunRequest
    from pressroom.sources.local_files import LocalFiles
    from pressroom.storage.base import ObjectStore


@dataclass(frozen=True)
class Planned:
    """A compiled campaign with everything that explains it."""

    loaded: Loaded
    plan: Plan
    verdict: Verdict
    account: AccountFacts
    catalog: Catalog
    chooser: Chooser
    files: LocalFiles
    feeds: Mapping[str, str]
    last: Mapping[str, str] | None


def make_plan(settings: Settings, request: RunRequest) -> Planned:
    """Load, compile and pre-flight a campaign. Makes no request and writes nothing. Raises Invalid for a bad document."""
    from pressroom.campaign.load import load_campaign
    from pressroom.database.plan_reader import PeekIndex, peek_for
    from pressroom.domain.money import micros
    from pressroom.operations import OPERATIONS
    from pressroom.planning.compile import Request, compile_plan
    from pressroom.planning.inputs import located_inputs
    from pressroom.planning.offers import Chooser, configured_providers
    from pressroom.planning.preflight import AccountFacts, preflight
    from pressroom.sources.local_files import LocalFiles

    catalog = catalog_for(settings)
    loaded = load_campaign(Path(request.file), placements=catalog.placements)
    files = LocalFiles(loaded.folder, settings.limits, settings.ffmpeg)
    feed_files, feeds = _feeds(settings, loaded, request)
    chooser = Chooser(catalog, loaded.campaign.policy, configured_providers(catalog))
    inputs = located_inputs(loaded.campaign, request.inputs, Path(request.inputs_from) if request.inputs_from else None)
    with peek_for(settings.url) as peek:
        plan = compile_plan(
            loaded,
            Request(
                catalog=catalog,
                operations=OPERATIONS,
                files=files,
                chooser=chooser,
                inputs=inputs,
                feeds=feeds,
                index=PeekIndex(peek, _local_media(settings)),
                max_nodes=settings.max_nodes,
                refresh=frozenset(request.refresh),
            ),
        )
        usage = peek.month_usage(settings.account, f"{datetime.now(UTC):%Y-%m}")
        account = AccountFacts(
            name=settings.account,
            available_micros=peek.balance(settings.account, micros(settings.grant_credits)),
            plan=_subscription(settings, catalog),
            month_counts=_metered(usage.bought),
            month_usd_micros=usage.usd_micros,
        )
        last = _keys_of(peek.last_plan(plan.campaign))
    verdict = _signable(settings, preflight(plan, account, catalog, chooser))
    return Planned(loaded, plan, verdict, account, catalog, chooser, files, feed_files, last)


def _signable(settings: Settings, verdict: Verdict) -> Verdict:
    """The verdict, refused as well where the configured certificate cannot sign what would be made."""
    if settings.provenance == "off" or not _configured_to_sign(settings):
        return verdict
    try:
        signing_certificate(settings)
    except Refused as exc:
        return replace(verdict, allowed=False, problems=(*verdict.problems, Problem("signing", exc.message, exc.hint)))
    return verdict


def _configured_to_sign(settings: Settings) -> bool:
    return bool(settings.signing_certificate or settings.signing_key or settings.signing_key_pem.get_secret_value())


def _local_media(settings: Settings) -> Callable[[str], bool] | None:
    """Whether media is in the store, where that is a folder; asking a bucket would be a request."""
    return None if settings.store.startswith("s3://") else open_store(settings).has


def _feeds(settings: Settings, loaded: Loaded, request: RunRequest) -> tuple[dict[str, str], dict[str, Any]]:
    """Each dimension's feed file, and its rows; what the caller passed stands in for the campaign's own."""
    from pressroom.campaign.feed import read_feed

    named: dict[str, str] = {}
    for step in loaded.campaign.steps.values():
        for dimension, path in step.feed.items():
            named.setdefault(dimension, str(loaded.folder / path))
    unknown = [dimension for dimension in request.feeds if dimension not in named]
    if unknown:
        hint = f"feeds: {', '.join(named) or 'none'}"
        raise Invalid.of([Problem("unknown_feed", f"no step has a feed {unknown[0]!r}", hint, loaded.file)])
    named |= request.feeds
    return named, {dimension: read_feed(Path(path), dimension, settings.max_nodes) for dimension, path in named.items()}


def _metered(made: Mapping[str, int]) -> dict[str, int]:
    """Purchases by operation -> by metered family."""
    from pressroom.catalog.models import metered_family
    from pressroom.operations import OPERATIONS

    found: dict[str, int] = {}
    for name, count in made.items():
        if name in OPERATIONS:
            family = metered_family(name, OPERATIONS[name].makes)
            found[family] = found.get(family, 0) + count
    return found


def _keys_of(stored: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Node id -> key of a stored plan."""
    return None if stored is None else {node["id"]: node["key"] for node in stored["nodes"]}


def _subscription(settings: Settings, catalog: Catalog) -> Any:
    plan = catalog.plans.get(settings.plan)
    if plan is None:
        message = f"setting 'plan': {settings.plan!r} is no subscription plan"
        raise Invalid.of([Problem("setting", message, f"plans: {', '.join(catalog.plans)}")])
    return plan


def catalog_for(settings: Settings) -> Catalog:
    from pressroom.catalog.load import load_catalog

    return load_catalog(Path(settings.catalog).expanduser().resolve() if settings.catalog else None)


@lru_cache(maxsize=8)
def open_context(settings: Settings) -> Context:
    """Adapters for these settings, opened once in a process."""
    from pressroom.media.video import ffmpeg_program
    from pressroom.operations import OPERATIONS
    from pressroom.services.context import Context

    settings.home.mkdir(parents=True, exist_ok=True)
    return Context(
        settings=settings,
        database=open_database(settings),
        store=open_store(settings),
        providers=open_providers(settings),
        catalog=catalog_for(settings),
        operations=OPERATIONS,
        ffmpeg=ffmpeg_program(settings.ffmpeg),
        provenance=open_provenance(settings),
        now=lambda: datetime.now(UTC),
    )


def open_database(settings: Settings) -> Database:
    from pressroom.database.engine import Database

    return Database.open(settings.url)


def open_store(settings: Settings) -> ObjectStore:
    """The folder or bucket that `settings.store` names."""
    if settings.store.startswith("s3://"):
        from pressroom.storage.s3 import S3Store

        return S3Store(
            settings.store.removeprefix("s3://").strip("/"),
            endpoint=settings.store_endpoint,
            access_key=settings.store_access_key.get_secret_value(),
            secret_key=settings.store_secret_key.get_secret_value(),
            region=settings.store_region,
        )
    from pressroom.storage.local import LocalStore

    return LocalStore(Path(settings.store).expanduser() if settings.store else settings.home / "media")


def open_providers(settings: Settings) -> dict[str, Provider]:
    """Every provider, by name: the visible list."""
    from pressroom.operations import OPERATIONS
    from pressroom.providers.local import LocalProvider
    from pressroom.providers.simulated import FAULTS, SimulatedVendor

    faults = frozenset(name.strip() for name in settings.simulated_faults.split(",") if name.strip())
    if faults - set(FAULTS):
        message = f"setting 'simulated_faults': {', '.join(sorted(faults - set(FAULTS)))} is unknown"
        raise Invalid.of([Problem("setting", message, f"faults: {', '.join(FAULTS)}")])
    providers: tuple[Provider, ...] = (
        LocalProvider(OPERATIONS),
        SimulatedVendor(
            settings.home / "simulated",
            OPERATIONS,
            latency_seconds=settings.simulated_latency_seconds,
            faults=faults,
        ),
    )
    return {provider.name: provider for provider in providers}


def open_provenance(settings: Settings) -> Provenance:
    """What tells in files where they come from; the certificate is looked for when it is first needed."""
    if settings.provenance == "off":
        from pressroom.provenance.unsigned import NoProvenance

        return NoProvenance()
    from pressroom.provenance.signer import C2paSigner

    return C2paSigner(lambda: signing_certificate(settings))


def signing_certificate(settings: Settings) -> Certificate:
    """The configured certificate, or this home's development one. Raises Refused for one that cannot sign."""
    from pressroom.provenance import certificates

    now = datetime.now(UTC)
    if not _configured_to_sign(settings):
        return certificates.development(settings.home / "signing", now=now)
    if not settings.signing_certificate:
        hint = "name the certificate, or unset the key to sign with a development one"
        raise Refused("a signing key is set, but no 'signing_certificate'", hint=hint)
    path = Path(settings.signing_key) if settings.signing_key else None
    key = certificates.key_text(path, settings.signing_key_pem.get_secret_value())
    return certificates.load(Path(settings.signing_certificate), key, now=now)


def free_disk_bytes(settings: Settings) -> int:
    folder = settings.home
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
