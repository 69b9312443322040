"""Whether somebody may see, use or edit an asset: the one place that decides, and everything asks it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from pressroom.database.schema import account
from pressroom.domain.identity import Principal, Scope
from pressroom.domain.library import AssetState, Right
from pressroom.library.rows import no_asset
from pressroom.library.sharing import RIGHTS, Place, Target, places_of, rights_by, shares_with


@dataclass(frozen=True, slots=True)
class Visitor:
    """Nobody in particular, who holds a public link that is good now; `link` is its row's number."""

    link: int
    target: Target
    right: Right


def may(conn: Connection, who: Principal | Visitor, place: Place, right: Right) -> bool:
    """Whether one who acts for an account, or holds a link, has this right to an asset."""
    return place.seq in permitted(conn, who, [place], right)


def permitted(conn: Connection, who: Principal | Visitor, places: Sequence[Place], right: Right) -> set[int]:
    """The row numbers of those assets to which they have this right."""
    found = _rights(conn, who, places)
    enough = RIGHTS[RIGHTS.index(right) :]
    return {seq for seq, given in found.items() if given in enough}


def require(conn: Connection, who: Principal | Visitor, asset_ids: Iterable[str], right: Right) -> list[Place]:
    """Where these assets lie, each once, in the order asked for.

    Raises Invalid for the first to which they have not this right, in the words for one that there is not.
    """
    wanted = list(dict.fromkeys(asset_ids))
    places = places_of(conn, wanted)
    allowed = permitted(conn, who, list(places.values()), right)
    for asset_id in wanted:
        if asset_id not in places or places[asset_id].seq not in allowed:
            raise no_asset(asset_id)
    return [places[asset_id] for asset_id in wanted]


def _rights(conn: Connection, who: Principal | Visitor, places: Sequence[Place]) -> dict[int, Right]:
    """Row number -> the furthest right, of those to which they have any."""
    shown = {place.seq: Right.VIEW for place in places if place.is_public and place.state is not AssetState.TRASHED}
    if isinstance(who, Visitor):
        return shown | _untrashed(places, rights_by(conn, [(who.target, who.right)], places))
    own_account = conn.execute(select(account.c.id).where(account.c.name == who.account)).scalar()
    own = [place for place in places if place.account_id == own_account]
    others = [place for place in places if place.account_id != own_account]
    most = _most(who)
    found = dict.fromkeys((place.seq for place in own), most) if most else {}
    shared = [(each.target, each.right) for each in shares_with(conn, who.user)] if others and most else []
    given = _untrashed(others, rights_by(conn, shared, others))
    return shown | {seq: min(right, most, key=RIGHTS.index) for seq, right in given.items() if most} | found


def _most(who: Principal) -> Right | None:
    """What the scopes of who acts allow at all."""
    if Scope.ASSETS_WRITE in who.scopes:
        return Right.EDIT
    return Right.USE if Scope.ASSETS_READ in who.scopes else None


def _untrashed(places: Sequence[Place], rights: dict[int, Right]) -> dict[int, Right]:
    """What lies in the trash is gone for guests, but for those who may take it out."""
    trashed = {place.seq for place in places if place.state is AssetState.TRASHED}
    return {seq: right for seq, right in rights.items() if seq not in trashed or right is Right.EDIT}
