"""Collections: named shelves of assets, in an order. An asset may lie on several; its media belong to none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from pressroom.database.dialect import chunks, in_values, insert_new
from pressroom.database.schema import asset, collection, collection_asset, public_link, share
from pressroom.domain.errors import Invalid, NotFound
from pressroom.domain.library import Shared
from pressroom.domain.media import Asset, Kind
from pressroom.domain.shelving import checked_collection
from pressroom.library.rows import assets_from, numbers_of


@dataclass(frozen=True, slots=True)
class Collection:
    """A shelf; `count` is counted, never kept. `cover` is the id of an asset that lies on it, else None."""

    name: str
    description: str
    created_at: datetime
    count: int
    cover: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "description": self.description,
            "created_at": self.created_at.isoformat(),
            "count": self.count,
            "cover": self.cover,
        }


def create_collection(conn: Connection, account_id: int, name: str, description: str = "") -> None:
    """Raises Invalid when the name is empty, overlong or taken."""
    name = checked_collection(name)
    row = {"account_id": account_id, "name": name, "description": description, "created_at": datetime.now(UTC)}
    if conn.execute(insert_new(conn, collection).values(**row).returning(collection.c.id)).scalar() is None:
        raise _taken(name)


def make_sure_of(conn: Connection, account_id: int, name: str) -> None:
    """Make a collection of this name, unless there is one. Raises Invalid when it is empty or overlong."""
    row = {
        "account_id": account_id,
        "name": checked_collection(name),
        "description": "",
        "created_at": datetime.now(UTC),
    }
    conn.execute(insert_new(conn, collection).values(**row))


def edit_collection(
    conn: Connection,
    account_id: int,
    name: str,
    *,
    new_name: str | None = None,
    description: str | None = None,
    cover: str | None = None,
) -> None:
    """Change a shelf; None leaves what is there, an empty cover takes it off.

    Raises Invalid when the new name is taken or the cover does not lie on the shelf.
    """
    shelf = id_of_collection(conn, account_id, name)
    values: dict[str, Any] = {} if description is None else {"description": description}
    if new_name is not None and new_name.strip() != name:
        values["name"] = checked_collection(new_name)
        same = (collection.c.account_id == account_id, collection.c.name == values["name"])
        if conn.execute(select(collection.c.id).where(*same)).first() is not None:
            raise _taken(values["name"])
    if cover is not None:
        values["cover_seq"] = _lying(conn, account_id, shelf, [cover], name)[0] if cover else None
    if values:
        conn.execute(update(collection).where(collection.c.id == shelf).values(**values))


def collections_of(conn: Connection, account_id: int) -> list[Collection]:
    """Every collection of the account by name."""
    lying = select(collection_asset.c.collection_id, func.count().label("count"))
    counts = lying.group_by(collection_asset.c.collection_id).subquery()
    cover = select(asset.c.id).where(asset.c.seq == collection.c.cover_seq).scalar_subquery()
    query = (
        select(
            collection.c.name,
            collection.c.description,
            collection.c.created_at,
            func.coalesce(counts.c.count, 0),
            cover,
        )
        .join_from(collection, counts, counts.c.collection_id == collection.c.id, isouter=True)
        .where(collection.c.account_id == account_id)
        .order_by(collection.c.name)
    )
    return [Collection(*row) for row in conn.execute(query)]


def faces_of(conn: Connection, account_id: int) -> dict[str, Asset]:
    """By the names of the account's collections the asset that stands for each: its cover, else its first picture or clip, else
    what lies first.
    """
    shown = asset.c.kind.in_((Kind.IMAGE.value, Kind.VIDEO.value))
    order = (shown.desc(), collection_asset.c.position, collection_asset.c.asset_seq)
    place = func.row_number().over(partition_by=collection_asset.c.collection_id, order_by=order).label("place")
    on_it = collection_asset.c.asset_seq == asset.c.seq
    lying = select(collection_asset.c.collection_id, collection_asset.c.asset_seq, place).where(on_it).subquery()
    first = (lying.c.collection_id == collection.c.id) & (lying.c.place == 1)
    face = asset.c.seq == func.coalesce(collection.c.cover_seq, lying.c.asset_seq)
    query = select(asset, collection.c.name.label("shelf")).select_from(collection.join(lying, first).join(asset, face))
    rows = conn.execute(query.where(collection.c.account_id == account_id)).all()
    return dict(zip((row.shelf for row in rows), assets_from(conn, rows), strict=True))


def assets_in(conn: Connection, account_id: int, name: str, limit: int, after: str | None = None) -> tuple[Asset, ...]:
    """At most so many assets of a shelf in its order, after the one with this id. Raises Invalid for what is not there."""
    shelf = id_of_collection(conn, account_id, name)
    lying = (collection_asset.c.collection_id == shelf, collection_asset.c.asset_seq == asset.c.seq)
    query = select(asset).where(*lying).order_by(collection_asset.c.position, asset.c.seq).limit(limit)
    if after is not None:
        seq = _lying(conn, account_id, shelf, [after], name)[0]
        at = select(collection_asset.c.position).where(lying[0], collection_asset.c.asset_seq == seq).scalar_subquery()
        behind = (collection_asset.c.position == at) & (asset.c.seq > seq)
        query = query.where((collection_asset.c.position > at) | behind)
    return tuple(assets_from(conn, conn.execute(query).all()))


def add_to_collection(conn: Connection, account_id: int, name: str, asset_ids: Iterable[str]) -> int:
    """Put assets on the shelf, behind what lies there; returns how many were not there before.

    Raises Invalid when one does not exist.
    """
    shelf, added = id_of_collection(conn, account_id, name), 0
    mine = collection_asset.c.collection_id == shelf
    last = conn.execute(select(func.coalesce(func.max(collection_asset.c.position), 0)).where(mine)).scalar_one()
    for chunk in chunks(numbers_of(conn, account_id, asset_ids).values()):
        there = select(collection_asset.c.asset_seq).where(mine, in_values(collection_asset.c.asset_seq, chunk))
        lying = set(conn.execute(there).scalars())
        fresh = [number for number in chunk if number not in lying]
        rows = [
            {"collection_id": shelf, "asset_seq": number, "position": last + added + place}
            for place, number in enumerate(fresh, start=1)
        ]
        if rows:
            conn.execute(insert(collection_asset).values(rows))
        added += len(rows)
    return added


def order_collection(conn: Connection, account_id: int, name: str, asset_ids: Sequence[str]) -> None:
    """Lay these assets first, in this order; the others follow as they lay. Raises Invalid when one does not lie there."""
    shelf = id_of_collection(conn, account_id, name)
    first = _lying(conn, account_id, shelf, asset_ids, name)
    mine = collection_asset.c.collection_id == shelf
    order = (collection_asset.c.position, collection_asset.c.asset_seq)
    rest = conn.execute(select(collection_asset.c.asset_seq).where(mine).order_by(*order)).scalars()
    numbers = dict.fromkeys([*first, *rest])
    this = update(collection_asset).where(mine, collection_asset.c.asset_seq == bindparam("number"))
    places = [{"number": number, "place": place} for place, number in enumerate(numbers, start=1)]
    if places:
        conn.execute(this.values(position=bindparam("place")), places)


def move_in_collection(conn: Connection, account_id: int, name: str, asset_id: str, places: int) -> None:
    """Lay an asset so many places later, or earlier where `places` is negative; at most at an end. Raises Invalid when it does
    not lie there.
    """
    shelf = id_of_collection(conn, account_id, name)
    number = _lying(conn, account_id, shelf, [asset_id], name)[0]
    lying = (collection_asset.c.collection_id == shelf, collection_asset.c.asset_seq == asset.c.seq)
    query = select(asset.c.seq, asset.c.id).where(*lying).order_by(collection_asset.c.position, asset.c.seq)
    rows = conn.execute(query).all()
    before = next(place for place, row in enumerate(rows) if row.seq == number)
    after = max(0, min(len(rows) - 1, before + places))
    ids = [row.id for row in rows]
    ids.insert(after, ids.pop(before))
    order_collection(conn, account_id, name, ids[: max(before, after) + 1])


def remove_from_collection(conn: Connection, account_id: int, name: str, asset_ids: Iterable[str]) -> int:
    """Take assets off the shelf; returns how many lay there. A cover that goes is no cover any more."""
    shelf = id_of_collection(conn, account_id, name)
    numbers = select(asset.c.seq).where(asset.c.account_id == account_id, in_values(asset.c.id, asset_ids))
    these = (collection_asset.c.collection_id == shelf, collection_asset.c.asset_seq.in_(numbers))
    removed = conn.execute(delete(collection_asset).where(*these)).rowcount
    covered = (collection.c.id == shelf, collection.c.cover_seq.in_(numbers))
    conn.execute(update(collection).where(*covered).values(cover_seq=None))
    return removed


def delete_collection(conn: Connection, account_id: int, name: str) -> None:
    """Remove the shelf, and what it was shared as; its assets stay."""
    shelf = id_of_collection(conn, account_id, name)
    for table in (share, public_link):
        theirs = (table.c.account_id == account_id, table.c.kind == Shared.COLLECTION, table.c.target == str(shelf))
        conn.execute(delete(table).where(*theirs))
    conn.execute(delete(collection_asset).where(collection_asset.c.collection_id == shelf))
    conn.execute(delete(collection).where(collection.c.id == shelf))


def id_of_collection(conn: Connection, account_id: int, name: str) -> int:
    """The number of the account's shelf. Raises Invalid when it has none of this name."""
    query = select(collection.c.id).where(collection.c.account_id == account_id, collection.c.name == name)
    found = conn.execute(query).scalar()
    if found is None:
        raise NotFound(f"there is no collection {name!r}", hint="`pressroom collections list` shows them")
    return int(found)


def _lying(conn: Connection, account_id: int, shelf: int, asset_ids: Iterable[str], name: str) -> list[int]:
    """The row numbers of assets that lie on the shelf. Raises Invalid when one does not."""
    numbers = numbers_of(conn, account_id, asset_ids)
    these = (collection_asset.c.collection_id == shelf, in_values(collection_asset.c.asset_seq, numbers.values()))
    lying = set(conn.execute(select(collection_asset.c.asset_seq).where(*these)).scalars())
    missing = [asset_id for asset_id, number in numbers.items() if number not in lying]
    if missing:
        raise Invalid(f"the asset {missing[0]!r} does not lie in the collection {name!r}", hint="add it first")
    return list(numbers.values())


def _taken(name: str) -> Invalid:
    return Invalid(f"there is already a collection {name!r}", hint="choose another name")
