"""End a run: release what was not captured, and say in one state how it went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection

from pressroom.buying.costs import borne_for
from pressroom.domain.errors import Refused
from pressroom.domain.states import MADE_NODES, RunState
from pressroom.ledger.accounts import balance_of
from pressroom.ledger.holds import Hold, hold_of, release
from pressroom.planning.stored_plan import delivering_nodes
from pressroom.runs import leases
from pressroom.runs import records as runs
from pressroom.runs.approvals import approvals_of
from pressroom.runs.nodes import RunNode, cancel_waiting, nodes_of, open_keys
from pressroom.runs.settlement import Settlement
from pressroom.services.context import Context
from pressroom.services.tell_run import tell_ended


def settle_run(
    context: Context, run_id: str, *, cancelled: bool = False, error: str = "", lease: int | None = None
) -> Settlement:
    """Release the rest of the hold and close the run. A run that has ended stays as it ended, word for word.

    Whoever works on the run gives its `lease`: raises Permanent where another process has taken it up meanwhile.
    """
    error = context.recordable(error)
    with context.database.write() as conn:
        if lease is not None:
            leases.require(conn, run_id, lease)
        account_id = runs.owner_of(conn, run_id)
        runs.lock_run(conn, account_id, run_id)
        # First, so that what is read next can no longer change: a node that is still at work finds itself cancelled.
        _cancel_open(conn, account_id, run_id, error)
        state = _state(conn, account_id, run_id, cancelled=cancelled, error=error)
        closed = close_run(conn, account_id, run_id, state, error)
    with suppress(OSError):
        # Only when empty: a node that is still at work when its run is cancelled removes its own part.
        (context.work / run_id).rmdir()
    settled = settlement_of(context, account_id, run_id)
    if closed:
        tell_ended(context, settled)
    return settled


def close_run(conn: Connection, account_id: int, run_id: str, state: RunState, error: str = "") -> bool:
    """Close the run in this state, what waits cancelled and the rest of its hold released. One that has ended stays so.

    Whether it was closed by this call: then it is to be told, once that is committed.
    """
    record = runs.lock_run(conn, account_id, run_id)
    was_open = record.finished_at is None
    if was_open:
        _cancel_open(conn, account_id, run_id, error)
        nodes = nodes_of(conn, account_id, run_id)
        runs.finish_run(conn, account_id, run_id, state, totals=_totals(nodes), error=error or None)
    release_present(conn, record)
    return was_open


def release_present(conn: Connection, record: runs.RunRecord) -> None:
    """Give back what is left of the run's present hold, if it has one."""
    if record.hold_id is not None:
        release(conn, _release_key(conn, record.id), record.hold_id)


def _cancel_open(conn: Connection, account_id: int, run_id: str, error: str) -> None:
    """No node that has not ended will be made; what was spent on it stays its cost.

    An order may have been lost, refused or filed by somebody else, and its process gone before it said so of the node.
    """
    keys = open_keys(conn, account_id, run_id)
    costs = borne_for(conn, account_id, keys, run_id, runs.holds_of_run(conn, run_id))
    cancel_waiting(conn, account_id, run_id, error or "the run ended before it", costs)


def settlement_of(context: Context, account_id: int, run_id: str) -> Settlement:
    """How a run that has ended did so, as its records say. Raises Refused for one that never held credits."""
    with context.database.read() as conn:
        record = runs.run_of(conn, account_id, run_id)
        nodes = nodes_of(conn, account_id, run_id)
        if record.hold_id is None:
            raise Refused(f"run {record.id} has no hold")
        holds = held_by(conn, run_id)
        balance = balance_of(conn, record.account)
    held, captured = sum(each.amount_micros for each in holds), sum(each.captured_micros for each in holds)
    return Settlement(
        run_id=record.id,
        account_id=account_id,
        state=record.state,
        held_micros=held,
        captured_micros=captured,
        released_micros=held - captured,
        balance_micros=balance.available_micros,
        usd_micros=sum(node.usd_micros for node in nodes),
        nodes=dict(Counter(node.state for node in nodes)),
    )


def held_by(conn: Connection, run_id: str) -> list[Hold]:
    """The holds that the run has had, the present one last."""
    return [hold_of(conn, hold_id) for hold_id in runs.holds_of_run(conn, run_id)]


def _release_key(conn: Connection, run_id: str) -> str:
    number = len(runs.holds_of_run(conn, run_id))
    return f"release:{run_id}" if number == 1 else f"release:{run_id}:{number}"


def _totals(nodes: Sequence[RunNode]) -> dict[str, Any]:
    return {
        "usd_micros": sum(node.usd_micros for node in nodes),
        "nodes": dict(Counter(node.state for node in nodes)),
    }


def _state(conn: Connection, account_id: int, run_id: str, *, cancelled: bool, error: str) -> RunState:
    if cancelled:
        return RunState.CANCELLED
    if error:
        return RunState.FAILED
    unwanted = {name for each in approvals_of(conn, run_id) for name in each.dropped}
    nodes = [node for node in nodes_of(conn, account_id, run_id) if node.node_id not in unwanted]
    made = {node.node_id: node.state in MADE_NODES for node in nodes}
    if all(made.values()):
        return RunState.COMPLETED
    delivering = delivering_nodes(runs.run_of(conn, account_id, run_id).plan)
    return RunState.COMPLETED_WITH_FAILURES if any(made.get(name) for name in delivering) else RunState.FAILED
