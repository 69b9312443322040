"""The objects of a home: everything in the store that its records name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import Connection, func, select

from pressroom.backup.rows import lines_of
from pressroom.database.dialect import chunks
from pressroom.database.schema import asset, job
from pressroom.storage.base import ObjectStore
from pressroom.storage.streams import require_same

_LOOKS_AT_ONCE: Final = 8  # a bucket answers in milliseconds, and there may be a million


@dataclass(frozen=True, slots=True)
class Object:
    """`missing` says that the store had lost it, or had other bytes, when the backup was made."""

    sha256: str
    size_bytes: int
    mime: str
    missing: bool = False

    def as_line(self) -> list[Any]:
        return [self.sha256, self.size_bytes, self.mime, self.missing]


def objects_on_record(conn: Connection) -> list[Object]:
    """Files of assets, and what vendors have delivered for purchases; each once, in the order of their names."""
    filed = select(asset.c.sha256, func.max(asset.c.size_bytes), func.max(asset.c.mime)).group_by(asset.c.sha256)
    found = {row[0]: Object(*row) for row in conn.execute(filed)}
    for delivery in conn.execute(select(job.c.delivery).where(job.c.delivery != "[]")).scalars():
        for file in json.loads(delivery):
            found.setdefault(file["sha256"], Object(file["sha256"], file["size"], file["mime"]))
    return [found[sha256] for sha256 in sorted(found)]


def looked_for(store: ObjectStore, objects: Iterable[Object]) -> Iterator[Object]:
    """The objects, with whether the store has them now."""

    def look(each: Object) -> Object:
        try:
            return replace(each, missing=store.size_bytes(each.sha256) != each.size_bytes)
        except KeyError:
            return replace(each, missing=True)

    with ThreadPoolExecutor(_LOOKS_AT_ONCE) as pool:
        for some in chunks(objects):
            yield from pool.map(look, some)


def copy(source: ObjectStore, target: ObjectStore, each: Object) -> None:
    """Put an object of one store into the other. Raises Corrupt for bytes that are not what they were, KeyError for none."""
    path = source.local_path(each.sha256)
    if path is not None:
        require_same(each.sha256, target.put(path, each.mime), str(path))
        return
    with TemporaryDirectory(prefix="pressroom-") as folder:
        fetched = Path(folder) / each.sha256
        source.get(each.sha256, fetched)
        target.put(fetched, each.mime)


def objects_in(path: Path) -> list[Object]:
    """The objects that a backup lists."""
    return [Object(*line) for line in lines_of(path)]
