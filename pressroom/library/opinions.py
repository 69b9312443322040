"""What one person thinks of an asset: whether it is a favourite, and its rating from 1 to 5."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, delete, select, update

from pressroom.database.dialect import chunks, in_values, insert_new
from pressroom.database.schema import asset, opinion
from pressroom.domain.errors import Invalid
from pressroom.library.rows import numbers_of

RATINGS: Final = range(1, 6)


@dataclass(frozen=True, slots=True)
class Opinion:
    favourite: bool = False
    rating: int | None = None


def favourites(account_id: int, member: str) -> tuple[ColumnElement[bool], ...]:
    """The condition on `opinion` for the favourites of one person."""
    return opinion.c.account_id == account_id, opinion.c.member == member, opinion.c.favourite


def set_favourite(
    conn: Connection, account_id: int, asset_ids: Iterable[str], favourite: bool = True, *, member: str = ""
) -> None:
    """Raises Invalid when one of the assets does not exist."""
    _set(conn, account_id, asset_ids, member, {"favourite": favourite})


def set_rating(
    conn: Connection, account_id: int, asset_ids: Iterable[str], rating: int | None, *, member: str = ""
) -> None:
    """None takes the rating back. Raises Invalid for another number, and when one of the assets does not exist."""
    _set(conn, account_id, asset_ids, member, {"rating": checked_rating(rating)})


def checked_rating(rating: int | None) -> int | None:
    """Raises Invalid for a number that is no rating."""
    if rating is not None and rating not in RATINGS:
        raise Invalid(f"a rating is from {RATINGS[0]} to {RATINGS[-1]}, not {rating}")
    return rating


def opinions_of(conn: Connection, account_id: int, asset_ids: Iterable[str], *, member: str = "") -> dict[str, Opinion]:
    """Asset id -> what the person thinks of it, of those with an opinion."""
    mine = (opinion.c.account_id == account_id, opinion.c.member == member)
    query = select(asset.c.id, opinion.c.favourite, opinion.c.rating)
    query = query.join_from(opinion, asset, asset.c.seq == opinion.c.asset_seq)
    rows = conn.execute(query.where(*mine, in_values(asset.c.id, asset_ids)))
    return {asset_id: Opinion(favourite, rating) for asset_id, favourite, rating in rows}


def _set(conn: Connection, account_id: int, asset_ids: Iterable[str], member: str, values: dict[str, Any]) -> None:
    for chunk in chunks(numbers_of(conn, account_id, asset_ids).values()):
        rows = [{"account_id": account_id, "member": member, "asset_seq": number} for number in chunk]
        conn.execute(insert_new(conn, opinion).values(rows))
        theirs = (opinion.c.account_id == account_id, opinion.c.member == member, in_values(opinion.c.asset_seq, chunk))
        conn.execute(update(opinion).where(*theirs).values(**values))
        conn.execute(delete(opinion).where(*theirs, ~opinion.c.favourite, opinion.c.rating.is_(None)))
