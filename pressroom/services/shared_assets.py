"""Assets as whoever may see them sees them: the account's own whole, others' without what is only their owner's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from pressroom.database.counting import Count
from pressroom.database.schema import account
from pressroom.domain.errors import NotFound, Refused, refusal
from pressroom.domain.identity import Principal, Scope
from pressroom.domain.library import Right, Shared
from pressroom.domain.media import Asset
from pressroom.library.assets import get_asset
from pressroom.library.contents import Content, content_of
from pressroom.library.purging import was_purged
from pressroom.library.rows import no_asset
from pressroom.library.sharing import Share, assets_under, count_under, shares_with
from pressroom.services.access import Visitor, require
from pressroom.services.context import Context


@dataclass(frozen=True, slots=True)
class Seen:
    """An asset as somebody sees it, and whose it is."""

    asset: Asset
    account: str

    def as_dict(self) -> dict[str, Any]:
        return self.asset.as_dict(self.account)


def see_asset(who: Principal | Visitor, context: Context, name: str, right: Right = Right.VIEW) -> Seen:
    """The asset of this id, of a beginning of the id or the SHA-256 of one of the account's own, or by a share or a link.

    Raises NotFound for one to which they have not this right, and Refused with the code `gone` for one of the account's own that
    was purged.
    """
    if isinstance(who, Principal):
        who.require(Scope.ASSETS_READ)
    with context.database.read() as conn:
        own = _own_account(conn, who)
        try:
            return _shared(conn, who, name, right, own)
        except NotFound:
            if own is None:
                raise
            if was_purged(conn, own, name):
                raise _gone(name) from None
            return Seen(get_asset(conn, own, name), who.account if isinstance(who, Principal) else "")


def read_asset(who: Principal | Visitor, context: Context, name: str) -> Content:
    """The words of a text asset, for whoever may use it. Raises NotFound where it has none."""
    asset_id = see_asset(who, context, name, Right.USE).asset.id
    with context.database.read() as conn:
        place = require(conn, who, [asset_id], Right.USE)[0]
        found = content_of(conn, place.account_id, place.id)
    if found is None:
        raise NotFound(f"the asset {name!r} holds no text", hint="fetch its file")
    return found


def shared_with(principal: Principal, context: Context) -> list[Share]:
    """What other accounts share with who acts."""
    principal.require(Scope.ASSETS_READ)
    with context.database.read() as conn:
        return shares_with(conn, principal.user)


def sharing_of(principal: Principal, context: Context, account_name: str, kind: Shared, name: str) -> Share:
    """What an account shares with who acts, by what people call it. Raises NotFound where it does not."""
    for each in shared_with(principal, context):
        if (each.account, each.kind, each.name) == (account_name, kind, name):
            return each
    raise NotFound(f"no {kind.value} {name[:80]!r} is shared with you", hint="ask who shared it")


def shared_assets(
    principal: Principal, context: Context, share: Share, limit: int = 50, after: str | None = None
) -> tuple[Seen, ...]:
    """A page of what one of the shares of `shared_with` covers, the newest first, older than the one with this id.

    Raises NotFound for a share that there is no more.
    """
    principal.require(Scope.ASSETS_READ)
    with context.database.read() as conn:
        found = _still_shared(conn, principal, share)
        assets = assets_under(conn, found.target, limit, after)
    return tuple(Seen(for_guests(each), found.account) for each in assets)


def count_shared(principal: Principal, context: Context, share: Share) -> Count:
    """How many assets the share covers. Raises NotFound for one that there is no more."""
    principal.require(Scope.ASSETS_READ)
    with context.database.read() as conn:
        return count_under(conn, _still_shared(conn, principal, share).target)


def _still_shared(conn: Connection, principal: Principal, share: Share) -> Share:
    found = next((each for each in shares_with(conn, principal.user) if each.target == share.target), None)
    if found is None:
        raise NotFound(f"{share.name!r} is not shared with {principal.user} any more", hint="ask who shared it")
    return found


def visited_assets(visitor: Visitor, context: Context, limit: int = 50, after: str | None = None) -> tuple[Seen, ...]:
    """A page of what a public link covers, the newest first."""
    with context.database.read() as conn:
        owner = conn.execute(select(account.c.name).where(account.c.id == visitor.target.account_id)).scalar_one()
        return tuple(Seen(for_guests(each), owner) for each in assets_under(conn, visitor.target, limit, after))


def count_visited(visitor: Visitor, context: Context) -> Count:
    """How many assets a public link covers."""
    with context.database.read() as conn:
        return count_under(conn, visitor.target)


def for_guests(asset: Asset) -> Asset:
    """The asset as another account may see it: what it is and shows, not how it was made, from what, or what it cost."""
    return replace(
        asset,
        prompt="",
        provider="",
        model="",
        operation="",
        params={},
        details={},
        metadata={},
        cost_credits_micros=0,
        cost_usd_micros=0,
        generation_seconds=0.0,
        node_key="",
        run_id="",
        parents=(),
        created_by="",
    )


def _shared(conn: Connection, who: Principal | Visitor, name: str, right: Right, own: int | None) -> Seen:
    place = require(conn, who, [name], right)[0]
    found = get_asset(conn, place.account_id, place.id)
    owner = conn.execute(select(account.c.name).where(account.c.id == place.account_id)).scalar_one()
    return Seen(found if place.account_id == own else for_guests(found), owner)


def _own_account(conn: Connection, who: Principal | Visitor) -> int | None:
    if isinstance(who, Visitor):
        return None
    return conn.execute(select(account.c.id).where(account.c.name == who.account)).scalar()


def _gone(name: str) -> Refused:
    return refusal("gone", f"the asset {name!r} was purged", no_asset(name).hint)
