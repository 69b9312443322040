"""Back up a home: every row of one moment, the list of its objects, and the objects themselves where that is asked for."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from pressroom import __version__
from pressroom.backup.manifest import MANIFEST, MEDIA, OBJECTS, Manifest, table_path
from pressroom.backup.objects import Object, copy, looked_for, objects_on_record
from pressroom.backup.rows import dump_table, write_lines
from pressroom.database.migrations import HEAD
from pressroom.database.postgresql import without_limits
from pressroom.database.schema import metadata
from pressroom.domain.content_hash import file_digest
from pressroom.domain.errors import Refused
from pressroom.ledger.invariants import check_invariants
from pressroom.services.context import Context
from pressroom.storage.base import ObjectStore
from pressroom.storage.streams import disk_errors


def back_up(
    context: Context, folder: Path, open_folder: Callable[[Path], ObjectStore], *, media: bool = False
) -> Manifest:
    """Write the backup into a new folder, which appears whole or not at all; others may go on working meanwhile.

    Raises Refused where the folder is there already and not empty, or cannot be written.
    """
    folder = folder.absolute()
    part = folder.with_name(f".{folder.name}.part")
    with disk_errors(folder):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Refused(f"{folder} is there already", hint="name a folder that is not, e.g. with the date in it")
        shutil.rmtree(part, ignore_errors=True)
        (part / "tables").mkdir(parents=True)
        try:
            manifest = _fill(context, part, open_folder(part / MEDIA) if media else None)
            part.replace(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return manifest


def _fill(context: Context, part: Path, media: ObjectStore | None) -> Manifest:
    created_at = context.now()
    with context.database.read() as conn:
        if context.database.path is None:
            without_limits(conn)
        tables = [dump_table(conn, each, table_path(part, each.name)) for each in metadata.sorted_tables]
        recorded = objects_on_record(conn)
        violations = check_invariants(conn)
    objects = list(looked_for(context.store, recorded))
    there = [each for each in objects if not each.missing]
    write_lines(part / OBJECTS, map(Object.as_line, objects))
    if media is not None:
        for each in there:
            copy(context.store, media, each)
    manifest = Manifest(
        pressroom=__version__,
        database=context.database.dialect,
        revision=HEAD,
        created_at=created_at,
        tables=tuple(tables),
        objects_sha256=file_digest(part / OBJECTS),
        objects=len(objects),
        object_bytes=sum(each.size_bytes for each in there),
        missing=len(objects) - len(there),
        media=media is not None,
        violations=tuple(violations),
    )
    (part / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return manifest
