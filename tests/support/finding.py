"""A search that reads everything anew, for tests of what is found."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from pressroom.library.mirror import Mirror
from pressroom.library.search import Filter, Found, Query, Sort, find


def find_in(conn: Connection, account_id: int, **filters: Any) -> Found:
    """The newest of the account's assets that fit."""
    return find(conn, account_id, Query(Filter(**filters), Sort.NEWEST), Mirror(None))
