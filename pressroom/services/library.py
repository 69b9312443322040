"""The library as a person uses it: find, show, trace, compare. Each use case sees the principal's account only."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pressroom.delivery.names import fitted
from pressroom.domain.errors import Invalid, Problem, Refused
from pressroom.domain.identity import Principal, Scope
from pressroom.domain.library import Right
from pressroom.domain.media import Asset, Kind, type_of_mime
from pressroom.ledger.accounts import account_id_of
from pressroom.library.assets import assets_by_id, get_asset
from pressroom.library.fingerprinting import catch_up
from pressroom.library.lineage import MAX_ASSETS, Lineage, lineage
from pressroom.library.similar import Answer, similar
from pressroom.services.access import Visitor
from pressroom.services.context import Context
from pressroom.services.shared_assets import see_asset
from pressroom.storage.base import LinkingStore

if TYPE_CHECKING:
    from pressroom.media.files.fingerprint import Fingerprint

CAUGHT_UP_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Media:
    """A file on this machine, what it is, and what to call it."""

    path: Path
    mime: str
    label: str


@dataclass(frozen=True, slots=True)
class Alike:
    """What resembles a picture. `waiting` pictures of the library have not been looked at yet."""

    label: str
    answer: Answer
    waiting: int


def show_asset(who: Principal | Visitor, context: Context, name: str, right: Right = Right.VIEW) -> Asset:
    """The asset of this id or SHA-256, or of its beginning; of another account where it is shared. Raises as `see_asset`."""
    return see_asset(who, context, name, right).asset


def assets_named(principal: Principal, context: Context, names: Iterable[str]) -> Mapping[str, Asset]:
    """The account's own assets of these ids, those that are there."""
    principal.require(Scope.ASSETS_READ)
    with context.database.read() as conn:
        return assets_by_id(conn, account_id_of(conn, principal.account), list(names))


def link_to_asset(principal: Principal, context: Context, name: str, seconds: int | None = None) -> str:
    """An address from which anybody may fetch the asset's file, for so long (default: the settings' `link_seconds`).

    Raises Invalid as `show_asset`, Refused where the store is a folder.
    """
    found = show_asset(principal, context, name, Right.USE)
    if not isinstance(context.store, LinkingStore):
        raise Refused("the store is a folder, and its files have no address", hint="set PRESSROOM_STORE to s3://BUCKET")
    return context.store.link(found.sha256, context.settings.link_seconds if seconds is None else seconds)


def address_of(context: Context, asset: Asset) -> str:
    """An address of its file that opens for a while; empty where the store is a folder. Whoever calls has checked the right."""
    return _link(context, asset.sha256)


def _link(context: Context, sha256: str) -> str:
    return context.store.link(sha256, context.settings.link_seconds) if isinstance(context.store, LinkingStore) else ""


def page_of(context: Context, asset_id: str, sha256: str) -> str:
    """An address that shows the file: its page on the web server, else the file itself in the store; empty for neither."""
    public = context.settings.public_url
    return f"{public}/assets/{asset_id}" if public else _link(context, sha256)


def run_page_of(context: Context, run_id: str) -> str:
    """The address of the run's page on the web server; empty where nobody says where that is reached."""
    public = context.settings.public_url
    return f"{public}/runs/{run_id}" if public else ""


def links_to(context: Context, summary: Mapping[str, Any]) -> dict[str, str]:
    """Asset id -> address that shows it, for the assets of a run's summary that have one. Makes no request."""
    assets = [asset for node in summary["nodes"] for asset in node["assets"]]
    found = {asset["id"]: page_of(context, asset["id"], asset["sha256"]) for asset in assets}
    return {asset_id: address for asset_id, address in found.items() if address}


def trace_asset(principal: Principal, context: Context, name: str, *, most: int = MAX_ASSETS) -> tuple[Asset, Lineage]:
    """The asset, what it was made from, and what was made from it: the nearest ones, at most so many of each."""
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        asset = get_asset(conn, account_id, name)
        return asset, lineage(conn, account_id, asset.id, max_assets=most)


def find_similar(principal: Principal, context: Context, name: str, *, limit: int = 20, family: bool = False) -> Alike:
    """The account's pictures that are nearly the same as an asset or a file; with `family` also its relatives."""
    limits = context.settings.limits
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
    tools = context.database, account_id, context.store, limits, context.ffmpeg, context.sketches
    waiting = catch_up(*tools, most=CAUGHT_UP_AT_ONCE)
    with opened_media(principal, context, name) as media:
        asked = looks_of_media(context, media)
    with context.database.read() as conn:
        of = None if Path(name).is_file() else get_asset(conn, account_id, name)
        answer = similar(conn, account_id, asked, context.sketches, of=of, limit=limit, family=family)
        return Alike(media.label, answer, waiting)


def looks_of_media(context: Context, media: Media) -> list[Fingerprint]:
    """What a search by a picture asks for. Raises Invalid for what shows none."""
    from pressroom.media.files.fingerprint import variants
    from pressroom.media.files.probe import probe

    limits, sort = context.settings.limits, type_of_mime(media.mime)
    seconds = probe(media.path, limits, context.ffmpeg).duration_seconds
    found = variants(media.path, sort.kind if sort else Kind.IMAGE, limits, context.ffmpeg, seconds)
    if not found:
        raise Invalid.of([Problem("usage", f"{media.label} shows no picture", "name a picture or a video")])
    return found


@contextmanager
def opened_media(who: Principal | Visitor, context: Context, name: str, right: Right = Right.USE) -> Iterator[Media]:
    """An asset's file, for whoever has this right to it, fetched from the store where that is no folder here.

    Raises Invalid when it is not to be had. For whoever runs this installation `name` may be a file on its machine as well: an
    entry point for others checks that before.
    """
    if isinstance(who, Principal) and who.operates and Path(name).is_file():
        yield file_media(Path(name))
        return
    asset = show_asset(who, context, name, right)
    with tempfile.TemporaryDirectory(prefix="pressroom-") as folder:
        # Under the name that its owner knows, which is the one that messages say.
        local = Path(folder) / known_name(asset)
        if (stored := context.store.local_path(asset.sha256)) is not None:
            local.symlink_to(stored)
        else:
            _fetch(context, asset, local)
        yield Media(local, asset.mime, asset.id)


def file_media(path: Path) -> Media:
    """A file of the user's, told by its content: a name proves nothing. Raises Invalid for what is no media."""
    from pressroom.media.files.sniff import sniff_file

    found = sniff_file(path)
    if found is None:
        message = f"{path} is no media file that Pressroom knows"
        raise Invalid.of([Problem("usage", message, "name a picture, a video or a sound")])
    return Media(path, found.mime, str(path))


def known_name(asset: Asset) -> str:
    """The name under which its owner knows an asset's file."""
    name = asset.title.replace("/", "-").strip(". ")
    return fitted(name or asset.id)


def _fetch(context: Context, asset: Asset, target: Path) -> None:
    try:
        context.store.get(asset.sha256, target)
    except KeyError as exc:
        message = f"the media of {asset.id} ({target.name}) is no longer in the store"
        raise Invalid.of([Problem("usage", message, "run its campaign again")]) from exc
