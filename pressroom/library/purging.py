"""The end of assets: everything recorded of them goes, but that they were there, which their lineage still says.

An object goes after the rows that named it: `mark_unused` notes those that nobody names in the transaction that ends the
assets, `take_unused` decides for the last time, and whoever wants to name an object meanwhile asks `keep_object`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, exists, insert, select, text, update

from pressroom.database.dialect import chunks, in_values, insert_new
from pressroom.database.prepared import Prepared
from pressroom.database.schema import (
    asset,
    asset_content,
    asset_tag,
    asset_use,
    collection,
    collection_asset,
    deleted_asset,
    fetched_url,
    fingerprint,
    job,
    object_removal,
    opinion,
    public_link,
    removed_tag,
    share,
)
from pressroom.domain.errors import Retryable
from pressroom.domain.library import Shared
from pressroom.domain.states import JobState
from pressroom.library.orphans import used_objects
from pressroom.library.rows import numbers_of

# What hangs on an asset by its row number. Tags go with it: its row must be there while its search index lets them go.
_HANGING: Final[tuple[Table, ...]] = (asset_content, opinion, removed_tag, asset_use, collection_asset, asset_tag)
_AT_ONCE: Final = 500
_KEEP: Final = Prepared("DELETE FROM object_removal WHERE sha256 = :sha256 AND NOT taken")
_GOING: Final = Prepared("SELECT 1 FROM object_removal WHERE sha256 = :sha256")


def purge(conn: Connection, account_id: int, asset_ids: Iterable[str], at: datetime) -> None:
    """End assets. Raises NotFound when one does not exist."""
    objects: set[str] = set()
    for chunk in chunks(numbers_of(conn, account_id, asset_ids).values()):
        rows = conn.execute(
            select(asset.c.seq, asset.c.id, asset.c.sha256, asset.c.node_key).where(in_values(asset.c.seq, chunk))
        )
        ended = rows.all()
        _take_off(conn, account_id, chunk, [row.id for row in ended])
        tombs = [{"seq": row.seq, "account_id": account_id, "id": row.id, "deleted_at": at} for row in ended]
        conn.execute(insert(deleted_asset), tombs)
        conn.execute(delete(asset).where(in_values(asset.c.seq, chunk)))
        objects |= {row.sha256 for row in ended}
        _forget_looks(conn, account_id, {row.sha256 for row in ended})
        objects |= _undelivered(conn, account_id, {row.node_key for row in ended} - {""})
    mark_unused(conn, objects)


def mark_unused(conn: Connection, names: Iterable[str]) -> None:
    """Note which of these objects nothing on record refers to any more: they are to be removed."""
    used = used_objects(conn)
    for chunk in chunks(sorted(names)):
        gone = set(chunk) - set(used(chunk))
        if gone:
            conn.execute(insert_new(conn, object_removal).values([{"sha256": name} for name in sorted(gone)]))


def take_unused(conn: Connection) -> list[str]:
    """Some objects that are to be removed now, those first that an earlier process was killed over; empty when done.

    Whoever is just filing one of them is waited for, and found.
    """
    if conn.dialect.name == "postgresql":
        # In the order in which purchases are filed, so that neither waits for the other.
        conn.execute(text("LOCK TABLE job, asset IN SHARE MODE"))
    waiting = select(object_removal.c.sha256).order_by(object_removal.c.taken.desc(), object_removal.c.sha256)
    names = list(conn.execute(waiting.limit(_AT_ONCE)).scalars())
    used = set(used_objects(conn)(names)) if names else set()
    forget_removed(conn, used)
    going = [name for name in names if name not in used]
    conn.execute(update(object_removal).where(in_values(object_removal.c.sha256, going)).values(taken=True))
    return going or (take_unused(conn) if names else [])


def forget_removed(conn: Connection, names: Collection[str]) -> None:
    """These objects are gone, or stay after all."""
    conn.execute(delete(object_removal).where(in_values(object_removal.c.sha256, names)))


def keep_object(conn: Connection, sha256: str) -> None:
    """An object is named by a record from now on. Raises Retryable where it is just being removed: put it once more."""
    if not _KEEP.change(conn, sha256=sha256) and _GOING.value(conn, sha256=sha256):
        raise Retryable(f"the object {sha256[:12]} is just being removed", hint="try again in a moment")


def was_purged(conn: Connection, account_id: int, asset_id: str) -> bool:
    """Whether the account had this asset once."""
    query = select(deleted_asset.c.seq).where(deleted_asset.c.account_id == account_id, deleted_asset.c.id == asset_id)
    return conn.execute(query.limit(1)).first() is not None


def _take_off(conn: Connection, account_id: int, numbers: list[int], ids: list[str]) -> None:
    conn.execute(update(collection).where(in_values(collection.c.cover_seq, numbers)).values(cover_seq=None))
    for table in _HANGING:
        conn.execute(delete(table).where(in_values(table.c.asset_seq, numbers)))
    conn.execute(
        delete(fetched_url).where(fetched_url.c.account_id == account_id, in_values(fetched_url.c.asset_id, ids))
    )
    for table in (share, public_link):
        theirs: tuple[Any, ...] = (table.c.account_id == account_id, table.c.kind == Shared.ASSET)
        conn.execute(delete(table).where(*theirs, in_values(table.c.target, ids)))


def _forget_looks(conn: Connection, account_id: int, names: Collection[str]) -> None:
    """What pictures look like that the account has no more."""
    same = (asset.c.account_id == account_id, asset.c.sha256 == fingerprint.c.sha256)
    mine = (fingerprint.c.account_id == account_id, in_values(fingerprint.c.sha256, names))
    conn.execute(delete(fingerprint).where(*mine, ~exists().where(*same)))


def _undelivered(conn: Connection, account_id: int, node_keys: Collection[str]) -> set[str]:
    """Objects that vendors delivered for nodes of which nothing is filed any more; their jobs no longer name them."""
    filed = exists().where(asset.c.account_id == account_id, asset.c.node_key == job.c.node_key)
    named = in_values(job.c.node_key, sorted(node_keys))
    theirs = (job.c.account_id == account_id, named, job.c.state == JobState.STORED, ~filed)
    deliveries = conn.execute(select(job.c.delivery).where(*theirs)).scalars().all()
    conn.execute(update(job).where(*theirs).values(delivery="[]"))
    return {file["sha256"] for delivery in deliveries for file in json.loads(delivery)}
