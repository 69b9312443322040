"""All of an asset that a page shows: its record and lineage, what who looks thinks of it, its uses and its versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pressroom.domain.identity import Principal
from pressroom.domain.library import Use
from pressroom.domain.media import Asset
from pressroom.ledger.accounts import account_id_of
from pressroom.library.lineage import Lineage
from pressroom.library.opinions import Opinion, opinions_of
from pressroom.library.versions import Version
from pressroom.services.context import Context
from pressroom.services.library import trace_asset
from pressroom.services.uses import count_uses, list_versions


@dataclass(frozen=True, slots=True)
class AssetOverview:
    """`versions` are oldest first, the asset itself among them."""

    asset: Asset
    lineage: Lineage
    opinion: Opinion
    uses: Mapping[Use, int]
    versions: tuple[Version, ...]


def overview_of_asset(principal: Principal, context: Context, name: str, *, relatives: int) -> AssetOverview:
    """Of one of the account's own assets, with at most so many on each side of its lineage. Raises Invalid as `show_asset`."""
    asset, lineage = trace_asset(principal, context, name, most=relatives)
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        opinions = opinions_of(conn, account_id, [asset.id], member=principal.user)
    return AssetOverview(
        asset=asset,
        lineage=lineage,
        opinion=opinions.get(asset.id, Opinion()),
        uses=count_uses(principal, context, asset.id),
        versions=list_versions(principal, context, asset.id),
    )
