"""Which assets a change is for: by their ids, or all that a filter finds; and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import Connection, select

from pressroom.database.dialect import in_values
from pressroom.database.schema import asset
from pressroom.domain.errors import Invalid
from pressroom.domain.identity import Principal
from pressroom.domain.library import Right
from pressroom.ledger.accounts import account_id_of
from pressroom.library.assets import get_asset
from pressroom.library.search import Asked, Filter, numbers
from pressroom.library.sharing import places_of
from pressroom.services.access import require
from pressroom.services.context import Context
from pressroom.services.finding import check_filter

MOST_AT_ONCE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Selection:
    """Assets by their ids (or a beginning of one of the account's own), or all of the account's that `which` finds."""

    ids: tuple[str, ...] = ()
    which: Filter | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What was done to which assets; not `done`, it is what would be. `kept` are those that stay, each with why."""

    action: str
    assets: tuple[str, ...]
    done: bool
    kept: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {
            "action": self.action,
            "done": self.done,
            "count": len(self.assets),
            "assets": list(self.assets),
            "kept": dict(self.kept),
        }


def selected(
    conn: Connection, principal: Principal, context: Context, selection: Selection, right: Right
) -> dict[int, list[str]]:
    """Account -> ids of the assets that are meant, all of which the principal has the right to.

    Raises Invalid for a selection of nothing or of more than MOST_AT_ONCE, NotFound for an asset that is none of theirs.
    """
    if (selection.which is None) == (not selection.ids):
        raise Invalid("name assets, or give a filter that finds them", hint="one of both")
    if selection.which is not None:
        return _found(conn, principal, context, selection.which)
    if len(selection.ids) > MOST_AT_ONCE:
        raise _too_many()
    grouped: dict[int, list[str]] = {}
    for place in require(conn, principal, _whole(conn, principal, selection.ids), right):
        grouped.setdefault(place.account_id, []).append(place.id)
    return grouped


def _found(conn: Connection, principal: Principal, context: Context, which: Filter) -> dict[int, list[str]]:
    check_filter(context, which)
    account_id = account_id_of(conn, principal.account)
    asked = Asked(tiers={name: model.tier for name, model in context.catalog.models.items()})
    theirs = replace(which, member=principal.user)
    found = numbers(conn, account_id, theirs, context.mirror, MOST_AT_ONCE + 1, asked)
    if len(found) > MOST_AT_ONCE:
        raise _too_many()
    query = select(asset.c.id).order_by(asset.c.seq.desc())
    ids = conn.execute(query.where(in_values(asset.c.seq, found))).scalars().all()
    return {account_id: list(ids)} if ids else {}


def _whole(conn: Connection, principal: Principal, names: tuple[str, ...]) -> list[str]:
    """Ids; where one is only the beginning of one, the account's own that it fits."""
    known = places_of(conn, names)
    own = account_id_of(conn, principal.account) if len(known) < len(set(names)) else None
    return [name if own is None or name in known else get_asset(conn, own, name).id for name in names]


def _too_many() -> Invalid:
    return Invalid(f"more than {MOST_AT_ONCE:,} assets are too many for one change", hint="narrow the filter")
