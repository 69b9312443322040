"""The end of assets that lie in the trash, by hand or after their days in it; and of the objects that nothing names then."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, select, text

from pressroom.database.dialect import in_values
from pressroom.database.schema import asset, run, run_node
from pressroom.domain.errors import Retryable
from pressroom.domain.identity import Principal, Scope
from pressroom.domain.library import AssetState, Right
from pressroom.domain.states import OPEN_RUNS
from pressroom.ledger.accounts import account_id_of
from pressroom.library.purging import forget_removed, purge, take_unused
from pressroom.planning.stored_plan import files_of
from pressroom.services.context import Context
from pressroom.services.selection import MOST_AT_ONCE, Changed, Selection, selected

IN_USE: Final = "a run that has not ended uses it"
NOT_TRASHED: Final = "it is not in the trash"


@dataclass(frozen=True, slots=True)
class _Claims:
    """What runs of an account that have not ended may still take: by the bytes, or by the node that made it."""

    files: frozenset[str]
    node_keys: frozenset[str]


def purge_assets(principal: Principal, context: Context, selection: Selection, *, dry_run: bool = False) -> Changed:
    """End assets of the account's own trash: words, metadata, uses and shares go; that they were there stays.

    What a run that has not ended uses is kept, and what does not lie in the trash.
    """
    principal.require(Scope.ASSETS_WRITE)
    with context.database.read() if dry_run else context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        if not dry_run:
            keep_runs_out(conn)
        ids = selected(conn, principal, context, selection, Right.EDIT).get(account_id, [])
        kept = _untrashed(conn, ids)
        found = end_assets(conn, context, account_id, [each for each in ids if each not in kept], dry_run=dry_run)
    if not dry_run:
        remove_unused_objects(context)
    return Changed("purge", found.assets, not dry_run, {**kept, **found.kept})


def empty_trash(context: Context, *, dry_run: bool = False) -> dict[int, Changed]:
    """Account -> what was purged of it: all that has lain in the trash for the settings' `trash_days`."""
    oldest = context.now() - timedelta(days=context.settings.trash_days)
    with context.database.read() as conn:
        due = (asset.c.state == AssetState.TRASHED, asset.c.trashed_at <= oldest)
        rows = conn.execute(select(asset.c.account_id, asset.c.id).where(*due).limit(MOST_AT_ONCE)).all()
    by_account: dict[int, list[str]] = {}
    for account_id, asset_id in rows:
        by_account.setdefault(account_id, []).append(asset_id)
    found = {}
    for account_id, ids in by_account.items():
        with context.database.read() if dry_run else context.database.write() as conn:
            if not dry_run:
                keep_runs_out(conn)
            there = set(ids) - _untrashed(conn, ids).keys()  # taken out of the trash meanwhile
            found[account_id] = end_assets(conn, context, account_id, sorted(there), dry_run=dry_run)
    if found and not dry_run:
        remove_unused_objects(context)
    return found


def end_assets(conn: Connection, context: Context, account_id: int, ids: list[str], *, dry_run: bool) -> Changed:
    """End an account's assets, but for those that its runs may still take. Their objects are removed afterwards."""
    kept = dict.fromkeys(_claimed(conn, account_id, ids), IN_USE)
    ending = [each for each in ids if each not in kept]
    if not dry_run:
        purge(conn, account_id, ending, context.now())
    return Changed("purge", tuple(ending), not dry_run, kept)


def keep_runs_out(conn: Connection) -> None:
    """No run begins to use what is looked at from here to the end of the transaction. It comes first in it."""
    if conn.dialect.name == "postgresql":  # SQLite has one writer at a time
        conn.execute(text("LOCK TABLE run IN SHARE MODE"))


def remove_unused_objects(context: Context) -> int:
    """Remove what assets left in the store, and the small pictures of it; returns how many objects.

    Killed in between, or where the store cannot be reached now, the next call goes on.
    """
    removed = 0
    with suppress(Retryable):
        while going := _taken(context):
            for name in going:
                context.store.delete(name)
                for shown in (*context.thumbnails.glob(f"{name}-*"), *(context.previews / name[:2]).glob(f"{name}-*")):
                    shown.unlink(missing_ok=True)
            with context.database.write() as conn:
                forget_removed(conn, going)
            removed += len(going)
    return removed


def _taken(context: Context) -> list[str]:
    with context.database.write() as conn:
        return take_unused(conn)


def _untrashed(conn: Connection, ids: Iterable[str]) -> dict[str, str]:
    query = select(asset.c.id).where(asset.c.state != AssetState.TRASHED, in_values(asset.c.id, ids))
    return dict.fromkeys(conn.execute(query).scalars(), NOT_TRASHED)


def _claimed(conn: Connection, account_id: int, ids: list[str]) -> list[str]:
    claims = _claims(conn, account_id)
    query = select(asset.c.id, asset.c.sha256, asset.c.node_key).where(asset.c.account_id == account_id)
    return [
        row.id
        for row in conn.execute(query.where(in_values(asset.c.id, ids)))
        if row.sha256 in claims.files or row.node_key in claims.node_keys
    ]


def _claims(conn: Connection, account_id: int) -> _Claims:
    unended = (run.c.account_id == account_id, run.c.state.in_(OPEN_RUNS))
    plans = conn.execute(select(run.c.plan).where(*unended)).scalars()
    keys = select(run_node.c.key).join(run, run.c.id == run_node.c.run_id).where(*unended, run_node.c.key != "")
    return _Claims(
        files=frozenset(name for plan in plans for name in files_of(plan)),
        node_keys=frozenset(conn.execute(keys).scalars()),
    )
