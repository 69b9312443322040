"""What an account shares, with whom, and how far: rows, and what they cover. Who may do what is decided in services.access."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, delete, select, update

from pressroom.database.counting import Count, counted
from pressroom.database.dialect import in_values, insert_new
from pressroom.database.schema import account, asset, collection, collection_asset, share
from pressroom.domain.errors import Invalid
from pressroom.domain.library import AssetState, Right, Shared
from pressroom.domain.media import Asset
from pressroom.library.collections import id_of_collection
from pressroom.library.folders import checked_folder, folders_of, lies_in
from pressroom.library.rows import assets_from, number_of

RIGHTS = tuple(Right)  # each includes those before it


class Place(NamedTuple):
    """Whose an asset is, and where it lies: all that a right to it depends on."""

    account_id: int
    seq: int
    id: str
    folder: str
    state: AssetState
    is_public: bool


class Target(NamedTuple):
    """What is shared of an account: `target` as the schema keeps it."""

    account_id: int
    kind: Shared
    target: str


@dataclass(frozen=True, slots=True)
class Share:
    """`name` is what people call the target: an asset's id, a collection's name, a folder's path."""

    account: str
    kind: Shared
    name: str
    email: str
    right: Right
    created_by: str
    created_at: datetime
    target: Target

    def as_dict(self) -> dict[str, Any]:
        return {
            "account": self.account,
            "kind": self.kind.value,
            "name": self.name,
            "email": self.email,
            "right": self.right.value,
            "created_by": self.created_by,
            "created_at": self.created_at.isoformat(),
        }


def target_of(conn: Connection, account_id: int, kind: Shared, name: str) -> Target:
    """What an account calls so. Raises Invalid when it has none, and for the whole library."""
    if kind is Shared.ASSET:
        number_of(conn, account_id, name)
        return Target(account_id, kind, name)
    if kind is Shared.COLLECTION:
        return Target(account_id, kind, str(id_of_collection(conn, account_id, name)))
    path = checked_folder(name)
    if not path:
        raise Invalid("the top folder cannot be shared", hint="move what is to be shared into a folder")
    if not any(each.path == path or each.path.startswith(path + "/") for each in folders_of(conn, account_id)):
        raise Invalid(f"nothing lies in a folder {path!r}", hint="`pressroom assets folders` lists them")
    return Target(account_id, kind, path)


def give(conn: Connection, to: Target, email: str, right: Right, by: str, at: datetime) -> None:
    """Share with an address; where it is shared with it, that changes the right."""
    row = {"account_id": to.account_id, "kind": to.kind.value, "target": to.target, "email": email}
    new = row | {"access": right.value, "created_by": by, "created_at": at}
    conn.execute(insert_new(conn, share).values(**new))
    conn.execute(update(share).filter_by(**row).values(access=right.value))


def take_back(conn: Connection, of: Target, email: str) -> None:
    """Raises Invalid where it is not shared with this address."""
    row = {"account_id": of.account_id, "kind": of.kind.value, "target": of.target, "email": email}
    if not conn.execute(delete(share).filter_by(**row)).rowcount:
        raise Invalid(
            f"this {of.kind.value} is not shared with {email}", hint="`pressroom shares list` shows who has what"
        )


def shares_by(conn: Connection, account_id: int) -> list[Share]:
    """What the account shares, the newest first."""
    return _shares(conn, share.c.account_id == account_id)


def shares_with(conn: Connection, email: str) -> list[Share]:
    """What all accounts share with an address, the newest first; nothing for an empty one."""
    return _shares(conn, share.c.email == email) if email else []


def places_of(conn: Connection, asset_ids: Iterable[str]) -> dict[str, Place]:
    """Asset id -> place, of those that there are, whosever they are."""
    query = select(asset.c.account_id, asset.c.seq, asset.c.id, asset.c.folder, asset.c.state, asset.c.is_public)
    return {
        row.id: Place(row.account_id, row.seq, row.id, row.folder, AssetState(row.state), row.is_public)
        for row in conn.execute(query.where(in_values(asset.c.id, dict.fromkeys(asset_ids))))
    }


def rights_by(conn: Connection, given: Sequence[tuple[Target, Right]], places: Sequence[Place]) -> dict[int, Right]:
    """Row number -> the furthest of these rights that covers the asset, of those that any covers."""
    found: dict[int, Right] = {}
    lying = _shelved(conn, [target for target, _ in given if target.kind is Shared.COLLECTION], places)
    for target, right in sorted(given, key=lambda each: RIGHTS.index(each[1])):
        found |= {place.seq: right for place in places if _covers(target, place, lying)}
    return found


def _covers(target: Target, place: Place, lying: Mapping[str, set[int]]) -> bool:
    if target.account_id != place.account_id:
        return False
    if target.kind is Shared.ASSET:
        return target.target == place.id
    if target.kind is Shared.FOLDER:
        return place.folder == target.target or place.folder.startswith(target.target + "/")
    return place.seq in lying.get(target.target, ())


def _shelved(conn: Connection, shelves: Sequence[Target], places: Sequence[Place]) -> dict[str, set[int]]:
    """Number of a shelf -> which of the assets lie on it."""
    found: dict[str, set[int]] = {each.target: set() for each in shelves}
    query = select(collection_asset.c.collection_id, collection_asset.c.asset_seq)
    on_them = in_values(collection_asset.c.collection_id, map(int, found))
    these = in_values(collection_asset.c.asset_seq, (place.seq for place in places))
    for shelf, number in conn.execute(query.where(on_them, these)) if found else ():
        found[str(shelf)].add(number)
    return found


def _shares(conn: Connection, which: Any) -> list[Share]:
    query = select(share, account.c.name.label("owner")).join(account, account.c.id == share.c.account_id)
    rows = conn.execute(query.where(which).order_by(share.c.id.desc())).all()
    shelves = in_values(collection.c.id, (int(row.target) for row in rows if row.kind == Shared.COLLECTION))
    named = select(collection.c.id, collection.c.name).where(shelves)
    names = {str(row.id): row.name for row in conn.execute(named)}
    return [
        Share(
            account=row.owner,
            kind=Shared(row.kind),
            name=names[row.target] if row.kind == Shared.COLLECTION else row.target,
            email=row.email,
            right=Right(row.access),
            created_by=row.created_by,
            created_at=row.created_at,
            target=Target(row.account_id, Shared(row.kind), row.target),
        )
        for row in rows
    ]


def assets_under(conn: Connection, target: Target, limit: int, after: str | None = None) -> tuple[Asset, ...]:
    """At most so many of the assets that a target covers, but for the trash: the newest first, behind the one with this id."""
    query = _under(target)
    if after is not None:
        query = query.where(asset.c.seq < number_of(conn, target.account_id, after))
    return tuple(assets_from(conn, conn.execute(query.order_by(asset.c.seq.desc()).limit(limit)).all()))


def count_under(conn: Connection, target: Target) -> Count:
    """How many assets the target covers."""
    return counted(conn, _under(target))


def _under(target: Target) -> Select[Any]:
    query = select(asset).where(asset.c.account_id == target.account_id, asset.c.state != AssetState.TRASHED)
    if target.kind is Shared.ASSET:
        query = query.where(asset.c.id == target.target)
    elif target.kind is Shared.FOLDER:
        query = query.where(lies_in(asset.c.folder, target.target))
    else:
        lying = select(collection_asset.c.asset_seq).where(collection_asset.c.collection_id == int(target.target))
        query = query.where(asset.c.seq.in_(lying))
    return query
