"""Restore a backup into an empty home, and see that everything is right: the books, and the objects in the store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete

from pressroom.backup.manifest import MEDIA, OBJECTS, Manifest, table_path
from pressroom.backup.objects import copy, looked_for, objects_in, objects_on_record
from pressroom.backup.rows import load_table, require_empty
from pressroom.database.engine import Database
from pressroom.database.migrations import HEAD
from pressroom.database.postgresql import without_limits
from pressroom.database.schema import account
from pressroom.domain.errors import Refused
from pressroom.ledger.invariants import check_invariants
from pressroom.storage.base import ObjectStore


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and what is wrong with it now: sentences about the books, objects that the store lacks."""

    manifest: Manifest
    violations: tuple[str, ...]
    missing: tuple[str, ...]


def restore(
    database_url: str, store: ObjectStore, folder: Path, media: ObjectStore, *, without_media: bool = False
) -> Restored:
    """Fill an empty database with the rows of a backup, and the store with its objects; `media` are the backup's own.

    Raises Refused where the folder is no backup, the database is not empty, or (but for `without_media`) an object is neither in
    the store nor in the backup, and Corrupt where the backup is damaged. Then no row was written.
    """
    manifest = Manifest.read(folder)
    if manifest.revision > HEAD:
        raise Refused(
            f"the backup has schema {manifest.revision}, this version of Pressroom knows {HEAD}",
            hint="update Pressroom",
        )
    with Database.open(database_url, revision=manifest.revision) as database:
        names = [table.name for table in manifest.tables]
        _require_room(database, manifest, names)
        _restore_objects(store, folder, media, manifest, without_media=without_media)
        with database.write() as conn:
            if database.path is None:
                without_limits(conn)
            require_empty(conn, names)
            conn.execute(delete(account))  # those of the backup take their place
            for table in manifest.tables:
                load_table(conn, table.name, table_path(folder, table.name))
        database.migrate()
        with database.read() as conn:
            violations, recorded = check_invariants(conn), objects_on_record(conn)
    missing = (each.sha256 for each in looked_for(store, recorded) if each.missing)
    return Restored(manifest, tuple(violations), tuple(missing))


def _require_room(database: Database, manifest: Manifest, names: list[str]) -> None:
    """Before anything is put into the store; a backup of an older version goes into a database of that version first."""
    if database.revision() != manifest.revision:
        raise Refused(
            f"the database has schema {database.revision()}, the backup {manifest.revision}",
            hint="restore into a new home or a database in which there is nothing at all",
        )
    with database.read() as conn:
        require_empty(conn, names)


def _restore_objects(
    store: ObjectStore, folder: Path, media: ObjectStore, manifest: Manifest, *, without_media: bool
) -> None:
    had = [each for each in objects_in(folder / OBJECTS) if not each.missing]
    lacking = [each for each in looked_for(store, had) if each.missing]
    if lacking and not manifest.media and not without_media:
        raise Refused(
            f"{len(lacking):,} of {len(had):,} objects are neither in the store nor in the backup",
            hint=f"set PRESSROOM_STORE to the store of the backup, copy its {MEDIA} here, or restore --without-media",
        )
    for each in lacking if manifest.media else ():
        copy(media, store, each)
