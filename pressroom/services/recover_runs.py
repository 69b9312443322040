"""Runs whose process is gone: a worker takes them up again, or they are closed and what they held is given back.

Any process may look for them, on any machine: the lease of a run whose process was killed, stopped or cut off runs out. On the
machine of a process that has ended this is known at once.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from pressroom.domain.errors import NotFound, Retryable, WasCancelled
from pressroom.domain.states import OPEN_RUNS, WORKING_RUNS, Decision, HoldState, Runner, RunState
from pressroom.ledger.holds import expire_holds, hold_of
from pressroom.runs import leases
from pressroom.runs import records as runs
from pressroom.runs.approvals import Approval, note
from pressroom.services.context import Context
from pressroom.services.rounds import going_on, tell_hindered
from pressroom.services.settle_run import close_run, settlement_of
from pressroom.services.tell_run import tell_ended

DIED: Final = "its process ended before it was done"
UNDECIDED: Final = "nobody has decided in time"
LEFT: Final = "it was let go on, and nobody went on with it in time"
# A run that takes its process down with it every time is not taken up for ever.
MOST_TAKES: Final = 12
CANCELLED: Final = "cancelled"
# Raises NotFound for a run of somebody whom it does not know, WasCancelled for one that was cancelled there.
Taker = Callable[[runs.RunRecord], bool]
Takers = Mapping[Runner, Taker]
NOBODY: Final[Takers] = {}


@dataclass(frozen=True, slots=True)
class Recovered:
    """Ids of runs: those that were closed, and those that are taken up again."""

    closed: tuple[str, ...] = ()
    resumed: tuple[str, ...] = ()


def recover_runs(context: Context, takers: Takers = NOBODY) -> Recovered:
    """See to every run that nobody works on any more, and release every hold past its expiry.

    `takers` have runs taken up again that others than their callers work on; False where it cannot be. Those of whom there is
    no taker here are left to those who have one, and so are those that the taker here does not know, as long as their credits
    are held: another Prefect server may have them, whose worker is cut off for a moment or has not come yet.
    """
    closed: list[str] = []
    resumed: list[str] = []
    for run_id in dead_runs(context):
        # What hinders one is no reason for others to wait.
        with going_on(context, f"run {run_id} could not be seen to"):
            if record := _left(context, run_id):
                found = _seen_to(context, takers, record)
                closed += found.closed
                resumed += found.resumed
    resumed += _resumed(context, takers)
    with context.database.write() as conn:
        expire_holds(conn, context.now())
    _tell(context, closed)
    closed += give_up(context)
    _sweep(context)
    return Recovered(tuple(closed), tuple(resumed))


def dead_runs(context: Context) -> list[str]:
    """Ids of the runs that nobody works on any more, though they are under way."""
    with context.database.read() as conn:
        return leases.lapsed(conn)


def _left(context: Context, run_id: str) -> runs.RunRecord | None:
    """The run, with the moment since which nobody works on it; None where it has ended meanwhile."""
    with context.database.read() as conn:
        record = runs.run_of(conn, account_id := runs.owner_of(conn, run_id), run_id)
    if leases.has_ended(record.lease_holder):
        with context.database.write() as conn:
            leases.drop(conn, run_id, record.lease)
            record = runs.run_of(conn, account_id, run_id)
    return record if record.state in WORKING_RUNS else None


def _seen_to(context: Context, takers: Takers, record: runs.RunRecord) -> Recovered:
    """The run, closed or taken up again; neither where it is left to others."""
    closed, resumed, left = Recovered(closed=(record.id,)), Recovered(resumed=(record.id,)), Recovered()
    if record.runner != Runner.CALLER and record.lease < MOST_TAKES:
        take = takers.get(Runner(record.runner))
        if take is None:
            return left
        try:
            taken = _taken(context, take, record)
        except WasCancelled:
            # Its process heard of it and is gone, or did not live to hear of it.
            return closed if _closed(context, record, RunState.CANCELLED, CANCELLED) else left
        if taken:
            return resumed
        if taken is None and _is_held(context, record):
            return left
    return closed if _closed(context, record) else left


def _resumed(context: Context, takers: Takers) -> list[str]:
    """The runs that have what they waited for, and that are taken up now."""
    with context.database.read() as conn:
        ready = [runs.run_of(conn, runs.owner_of(conn, run_id), run_id) for run_id in runs.ready_runs(conn)]
    resumed = []
    for record in ready:
        with going_on(context, f"run {record.id} could not go on"):
            if _goes_on(context, takers.get(Runner(record.runner), _nobody), record):
                resumed.append(record.id)
    return resumed


def _taken(context: Context, take: Taker, record: runs.RunRecord) -> bool | None:
    """Whether it is taken up again; None where the taker does not know the run, or cannot make anything of it."""
    try:
        return take(record)
    except NotFound:
        return None
    except (Retryable, WasCancelled):
        raise
    except Exception as exc:  # noqa: BLE001 - it is left to others for as long as its credits are held, then closed
        tell_hindered(context, f"run {record.id} could not be taken up", exc)
        return None


def _goes_on(context: Context, take: Taker, record: runs.RunRecord) -> bool:
    """One that waits and was cancelled meanwhile is closed by whoever cancels it, or in time."""
    try:
        return bool(_taken(context, take, record))
    except WasCancelled:
        return False


def _is_held(context: Context, record: runs.RunRecord) -> bool:
    with context.database.read() as conn:
        held = None if record.hold_id is None else hold_of(conn, record.hold_id)
    return held is not None and held.state == HoldState.OPEN and held.expires_at > context.now()


def _nobody(record: runs.RunRecord) -> bool:
    return False


def _closed(context: Context, record: runs.RunRecord, state: RunState = RunState.FAILED, reason: str = DIED) -> bool:
    """Close the run, unless somebody has taken it up meanwhile."""
    with context.database.write() as conn:
        if leases.take(conn, record.id, context.settings.lease_seconds) is None:
            return False
        close_run(conn, runs.owner_of(conn, record.id), record.id, state, reason)
    return True


def give_up(context: Context) -> list[str]:
    """Close the runs that have waited for a person for as long as they may; their ids."""
    with context.database.write() as conn:
        late = runs.overdue(conn, context.now())
        closed = [run_id for account_id, run_id in late if expire(conn, context, account_id, run_id)]
    _tell(context, closed)
    return closed


def expire(conn: Connection, context: Context, account_id: int, run_id: str) -> bool:
    """Whether it was given up: somebody may have decided in this very moment."""
    record = runs.lock_run(conn, account_id, run_id)
    if not runs.is_overdue(record, now := context.now()):
        return False
    if runs.is_ready(record):
        close_run(conn, account_id, run_id, RunState.CANCELLED, LEFT)
        return True
    close_run(conn, account_id, run_id, RunState.CANCELLED, UNDECIDED)
    note(conn, run_id, Approval(Decision.EXPIRED, record.plan_hash, 0, (), "", "", now, usd_micros=0))
    return True


def _tell(context: Context, closed: Sequence[str]) -> None:
    """Tell the end of runs that held credits; one that died before it did has never begun."""
    for run_id in closed:
        with context.database.read() as conn:
            record = runs.run_of(conn, account_id := runs.owner_of(conn, run_id), run_id)
        if record.hold_id is not None:
            tell_ended(context, settlement_of(context, account_id, run_id))


def _sweep(context: Context) -> None:
    """Remove what runs that no longer are under way left in the work folder."""
    for folder in context.work.glob("*"):
        with context.database.read() as conn:
            account_id = runs.find_owner(conn, folder.name)
            gone = account_id is None or runs.run_of(conn, account_id, folder.name).state not in OPEN_RUNS
        if gone:
            shutil.rmtree(folder, ignore_errors=True)
