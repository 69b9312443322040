"""The composition root: the one place that builds adapters from settings.

Imports sit inside the functions because a plan must be on the screen in half a second: it needs no database engine, no
object store and no image library until a file has to be looked at.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressroom.domain.bucket import SCHEME
from pressroom.domain.errors import Invalid, PressroomError, Problem, Refused
from pressroom.settings import Settings, settings_for

MAX_IDENTITY_BYTES = 1_000_000  # of an answer of an identity provider

if TYPE_CHECKING:
    from pressroom.catalog.load import Catalog
    from pressroom.database.engine import Database
    from pressroom.keys.sealing import Sealer
    from pressroom.keys.vendor_keys import Keys
    from pressroom.oidc.provider import IdentityProvider
    from pressroom.provenance.base import Provenance
    from pressroom.provenance.certificates import Certificate
    from pressroom.providers.base import Vendor
    from pressroom.providers.download import Downloader
    from pressroom.providers.post import Poster
    from pressroom.providers.registry import Shop
    from pressroom.services.context import Context
    from pressroom.services.plan_campaign import PlanningContext
    from pressroom.services.providers import ProvidersContext
    from pressroom.simulator.faults import Faults
    from pressroom.simulator.world import World
    from pressroom.storage.base import FileBucket, ObjectStore
    from pressroom.watching.channel import Channel


def open_planning(settings: Settings, keys: Keys | None = None) -> PlanningContext:
    """What planning needs: no database engine, no object store, no image library until a file has to be looked at.

    `keys` are the vendors', where others than this process and the home have count.
    """
    from pressroom.database.plan_reader import plan_reader_for
    from pressroom.operations import OPERATIONS
    from pressroom.planning.offers import configured_providers
    from pressroom.providers.registry import VENDORS
    from pressroom.services.fetch_inputs import fetched_feed
    from pressroom.services.plan_campaign import PlanningContext

    catalog = catalog_for(settings)
    return PlanningContext(
        settings=settings,
        catalog=catalog,
        configured=configured_providers(catalog, (keys or keys_for(settings)).known(catalog)),
        operations=OPERATIONS,
        reader=lambda account: plan_reader_for(settings.url, account),
        # Asking a bucket would be a request.
        has_media=None if settings.store.startswith(SCHEME) else open_store(settings).has,
        media_path=(
            partial(fetched_feed, settings.home)
            if settings.store.startswith(SCHEME)
            else open_store(settings).local_path
        ),
        check_signing=lambda: _check_signing(settings),
        now=lambda: datetime.now(UTC),
        unsold=frozenset(row.name for row in catalog.providers.values() if row.sells) - VENDORS.keys(),
    )


def keys_for(settings: Settings, environ: Mapping[str, str] = os.environ) -> Keys:
    """Vendors' keys for work in this home."""
    from pressroom.keys.vendor_keys import Keys

    return Keys(environ, settings.home)


def secrets_of_vendors(folder: Path) -> tuple[str, ...]:
    """Every vendor's key that this process could show; none where settings, catalog or folder are wrong: nobody has read one."""
    try:
        settings = settings_for(folder)
        return keys_for(settings).secrets(catalog_for(settings))
    except (PressroomError, OSError):
        return ()


def open_providers(settings: Settings) -> ProvidersContext:
    """What setting up vendors needs: neither the database engine nor a store."""
    from pressroom.database.plan_reader import plan_reader_for
    from pressroom.providers.registry import open_vendor
    from pressroom.services.providers import ProvidersContext

    catalog = catalog_for(settings)
    return ProvidersContext(
        catalog=catalog,
        keys=keys_for(settings),
        open_vendor=lambda name, keys: open_vendor(name, _shop(settings, catalog, settings.ffmpeg, keys)),
        reader=lambda account: plan_reader_for(settings.url, account),
        now=lambda: datetime.now(UTC),
    )


def _check_signing(settings: Settings) -> None:
    """Raises Refused where a certificate is configured that cannot sign; a development one is made when it is needed."""
    if settings.provenance != "off" and _configured_to_sign(settings):
        signing_certificate(settings)


def _configured_to_sign(settings: Settings) -> bool:
    return bool(settings.signing_certificate or settings.signing_key or settings.signing_key_pem.get_secret_value())


def catalog_for(settings: Settings) -> Catalog:
    return _catalog(settings.catalog, settings.requests_per_minute, settings.jobs_at_once)


@lru_cache(maxsize=8)
def _catalog(extra: str, requests_per_minute: str, jobs_at_once: str) -> Catalog:
    from pressroom.catalog.allowed import with_allowed
    from pressroom.catalog.load import load_catalog

    catalog = load_catalog(Path(extra) if extra else None)
    return with_allowed(catalog, {"requests_per_minute": requests_per_minute, "jobs_at_once": jobs_at_once})


@lru_cache(maxsize=8)
def open_context(settings: Settings, keys: Keys | None = None) -> Context:
    """Adapters for these settings, opened once in a process; `keys` as for `open_planning`."""
    from pressroom.buying.inbox import receive
    from pressroom.media.files.ffmpeg import ffmpeg_program
    from pressroom.operations import OPERATIONS
    from pressroom.providers.registry import listen
    from pressroom.services.context import Context

    settings.home.mkdir(parents=True, exist_ok=True)
    catalog, ffmpeg = catalog_for(settings), ffmpeg_program(settings.ffmpeg)
    keys = keys or keys_for(settings)
    database = open_database(settings)
    context = Context(
        settings=settings,
        database=database,
        store=open_store(settings),
        vendors=open_vendors(settings, catalog, ffmpeg, keys),
        catalog=catalog,
        operations=OPERATIONS,
        ffmpeg=ffmpeg,
        provenance=open_provenance(settings),
        keys=keys,
        make_downloader=partial(open_downloader, settings, hosts_allowed(settings)),
        make_poster=partial(open_poster, hosts_allowed(settings)),
        sealer=open_sealer(settings, keys),
        open_files=partial(open_files, settings),
        now=lambda: datetime.now(UTC),
        events=open_channel(settings, database),
    )
    listen(context.vendors, partial(receive, context.market))
    return context


def open_channel(settings: Settings, database: Database) -> Channel:
    """The channel of events: on record, in a log, as telemetry where it is on. Raises Invalid where that is not installed."""
    from pressroom.watching.channel import Channel
    from pressroom.watching.event_log import EventLog
    from pressroom.watching.logs import log, write_log

    channel = Channel([EventLog(database)])
    if settings.log != "off":
        write_log(settings.log)
        channel.subscribe(log)
    if settings.telemetry:
        try:
            from pressroom.watching.telemetry import open_telemetry
        except ImportError as exc:
            problem = Problem("setting", f"setting 'telemetry': {exc}", "pip install 'pressroom[otel]'")
            raise Invalid.of([problem]) from exc
        channel.subscribe(open_telemetry(partial(_queue_age, database)))
    return channel


def _queue_age(database: Database) -> float:
    """For how many seconds the oldest order has waited to leave for its vendor."""
    from pressroom.buying.journal import oldest_unsent

    with database.read() as conn:
        since = oldest_unsent(conn)
    return 0.0 if since is None else (datetime.now(UTC) - since).total_seconds()


def hosts_allowed(settings: Settings) -> frozenset[str]:
    """The private hosts that this operator allows. Raises Invalid for what is not HOST:PORT."""
    hosts = frozenset(name.strip().lower() for name in settings.private_hosts.split(",") if name.strip())
    wrong = sorted(host for host in hosts if not re.fullmatch(r"(?:[a-z0-9._-]+|\[[0-9a-f:.]+\]):[0-9]{1,5}", host))
    if wrong:
        message = f"setting 'private_hosts': {wrong[0]!r} is not HOST:PORT"
        raise Invalid.of([Problem("setting", message, "e.g. media.example.internal:443,127.0.0.1:9001")])
    return hosts


def open_identity_provider(settings: Settings) -> IdentityProvider | None:
    """By whom people sign in; None where they have passwords alone. Raises Invalid for settings that do not go together."""
    if not settings.oidc_issuer:
        return None
    wanted = {"oidc_client_id": settings.oidc_client_id}
    if settings.oidc_account:
        wanted["oidc_domains"] = settings.oidc_domains
    for name, value in wanted.items():
        if not value.strip():
            with_it = "oidc_issuer" if name == "oidc_client_id" else "oidc_account"
            raise Invalid.of([Problem("setting", f"setting {name!r} is empty", f"{with_it!r} needs it")])
    try:
        from pressroom.oidc.provider import Client, IdentityProvider
    except ImportError as exc:
        problem = Problem("setting", f"setting 'oidc_issuer': {exc}", "pip install 'pressroom[oidc]'")
        raise Invalid.of([problem]) from exc
    from pressroom.domain.web_address import WebAddress
    from pressroom.providers.guard import Guard
    from pressroom.providers.http.client import ApiClient

    hosts = hosts_allowed(settings)
    client = Client(settings.oidc_client_id, settings.oidc_client_secret.get_secret_value())
    api = ApiClient(WebAddress.of(settings.oidc_issuer, hosts), Guard(hosts), max_answer_bytes=MAX_IDENTITY_BYTES)
    return IdentityProvider(settings.oidc_issuer, settings.oidc_name, client, partial(api.send, key_headers={}))


def open_downloader(settings: Settings, hosts: frozenset[str]) -> Downloader:
    """The guarded downloader, which may go to these private hosts."""
    from pressroom.providers.download import Downloader
    from pressroom.providers.guard import Guard

    return Downloader(max_bytes=settings.limits.max_bytes, seconds=settings.download_seconds, guard=Guard(hosts))


def open_poster(hosts: frozenset[str]) -> Poster:
    """The guarded sender, which may send to these private hosts."""
    from pressroom.providers.guard import Guard
    from pressroom.providers.post import Poster
    from pressroom.webhooks.rules import rules

    return Poster(seconds=rules().answer_seconds, guard=Guard(hosts))


def open_sealer(settings: Settings, keys: Keys) -> Sealer:
    """What seals the secrets that the database keeps."""
    from pressroom.keys.sealing import Sealer, keys_of_home

    return Sealer(lambda: keys_of_home(settings.sealing_key, keys.kept))


def open_database(settings: Settings) -> Database:
    from pressroom.database.engine import Database

    return Database.open(settings.url, connections=settings.connections)


def open_store(settings: Settings) -> ObjectStore:
    """The folder or bucket that `settings.store` names."""
    if settings.store.startswith(SCHEME):
        from pressroom.storage.s3 import S3Store

        return S3Store(_bucket_of(settings), settings.store_endpoint, **_store_keys(settings))
    return open_folder(Path(settings.store) if settings.store else settings.home / "media")


def open_files(settings: Settings, bucket: str) -> FileBucket:
    """A bucket for deliveries, on the server that `store_endpoint` names, with the store's keys."""
    from pressroom.storage.s3_connection import S3Connection
    from pressroom.storage.s3_files import S3Files

    connection = S3Connection(bucket, settings.store_endpoint, **_store_keys(settings))
    return S3Files(connection, _bucket_of(settings) if settings.store.startswith(SCHEME) else None)


def _bucket_of(settings: Settings) -> str:
    return settings.store.removeprefix(SCHEME).strip("/")


def _store_keys(settings: Settings) -> dict[str, Any]:
    return {
        "access_key": settings.store_access_key.get_secret_value(),
        "secret_key": settings.store_secret_key.get_secret_value(),
        "region": settings.store_region,
    }


def open_folder(folder: Path) -> ObjectStore:
    """A store that is a folder, such as the objects of a backup."""
    from pressroom.storage.local import LocalStore

    return LocalStore(folder)


def open_vendors(settings: Settings, catalog: Catalog, ffmpeg: str, keys: Keys) -> dict[str, Vendor]:
    """Every vendor, by name; the list is in `pressroom.providers.registry`."""
    from pressroom.providers.registry import open_vendors

    return open_vendors(_shop(settings, catalog, ffmpeg, keys))


def _shop(settings: Settings, catalog: Catalog, ffmpeg: str, keys: Keys) -> Shop:
    """What vendors' adapters are built from."""
    from pressroom.operations import OPERATIONS
    from pressroom.providers.guard import Guard
    from pressroom.providers.registry import Shop

    hosts = hosts_allowed(settings)
    downloader = lru_cache(maxsize=1)(partial(open_downloader, settings, hosts))
    return Shop(settings, catalog, OPERATIONS, ffmpeg, Guard(hosts), downloader, keys.read)


def open_world(settings: Settings, folder: Path, faults: Faults, latency_seconds: float) -> World:
    """The simulated vendors, their files in `folder`; a job takes so many seconds."""
    from pressroom.media.files.ffmpeg import ffmpeg_program
    from pressroom.operations import OPERATIONS
    from pressroom.simulator.workshop import Workshop
    from pressroom.simulator.world import World

    ffmpeg = ffmpeg_program(settings.ffmpeg)
    workshop = Workshop(folder, catalog_for(settings), OPERATIONS, settings.limits, ffmpeg)
    return World(workshop, faults, latency_seconds)


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
