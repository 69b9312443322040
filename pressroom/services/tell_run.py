"""Tell of a run as a whole: that it begins with its credits held, and how it has ended."""

from __future__ import annotations

from contextlib import suppress

from pressroom.domain.errors import PressroomError
from pressroom.domain.events import RunEnded, RunHeld
from pressroom.domain.money import to_number
from pressroom.runs import records as runs
from pressroom.runs.settlement import Settlement
from pressroom.services.context import Context
from pressroom.services.running import RunningRun


def tell_held(context: Context, run: RunningRun, held_micros: int) -> None:
    """Call it once the hold of so many micro-credits is committed."""
    context.events.emit(
        RunHeld(
            account=run.principal.account,
            run=run.id,
            campaign=run.plan.campaign,
            credits=to_number(held_micros),
            plan_hash=run.plan.hash,
            nodes=len(run.plan.nodes),
        )
    )


def tell_ended(context: Context, settled: Settlement) -> None:
    """Call it once the run is closed. Where the database is away just then, it goes untold."""
    with suppress(PressroomError):
        context.events.emit(_end_of(context, settled))


def _end_of(context: Context, settled: Settlement) -> RunEnded:
    with context.database.read() as conn:
        record = runs.run_of(conn, settled.account_id, settled.run_id)
    begun, ended = record.started_at, record.finished_at
    return RunEnded(
        account=record.account,
        run=record.id,
        campaign=record.campaign,
        state=record.state,
        captured_credits=to_number(settled.captured_micros),
        released_credits=to_number(settled.released_micros),
        usd=to_number(settled.usd_micros),
        seconds=(ended - begun).total_seconds() if begun and ended else 0.0,
        nodes=dict(settled.nodes),
        reason=record.error or "",
    )
