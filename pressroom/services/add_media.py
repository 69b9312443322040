"""Bring a file or a URL into an account's library, so that campaigns may name it: `asset:ID`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pressroom.campaign.feed import parse_feed
from pressroom.campaign.paths import FONT_SUFFIXES
from pressroom.domain.errors import Corrupt, Invalid
from pressroom.domain.identity import Principal
from pressroom.domain.media import FEED_MIMES, FONT_MIME, UNKNOWN_MIME, Asset, Kind, MediaInfo
from pressroom.domain.money import micros
from pressroom.domain.web_address import WebAddress
from pressroom.ledger.accounts import ensure_account
from pressroom.library.assets import add_asset, get_asset, input_asset, input_id
from pressroom.library.auto_tags import put_auto_tags, said_by_rules
from pressroom.library.contents import content_in, keep_content
from pressroom.library.fetched import remember_fetched
from pressroom.library.fingerprinting import new_looks
from pressroom.library.similar import remember
from pressroom.media.typography.fonts import load_user_font
from pressroom.services.context import Context
from pressroom.sources.feeds import READ_BYTES


@dataclass(frozen=True, slots=True)
class _Brought:
    path: Path
    title: str
    url: str = ""


def add_file(principal: Principal, context: Context, path: Path) -> Asset:
    """File a picture, a video, a sound, a text, a font or a feed. Raises Invalid or Corrupt for what cannot be used."""
    if not path.is_file():
        raise Invalid(f"there is no file {path}", hint="check the path")
    return _add(principal, context, _Brought(path, path.name))


def add_url(principal: Principal, context: Context, url: str) -> Asset:
    """Fetch a URL through the guarded downloader and file it; from now on the URL stands for this asset."""
    address = WebAddress.of(url)
    with TemporaryDirectory(prefix="pressroom-") as folder:
        target = Path(folder) / "fetched"
        context.downloader.fetch(url, target)
        return _add(principal, context, _Brought(target, address.file_name, address.url))


def _add(principal: Principal, context: Context, brought: _Brought) -> Asset:
    info = _described(context, brought)
    sha256 = context.store.put(brought.path, info.mime or UNKNOWN_MIME)
    settings = context.settings
    with context.database.write() as conn:
        account_id = ensure_account(conn, principal.account, micros(settings.grant_credits), settings.plan)
    shown = [(sha256, brought.path, info)]
    looks = new_looks(context.database, account_id, shown, settings.limits, context.ffmpeg)
    tags, content = said_by_rules(brought.path, info, settings.limits), content_in(brought.path, info)
    with context.database.write() as conn:
        asset_id = input_id(conn, account_id, sha256)
        new = input_asset(asset_id, sha256, brought.title, info, context.now(), principal.user)
        if add_asset(conn, account_id, new):
            put_auto_tags(conn, account_id, new, tags)
            if content is not None:
                keep_content(conn, account_id, asset_id, content)
        for name, look in looks.items():
            remember(conn, account_id, name, look)
        if brought.url:
            remember_fetched(conn, account_id, brought.url, asset_id, context.now())
        return get_asset(conn, account_id, asset_id)


def _described(context: Context, brought: _Brought) -> MediaInfo:
    """What the file is. Feeds, fonts and texts are known by their names, everything else by its bytes."""
    from pressroom.media.files.probe import TEXT_MIMES, inspect, inspect_text  # pixel libraries load slowly

    suffix = brought.path.suffix.lower()
    if suffix in FEED_MIMES:
        with brought.path.open("rb") as file:
            feed = parse_feed(file.read(READ_BYTES), brought.title, "row", context.settings.max_nodes)
        fatal = [problem for problem in feed.problems if problem.fatal]
        if fatal:
            raise Invalid.of(fatal)
        return MediaInfo(Kind.TEXT, FEED_MIMES[suffix], size_bytes=brought.path.stat().st_size)
    if suffix in FONT_SUFFIXES:
        load_user_font(brought.path)
        return MediaInfo(Kind.TEXT, FONT_MIME, size_bytes=brought.path.stat().st_size)
    try:
        if suffix in TEXT_MIMES:
            return inspect_text(brought.path)
        return inspect(brought.path, context.settings.limits)
    except Corrupt as exc:
        raise Corrupt(exc.message.replace(brought.path.name, brought.title), hint=exc.hint) from exc
