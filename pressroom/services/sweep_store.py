"""Remove from the store what a process that was killed has left there: objects that nothing on record refers to."""

from __future__ import annotations

from dataclasses import dataclass

from pressroom.library.orphans import used_objects
from pressroom.services.context import Context
from pressroom.storage.base import SweepableStore


@dataclass(frozen=True, slots=True)
class Swept:
    """How many objects were removed, and their bytes."""

    objects: int
    size_bytes: int


def sweep_store(context: Context) -> Swept | None:
    """None where the store is a bucket: it may be shared, and a put leaves what is there as it is, old as it may be."""
    store = context.store
    if not isinstance(store, SweepableStore):
        return None
    with context.database.read() as conn:
        return Swept(*store.sweep(used_objects(conn), context.now().timestamp()))
