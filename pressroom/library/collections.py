"""Collections: named shelves of assets. An asset may lie on several; its media belong to none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, func, insert, select

from pressroom.database.dialect import chunks, insert_new
from pressroom.database.schema import asset, collection, collection_asset
from pressroom.domain.errors import Invalid, NotFound
from pressroom.library.rows import no_asset


@dataclass(frozen=True, slots=True)
class Collection:
    """A shelf; `count` is counted, never kept."""

    name: str
    description: str
    created_at: datetime
    count: int


def create_collection(conn: Connection, account_id: int, name: str, description: str = "") -> None:
    """Raises Invalid when the name is empty or taken."""
    if not name.strip():
        raise Invalid("a collection needs a name")
    row = {"account_id": account_id, "name": name, "description": description, "created_at": datetime.now(UTC)}
    if conn.execute(insert_new(conn, collection).values(**row).returning(collection.c.id)).scalar() is None:
        raise Invalid(f"there is already a collection {name!r}")


def collections(conn: Connection, account_id: int) -> list[Collection]:
    """Every collection of the account by name."""
    query = (
        select(
            collection.c.name,
            collection.c.description,
            collection.c.created_at,
            func.count(collection_asset.c.asset_seq),
        )
        .join_from(collection, collection_asset, isouter=True)
        .where(collection.c.account_id == account_id)
        .group_by(collection.c.id, collection.c.name, collection.c.description, collection.c.created_at)
        .order_by(collection.c.name)
    )
    return [Collection(*row) for row in conn.execute(query)]


def add_to_collection(conn: Connection, account_id: int, name: str, asset_ids: Iterable[str]) -> int:
    """Put assets on the shelf; returns how many were not there before. Raises Invalid when one does not exist."""
    shelf, added = _id_of(conn, account_id, name), 0
    mine = select(asset.c.id, asset.c.seq).where(asset.c.account_id == account_id)
    for chunk in chunks(dict.fromkeys(asset_ids)):
        rows = conn.execute(mine.where(asset.c.id.in_(chunk)))
        numbers = {row.id: row.seq for row in rows}
        missing = [each for each in chunk if each not in numbers]
        if missing:
            raise no_asset(missing[0])
        there = select(collection_asset.c.asset_seq).where(collection_asset.c.collection_id == shelf)
        lying = set(conn.execute(there.where(collection_asset.c.asset_seq.in_(numbers.values()))).scalars())
        new = [{"collection_id": shelf, "asset_seq": number} for number in numbers.values() if number not in lying]
        if new:
            conn.execute(insert(collection_asset).values(new))
        added += len(new)
    return added


def remove_from_collection(conn: Connection, account_id: int, name: str, asset_ids: Iterable[str]) -> int:
    """Take assets off the shelf; returns how many lay there."""
    shelf, removed = _id_of(conn, account_id, name), 0
    for chunk in chunks(asset_ids):
        numbers = select(asset.c.seq).where(asset.c.id.in_(chunk))
        these = (collection_asset.c.collection_id == shelf, collection_asset.c.asset_seq.in_(numbers))
        removed += conn.execute(delete(collection_asset).where(*these)).rowcount
    return removed


def delete_collection(conn: Connection, account_id: int, name: str) -> None:
    """Remove the shelf; its assets stay."""
    shelf = _id_of(conn, account_id, name)
    conn.execute(delete(collection_asset).where(collection_asset.c.collection_id == shelf))
    conn.execute(delete(collection).where(collection.c.id == shelf))


def _id_of(conn: Connection, account_id: int, name: str) -> int:
    query = select(collection.c.id).where(collection.c.account_id == account_id, collection.c.name == name)
    found = conn.execute(query).scalar()
    if found is None:
        raise NotFound(f"there is no collection {name!r}")
    return int(found)
