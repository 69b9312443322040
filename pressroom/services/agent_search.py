"""What agents may show of a library: found by a spoken question, opened by addresses that end.

An address is signed with what is kept of the token that asked: it opens for whom the token stands for, on any server, as long as
the token is good, and for an hour at most.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from pressroom.domain.errors import NotFound, Refused, refusal
from pressroom.domain.identity import READING, Principal, Scope
from pressroom.domain.library import AssetState, Right
from pressroom.domain.media import Asset, Kind
from pressroom.library.column_rows import is_generated
from pressroom.library.search import Filter, Found, Query
from pressroom.library.spoken import question_of
from pressroom.people import tokens
from pressroom.services.context import Context
from pressroom.services.finding import search_assets
from pressroom.services.library import show_asset
from pressroom.services.previews import has_preview

OPENS_FOR: Final = timedelta(hours=1)
MOST: Final = 20
_PLAYS: Final = (Kind.VIDEO, Kind.AUDIO)


@dataclass(frozen=True, slots=True)
class Address:
    """What an address says besides the asset: the token's beginning, until when it opens (seconds since 1970), its signature."""

    by: str
    until: int
    signature: str


@dataclass(frozen=True, slots=True)
class FoundForAgent:
    """An asset, whether a generative model took part in it, and how it is opened."""

    asset: Asset
    generated: bool
    address: Address

    def as_dict(self) -> dict[str, Any]:
        asset = self.asset
        return {
            "id": asset.id,
            "name": asset.name or asset.title or asset.filename or asset.id,
            "description": asset.description,
            "alt_text": asset.alt_text,
            "kind": asset.kind.value,
            "mime": asset.mime,
            "size_bytes": asset.size_bytes,
            "width": asset.width,
            "height": asset.height,
            "duration_seconds": asset.duration_seconds if asset.kind in _PLAYS else None,
            "origin": "generated" if self.generated else "photo" if asset.kind is Kind.IMAGE else "recorded",
            "has_thumbnail": has_preview(asset),
        }


def search_for_agents(principal: Principal, context: Context, question: str, limit: int) -> list[FoundForAgent]:
    """The ready assets that agents may see and that the question asks for, the nearest first; without one, the newest.

    Raises Refused for who has no token: addresses are signed with it.
    """
    principal.require(Scope.AGENT)
    # It sees what agents may, and nothing else of the library.
    looking = replace(principal, scopes=principal.scopes | {Scope.ASSETS_READ})
    asked = question_of(question)
    which = Filter(agent_visible=True, state=(AssetState.READY,), kind=(asked.kind,) if asked.kind else ())
    found = _first(looking, context, which, list(asked.searches()), limit)
    until = context.now() + OPENS_FOR
    return [FoundForAgent(each, is_generated(each), _address(principal, context, each.id, until)) for each in found]


def open_for_agents(context: Context, asset_id: str, given: Address, right: Right) -> tuple[Principal, Asset]:
    """For whom the address opens, and the asset. Raises NotFound for a wrong one, and Refused (`gone`) for one that has ended."""
    now = context.now()
    with context.database.read() as conn:
        stored = tokens.stored_by(conn, given.by)
    good = stored is not None and stored.is_good(now)
    right_one = _signature(stored.hash if stored else "", asset_id, given.until)
    if (
        stored is None
        or not good
        or not hmac.compare_digest(right_one.encode(), given.signature.encode("utf-8", "replace"))
    ):
        raise NotFound("there is nothing at this address", hint="search again")
    if given.until <= now.timestamp():
        raise refusal("gone", "this address has ended", "search again")
    principal = stored.principal(READING)
    asset = show_asset(principal, context, asset_id, right)
    if not asset.agent_visible or asset.state is not AssetState.READY:
        raise NotFound("there is nothing at this address", hint="search again")
    return principal, asset


def _first(principal: Principal, context: Context, which: Filter, texts: list[str], limit: int) -> tuple[Asset, ...]:
    """What the first of the texts finds that finds something."""
    found: Found | None = None
    for text in texts or [""]:
        found = search_assets(principal, context, Query(replace(which, text=text or None), limit=limit))
        if found.items:
            break
    return found.items if found else ()


def _address(principal: Principal, context: Context, asset_id: str, until: datetime) -> Address:
    ends = int(until.timestamp())
    with context.database.read() as conn:
        stored = None if principal.token is None else tokens.stored_of_number(conn, principal.token)
    if stored is None:
        raise Refused("addresses for agents are signed with a token", hint="ask with one")
    return Address(stored.token.prefix, ends, _signature(stored.hash, asset_id, ends))


def _signature(key: str, asset_id: str, until: int) -> str:
    return hmac.new(key.encode(), f"{asset_id}/{until}".encode(), "sha256").hexdigest()
