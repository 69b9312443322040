"""Purge what has lain in the trash long enough, forget what is kept for a while, and remove objects that nothing names."""

from __future__ import annotations

from dataclasses import dataclass

from pressroom.library.orphans import used_objects
from pressroom.services.context import Context
from pressroom.services.forget_old import forget_old
from pressroom.services.purge_assets import empty_trash, remove_unused_objects
from pressroom.storage.base import SweepableStore


@dataclass(frozen=True, slots=True)
class Swept:
    """How many objects were removed, and their bytes."""

    objects: int
    size_bytes: int


def sweep_store(context: Context) -> Swept | None:
    """What killed processes had left. None where the store is a bucket: it may be shared, and a put leaves what
    is there as it is, old as it may be.
    """
    empty_trash(context)
    forget_old(context)
    remove_unused_objects(context)
    store = context.store
    if not isinstance(store, SweepableStore):
        return None
    with context.database.read() as conn:
        return Swept(*store.sweep(used_objects(conn), context.now().timestamp()))
