"""Uses of assets: recorded by whoever may, listed and summed for their owner; versions; and what is delivered once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.identity import Principal, Scope
from pressroom.domain.library import Right, Use
from pressroom.domain.suggest import did_you_mean
from pressroom.ledger.accounts import account_id_of
from pressroom.library import uses
from pressroom.library.statistics import Statistics, statistics
from pressroom.library.uses import AssetUse
from pressroom.library.versions import Version, versions_of
from pressroom.services.access import Visitor, require
from pressroom.services.context import Context
from pressroom.services.public_links import take_download


def record_use(
    who: Principal | Visitor,
    context: Context,
    asset_id: str,
    kind: str,
    *,
    key: str = "",
    details: Mapping[str, Any] | None = None,
) -> bool:
    """Whether it was one that was not known. A view takes the right to see the asset, everything else the right to use it.

    A download through a link is one of those that the link allows. Raises Invalid for a kind that is none, NotFound without the
    right, Refused with the code `gone` where a link allows no more.
    """
    if kind not in list(Use):
        raise Invalid.of([Problem("usage", f"there is no use {kind!r}", did_you_mean(kind, Use, "uses"))])
    use = Use(kind)
    if isinstance(who, Principal):
        who.require(Scope.ASSETS_READ)
    with context.database.write() as conn:
        place = require(conn, who, [asset_id], Right.VIEW if use is Use.VIEW else Right.USE)[0]
        if isinstance(who, Visitor) and use is Use.DOWNLOAD:
            take_download(conn, context, who)
        member = who.user if isinstance(who, Principal) else f"link:{who.link}"
        told = {} if details is None else details
        return uses.record_use(conn, place.account_id, place.id, use, member, context.now(), key=key, details=told)


def list_uses(
    principal: Principal, context: Context, asset_id: str, limit: int = 50, before: int | None = None
) -> tuple[AssetUse, ...]:
    """The newest uses of one of the account's own assets, those before the one of this number."""
    principal.require(Scope.ASSETS_READ)
    with context.database.read() as conn:
        return uses.uses_of(conn, account_id_of(conn, principal.account), asset_id, limit, before)


def count_uses(principal: Principal, context: Context, asset_id: str) -> dict[Use, int]:
    """How often one of the account's own assets was used, by kind."""
    principal.require(Scope.ASSETS_READ)
    with context.database.read() as conn:
        return uses.use_counts(conn, account_id_of(conn, principal.account), asset_id)


def library_statistics(principal: Principal, context: Context) -> Statistics:
    """How much the account's library holds, what it cost, and what of it is used."""
    principal.require(Scope.ASSETS_READ)
    tiers = {name: model.tier for name, model in context.catalog.models.items()}
    with context.database.read() as conn:
        return statistics(conn, account_id_of(conn, principal.account), tiers)


def list_versions(principal: Principal, context: Context, asset_id: str) -> tuple[Version, ...]:
    """Every version of one of the account's own assets, the oldest first, each with what changed."""
    principal.require(Scope.ASSETS_READ)
    with context.database.read() as conn:
        return versions_of(conn, account_id_of(conn, principal.account), asset_id)
