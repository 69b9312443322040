"""Cancel a run that is under way, wherever it runs."""

from __future__ import annotations

from pressroom.domain.identity import Principal
from pressroom.domain.states import OPEN_RUNS
from pressroom.ledger.accounts import account_id_of
from pressroom.runs import records as runs
from pressroom.runs.settlement import Settlement
from pressroom.services.context import Context
from pressroom.services.finish_run import settle_run


def cancel_run(principal: Principal, context: Context, run_id: str, reason: str = "cancelled") -> Settlement:
    """Close the run and give back what it held and did not spend; what it was making is not filed.

    Its process hears of it within seconds and begins nothing more. A run that has ended stays as it ended. Raises Invalid
    when the account has no such run.
    """
    with context.database.read() as conn:
        record = runs.run_of(conn, account_id_of(conn, principal.account), run_id)
    return settle_run(context, run_id, cancelled=record.state in OPEN_RUNS, error=reason)
