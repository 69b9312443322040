"""The records of runs and their nodes: what was planned, what happened, what it cost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from pressroom.database.prepared import Prepared
from pressroom.database.schema import account, instant, run, run_node
from pressroom.domain.content_hash import canonical, text_digest
from pressroom.domain.errors import Invalid, Permanent
from pressroom.domain.states import OPEN_NODES, OPEN_RUNS, NodeState, RunState, one_of

DEFAULT_LIMIT: Final = 50
_COLUMNS: Final = tuple(column for column in run.c if column.name not in ("account_id", "plan"))
_NODE_COLUMNS: Final = tuple(column for column in run_node.c if column.name != "run_id")
_THIS_NODE: Final = "run_id = (SELECT id FROM run WHERE id = :run AND account_id = :mine) AND node_id = :node"
_MAY_BECOME: Final = f"({one_of('state', OPEN_NODES)} OR state = :state)"
_START: Final = Prepared(
    f"UPDATE run_node SET state = :state, started_at = :at WHERE {_THIS_NODE} AND {_MAY_BECOME}"  # noqa: S608 - our words
)
_FINISH: Final = Prepared(
    "UPDATE run_node SET state = :state, credits_micros = :credits_micros, usd_micros = :usd_micros, seconds = :seconds, "  # noqa: S608 - our words
    f"error = :error, asset_ids = :asset_ids, finished_at = :at WHERE {_THIS_NODE} AND {_MAY_BECOME}"
)
_STATE: Final = Prepared(f"SELECT state FROM run_node WHERE {_THIS_NODE}")  # noqa: S608 - our words


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run. `plan` is the plan's JSON text (empty in lists), `totals` are JSON values, `report` is a path.

    `account` is its owner's name, filled in as it is read.
    """

    id: str
    campaign: str
    plan_hash: str
    plan: str
    account: str = ""
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


class NodeStep(NamedTuple):
    """What a display shows of a node."""

    node_id: str
    step: str
    state: str
    credits_micros: int
    error: str
    started_at: datetime | None
    finished_at: datetime | None


def create_run(conn: Connection, account_id: int, record: RunRecord, nodes: Sequence[RunNode]) -> None:
    """Write the account's run and all of its nodes. Raises Permanent when the id is taken."""
    if conn.execute(select(run.c.id).where(run.c.id == record.id)).scalar() is not None:
        raise Permanent(f"there is already a run {record.id}")
    row = asdict(record) | {
        "account_id": account_id,
        "totals": _json(record.totals),
        "created_at": record.created_at or datetime.now(UTC),
    }
    del row["account"]
    conn.execute(insert(run).values(**row))
    if nodes:
        conn.execute(insert(run_node), [_node_row(record.id, node) for node in nodes])


def start_run(
    conn: Connection, account_id: int, run_id: str, *, hold_id: int | None = None, flow_run_id: str | None = None
) -> None:
    """The run is under way, since it was first said to be; what is None stays as it was."""
    given = {"hold_id": hold_id, "flow_run_id": flow_run_id}
    values = {name: value for name, value in given.items() if value is not None}
    _update_run(conn, account_id, run_id, OPEN_RUNS, RunState.RUNNING, started_at=_first(run.c.started_at), **values)


def finish_run(
    conn: Connection,
    account_id: int,
    run_id: str,
    state: str,
    *,
    report: str | None = None,
    out_dir: str | None = None,
    totals: Mapping[str, Any] | None = None,
    error: str | None = None,
) -> None:
    """The run has ended in this state, when that was first said. Raises Permanent when it has ended in another."""
    given = {"report": report, "out_dir": out_dir, "error": error, "totals": None if totals is None else _json(totals)}
    values = {name: value for name, value in given.items() if value is not None}
    ended = _first(run.c.finished_at)
    _update_run(conn, account_id, run_id, (*OPEN_RUNS, state), state, finished_at=ended, **values)


def record_delivery(conn: Connection, account_id: int, run_id: str, *, out_dir: str, report: str) -> None:
    """Where the run's files and its contact sheet lie; the run's state and times stay as they are."""
    which = (run.c.id == run_id, run.c.account_id == account_id)
    conn.execute(update(run).where(*which).values(out_dir=out_dir, report=report))


def start_node(conn: Connection, account_id: int, run_id: str, node_id: str) -> None:
    """The node is being worked on (optional: `finish_node` alone is enough)."""
    _change_node(conn, _START, account_id, run_id, node_id, NodeState.RUNNING)


def finish_node(
    conn: Connection,
    account_id: int,
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
    _change_node(conn, _FINISH, account_id, run_id, node_id, state, asset_ids=_json(list(asset_ids)), **values)


def cancel_waiting(conn: Connection, account_id: int, run_id: str, reason: str) -> None:
    """Every node that has not ended is cancelled; from now on it cannot become done."""
    which = (run_node.c.run_id == _owned(account_id, run_id), run_node.c.state.in_(OPEN_NODES))
    values = {"state": NodeState.CANCELLED, "error": reason, "finished_at": datetime.now(UTC)}
    conn.execute(update(run_node).where(*which).values(**values))


def run_of(conn: Connection, account_id: int, run_id: str) -> RunRecord:
    """Raises Invalid when there is no such run."""
    found = find_run(conn, account_id, run_id)
    if found is None:
        raise _no_run(run_id)
    return found


def find_run(conn: Connection, account_id: int, run_id: str) -> RunRecord | None:
    """The account's run of this id, or the one that it chose this name for; None when it has neither."""
    query = _runs(account_id, run.c.plan)
    row = conn.execute(query.where(run.c.id == run_id)).one_or_none()
    if row is None:
        owner = conn.execute(select(account.c.name).where(account.c.id == account_id)).scalar() or ""
        row = conn.execute(query.where(run.c.id == named_id(owner, run_id))).one_or_none()
    return None if row is None else _record(row)


def named_id(owner: str, name: str) -> str:
    """The id of the run for which this account chose the name: a name belongs to whoever uses it, ids are unique for all."""
    return f"r{text_digest(f'{len(owner)}:{owner}{name}')[:16]}"


def nodes_of(conn: Connection, account_id: int, run_id: str) -> list[RunNode]:
    """The run's nodes in the plan's order."""
    this = run_node.c.run_id == _owned(account_id, run_id)
    rows = conn.execute(select(*_NODE_COLUMNS).where(this).order_by(run_node.c.position))
    return [_node(row) for row in rows]


def nodes_moved(conn: Connection, account_id: int, run_id: str, since: datetime | None) -> list[NodeStep]:
    """The nodes that began or ended at `since` or later, all of them where it is None; in the plan's order.

    Reads no more columns than a display needs: it is asked several times a second, of ten thousand nodes.
    """
    query = select(*(run_node.c[name] for name in NodeStep._fields)).order_by(run_node.c.position)
    query = query.where(run_node.c.run_id == _owned(account_id, run_id))
    if since is not None:
        query = query.where(or_(run_node.c.started_at >= since, run_node.c.finished_at >= since))
    return [NodeStep(*row) for row in conn.execute(query)]


def node_of(conn: Connection, account_id: int, run_id: str, node_id: str) -> RunNode:
    """Raises Invalid when the run has no such node."""
    this = (run_node.c.run_id == _owned(account_id, run_id), run_node.c.node_id == node_id)
    row = conn.execute(select(*_NODE_COLUMNS).where(*this)).one_or_none()
    if row is None:
        raise _no_node(run_id, node_id)
    return _node(row)


def state_of_node(conn: Connection, account_id: int, run_id: str, node_id: str) -> NodeState:
    """Raises Invalid when the run has no such node."""
    found = _STATE.value(conn, mine=account_id, run=run_id, node=node_id)
    if found is None:
        raise _no_node(run_id, node_id)
    return NodeState(found)


def latest_run(conn: Connection, account_id: int, campaign: str) -> RunRecord | None:
    """The campaign's newest run that was not refused."""
    query = _runs(account_id, run.c.plan).where(run.c.campaign == campaign, run.c.state != RunState.REFUSED)
    row = conn.execute(query.order_by(run.c.created_at.desc(), run.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _record(row)


def list_runs(
    conn: Connection,
    account_id: int,
    *,
    campaign: str | None = None,
    limit: int = DEFAULT_LIMIT,
    before: datetime | None = None,
) -> list[RunRecord]:
    """The account's newest runs (created before `before`), without their plans."""
    query = _runs(account_id).order_by(run.c.created_at.desc(), run.c.id.desc()).limit(limit)
    if campaign is not None:
        query = query.where(run.c.campaign == campaign)
    if before is not None:
        query = query.where(run.c.created_at < before)
    return [_record(row) for row in conn.execute(query)]


def owner_of(conn: Connection, run_id: str) -> int:
    """The account of a run, for what is handed a run by its id alone: a task, housekeeping. Raises Invalid.

    Never for a person's question: ids are not secret.
    """
    found = find_owner(conn, run_id)
    if found is None:
        raise _no_run(run_id)
    return found


def find_owner(conn: Connection, run_id: str) -> int | None:
    """The same, None when there is no such run."""
    found = conn.execute(select(run.c.account_id).where(run.c.id == run_id)).scalar()
    return None if found is None else int(found)


def standing_of(conn: Connection, run_id: str) -> tuple[RunState, int | None] | None:
    """The run's state and its hold, whoever owns it; None when there is none yet. For the run itself, as long as it lives."""
    row = conn.execute(select(run.c.state, run.c.hold_id).where(run.c.id == run_id)).one_or_none()
    return None if row is None else (RunState(row.state), row.hold_id)


def unfinished_of_flow(conn: Connection, flow_run_id: str) -> list[str]:
    """Ids of the runs that one flow run began and that have not ended, whoever they belong to: for the engine's hooks."""
    query = select(run.c.id).where(run.c.flow_run_id == flow_run_id, run.c.finished_at.is_(None))
    return list(conn.execute(query).scalars())


def _first(column: Column[datetime]) -> ColumnElement[datetime]:
    """The moment that is there already, else now."""
    return func.coalesce(column, literal(datetime.now(UTC), column.type))


def _no_run(run_id: str) -> Invalid:
    return Invalid(f"there is no run {run_id!r}")


def _no_node(run_id: str, node_id: str) -> Invalid:
    return Invalid(f"run {run_id} has no node {node_id!r}")


def _runs(account_id: int, *more: Any) -> Select[Any]:
    """The account's runs as RunRecord has them."""
    owner = account.c.name.label("account")
    return select(*_COLUMNS, *more, owner).join_from(run, account).where(run.c.account_id == account_id)


def _owned(account_id: int, run_id: str) -> ScalarSelect[Any]:
    """The run's id where the account owns it, else nothing: no node of another's run is read or changed."""
    return select(run.c.id).where(run.c.id == run_id, run.c.account_id == account_id).scalar_subquery()


def _update_run(
    conn: Connection, account_id: int, run_id: str, allowed: Sequence[str], state: str, **values: Any
) -> None:
    which = (run.c.id == run_id, run.c.account_id == account_id, run.c.state.in_(allowed))
    if conn.execute(update(run).where(*which).values(state=state, **values)).rowcount == 0:
        raise Permanent(f"run {run_id} is {run_of(conn, account_id, run_id).state}, it cannot become {state}")


def _change_node(
    conn: Connection, change: Prepared, account_id: int, run_id: str, node_id: str, state: str, **values: Any
) -> None:
    this = {"mine": account_id, "run": run_id, "node": node_id}
    at = instant(datetime.now(UTC))
    if change.change(conn, **this, state=NodeState(state).value, at=at, **values) == 0:
        now = _STATE.value(conn, **this)
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
