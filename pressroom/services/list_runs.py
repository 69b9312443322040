"""The runs of an account, with what each has held and paid."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from pressroom.domain.identity import Principal
from pressroom.domain.states import OPEN_RUNS, RunState
from pressroom.ledger.accounts import account_id_of
from pressroom.ledger.holds import hold_of
from pressroom.runs.records import RunRecord, list_runs
from pressroom.services.context import Context
from pressroom.services.recover_runs import DIED, dead_runs


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run of a list. Amounts are micro-credits; `released_micros` is 0 while the run's hold is open."""

    run: RunRecord
    held_micros: int = 0
    captured_micros: int = 0
    released_micros: int = 0


def list_account_runs(
    principal: Principal, context: Context, *, campaign: str | None = None, limit: int = 50
) -> Sequence[RunLine]:
    """The newest runs of the principal's account. One whose process has died has failed, also before that is written down."""
    dead = set(dead_runs(context))
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        return [
            _line(conn, _as_it_stands(run, dead)) for run in list_runs(conn, account_id, campaign=campaign, limit=limit)
        ]


def _as_it_stands(run: RunRecord, dead: Collection[str]) -> RunRecord:
    if run.id in dead and run.state in OPEN_RUNS:
        return replace(run, state=RunState.FAILED, error=DIED)
    return run


def _line(conn: Connection, run: RunRecord) -> RunLine:
    if run.hold_id is None:
        return RunLine(run)
    hold = hold_of(conn, run.hold_id)
    released = hold.amount_micros - hold.captured_micros - hold.left_micros
    return RunLine(run, hold.amount_micros, hold.captured_micros, released)
