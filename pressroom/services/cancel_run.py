"""Cancel a run that is under way, wherever it runs."""

from __future__ import annotations

from pressroom.domain.identity import Principal
from pressroom.ledger.accounts import account_id_of
from pressroom.runs import records as runs
from pressroom.runs.settlement import Settlement
from pressroom.services.context import Context
from pressroom.services.jobs import cancel_jobs
from pressroom.services.settle_run import settle_run


def cancel_run(principal: Principal, context: Context, run_id: str, reason: str = "cancelled") -> Settlement:
    """Close the run, give back what it held and did not spend, and ask vendors to stop what it ordered.

    Its process hears of it within seconds and begins nothing more. What was done before it could be stopped is kept, and
    filed by the next run that needs it. A run that has ended stays as it ended. Raises Invalid when the account has no
    such run.
    """
    with context.database.read() as conn:
        record = runs.run_of(conn, account_id_of(conn, principal.account), run_id)
    settlement = settle_run(context, record.id, cancelled=True, error=reason)
    cancel_jobs(principal, context, record.id)
    return settlement
