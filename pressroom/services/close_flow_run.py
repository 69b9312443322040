"""Close what a flow run has begun, for an engine that knows no more of it than its id."""

from __future__ import annotations

from pressroom.domain.identity import Principal
from pressroom.runs import leases
from pressroom.runs import records as runs
from pressroom.services.cancel_run import cancel_run
from pressroom.services.context import Context
from pressroom.services.settle_run import settle_run


def close_runs_of_flow(context: Context, flow_run_id: str, *, cancelled: bool, reason: str) -> list[str]:
    """Close the runs that this flow run has begun and not ended; returns their ids.

    Cancelled ones in any case, and vendors are asked to stop. Others only where no process works on them any more.
    """
    with context.database.read() as conn:
        unfinished = runs.unfinished_of_flow(conn, flow_run_id)
        alone = set(leases.lapsed(conn))
        accounts = {name: runs.run_of(conn, runs.owner_of(conn, name), name).account for name in unfinished}
    found = [run_id for run_id in unfinished if cancelled or run_id in alone]
    for run_id in found:
        if cancelled:
            cancel_run(Principal(accounts[run_id]), context, run_id, reason)
        else:
            settle_run(context, run_id, error=reason)
    return found
