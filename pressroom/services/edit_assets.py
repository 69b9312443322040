"""Changing assets, one or thousands in one transaction: words, tags, opinions, folders, and where they stand.

Every use case takes a selection and can be asked for nothing but what it would do (`dry_run`). It is for the account's own
assets, and for those that others share with the right that it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from pressroom.domain.errors import Invalid
from pressroom.domain.identity import Principal, Scope
from pressroom.domain.library import AssetState, Right
from pressroom.domain.shelving import checked_tag
from pressroom.ledger.accounts import account_id_of
from pressroom.library import folders, opinions, tags
from pressroom.library.editing import Edit, set_state
from pressroom.library.editing import edit_assets as edit_in
from pressroom.library.folders import Folder, checked_folder
from pressroom.services.context import Context
from pressroom.services.selection import Changed, Selection, selected

# Changes assets of one account: (connection, account, ids).
Change = Callable[[Connection, int, list[str]], Any]


def edit_assets(
    principal: Principal, context: Context, selection: Selection, edit: Edit, *, dry_run: bool = False
) -> Changed:
    """Raises Invalid with every value that cannot be."""
    edit.values()
    return _changed(
        principal, context, selection, "edit", lambda conn, owner, ids: edit_in(conn, owner, ids, edit), dry_run
    )


def move_assets(
    principal: Principal, context: Context, selection: Selection, folder: str, *, dry_run: bool = False
) -> Changed:
    """Put assets into a folder, which need not be there before; empty is the top."""
    to = Edit(folder=checked_folder(folder))
    return _changed(
        principal, context, selection, "move", lambda conn, owner, ids: edit_in(conn, owner, ids, to), dry_run
    )


def tag_assets(
    principal: Principal, context: Context, selection: Selection, words: Sequence[object], *, dry_run: bool = False
) -> Changed:
    """A number as a tag is its text."""
    checked = _given(words)
    return _changed(
        principal, context, selection, "tag", lambda conn, owner, ids: tags.add_tags(conn, owner, ids, checked), dry_run
    )


def untag_assets(
    principal: Principal, context: Context, selection: Selection, words: Sequence[object], *, dry_run: bool = False
) -> Changed:
    """What is taken off is not put back by a rule or a model."""
    checked = _given(words)
    return _changed(
        principal,
        context,
        selection,
        "untag",
        lambda conn, owner, ids: tags.remove_tags(conn, owner, ids, checked),
        dry_run,
    )


def favour_assets(
    principal: Principal, context: Context, selection: Selection, favourite: bool = True, *, dry_run: bool = False
) -> Changed:
    """A favourite is one of who acts, and of nobody else."""

    def change(conn: Connection, owner: int, ids: list[str]) -> None:
        opinions.set_favourite(conn, owner, ids, favourite, member=principal.user)

    return _changed(principal, context, selection, "favourite", change, dry_run, Right.VIEW)


def rate_assets(
    principal: Principal, context: Context, selection: Selection, rating: int | None, *, dry_run: bool = False
) -> Changed:
    """From 1 to 5, by who acts; None takes it back."""

    def change(conn: Connection, owner: int, ids: list[str]) -> None:
        opinions.set_rating(conn, owner, ids, rating, member=principal.user)

    opinions.checked_rating(rating)
    return _changed(principal, context, selection, "rate", change, dry_run, Right.VIEW)


def archive_assets(principal: Principal, context: Context, selection: Selection, *, dry_run: bool = False) -> Changed:
    return _brought_to(AssetState.ARCHIVED, "archive", principal, context, selection, dry_run)


def trash_assets(principal: Principal, context: Context, selection: Selection, *, dry_run: bool = False) -> Changed:
    """Put assets into the trash, from which they are purged after the settings' `trash_days`."""
    return _brought_to(AssetState.TRASHED, "trash", principal, context, selection, dry_run)


def restore_assets(principal: Principal, context: Context, selection: Selection, *, dry_run: bool = False) -> Changed:
    """Out of the trash or the archive."""
    return _brought_to(AssetState.READY, "restore", principal, context, selection, dry_run)


def list_folders(principal: Principal, context: Context) -> list[Folder]:
    """Every folder of the account that something lies in, by path."""
    principal.require(Scope.ASSETS_READ)
    with context.database.read() as conn:
        return folders.folders_of(conn, account_id_of(conn, principal.account))


def move_folder(principal: Principal, context: Context, folder: str, to: str) -> int:
    """Rename a folder or move it, with all below it; returns how many assets that are. Raises Invalid as the library does."""
    principal.require(Scope.ASSETS_WRITE)
    with context.database.write() as conn:
        return folders.move_folder(conn, account_id_of(conn, principal.account), folder, to)


def _given(words: Sequence[object]) -> list[str]:
    checked = [checked_tag(str(word)) for word in words]
    if not checked:
        raise Invalid("no tag is given", hint="give at least one")
    return checked


def _brought_to(
    state: AssetState, action: str, principal: Principal, context: Context, selection: Selection, dry_run: bool
) -> Changed:
    at = context.now() if state is AssetState.TRASHED else None
    return _changed(
        principal, context, selection, action, lambda conn, owner, ids: set_state(conn, owner, ids, state, at), dry_run
    )


def _changed(
    principal: Principal,
    context: Context,
    selection: Selection,
    action: str,
    change: Change,
    dry_run: bool,
    right: Right = Right.EDIT,
) -> Changed:
    """An opinion changes nothing of the asset: it takes the right to see it, and a member who may only read has one too."""
    principal.require(Scope.ASSETS_WRITE if right is Right.EDIT else Scope.ASSETS_READ)
    with context.database.read() if dry_run else context.database.write() as conn:
        grouped = selected(conn, principal, context, selection, right)
        for owner, ids in grouped.items() if not dry_run else ():
            change(conn, owner, ids)
    return Changed(action, tuple(each for ids in grouped.values() for each in ids), not dry_run)
