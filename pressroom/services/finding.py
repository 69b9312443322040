"""Finding assets as a person, a program or an agent asks for them. Each use case sees the principal's account only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.identity import Principal, Scope
from pressroom.domain.suggest import did_you_mean
from pressroom.ledger.accounts import account_id_of
from pressroom.library import saved_searches as kept
from pressroom.library.assets import accounts_with, get_asset
from pressroom.library.fingerprinting import catch_up
from pressroom.library.mirror import MOST_ROWS, WORTH_A_FILE
from pressroom.library.saved_searches import SavedSearch
from pressroom.library.search import Asked, Filter, Found, Query, find
from pressroom.library.search_filter import several
from pressroom.library.search_words import LISTS, query_of
from pressroom.library.similar import Match, Words, fingerprints, likeness
from pressroom.services.context import Context
from pressroom.services.library import file_media, looks_of_media, opened_media

if TYPE_CHECKING:
    from pressroom.media.files.fingerprint import Fingerprint

CAUGHT_UP_AT_ONCE: Final = 100  # of those not looked at yet, before each search
_MOST_ALIKE: Final = 500
# What to say of a filter with a value that no asset has.
_NAMED: Final[Mapping[str, str]] = {
    "campaign": "is of a campaign",
    "tag": "has the tag",
    "project": "is of a project",
    "folder": "is in a folder",
    "step": "is of a step",
    "run": "is of a run",
    "creator": "was filed by",
}


def search_assets(
    principal: Principal, context: Context, query: Query | None = None, picture: Path | None = None
) -> Found:
    """One page of the account's assets that fit; with `picture`, a file of this machine, only what resembles it.

    Raises Invalid for a search without words, a cursor of another search, a picture that shows nothing, and for a campaign,
    tag, project, folder or step that there is none of.
    """
    principal.require(Scope.ASSETS_READ)
    query = query or Query()
    check_filter(context, query.which)
    query = replace(query, which=replace(query.which, member=principal.user))
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
    looks, own = _looks(principal, context, account_id, query.like, picture)
    with context.database.read() as conn:
        tiers = {name: model.tier for name, model in context.catalog.models.items()}

        def alike(among: Words | None) -> dict[str, Match]:
            found = likeness(conn, account_id, looks, context.sketches, _MOST_ALIKE, among)
            return {name: match for name, match in found.items() if name != own}

        page = find(conn, account_id, query, context.mirror, Asked(alike if looks else None, tiers))
    if page.unknown and not page.suggestion:
        said = [Problem("usage", f"no asset {_NAMED[name]} {value!r}", hint) for name, value, hint in page.unknown]
        raise Invalid.of(said)
    return page


def check_filter(context: Context, which: Filter) -> None:
    """Raises Invalid for what is no kind, category, state, ..., and for a tier or a platform that the catalog has not."""
    platforms = dict.fromkeys(placement.platform for placement in context.catalog.placements.values())
    known: dict[str, Collection[str]] = {"tier": context.catalog.tiers, "platform": platforms}
    known |= {name: words for name, words in LISTS.items() if name in Filter.__dataclass_fields__}
    wrong = [
        Problem("usage", f"{value!r} is no {name}", did_you_mean(value, names))
        for name, names in known.items()
        for value in several(getattr(which, name))
        if value not in names
    ]
    if wrong:
        raise Invalid.of(wrong)


def _looks(
    principal: Principal, context: Context, account_id: int, like: str | None, picture: Path | None
) -> tuple[list[Fingerprint], str]:
    """What is asked to be resembled, and the file that is not to be found by it. Nothing where there is no such wish."""
    if like is None and picture is None:
        return [], ""
    tools = context.database, account_id, context.store, context.settings.limits, context.ffmpeg, context.sketches
    catch_up(*tools, most=CAUGHT_UP_AT_ONCE)
    if picture is not None:
        return looks_of_media(context, file_media(picture)), ""
    with context.database.read() as conn:
        asset = get_asset(conn, account_id, like or "")
        known = fingerprints(conn, account_id, [asset.sha256]).get(asset.sha256)
    if known is not None and any(known.vector):
        from pressroom.media.files.fingerprint import mirrored

        return [known, mirrored(known)], asset.sha256
    with opened_media(principal, context, asset.id) as media:
        return looks_of_media(context, media), asset.sha256


def read_libraries(context: Context) -> None:
    """Have what searches of the large libraries of this home need in memory: else whoever searches first waits for it."""
    with context.database.read() as conn:
        large = accounts_with(conn, WORTH_A_FILE)
    room = MOST_ROWS
    for account_id, count in large:
        room -= count
        if room < 0:
            return
        for cache in (context.mirror, context.sketches):
            with context.database.read() as conn:
                cache.read(conn, account_id)


def save_search(principal: Principal, context: Context, name: str, given: Sequence[tuple[str, str]]) -> None:
    """Keep a search under a name, for who asks. Raises Invalid where it is none, and for a name that is taken."""
    principal.require(Scope.ASSETS_READ)
    query_of(given)
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        kept.save_search(conn, account_id, principal.user, name, tuple(given))


def saved_searches(principal: Principal, context: Context) -> tuple[SavedSearch, ...]:
    """Those of who asks, by name."""
    principal.require(Scope.ASSETS_READ)
    with context.database.read() as conn:
        return kept.saved_searches(conn, account_id_of(conn, principal.account), principal.user)


def saved_search(principal: Principal, context: Context, name: str) -> SavedSearch:
    """Raises Invalid when who asks has none of this name."""
    principal.require(Scope.ASSETS_READ)
    with context.database.read() as conn:
        return kept.get_saved_search(conn, account_id_of(conn, principal.account), principal.user, name)


def rename_saved_search(principal: Principal, context: Context, name: str, new: str) -> None:
    """Raises Invalid when who asks has none of this name, and for a new one that is empty, overlong or taken."""
    principal.require(Scope.ASSETS_READ)
    with context.database.write() as conn:
        kept.rename_saved_search(conn, account_id_of(conn, principal.account), principal.user, name, new)


def delete_saved_search(principal: Principal, context: Context, name: str) -> None:
    """Raises Invalid when who asks has none of this name."""
    principal.require(Scope.ASSETS_READ)
    with context.database.write() as conn:
        kept.delete_saved_search(conn, account_id_of(conn, principal.account), principal.user, name)
