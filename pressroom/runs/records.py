"""The records of runs and their nodes: what was planned, what happened, what it cost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from pressroom.database.schema import run, run_node
from pressroom.domain.content_hash import canonical
from pressroom.domain.errors import Invalid, Permanent
from pressroom.domain.states import OPEN_NODES, OPEN_RUNS, NodeState, RunState

DEFAULT_LIMIT: Final = 50


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run. `plan` is the plan's JSON text (empty in lists), `totals` are JSON values, `report` is a path."""

    id: str
    campaign: str
    account: str
    plan_hash: str
    plan: str
    state: str = RunState.PLANNED
    hold_id: int | None = None
    flow_run_id: str = ""
    report: str = ""
    out_dir: str = ""
    totals: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunNode:
    """One node of a run. `credits_micros` and `usd_micros` are what it cost in the end; `position` is its place."""

    node_id: str
    position: int
    step: str
    variant: str
    operation: str
    key: str
    action: str
    state: str = NodeState.WAITING
    credits_micros: int = 0
    usd_micros: int = 0
    seconds: float = 0.0
    error: str = ""
    asset_ids: tuple[str, ...] = ()
    started_at: datetime | None = None
    finished_at: datetime | None = None


def create_run(conn: Connection, record: RunRecord, nodes: Sequence[RunNode]) -> None:
    """Write the run and all of its nodes. Raises Permanent when the id is taken."""
    if conn.execute(select(run.c.id).where(run.c.id == record.id)).scalar() is not None:
        raise Permanent(f"there is already a run {record.id}")
    row = asdict(record) | {"totals": _json(record.totals), "created_at": record.created_at or datetime.now(UTC)}
    conn.execute(insert(run).values(**row))
    if nodes:
        conn.execute(insert(run_node), [_node_row(record.id, node) for node in nodes])


def start_run(conn: Connection, run_id: str, *, hold_id: int | None = None, flow_run_id: str | None = None) -> None:
    """The run is under way; what is None stays as it was."""
    given = {"hold_id": hold_id, "flow_run_id": flow_run_id}
    values = {name: value for name, value in given.items() if value is not None}
    _update_run(conn, run_id, OPEN_RUNS, RunState.RUNNING, started_at=datetime.now(UTC), **values)


def finish_run(
    conn: Connection,
    run_id: str,
    state: str,
    *,
    report: str | None = None,
    out_dir: str | None = None,
    totals: Mapping[str, Any] | None = None,
    error: str | None = None,
) -> None:
    """The run has ended in this state; saying the same again is harmless. Raises Permanent when it ended in another."""
    given = {"report": report, "out_dir": out_dir, "error": error, "totals": None if totals is None else _json(totals)}
    values = {name: value for name, value in given.items() if value is not None}
    _update_run(conn, run_id, (*OPEN_RUNS, state), state, finished_at=datetime.now(UTC), **values)


def start_node(conn: Connection, run_id: str, node_id: str) -> None:
    """The node is being worked on (optional: `finish_node` alone is enough)."""
    _update_node(conn, run_id, node_id, NodeState.RUNNING, started_at=datetime.now(UTC))


def finish_node(
    conn: Connection,
    run_id: str,
    node_id: str,
    state: str,
    *,
    credits_micros: int = 0,
    usd_micros: int = 0,
    seconds: float = 0.0,
    error: str = "",
    asset_ids: Sequence[str] = (),
) -> None:
    """The node has ended in this state. Raises Permanent when it had ended in another, or is not in the run."""
    values = {"credits_micros": credits_micros, "usd_micros": usd_micros, "seconds": seconds, "error": error}
    ids = _json(list(asset_ids))
    _update_node(conn, run_id, node_id, state, finished_at=datetime.now(UTC), asset_ids=ids, **values)


def cancel_waiting(conn: Connection, run_id: str, reason: str) -> None:
    """Every node that has not ended is cancelled; from now on it cannot become done."""
    which = (run_node.c.run_id == run_id, run_node.c.state.in_(OPEN_NODES))
    values = {"state": NodeState.CANCELLED, "error": reason, "finished_at": datetime.now(UTC)}
    conn.execute(update(run_node).where(*which).values(**values))


def run_of(conn: Connection, run_id: str) -> RunRecord:
    """Raises Invalid when there is no such run."""
    found = find_run(conn, run_id)
    if found is None:
        raise Invalid(f"there is no run {run_id!r}")
    return found


def find_run(conn: Connection, run_id: str) -> RunRecord | None:
    """The run, or None when there is none."""
    row = conn.execute(select(run).where(run.c.id == run_id)).one_or_none()
    return None if row is None else _record(row)


def nodes_of(conn: Connection, run_id: str) -> list[RunNode]:
    """The run's nodes in the plan's order."""
    columns = [column for column in run_node.c if column.name != "run_id"]
    rows = conn.execute(select(*columns).where(run_node.c.run_id == run_id).order_by(run_node.c.position))
    return [_node(row) for row in rows]


def node_of(conn: Connection, run_id: str, node_id: str) -> RunNode:
    """Raises Invalid when the run has no such node."""
    columns = [column for column in run_node.c if column.name != "run_id"]
    this = (run_node.c.run_id == run_id, run_node.c.node_id == node_id)
    row = conn.execute(select(*columns).where(*this)).one_or_none()
    if row is None:
        raise Invalid(f"run {run_id} has no node {node_id!r}")
    return _node(row)


def latest_run(conn: Connection, campaign: str) -> RunRecord | None:
    """The campaign's newest run that was not refused."""
    query = select(run).where(run.c.campaign == campaign, run.c.state != RunState.REFUSED)
    row = conn.execute(query.order_by(run.c.created_at.desc(), run.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _record(row)


def list_runs(
    conn: Connection, *, campaign: str | None = None, limit: int = DEFAULT_LIMIT, before: datetime | None = None
) -> list[RunRecord]:
    """The newest runs (created before `before`), without their plans."""
    columns = [column for column in run.c if column.name != "plan"]
    query = select(*columns).order_by(run.c.created_at.desc(), run.c.id.desc()).limit(limit)
    if campaign is not None:
        query = query.where(run.c.campaign == campaign)
    if before is not None:
        query = query.where(run.c.created_at < before)
    return [_record(row) for row in conn.execute(query)]


def _update_run(conn: Connection, run_id: str, allowed: Sequence[str], state: str, **values: Any) -> None:
    which = (run.c.id == run_id, run.c.state.in_(allowed))
    if conn.execute(update(run).where(*which).values(state=state, **values)).rowcount == 0:
        raise Permanent(f"run {run_id} is {run_of(conn, run_id).state}, it cannot become {state}")


def _update_node(conn: Connection, run_id: str, node_id: str, state: str, **values: Any) -> None:
    this = (run_node.c.run_id == run_id, run_node.c.node_id == node_id)
    allowed = run_node.c.state.in_((*OPEN_NODES, state))
    if conn.execute(update(run_node).where(*this, allowed).values(state=state, **values)).rowcount == 0:
        now = conn.execute(select(run_node.c.state).where(*this)).scalar()
        raise Permanent(f"node {node_id!r} of run {run_id} is {now or 'not there'}, it cannot become {state}")


def _node_row(run_id: str, node: RunNode) -> dict[str, Any]:
    values = {name: getattr(node, name) for name in RunNode.__slots__}
    return values | {"run_id": run_id, "asset_ids": _json(list(node.asset_ids))}


def _node(row: Row[Any]) -> RunNode:
    values = dict(row._mapping)
    return RunNode(**values | {"asset_ids": tuple(json.loads(values["asset_ids"]))})


def _record(row: Row[Any]) -> RunRecord:
    values = {"plan": ""} | dict(row._mapping)
    return RunRecord(**values | {"totals": json.loads(values["totals"])})


def _json(value: Any) -> str:
    return canonical(value).decode()


def runs_of_flow(conn: Connection, flow_run_id: str) -> list[RunRecord]:
    """The runs that one flow run began, without their plans."""
    columns = [column for column in run.c if column.name != "plan"]
    return [_record(row) for row in conn.execute(select(*columns).where(run.c.flow_run_id == flow_run_id))]
