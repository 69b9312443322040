"""The nodes of runs: what became of each, and what it cost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, case, func, insert, or_, select, update

from pressroom.database.dialect import in_values
from pressroom.database.prepared import Prepared
from pressroom.database.schema import instant, run, run_node
from pressroom.domain.content_hash import canonical
from pressroom.domain.errors import Invalid, Permanent
from pressroom.domain.states import MADE_NODES, OPEN_NODES, NodeState, one_of
from pressroom.runs.leases import require

_NODE_COLUMNS: Final = tuple(column for column in run_node.c if column.name != "run_id")
_THIS_NODE: Final = "run_id = (SELECT id FROM run WHERE id = :run AND account_id = :mine) AND node_id = :node"
# Only the process that holds the run's lease says what becomes of its nodes.
_OUR_NODE: Final = (
    "run_id = (SELECT id FROM run WHERE id = :run AND account_id = :mine AND lease = :lease) AND node_id = :node"
)
_MAY_BECOME: Final = f"({one_of('state', OPEN_NODES)} OR state = :state)"
_START: Final = Prepared(
    f"UPDATE run_node SET state = :state, started_at = :at WHERE {_OUR_NODE} AND {_MAY_BECOME}"  # noqa: S608 - our words
)
_FINISH: Final = Prepared(
    "UPDATE run_node SET state = :state, credits_micros = :credits_micros, usd_micros = :usd_micros, seconds = :seconds, "  # noqa: S608 - our words
    f"error = :error, asset_ids = :asset_ids, model = :model, finished_at = :at WHERE {_OUR_NODE} AND {_MAY_BECOME}"
)
_STATE: Final = Prepared(f"SELECT state FROM run_node WHERE {_THIS_NODE}")  # noqa: S608 - our words


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
    model: str = ""


class NodeStep(NamedTuple):
    """What a display shows of a node."""

    node_id: str
    step: str
    state: str
    credits_micros: int
    error: str
    started_at: datetime | None
    finished_at: datetime | None


class Progress(NamedTuple):
    """How far a run is, and an asset that it has made; None before there is one."""

    made: int = 0
    nodes: int = 0
    shown: str | None = None


def add_nodes(conn: Connection, run_id: str, nodes: Sequence[RunNode]) -> None:
    if nodes:
        conn.execute(insert(run_node), [_node_row(run_id, node) for node in nodes])


def retry_nodes(conn: Connection, account_id: int, run_id: str, states: Sequence[NodeState]) -> None:
    """The nodes in these states are to be made anew; what was spent on them stays on record until they end again."""
    which = (run_node.c.run_id == _owned(account_id, run_id), run_node.c.state.in_(states))
    values = {"state": NodeState.WAITING, "error": "", "started_at": None, "finished_at": None}
    conn.execute(update(run_node).where(*which).values(**values))


def start_node(conn: Connection, account_id: int, run_id: str, lease: int, node_id: str) -> None:
    """The node is being worked on (optional: `finish_node` alone is enough). Raises Permanent where the lease is another's."""
    _change_node(conn, _START, account_id, run_id, lease, node_id, NodeState.RUNNING)


def finish_node(
    conn: Connection,
    account_id: int,
    run_id: str,
    lease: int,
    node_id: str,
    state: str,
    *,
    credits_micros: int = 0,
    usd_micros: int = 0,
    seconds: float = 0.0,
    error: str = "",
    asset_ids: Sequence[str] = (),
    model: str = "",
) -> None:
    """The node has ended in this state; `model` is what made it, as provider/model.

    Raises Permanent when it had ended in another, is not in the run, or the run's lease is another's.
    """
    values = {
        "credits_micros": credits_micros,
        "usd_micros": usd_micros,
        "seconds": seconds,
        "error": error,
        "model": model,
    }
    _change_node(conn, _FINISH, account_id, run_id, lease, node_id, state, asset_ids=_text(asset_ids), **values)


def drop_nodes(conn: Connection, account_id: int, run_id: str, node_ids: Sequence[str], reason: str) -> None:
    """These nodes, where they have not ended, are not to be made."""
    which = (run_node.c.run_id == _owned(account_id, run_id), in_values(run_node.c.node_id, node_ids))
    values = {"state": NodeState.CANCELLED, "error": reason, "finished_at": datetime.now(UTC)}
    conn.execute(update(run_node).where(*which, run_node.c.state.in_(OPEN_NODES)).values(**values))


def cancel_waiting(
    conn: Connection, account_id: int, run_id: str, reason: str, costs: Mapping[str, tuple[int, int]]
) -> None:
    """Every node that has not ended is cancelled; from now on it cannot become done.

    `costs` are micro-credits and micro-USD by node key; what an ended node of the same key has borne is not counted again.
    """
    this = run_node.c.run_id == _owned(account_id, run_id)
    values = {"state": NodeState.CANCELLED, "error": reason, "finished_at": datetime.now(UTC)}
    if costs:
        _bear(conn, this, costs)
    conn.execute(update(run_node).where(this, run_node.c.state.in_(OPEN_NODES)).values(**values))


def _bear(conn: Connection, this: ColumnElement[bool], costs: Mapping[str, tuple[int, int]]) -> None:
    """Write what was spent onto nodes that have not ended, once for each key."""
    columns = (run_node.c.node_id, run_node.c.key, run_node.c.state, run_node.c.credits_micros, run_node.c.usd_micros)
    rows = conn.execute(select(*columns).where(this).order_by(run_node.c.position)).all()
    borne = {row.key for row in rows if row.state not in OPEN_NODES and (row.credits_micros or row.usd_micros)}
    for row in rows:
        if row.key in costs and row.key not in borne and row.state in OPEN_NODES:
            borne.add(row.key)
            spent = dict(zip(("credits_micros", "usd_micros"), costs[row.key], strict=True))
            conn.execute(update(run_node).where(this, run_node.c.node_id == row.node_id).values(**spent))


def open_keys(conn: Connection, account_id: int, run_id: str) -> list[str]:
    """The keys of the run's nodes that have not ended."""
    which = (run_node.c.run_id == _owned(account_id, run_id), run_node.c.state.in_(OPEN_NODES))
    return list(conn.execute(select(run_node.c.key).where(*which, run_node.c.key != "").distinct()).scalars())


def nodes_of(conn: Connection, account_id: int, run_id: str) -> list[RunNode]:
    """The run's nodes in the plan's order."""
    this = run_node.c.run_id == _owned(account_id, run_id)
    rows = conn.execute(select(*_NODE_COLUMNS).where(this).order_by(run_node.c.position))
    return [_node(row) for row in rows]


def nodes_of_runs(conn: Connection, account_id: int, run_ids: Sequence[str]) -> dict[str, list[RunNode]]:
    """Run id -> its nodes in the plan's order, of these of the account's runs."""
    found: dict[str, list[RunNode]] = {}
    query = select(run_node.c.run_id, *_NODE_COLUMNS).join_from(run_node, run).where(run.c.account_id == account_id)
    query = query.where(in_values(run_node.c.run_id, run_ids)).order_by(run_node.c.run_id, run_node.c.position)
    for row in conn.execute(query):
        values = dict(row._mapping)
        found.setdefault(values.pop("run_id"), []).append(_node_of(values))
    return found


def usd_spent(conn: Connection, account_id: int, run_id: str) -> int:
    """Micro-USD that the run's nodes have cost so far."""
    this = run_node.c.run_id == _owned(account_id, run_id)
    return int(conn.execute(select(func.coalesce(func.sum(run_node.c.usd_micros), 0)).where(this)).scalar_one())


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


def standing_of_nodes(
    conn: Connection, account_id: int, run_id: str, node_ids: Sequence[str]
) -> dict[str, tuple[NodeState, str]]:
    """Node id -> its state, and why it has failed where it has. A node that the run does not have is left out."""
    which = (run_node.c.run_id == _owned(account_id, run_id), in_values(run_node.c.node_id, node_ids))
    rows = conn.execute(select(run_node.c.node_id, run_node.c.state, run_node.c.error).where(*which))
    return {row.node_id: (NodeState(row.state), row.error) for row in rows}


def counts_of_nodes(conn: Connection, account_id: int, run_id: str) -> Counter[NodeState]:
    """How many of the run's nodes are in each state."""
    this = run_node.c.run_id == _owned(account_id, run_id)
    rows = conn.execute(select(run_node.c.state, func.count()).where(this).group_by(run_node.c.state))
    return Counter({NodeState(state): count for state, count in rows})


def state_of_node(conn: Connection, account_id: int, run_id: str, node_id: str) -> NodeState:
    """Raises Invalid when the run has no such node."""
    found = _STATE.value(conn, mine=account_id, run=run_id, node=node_id)
    if found is None:
        raise _no_node(run_id, node_id)
    return NodeState(found)


def _no_node(run_id: str, node_id: str) -> Invalid:
    return Invalid(f"run {run_id} has no node {node_id!r}")


def _change_node(
    conn: Connection,
    change: Prepared,
    account_id: int,
    run_id: str,
    lease: int,
    node_id: str,
    state: str,
    **values: Any,
) -> None:
    this = {"mine": account_id, "run": run_id, "node": node_id}
    at = instant(datetime.now(UTC))
    if change.change(conn, **this, lease=lease, state=NodeState(state).value, at=at, **values) == 0:
        require(conn, run_id, lease)
        now = _STATE.value(conn, **this)
        raise Permanent(f"node {node_id!r} of run {run_id} is {now or 'not there'}, it cannot become {state}")


def _node_row(run_id: str, node: RunNode) -> dict[str, Any]:
    values = {name: getattr(node, name) for name in RunNode.__slots__}
    return values | {"run_id": run_id, "asset_ids": _text(node.asset_ids)}


def _node(row: Row[Any]) -> RunNode:
    return _node_of(dict(row._mapping))


def _node_of(values: dict[str, Any]) -> RunNode:
    return RunNode(**values | {"asset_ids": tuple(json.loads(values["asset_ids"]))})


def _text(asset_ids: Sequence[str]) -> str:
    return canonical(list(asset_ids)).decode()


def _owned(account_id: int, run_id: str) -> ScalarSelect[Any]:
    """The run's id where the account owns it, else nothing: no node of another's run is read or changed."""
    return select(run.c.id).where(run.c.id == run_id, run.c.account_id == account_id).scalar_subquery()


def progress_of(conn: Connection, run_ids: Sequence[str]) -> dict[str, Progress]:
    """Run id -> how far it is, of those that have nodes, whosever they are."""
    made = run_node.c.state.in_(MADE_NODES)
    first = func.min(case((made & (run_node.c.asset_ids != "[]"), run_node.c.position)))
    query = select(run_node.c.run_id, func.sum(case((made, 1), else_=0)), func.count(), first)
    rows = conn.execute(query.where(in_values(run_node.c.run_id, run_ids)).group_by(run_node.c.run_id))
    return {
        run_id: Progress(done, nodes, _first_asset(conn, run_id, position)) for run_id, done, nodes, position in rows
    }


def _first_asset(conn: Connection, run_id: str, position: int | None) -> str | None:
    if position is None:
        return None
    these = (run_node.c.run_id == run_id, run_node.c.position == position)
    ids = json.loads(conn.execute(select(run_node.c.asset_ids).where(*these)).scalar_one())
    return str(ids[0]) if ids else None
