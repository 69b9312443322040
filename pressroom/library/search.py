"""Lists of assets: filters, full-text search, pages by cursor, capped counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, column, func, literal_column, select, table, text

from pressroom.database.schema import asset, asset_tag, collection, collection_asset
from pressroom.domain.media import Asset, Kind
from pressroom.library.rows import assets_from
from pressroom.library.search_query import fts5, terms, tsquery

DEFAULT_LIMIT: Final = 50
COUNT_CAP: Final = 1_000
_WORDS: Final = "title description alt_text prompt"
_FTS: Final = table("asset_fts", column("rowid"))


@dataclass(frozen=True, slots=True)
class Filter:
    """Which assets; what is None does not matter. `text` is a search as people type it."""

    campaign: str | None = None
    kind: Kind | str | None = None
    tag: str | None = None
    step: str | None = None
    run_id: str | None = None
    collection: str | None = None
    favourite: bool | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Newest first. `next_before` is the cursor of the next page, None on the last."""

    assets: tuple[Asset, ...]
    next_before: int | None


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
    before: int | None = None,
) -> Page:
    """One page of the account's assets that fit every filter. Raises Invalid for a search without a word."""
    which = Filter(campaign, kind, tag, step, run_id, collection, favourite, text)
    return find(conn, account_id, which, limit, before)


def find(
    conn: Connection, account_id: int, which: Filter, limit: int = DEFAULT_LIMIT, before: int | None = None
) -> Page:
    """Pages follow the row number: the thousandth costs as little as the first."""
    query, key = _query(conn, account_id, which, asset)
    if before is not None:
        query = query.where(key < before)
    rows = conn.execute(query.order_by(key.desc()).limit(limit + 1)).all()
    shown = rows[:limit]
    return Page(tuple(assets_from(conn, shown)), shown[-1].seq if len(rows) > limit else None)


def count_assets(conn: Connection, account_id: int, which: Filter, *, cap: int = COUNT_CAP) -> int:
    """How many fit, but at most `cap` + 1: counting a million costs half a second, knowing it is many costs nothing."""
    query, _ = _query(conn, account_id, which, asset.c.seq)
    return int(conn.execute(select(func.count()).select_from(query.limit(cap + 1).subquery())).scalar_one())


def _query(conn: Connection, account_id: int, which: Filter, columns: Any) -> tuple[Select[Any], Any]:
    """The query without its order, and the column to order by: the one of the index that leads it."""
    query: Select[Any] = select(columns).where(asset.c.account_id == account_id)
    key: Any = asset.c.seq
    if which.text is not None:
        query, key = _searched(conn, account_id, query, which)
    if which.tag is not None:
        query = query.join(asset_tag, asset_tag.c.asset_seq == asset.c.seq)
        query = query.where(asset_tag.c.account_id == account_id, asset_tag.c.tag == which.tag)
        key = asset_tag.c.asset_seq if which.text is None else key
    if which.collection is not None:
        query = query.join(collection_asset, collection_asset.c.asset_seq == asset.c.seq)
        query = query.join(collection, collection.c.id == collection_asset.c.collection_id)
        query = query.where(collection.c.account_id == account_id, collection.c.name == which.collection)
    if which.favourite is not None:
        query = query.where(asset.c.favourite.is_(which.favourite))
    for name in ("campaign", "kind", "step", "run_id"):
        value = getattr(which, name)
        if value is not None:
            query = query.where(asset.c[name] == str(value))
    return query, key


def _searched(conn: Connection, account_id: int, query: Select[Any], which: Filter) -> tuple[Select[Any], Any]:
    found = terms(which.text or "")
    if conn.dialect.name == "postgresql":
        match = text("asset.tsv @@ to_tsquery('simple', :match)").bindparams(match=tsquery(found))
        return query.where(match), asset.c.seq
    # A join by row number streams; `id IN (SELECT rowid ...)` would collect every hit first (255 times slower).
    query = query.select_from(_FTS.join(asset, asset.c.seq == _FTS.c.rowid))
    match = text("asset_fts MATCH :match").bindparams(match=fts5(found, _WORDS, _tokens(account_id, which)))
    return query.where(match), literal_column("asset_fts.rowid")


def _tokens(account_id: int, which: Filter) -> tuple[str, ...]:
    """The words that triggers.py puts into the index for each filter."""
    marked = {"c": which.campaign, "s": which.step, "r": which.run_id}
    tokens = [f"o{account_id}"]
    tokens += [mark + value.encode().hex() for mark, value in marked.items() if value is not None]
    return (*tokens, f"k{which.kind}") if which.kind is not None else tuple(tokens)
