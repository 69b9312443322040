"""What is said of an asset beside its record: what whoever looks thinks of it, and how often it was used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from pressroom.database.dialect import in_values
from pressroom.database.schema import asset
from pressroom.domain.identity import Principal, Scope
from pressroom.ledger.accounts import account_id_of
from pressroom.library.opinions import Opinion, opinions_of
from pressroom.services.context import Context


@dataclass(frozen=True, slots=True)
class Marks:
    favourite: bool = False
    rating: int | None = None
    uses: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def marks_of(principal: Principal, context: Context, asset_ids: Sequence[str]) -> dict[str, Marks]:
    """Of each of the account's assets, by id."""
    principal.require(Scope.ASSETS_READ)
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        opinions = opinions_of(conn, account_id, asset_ids, member=principal.user)
        query = select(asset.c.id, asset.c.uses).where(asset.c.account_id == account_id)
        return {
            name: Marks(said.favourite, said.rating, uses)
            for name, uses in conn.execute(query.where(in_values(asset.c.id, asset_ids)))
            for said in [opinions.get(name, Opinion())]
        }
