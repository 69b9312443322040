"""End a run: release what was not captured, and say in one state how it went."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

from pressroom.domain.errors import Refused
from pressroom.domain.states import MADE_NODES, RunState
from pressroom.ledger.accounts import balance_of
from pressroom.ledger.holds import hold_of, release
from pressroom.runs import records as runs
from pressroom.runs.settlement import Settlement
from pressroom.services.context import Context


def settle_run(context: Context, run_id: str, *, cancelled: bool = False, error: str = "") -> Settlement:
    """Release the rest of the hold and close the run. A run that has ended stays as it ended, word for word."""
    error = context.recordable(error)
    with context.database.write() as conn:
        account_id = runs.owner_of(conn, run_id)
        # First, so that what is read next can no longer change: a node that is still at work finds itself cancelled.
        runs.cancel_waiting(conn, account_id, run_id, error or "the run ended before it")
        record = runs.run_of(conn, account_id, run_id)
        nodes = runs.nodes_of(conn, account_id, run_id)
        if record.finished_at is None:
            state = _state(nodes, cancelled=cancelled, error=error)
            usd = sum(node.usd_micros for node in nodes)
            totals = {"usd_micros": usd, "nodes": dict(Counter(node.state for node in nodes))}
            runs.finish_run(conn, account_id, run_id, state, totals=totals, error=error or None)
        if record.hold_id is not None:
            release(conn, f"release:{run_id}", record.hold_id)
    with suppress(OSError):
        # Only when empty: a node that is still at work when its run is cancelled removes its own part.
        (context.work / run_id).rmdir()
    return settlement_of(context, account_id, run_id)


def settlement_of(context: Context, account_id: int, run_id: str) -> Settlement:
    """How a run that has ended did so, as its records say. Raises Refused for one that never held credits."""
    with context.database.read() as conn:
        record = runs.run_of(conn, account_id, run_id)
        nodes = runs.nodes_of(conn, account_id, run_id)
        if record.hold_id is None:
            raise Refused(f"run {record.id} has no hold")
        hold = hold_of(conn, record.hold_id)
        balance = balance_of(conn, record.account)
    return Settlement(
        run_id=record.id,
        account_id=account_id,
        state=record.state,
        held_micros=hold.amount_micros,
        captured_micros=hold.captured_micros,
        released_micros=hold.amount_micros - hold.captured_micros,
        balance_micros=balance.available_micros,
        usd_micros=sum(node.usd_micros for node in nodes),
        nodes=dict(Counter(node.state for node in nodes)),
    )


def _state(nodes: list[runs.RunNode], *, cancelled: bool, error: str) -> str:
    if cancelled:
        return RunState.CANCELLED
    if error:
        return RunState.FAILED
    return RunState.COMPLETED if all(node.state in MADE_NODES for node in nodes) else RunState.COMPLETED_WITH_FAILURES
