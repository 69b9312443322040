"""Close the runs that wait for a person though their flow run has ended where people watch it: somebody has cancelled it there.

A flow run that is suspended has no process that could hear of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final

from pressroom.database.dialect import chunks
from pressroom.domain.identity import Principal
from pressroom.domain.states import Runner, RunState
from pressroom.runs import records as runs
from pressroom.services.context import Context
from pressroom.services.jobs import cancel_jobs
from pressroom.services.settle_run import close_run, settlement_of
from pressroom.services.tell_run import tell_ended

WHY: Final = "its flow run was cancelled, or not resumed in time"
ASKED_TOGETHER: Final = 200


def close_ended(context: Context, ended_of: Callable[[Sequence[str]], Collection[str]]) -> list[str]:
    """Ids of the runs that were closed; `ended_of` says which of some flow runs have ended."""
    with context.database.read() as conn:
        waiting = runs.waiting_by_flow(conn, Runner.DEPLOYMENT)
    ended = [name for asked in chunks(sorted(waiting), ASKED_TOGETHER) for name in ended_of(asked)]
    return [waiting[name] for name in ended if _closed(context, waiting[name])]


def _closed(context: Context, run_id: str) -> bool:
    """Whether it was closed by this call: somebody may have had it go on meanwhile."""
    with context.database.write() as conn:
        account_id = runs.owner_of(conn, run_id)
        record = runs.lock_run(conn, account_id, run_id)
        if record.state != RunState.SUSPENDED:
            return False
        close_run(conn, account_id, run_id, RunState.CANCELLED, WHY)
    cancel_jobs(Principal(record.account), context, run_id)
    tell_ended(context, settlement_of(context, account_id, run_id))
    return True
