"""How much there is in an account's library, what it cost, and what of it is used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Integer, cast, func, select

from pressroom.database.schema import asset, run, run_node
from pressroom.domain.library import AssetState
from pressroom.domain.media import Asset
from pressroom.domain.money import to_number
from pressroom.domain.states import NodeState
from pressroom.library.rows import assets_from

MOST_SHOWN: Final = 5
_SUMMED: Final = ("assets", "credits", "usd", "size", "views", "uses", "used")
_GROUPS: Final = (asset.c.kind, asset.c.category, asset.c.source_module, asset.c.provider, asset.c.model)


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of everything but the trash, which is counted alone.

    `by` has for each of kind, category, module, model and tier the number of assets. `size_bytes` sums over assets,
    `storage_bytes` over objects, of which equal ones are one. `reuse_rate` is the share of the nodes of all runs that the
    library had already; None before the first.
    """

    count: int
    trashed: int
    by: Mapping[str, Mapping[str, int]]
    cost_credits_micros: int
    cost_usd_micros: int
    size_bytes: int
    storage_bytes: int
    views: int
    uses: int
    used: int
    reuse_rate: float | None
    newest: tuple[Asset, ...]
    most_used: tuple[Asset, ...]

    def as_dict(self, account: str) -> dict[str, Any]:
        same = ("count", "trashed", "size_bytes", "storage_bytes", "views", "uses", "used", "reuse_rate")
        return {
            **{name: getattr(self, name) for name in same},
            "cost_credits": to_number(self.cost_credits_micros),
            "cost_usd": to_number(self.cost_usd_micros),
            "by": {name: dict(counts) for name, counts in self.by.items()},
            "newest": [each.as_dict(account) for each in self.newest],
            "most_used": [each.as_dict(account) for each in self.most_used],
        }


def statistics(conn: Connection, account_id: int, tiers: Mapping[str, str]) -> Statistics:
    """`tiers`: "provider/model" -> its tier; what none of them made is of the tier `none`."""
    mine, there = asset.c.account_id == account_id, asset.c.state != AssetState.TRASHED
    by: dict[str, Counter[str]] = {name: Counter() for name in ("kind", "category", "module", "model", "tier")}
    totals: Counter[str] = Counter()
    for row in conn.execute(select(*_GROUPS, *_sums()).where(mine, there).group_by(*_GROUPS)):
        model = f"{row.provider}/{row.model}" if row.model else ""
        values = (row.kind, row.category, row.source_module, model or "none", tiers.get(model, "none"))
        for counts, value in zip(by.values(), values, strict=True):
            counts[value] += row.assets
        totals.update({name: int(row._mapping[name]) for name in _SUMMED})
    objects = select(asset.c.sha256, func.max(asset.c.size_bytes).label("size")).where(mine, there)
    stored = objects.group_by(asset.c.sha256).subquery()
    return Statistics(
        count=totals["assets"],
        trashed=conn.execute(select(func.count()).select_from(asset).where(mine, ~there)).scalar_one(),
        by=by,
        cost_credits_micros=totals["credits"],
        cost_usd_micros=totals["usd"],
        size_bytes=totals["size"],
        storage_bytes=int(conn.execute(select(func.coalesce(func.sum(stored.c.size), 0))).scalar_one()),
        views=totals["views"],
        uses=totals["uses"],
        used=totals["used"],
        reuse_rate=_reuse_rate(conn, account_id),
        newest=_shown(conn, select(asset).where(mine, there).order_by(asset.c.seq.desc())),
        most_used=_shown(
            conn, select(asset).where(mine, there, asset.c.uses > 0).order_by(asset.c.uses.desc(), asset.c.seq.desc())
        ),
    )


def _sums() -> list[Any]:
    used = cast(asset.c.uses > 0, Integer)
    columns = (
        asset.c.cost_credits_micros,
        asset.c.cost_usd_micros,
        asset.c.size_bytes,
        asset.c.views,
        asset.c.uses,
        used,
    )
    return [
        func.count().label(_SUMMED[0]),
        *(func.sum(each).label(name) for each, name in zip(columns, _SUMMED[1:], strict=True)),
    ]


def _shown(conn: Connection, query: Any) -> tuple[Asset, ...]:
    return tuple(assets_from(conn, conn.execute(query.limit(MOST_SHOWN)).all()))


def _reuse_rate(conn: Connection, account_id: int) -> float | None:
    mine = select(run_node.c.state, func.count()).join(run, run.c.id == run_node.c.run_id)
    made = (NodeState.DONE, NodeState.REUSED)
    query = mine.where(run.c.account_id == account_id, run_node.c.state.in_(made)).group_by(run_node.c.state)
    counts = {state: int(count) for state, count in conn.execute(query)}
    whole = sum(counts.values())
    return counts.get(NodeState.REUSED, 0) / whole if whole else None
