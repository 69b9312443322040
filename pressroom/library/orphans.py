"""Which objects of the store something on record refers to, whoever it belongs to."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence

from sqlalchemy import Connection, select

from pressroom.database.dialect import in_values
from pressroom.database.schema import account, asset, job


def used_objects(conn: Connection) -> Callable[[Sequence[str]], Collection[str]]:
    """Of some names of objects, those that are files of assets, or what a vendor has delivered for a purchase."""
    accounts = list(conn.execute(select(account.c.id)).scalars())
    deliveries = conn.execute(select(job.c.delivery).where(job.c.delivery != "[]")).scalars()
    delivered = {file["sha256"] for delivery in deliveries for file in json.loads(delivery)}

    def used(names: Sequence[str]) -> Collection[str]:
        filed = select(asset.c.sha256).where(asset.c.account_id.in_(accounts), in_values(asset.c.sha256, names))
        return {*conn.execute(filed).scalars(), *delivered.intersection(names)}

    return used
