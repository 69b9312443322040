"""Finding assets on PostgreSQL: newest first along the rarest filter, and where that fills no page, by bitmaps.

The planner alone goes wrong both ways: along the newest rows for what hardly occurs, or through every row of a common word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, select, text

from pressroom.database.schema import asset, asset_tag, collection_asset, opinion
from pressroom.library.opinions import favourites
from pressroom.library.search_query import Wanted, tsquery

# So many rows of the leading filter are read before another way is taken: some 10 ms.
DEPTH: Final = 5_000
# Enough for most pages, at a tenth of the cost.
FIRST: Final = 500


def matching(conn: Connection, wanted: Wanted, limit: int) -> Sequence[int]:
    """Row numbers of the newest that fit, newest first."""
    lists = list(_lists(wanted))
    depths = [_depth(conn, each) for each in lists]
    rarest = min(range(len(lists)), key=lambda at: depths[at])
    key = lists[rarest].selected_columns[0]
    for depth in (FIRST, DEPTH):
        newest = lists[rarest].order_by(key.desc()).limit(depth).subquery()
        along = select(newest.c[0]).join(asset, asset.c.seq == newest.c[0]).where(*_conditions(wanted))
        found = list(conn.execute(along.order_by(newest.c[0].desc()).limit(limit)).scalars())
        if len(found) == limit:
            return found
    if depths[rarest] < 0:
        return found  # the whole list was read
    # An expression keeps the planner from walking the rows newest first once more.
    whole = select(asset.c.seq).where(*_conditions(wanted)).order_by((asset.c.seq + 0).desc()).limit(limit)
    return list(conn.execute(whole).scalars())


def _lists(wanted: Wanted) -> Iterator[Select[Any]]:
    """For each filter that an index has in order: its row numbers. The whole account where there is none."""
    asked = False
    for condition in _columns(wanted):
        asked = True
        yield _older(select(asset.c.seq).where(asset.c.account_id == wanted.account_id, condition), wanted)
    if wanted.tag is not None:
        asked = True
        yield _older(select(asset_tag.c.asset_seq).where(*_tagged(wanted)), wanted)
    if wanted.shelf is not None:
        asked = True
        yield _older(select(collection_asset.c.asset_seq).where(_shelved(wanted)), wanted)
    if wanted.favourite:
        asked = True
        yield _older(select(opinion.c.asset_seq).where(*favourites(wanted.account_id, wanted.member)), wanted)
    if not asked:
        yield _older(select(asset.c.seq).where(asset.c.account_id == wanted.account_id), wanted)


def _older(query: Select[Any], wanted: Wanted) -> Select[Any]:
    return query if wanted.before is None else query.where(query.selected_columns[0] < wanted.before)


def _depth(conn: Connection, numbers: Select[Any]) -> int:
    """How far back the newest so many rows of a list reach: the lower, the rarer. -1 when it has no more than those."""
    key = numbers.selected_columns[0]
    found = conn.execute(numbers.order_by(key.desc()).offset(DEPTH).limit(1)).scalar()
    return -1 if found is None else int(found)


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """Everything that is asked of an asset."""
    yield asset.c.account_id == wanted.account_id
    yield from _columns(wanted)
    if wanted.before is not None:
        yield asset.c.seq < wanted.before
    if wanted.tag is not None:
        yield select(asset_tag.c.tag).where(*_tagged(wanted), asset_tag.c.asset_seq == asset.c.seq).exists()
    if wanted.shelf is not None:
        lying = select(collection_asset.c.asset_seq).where(_shelved(wanted))
        yield lying.where(collection_asset.c.asset_seq == asset.c.seq).exists()
    if wanted.favourite is not None:
        liked = (
            select(opinion.c.asset_seq)
            .where(*favourites(wanted.account_id, wanted.member), opinion.c.asset_seq == asset.c.seq)
            .exists()
        )
        yield liked if wanted.favourite else ~liked
    if wanted.terms:
        yield text("asset.tsv @@ to_tsquery('simple', :match)").bindparams(match=tsquery(wanted.terms))  # type: ignore[misc]


def _columns(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield from (asset.c[name] == value for name, value in wanted.columns.items())


def _tagged(wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    return asset_tag.c.account_id == wanted.account_id, asset_tag.c.tag == wanted.tag


def _shelved(wanted: Wanted) -> ColumnElement[bool]:
    return collection_asset.c.collection_id == wanted.shelf
