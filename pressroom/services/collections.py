"""Collections of an account: made, edited, filled, ordered and deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection

from pressroom.domain.errors import NotFound, Problem
from pressroom.domain.identity import Principal, Scope
from pressroom.domain.library import Right
from pressroom.domain.media import Asset
from pressroom.ledger.accounts import account_id_of
from pressroom.library import collections
from pressroom.library.collections import Collection
from pressroom.services.context import Context
from pressroom.services.selection import Changed, Selection, selected


def list_collections(principal: Principal, context: Context) -> list[Collection]:
    """The account's collections by name, each with its true count."""
    principal.require(Scope.ASSETS_READ)
    with context.database.read() as conn:
        return collections.collections_of(conn, account_id_of(conn, principal.account))


def collections_with_faces(principal: Principal, context: Context) -> list[tuple[Collection, Asset | None]]:
    """The account's collections by name, each with the asset that stands for it (see `faces_of`)."""
    principal.require(Scope.ASSETS_READ)
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        faces = collections.faces_of(conn, account_id)
        return [(each, faces.get(each.name)) for each in collections.collections_of(conn, account_id)]


def show_collection(
    principal: Principal, context: Context, name: str, limit: int = 50, after: str | None = None
) -> tuple[Collection, tuple[Asset, ...]]:
    """A collection with so many of its assets, in its order, after the one with this id."""
    principal.require(Scope.ASSETS_READ)
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        return _collection(conn, account_id, name), collections.assets_in(conn, account_id, name, limit, after)


def create_collection(principal: Principal, context: Context, name: str, description: str = "") -> Collection:
    """Raises Invalid when the name is empty, overlong or taken."""
    principal.require(Scope.ASSETS_WRITE)
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        collections.create_collection(conn, account_id, name, description)
        return _collection(conn, account_id, name.strip())


def edit_collection(
    principal: Principal,
    context: Context,
    name: str,
    *,
    new_name: str | None = None,
    description: str | None = None,
    cover: str | None = None,
) -> Collection:
    """Change what is given; an empty cover takes it off."""
    principal.require(Scope.ASSETS_WRITE)
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        change = {"new_name": new_name, "description": description, "cover": cover}
        collections.id_of_collection(conn, account_id, name)
        with _named("cover"):
            collections.edit_collection(conn, account_id, name, **change)
        return _collection(conn, account_id, name if new_name is None else new_name.strip())


def add_to_collection(
    principal: Principal, context: Context, name: str, selection: Selection, *, dry_run: bool = False
) -> Changed:
    """Put the account's own assets on a collection, behind what lies there."""
    return _changed(principal, context, name, selection, "add to the collection", dry_run=dry_run)


def remove_from_collection(
    principal: Principal, context: Context, name: str, selection: Selection, *, dry_run: bool = False
) -> Changed:
    return _changed(principal, context, name, selection, "remove from the collection", dry_run=dry_run)


def order_collection(principal: Principal, context: Context, name: str, asset_ids: Sequence[str]) -> None:
    """Lay these assets first, in this order; the others follow as they lay."""
    principal.require(Scope.ASSETS_WRITE)
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        collections.id_of_collection(conn, account_id, name)
        with _named("ids"):
            collections.order_collection(conn, account_id, name, asset_ids)


def move_in_collection(principal: Principal, context: Context, name: str, asset_id: str, places: int) -> None:
    """Lay an asset so many places later, or earlier where `places` is negative; at most at an end."""
    principal.require(Scope.ASSETS_WRITE)
    with context.database.write() as conn:
        collections.move_in_collection(conn, account_id_of(conn, principal.account), name, asset_id, places)


def delete_collection(principal: Principal, context: Context, name: str) -> None:
    """The assets on it stay."""
    principal.require(Scope.ASSETS_WRITE)
    with context.database.write() as conn:
        collections.delete_collection(conn, account_id_of(conn, principal.account), name)


_CHANGES = {
    "add to the collection": collections.add_to_collection,
    "remove from the collection": collections.remove_from_collection,
}


def _changed(
    principal: Principal, context: Context, name: str, selection: Selection, action: str, *, dry_run: bool
) -> Changed:
    principal.require(Scope.ASSETS_WRITE)
    with context.database.read() if dry_run else context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        collections.id_of_collection(conn, account_id, name)
        with _named("ids"):
            ids = selected(conn, principal, context, selection, Right.EDIT).get(account_id, [])
        if not dry_run:
            _CHANGES[action](conn, account_id, name, ids)
    return Changed(action, tuple(ids), not dry_run)


@contextmanager
def _named(field: str) -> Iterator[None]:
    """The collection is there: what is not is an asset that this field of the request names."""
    try:
        yield
    except NotFound as exc:
        named = Problem("unknown_asset", exc.message, exc.hint, path=(field,))
        raise NotFound(exc.message, hint=exc.hint, problems=(named,)) from exc


def _collection(conn: Connection, account_id: int, name: str) -> Collection:
    for found in collections.collections_of(conn, account_id):
        if found.name == name:
            return found
    raise NotFound(f"there is no collection {name!r}", hint="`pressroom collections list` shows them")
