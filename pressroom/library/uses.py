"""How assets were used: each use once, counted on the asset in the same transaction."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, select, update

from pressroom.database.dialect import chunks, in_values, insert_new
from pressroom.database.schema import asset, asset_use
from pressroom.domain.content_hash import canonical, digest
from pressroom.domain.errors import Invalid
from pressroom.domain.library import Use
from pressroom.library.rows import no_asset, number_of, numbers_of

# Somebody who opens the same asset again within this time goes on looking at it.
ONE_VIEW: Final = timedelta(minutes=1)
MAX_DETAILS_BYTES: Final = 4 * 1024


@dataclass(frozen=True, slots=True)
class AssetUse:
    """`member` is who, as in Principal.user, or `link:N` for who held a public link."""

    id: int
    kind: Use
    member: str
    at: datetime
    details: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return {"kind": self.kind.value, "member": self.member, "at": self.at.isoformat(), "details": self.details}


def record_use(
    conn: Connection,
    account_id: int,
    asset_id: str,
    kind: Use,
    member: str,
    at: datetime,
    *,
    key: str = "",
    details: Mapping[str, Any] | None = None,
) -> bool:
    """Whether it was a use that was not known: the same key of the same person is the same use.

    Raises NotFound when there is no such asset, Invalid for details that are too long.
    """
    text = canonical(details or {}).decode()
    if len(text.encode()) > MAX_DETAILS_BYTES:
        raise Invalid(f"the details of a use have {len(text.encode()):,} bytes", hint=f"at most {MAX_DETAILS_BYTES:,}")
    number = _locked(conn, account_id, asset_id)
    if kind is Use.VIEW and not key and _looks_still(conn, number, member, at):
        return False
    row = {"account_id": account_id, "asset_seq": number, "kind": kind.value, "member": member, "at": at}
    unique = _key(kind, asset_id, member, key) if key else secrets.token_hex(32)
    new = insert_new(conn, asset_use).values(**row, key=unique, details=text).returning(asset_use.c.id)
    if conn.execute(new).scalar() is None:
        return False
    counter = asset.c.views if kind is Use.VIEW else asset.c.uses
    conn.execute(update(asset).where(asset.c.seq == number).values({counter: counter + 1}))
    return True


def record_campaign(
    conn: Connection, account_id: int, asset_ids: Iterable[str], run_id: str, campaign: str, at: datetime
) -> None:
    """A run takes these of the account's assets as they are: one use of each, however often the run is begun."""
    details = canonical({"campaign": campaign, "run": run_id}).decode()
    same = {"account_id": account_id, "kind": Use.CAMPAIGN.value, "member": "", "details": details, "at": at}
    for chunk in chunks(numbers_of(conn, account_id, asset_ids).items()):
        rows = [{**same, "asset_seq": number, "key": _key(Use.CAMPAIGN, each, "", run_id)} for each, number in chunk]
        new = insert_new(conn, asset_use).values(rows).returning(asset_use.c.asset_seq)
        used = list(conn.execute(new).scalars())
        conn.execute(update(asset).where(in_values(asset.c.seq, used)).values(uses=asset.c.uses + 1))


def uses_of(
    conn: Connection, account_id: int, asset_id: str, limit: int, before: int | None = None
) -> tuple[AssetUse, ...]:
    """The newest so many uses of an asset, those before the one of this number."""
    query = select(asset_use).where(asset_use.c.asset_seq == number_of(conn, account_id, asset_id))
    if before is not None:
        query = query.where(asset_use.c.id < before)
    rows = conn.execute(query.order_by(asset_use.c.id.desc()).limit(limit))
    return tuple(AssetUse(row.id, Use(row.kind), row.member, row.at, json.loads(row.details)) for row in rows)


def use_counts(conn: Connection, account_id: int, asset_id: str) -> dict[Use, int]:
    """How often an asset was used, by kind; every kind is there."""
    mine = asset_use.c.asset_seq == number_of(conn, account_id, asset_id)
    counted = conn.execute(select(asset_use.c.kind, func.count()).where(mine).group_by(asset_use.c.kind))
    return dict.fromkeys(Use, 0) | {Use(kind): count for kind, count in counted}


def _key(kind: Use, asset_id: str, member: str, key: str) -> str:
    return digest([kind.value, asset_id, member, key])


def _locked(conn: Connection, account_id: int, asset_id: str) -> int:
    """The asset's row number; who else counts a use of it waits."""
    mine = select(asset.c.seq).where(asset.c.id == asset_id, asset.c.account_id == account_id)
    number = conn.execute(mine.with_for_update()).scalar()
    if number is None:
        raise no_asset(asset_id)
    return int(number)


def _looks_still(conn: Connection, number: int, member: str, at: datetime) -> bool:
    same = (asset_use.c.asset_seq == number, asset_use.c.kind == Use.VIEW, asset_use.c.member == member)
    return (
        conn.execute(select(asset_use.c.id).where(*same, asset_use.c.at > at - ONE_VIEW).limit(1)).first() is not None
    )
