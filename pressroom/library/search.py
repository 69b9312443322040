"""Lists of assets: filters, full-text search, pages by cursor, capped counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from pressroom.database.schema import asset, collection
from pressroom.domain.media import Asset, Kind
from pressroom.library import search_postgresql, search_sqlite
from pressroom.library.rows import assets_from, number_of
from pressroom.library.search_query import Wanted, terms

DEFAULT_LIMIT: Final = 50
COUNT_CAP: Final = 1_000


@dataclass(frozen=True, slots=True)
class Filter:
    """Which assets; what is None does not matter. `text` is a search as people type it.

    Favourites are those of `member`: who acts, empty where nobody logs in.
    """

    campaign: str | None = None
    kind: Kind | str | None = None
    tag: str | None = None
    step: str | None = None
    run_id: str | None = None
    collection: str | None = None
    favourite: bool | None = None
    text: str | None = None
    member: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Newest first. `next_before` is the cursor of the next page, None on the last: the id of the last asset shown.

    An id and not the row's number, whose gaps would tell how much other accounts file.
    """

    assets: tuple[Asset, ...]
    next_before: str | None


def list_assets(
    conn: Connection,
    account_id: int,
    *,
    campaign: str | None = None,
    kind: Kind | str | None = None,
    tag: str | None = None,
    step: str | None = None,
    run_id: str | None = None,
    collection: str | None = None,
    favourite: bool | None = None,
    text: str | None = None,
    limit: int = DEFAULT_LIMIT,
    before: str | None = None,
) -> Page:
    """One page of the account's assets that fit every filter. Raises Invalid for a search without a word."""
    which = Filter(campaign, kind, tag, step, run_id, collection, favourite, text)
    return find(conn, account_id, which, limit, before)


def find(
    conn: Connection, account_id: int, which: Filter, limit: int = DEFAULT_LIMIT, before: str | None = None
) -> Page:
    """Pages follow the order of filing: the thousandth costs as little as the first."""
    start = None if before is None else number_of(conn, account_id, before)
    numbers = _numbers(conn, account_id, which, limit + 1, start)
    rows = conn.execute(select(asset).where(asset.c.seq.in_(numbers[:limit])).order_by(asset.c.seq.desc())).all()
    assets = tuple(assets_from(conn, rows))
    return Page(assets, assets[-1].id if len(numbers) > limit else None)


def count_assets(conn: Connection, account_id: int, which: Filter, *, cap: int = COUNT_CAP) -> int:
    """How many fit, but at most `cap` + 1: counting a million costs half a second, knowing it is many costs nothing."""
    return len(_numbers(conn, account_id, which, cap + 1, None))


def _numbers(conn: Connection, account_id: int, which: Filter, limit: int, before: int | None) -> Sequence[int]:
    """Row numbers of the newest that fit, newest first."""
    shelf = None
    if which.collection is not None:
        mine = (collection.c.account_id == account_id, collection.c.name == which.collection)
        shelf = conn.execute(select(collection.c.id).where(*mine)).scalar()
        if shelf is None:
            return []
    columns = {"campaign": which.campaign, "kind": which.kind, "step": which.step, "run_id": which.run_id}
    wanted = Wanted(
        account_id=account_id,
        columns={name: str(value) for name, value in columns.items() if value is not None},
        favourite=which.favourite,
        member=which.member,
        tag=which.tag,
        shelf=shelf,
        terms=() if which.text is None else terms(which.text),
        before=before,
    )
    if conn.dialect.name == "postgresql":
        return search_postgresql.matching(conn, wanted, limit)
    return search_sqlite.matching(conn, wanted, limit)
