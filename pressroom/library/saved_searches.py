"""Searches that people keep under a name, as names and values; each sees their own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, select, update

from pressroom.database.dialect import insert_new
from pressroom.database.schema import saved_search
from pressroom.domain.errors import Invalid
from pressroom.domain.suggest import did_you_mean

MOST_SEARCHES = 200
MAX_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class SavedSearch:
    name: str
    query: tuple[tuple[str, str], ...]
    created_at: datetime


def save_search(conn: Connection, account_id: int, member: str, name: str, query: tuple[tuple[str, str], ...]) -> None:
    """Raises Invalid for a search without filters, for a name that is empty, overlong or taken, and when there are too many."""
    if not query:
        raise Invalid("there is no filter to keep", hint="a saved search has filters, words or an order")
    name = _checked_name(name)
    if len(saved_searches(conn, account_id, member)) >= MOST_SEARCHES:
        raise Invalid(f"there are {MOST_SEARCHES} saved searches already", hint="delete one first")
    values = {"account_id": account_id, "member": member, "name": name, "query": json.dumps(query)}
    row = insert_new(conn, saved_search).values(**values, created_at=datetime.now(UTC))
    if conn.execute(row.returning(saved_search.c.id)).scalar() is None:
        raise _taken(name)


def rename_saved_search(conn: Connection, account_id: int, member: str, name: str, new: str) -> None:
    """Raises Invalid when the person has none of this name, and for a new one that is empty, overlong or taken."""
    get_saved_search(conn, account_id, member, name)
    wanted = _checked_name(new)
    if wanted == name:
        return
    if any(each.name == wanted for each in saved_searches(conn, account_id, member)):
        raise _taken(wanted)
    mine = (saved_search.c.account_id == account_id, saved_search.c.member == member)
    conn.execute(update(saved_search).where(*mine, saved_search.c.name == name).values(name=wanted))


def saved_searches(conn: Connection, account_id: int, member: str) -> tuple[SavedSearch, ...]:
    """Those of one person, by name."""
    mine = (saved_search.c.account_id == account_id, saved_search.c.member == member)
    rows = conn.execute(select(saved_search).where(*mine).order_by(saved_search.c.name))
    return tuple(SavedSearch(row.name, tuple((a, b) for a, b in json.loads(row.query)), row.created_at) for row in rows)


def get_saved_search(conn: Connection, account_id: int, member: str, name: str) -> SavedSearch:
    """Raises Invalid when the person has none of this name."""
    kept = {each.name: each for each in saved_searches(conn, account_id, member)}
    if name not in kept:
        raise Invalid(f"there is no saved search {name!r}", hint=did_you_mean(name, kept, "saved"))
    return kept[name]


def delete_saved_search(conn: Connection, account_id: int, member: str, name: str) -> None:
    """Raises Invalid when the person has none of this name."""
    get_saved_search(conn, account_id, member, name)
    mine = (saved_search.c.account_id == account_id, saved_search.c.member == member)
    conn.execute(delete(saved_search).where(*mine, saved_search.c.name == name))


def _checked_name(name: str) -> str:
    if not 0 < len(name.strip()) <= MAX_NAME_LENGTH:
        raise Invalid(f"a saved search has a name of 1 to {MAX_NAME_LENGTH} characters")
    return name.strip()


def _taken(name: str) -> Invalid:
    return Invalid(f"there is already a saved search {name!r}", hint="delete it first, or take another name")
