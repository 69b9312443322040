"""Retention rules of an account: made, listed, removed, and applied to what has become old."""

from __future__ import annotations

from sqlalchemy import Connection

from pressroom.domain.identity import Principal, Scope
from pressroom.domain.library import AssetState, RetentionAction
from pressroom.ledger.accounts import account_id_of
from pressroom.library import retention
from pressroom.library.editing import set_state
from pressroom.library.retention import RetentionRule
from pressroom.services.context import Context
from pressroom.services.purge_assets import end_assets, keep_runs_out, remove_unused_objects
from pressroom.services.selection import MOST_AT_ONCE, Changed


def add_retention_rule(principal: Principal, context: Context, rule: RetentionRule) -> RetentionRule:
    """Raises Invalid for a rule that cannot be, or a name that is taken. Only an admin makes rules."""
    principal.require(Scope.ADMIN)
    with context.database.write() as conn:
        retention.add_rule(conn, account_id_of(conn, principal.account), rule, principal.user, context.now())
    return rule


def remove_retention_rule(principal: Principal, context: Context, name: str) -> RetentionRule:
    """The rule that was. Raises NotFound where there is none."""
    principal.require(Scope.ADMIN)
    with context.database.write() as conn:
        return retention.remove_rule(conn, account_id_of(conn, principal.account), name)


def list_retention_rules(principal: Principal, context: Context) -> list[RetentionRule]:
    principal.require(Scope.ASSETS_READ)
    with context.database.read() as conn:
        return retention.rules_of(conn, account_id_of(conn, principal.account))


def apply_retention(principal: Principal, context: Context, *, dry_run: bool = False) -> dict[str, Changed]:
    """Name of a rule -> what it did, or would do; one rule after the other, at most MOST_AT_ONCE assets each."""
    principal.require(Scope.ADMIN)
    found = {}
    for rule in list_retention_rules(principal, context):
        with context.database.read() if dry_run else context.database.write() as conn:
            if rule.action == RetentionAction.PURGE and not dry_run:
                keep_runs_out(conn)
            found[rule.name] = _applied(conn, context, account_id_of(conn, principal.account), rule, dry_run=dry_run)
    if not dry_run:
        remove_unused_objects(context)
    return found


def _applied(conn: Connection, context: Context, account_id: int, rule: RetentionRule, *, dry_run: bool) -> Changed:
    now = context.now()
    ids = retention.due_under(conn, account_id, rule, now, MOST_AT_ONCE)
    if rule.action == RetentionAction.PURGE:
        return end_assets(conn, context, account_id, ids, dry_run=dry_run)
    if not dry_run:
        state, at = (AssetState.TRASHED, now) if rule.action == RetentionAction.TRASH else (AssetState.ARCHIVED, None)
        set_state(conn, account_id, ids, state, at)
    return Changed(str(rule.action), tuple(ids), not dry_run)
