"""Where an asset came from, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from pressroom.database.dialect import in_values
from pressroom.database.schema import asset, asset_parent, deleted_asset
from pressroom.domain.media import Asset
from pressroom.library.rows import assets_from, number_of

MAX_ASSETS: Final = 1_000

Edge = tuple[int, int]  # child, parent


@dataclass(frozen=True, slots=True)
class Lineage:
    """An asset with everything above and below it, nearest first. `edges` are (child id, parent id).

    `truncated` says that one of the sides was longer than the limit, `deleted` are ids in edges of what was purged.
    """

    asset: Asset
    ancestors: tuple[Asset, ...]
    descendants: tuple[Asset, ...]
    edges: tuple[tuple[str, str], ...]
    truncated: bool
    deleted: tuple[str, ...] = ()


def lineage(conn: Connection, account_id: int, asset_id: str, *, max_assets: int = MAX_ASSETS) -> Lineage:
    """Walk level by level, each asset once, so that woven histories cost no more than their size.

    Raises Invalid when there is no such asset.
    """
    # An edge never joins two accounts: parents are looked up among the child's own.
    root = number_of(conn, account_id, asset_id)
    above, up, cut_above = _walk(conn, root, asset_parent.c.asset_seq, lambda edge: edge[1], max_assets)
    below, down, cut_below = _walk(conn, root, asset_parent.c.parent_seq, lambda edge: edge[0], max_assets)
    assets = _assets(conn, [root, *above, *below])
    deleted = _deleted(conn, [number for number in (*above, *below) if number not in assets])
    ids = {number: each.id for number, each in assets.items()} | deleted
    return Lineage(
        asset=assets[root],
        ancestors=tuple(assets[number] for number in above if number in assets),
        descendants=tuple(assets[number] for number in below if number in assets),
        edges=tuple((ids[child], ids[parent]) for child, parent in [*up, *down]),
        truncated=cut_above or cut_below,
        deleted=tuple(deleted.values()),
    )


def _walk(
    conn: Connection, root: int, near: Any, far: Callable[[Edge], int], limit: int
) -> tuple[list[int], list[Edge], bool]:
    """Everything reachable from the root: assets nearest first, their edges, and whether some are left out."""
    seen, edges, level = {root: None}, [], [root]
    while level:
        found = _edges(conn, near, level)
        room = limit - (len(seen) - 1)
        fresh = [number for number in dict.fromkeys(map(far, found)) if number not in seen]
        level = fresh[:room]
        seen |= dict.fromkeys(level)
        edges += [edge for edge in found if far(edge) in seen]
        if len(fresh) > room:
            return list(seen)[1:], edges, True
    return list(seen)[1:], edges, False


def _edges(conn: Connection, near: Any, level: Iterable[int]) -> list[Edge]:
    query = select(asset_parent.c.asset_seq, asset_parent.c.parent_seq)
    query = query.order_by(asset_parent.c.asset_seq, asset_parent.c.position)
    return [(child, parent) for child, parent in conn.execute(query.where(in_values(near, level)))]


def _assets(conn: Connection, numbers: Iterable[int]) -> dict[int, Asset]:
    rows = conn.execute(select(asset).where(in_values(asset.c.seq, numbers))).all()
    return dict(zip((row.seq for row in rows), assets_from(conn, rows), strict=True))


def _deleted(conn: Connection, numbers: Iterable[int]) -> dict[int, str]:
    query = select(deleted_asset.c.seq, deleted_asset.c.id)
    return {row.seq: row.id for row in conn.execute(query.where(in_values(deleted_asset.c.seq, numbers)))}
