"""How many rows a query has, up to a number beyond which nobody needs to know exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select

MOST_COUNTED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Count:
    """So many, or at least so many where it is capped."""

    number: int
    is_capped: bool = False


def counted(conn: Connection, query: Select[Any]) -> Count:
    """Of the rows of a query without order: what is beyond MOST_COUNTED is not looked at."""
    found = conn.execute(select(func.count()).select_from(query.limit(MOST_COUNTED + 1).subquery())).scalar_one()
    return Count(min(found, MOST_COUNTED), found > MOST_COUNTED)
