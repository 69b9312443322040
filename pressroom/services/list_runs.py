"""The runs of an account, with what each has held and paid."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from pressroom.database.counting import Count
from pressroom.database.names import require_name
from pressroom.database.schema import run
from pressroom.domain.identity import Principal
from pressroom.domain.money import to_number
from pressroom.domain.states import WORKING_RUNS, Runner, RunState
from pressroom.ledger.accounts import account_id_of
from pressroom.runs.records import HeldSums, RunRecord, count_runs, list_runs, run_of, sums_of_runs
from pressroom.services.context import Context
from pressroom.services.recover_runs import DIED, dead_runs


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run of a list. Amounts are micro-credits; `released_micros` is 0 while the run's hold is open."""

    run: RunRecord
    held_micros: int = 0
    captured_micros: int = 0
    released_micros: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Everything recorded of the run but its plan; amounts in credits."""
        run = self.run
        times = {name: getattr(run, name) for name in ("created_at", "started_at", "finished_at")}
        return {
            "id": run.id,
            "campaign": run.campaign,
            "account": run.account,
            "state": run.state,
            "error": run.error,
            "plan_hash": run.plan_hash,
            "flow_run_id": run.flow_run_id or None,
            "nodes": run.totals.get("nodes", {}),
            "credits": {
                "held": to_number(self.held_micros),
                "captured": to_number(self.captured_micros),
                "released": to_number(self.released_micros),
            },
            "usd_micros": run.totals.get("usd_micros", 0),
            **{name: at and at.isoformat() for name, at in times.items()},
            "out": run.out_dir or None,
            "report": run.report or None,
        }


def list_account_runs(
    principal: Principal, context: Context, *, campaign: str | None = None, limit: int = 50, before: str | None = None
) -> Sequence[RunLine]:
    """The newest runs of the principal's account, or those older than the run `before`.

    One whose process has died has failed, also before that is written down, unless it is taken up again.

    Raises Invalid for a campaign of which there are no runs.
    """
    dead = set(dead_runs(context))
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        found = list_runs(conn, account_id, campaign=campaign, limit=limit, before=before)
        if campaign and not found:
            require_name(conn, run.c.campaign, account_id, campaign, "run was of a campaign")
        return lines_of(conn, found, dead)


def count_account_runs(principal: Principal, context: Context, *, campaign: str | None = None) -> Count:
    """How many runs `list_account_runs` has in all."""
    with context.database.read() as conn:
        return count_runs(conn, account_id_of(conn, principal.account), campaign)


def lines_of(conn: Connection, records: Sequence[RunRecord], dead: Collection[str]) -> list[RunLine]:
    """These runs as they stand, `dead` those whose process is gone; so many statements for any number of them."""
    sums = sums_of_runs(conn, [record.id for record in records if record.hold_id is not None])
    return [_line(_as_it_stands(record, dead), sums.get(record.id, HeldSums())) for record in records]


def line_of(principal: Principal, context: Context, run_id: str) -> RunLine:
    """The account's run of this id or name. Raises NotFound where it has none."""
    dead = set(dead_runs(context))
    with context.database.read() as conn:
        record = run_of(conn, account_id_of(conn, principal.account), run_id)
        return lines_of(conn, [record], dead)[0]


def _as_it_stands(record: RunRecord, dead: Collection[str]) -> RunRecord:
    if record.id in dead and record.state in WORKING_RUNS and record.runner == Runner.CALLER:
        return replace(record, state=RunState.FAILED, error=DIED)
    return record


def _line(record: RunRecord, sums: HeldSums) -> RunLine:
    return RunLine(record, sums.held, sums.captured, sums.held - sums.captured - sums.left)
