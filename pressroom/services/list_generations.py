"""The account's generations, the newest first: filtered before they are counted off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select

from pressroom.database.counting import Count, counted
from pressroom.database.schema import run, run_node
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.identity import Principal, Scope
from pressroom.domain.states import QUEUED, WORKING_RUNS, NodeState, RunState
from pressroom.domain.suggest import did_you_mean
from pressroom.ledger.accounts import account_id_of
from pressroom.runs.nodes import nodes_of_runs
from pressroom.runs.records import run_of, runs_of
from pressroom.services.context import Context
from pressroom.services.list_runs import lines_of
from pressroom.services.recover_runs import dead_runs
from pressroom.services.show_run import as_generation, view_of

STATES = (QUEUED, *RunState)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which generations: empty is any. `begins` and `ends` bound when they were asked for, from the first up to the second."""

    state: str = ""
    operation: str = ""
    model: str = ""
    user: str = ""
    begins: datetime | None = None
    ends: datetime | None = None


def list_generations(
    principal: Principal, context: Context, wanted: Wanted, *, limit: int = 50, before: str | None = None
) -> Sequence[dict[str, Any]]:
    """At most so many that fit, older than the one `before`. Raises Invalid for a state that there is not."""
    principal.require(Scope.RUNS_READ)
    if wanted.state and wanted.state not in STATES:
        hint = did_you_mean(wanted.state, STATES, "states")
        raise Invalid.of([Problem("usage", f"there is no state {wanted.state[:40]!r}", hint, path=("state",))])
    dead = set(dead_runs(context))
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        query = _query(account_id, wanted)
        if before is not None:
            last = run_of(conn, account_id, before)
            older = (run.c.created_at < last.created_at) | (
                (run.c.created_at == last.created_at) & (run.c.id < last.id)
            )
            query = query.where(older)
        ids = conn.execute(query.order_by(run.c.created_at.desc(), run.c.id.desc()).limit(limit)).scalars().all()
        lines = lines_of(conn, runs_of(conn, account_id, ids), dead)
        nodes = nodes_of_runs(conn, account_id, ids)
    return [as_generation(view_of(principal, context, line), nodes[line.run.id]) for line in lines]


def count_generations(principal: Principal, context: Context, wanted: Wanted) -> Count:
    """How many generations fit."""
    principal.require(Scope.RUNS_READ)
    with context.database.read() as conn:
        return counted(conn, _query(account_id_of(conn, principal.account), wanted))


def _query(account_id: int, wanted: Wanted) -> Select[Any]:
    return select(run.c.id).where(run.c.account_id == account_id, run.c.is_generation, *_fitting(wanted))


def _fitting(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state in (QUEUED, RunState.RUNNING):
        begun = _has_node(run_node.c.state != NodeState.WAITING)
        found += [run.c.state.in_(WORKING_RUNS), ~begun if wanted.state == QUEUED else begun]
    elif wanted.state:
        found.append(run.c.state == wanted.state)
    if wanted.operation:
        found.append(_has_node(run_node.c.operation == wanted.operation))
    if wanted.model:
        found.append(_has_node(run_node.c.model == wanted.model))
    if wanted.user:
        found.append(run.c.created_by == wanted.user)
    if wanted.begins is not None:
        found.append(run.c.created_at >= wanted.begins)
    if wanted.ends is not None:
        found.append(run.c.created_at < wanted.ends)
    return found


def _has_node(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(run_node.c.run_id == run.c.id, condition)
