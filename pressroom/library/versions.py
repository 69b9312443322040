"""Versions: what runs of one campaign made for the same step, variant and place, in the order of the runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from pressroom.database.schema import asset
from pressroom.domain.media import Asset
from pressroom.library.assets import get_asset
from pressroom.library.rows import assets_from

# What makes two assets versions of one another.
_PLACE: Final = ("campaign", "step", "variant", "placement", "label", "ordinal")
_COMPARED: Final = ("operation", "provider", "model", "prompt", "width", "height", "sha256")


@dataclass(frozen=True, slots=True)
class Change:
    """`what` is a field of the asset, or `params.NAME`."""

    what: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Version:
    """`number` counts from 1; `changes` is what differs from the version before."""

    number: int
    asset: Asset
    changes: tuple[Change, ...]

    def as_dict(self, account: str) -> dict[str, Any]:
        changes = [{"what": each.what, "before": each.before, "after": each.after} for each in self.changes]
        return {"number": self.number, "asset": self.asset.as_dict(account), "changes": changes}


def versions_of(conn: Connection, account_id: int, asset_id: str) -> tuple[Version, ...]:
    """Every version of an asset, the oldest first; itself alone where no campaign made it. Raises NotFound."""
    given = get_asset(conn, account_id, asset_id)
    if not given.run_id:
        return (Version(1, given, ()),)
    same = (asset.c[name].is_not_distinct_from(getattr(given, name)) for name in _PLACE)
    query = select(asset).where(asset.c.account_id == account_id, asset.c.run_id != "", *same)
    found = assets_from(conn, conn.execute(query.order_by(asset.c.seq)).all())
    before = (None, *found)
    return tuple(
        Version(number, each, () if earlier is None else tuple(_changes(earlier, each)))
        for number, (earlier, each) in enumerate(zip(before, found, strict=False), start=1)
    )


def _changes(before: Asset, after: Asset) -> Iterator[Change]:
    for name in _COMPARED:
        if getattr(before, name) != getattr(after, name):
            yield Change(name, getattr(before, name), getattr(after, name))
    yield from _params(before.params, after.params)


def _params(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name) and name not in _COMPARED:
            yield Change(f"params.{name}", before.get(name), after.get(name))
