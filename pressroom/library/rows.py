"""Rows of the asset table to Asset values and back."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from pressroom.database.dialect import in_values
from pressroom.database.schema import asset, asset_parent, asset_tag, deleted_asset, instant
from pressroom.domain.content_hash import canonical
from pressroom.domain.errors import NotFound
from pressroom.domain.library import AssetState, Category
from pressroom.domain.media import Asset, Kind

# Kept in tables of their own.
_ELSEWHERE: Final = ("tags", "parents")
_JSON: Final = ("params", "details", "metadata", "seo_keywords")
_FIELDS: Final = tuple(field.name for field in fields(Asset) if field.name not in _ELSEWHERE)
_PLACES: Final = itemgetter(*(asset.c.keys().index(name) for name in _FIELDS))
_ENUMS: Final = {"kind": Kind, "category": Category, "state": AssetState}
# The columns of `row_of`.
ROW: Final = (*_FIELDS, "account_id")


def no_asset(name: str) -> NotFound:
    """The same words whether there is none or it is another account's."""
    return NotFound(f"there is no asset {name!r}", hint="`pressroom assets list` shows them")


def number_of(conn: Connection, account_id: int, asset_id: str) -> int:
    """The row number of the account's asset. Raises Invalid when it has none of this id."""
    query = select(asset.c.seq).where(asset.c.id == asset_id, asset.c.account_id == account_id)
    number = conn.execute(query).scalar()
    if number is None:
        raise no_asset(asset_id)
    return int(number)


def numbers_of(conn: Connection, account_id: int, asset_ids: Iterable[str]) -> dict[str, int]:
    """The row numbers of the account's assets, in the order asked for, each once. Raises Invalid when one does not exist."""
    wanted = list(dict.fromkeys(asset_ids))
    mine = select(asset.c.id, asset.c.seq).where(asset.c.account_id == account_id)
    found = {row.id: row.seq for row in conn.execute(mine.where(in_values(asset.c.id, wanted)))}
    missing = [each for each in wanted if each not in found]
    if missing:
        raise no_asset(missing[0])
    return {each: found[each] for each in wanted}


def row_of(account_id: int, value: Asset) -> dict[str, Any]:
    """Column values of an account's asset as a driver takes them, its tags and parents left out."""
    row = {name: getattr(value, name) for name in _FIELDS} | {"account_id": account_id}
    row |= {name: canonical(row[name]).decode() for name in _JSON}
    row |= {"kind": value.kind.value, "category": value.category.value, "state": value.state.value}
    row["created_at"] = instant(value.created_at or datetime.now(UTC))
    row["trashed_at"] = value.trashed_at and instant(value.trashed_at)
    return row


def assets_from(conn: Connection, rows: Sequence[Row[Any]]) -> list[Asset]:
    """Assets of whole rows, in the same order, with their tags and parents."""
    if not rows:
        return []
    numbers = [row.seq for row in rows]
    tags = _grouped(conn, select(asset_tag.c.asset_seq, asset_tag.c.tag).order_by(asset_tag.c.tag), asset_tag, numbers)
    # Of a parent that was purged, its id is left.
    parent_id = func.coalesce(asset.c.id, deleted_asset.c.id)
    parents = (
        select(asset_parent.c.asset_seq, parent_id)
        .join_from(asset_parent, asset, asset.c.seq == asset_parent.c.parent_seq, isouter=True)
        .join(deleted_asset, deleted_asset.c.seq == asset_parent.c.parent_seq, isouter=True)
    )
    ids = _grouped(conn, parents.order_by(asset_parent.c.position), asset_parent, numbers)
    return [_asset(row, tuple(tags[row.seq]), tuple(ids[row.seq])) for row in rows]


def _grouped(conn: Connection, query: Any, table: Any, numbers: Sequence[int]) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for number, text in conn.execute(query.where(in_values(table.c.asset_seq, numbers))):
        found[number].append(text)
    return found


def _asset(row: Row[Any], tags: tuple[str, ...], parents: tuple[str, ...]) -> Asset:
    # By place: a page of 500 asks 20,000 columns for their values, and by name that takes half of its time.
    values = dict(zip(_FIELDS, _PLACES(row), strict=True))
    values |= {name: {} if values[name] == "{}" else json.loads(values[name]) for name in _JSON}
    values |= {name: kind(values[name]) for name, kind in _ENUMS.items()}
    values["seo_keywords"] = tuple(values["seo_keywords"])
    return Asset(**values, tags=tags, parents=parents)
