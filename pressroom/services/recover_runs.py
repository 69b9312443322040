"""Which runs are alive: each holds a lock on its own file, which the system lets go of however the process ends.

A run whose process was killed is found by its free lock; its hold is released at once instead of at expiry. Runs on other
machines leave no file here and are left to their hold's expiry.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection

from pressroom.domain.states import OPEN_RUNS, RunState
from pressroom.ledger.holds import expire_holds, release
from pressroom.runs import records as runs
from pressroom.services.context import Context

SUFFIX = ".lock"
DIED = "its process ended before it was done"


@contextmanager
def alive(context: Context, run_id: str) -> Iterator[None]:
    """Mark the run as alive for as long as the block runs."""
    context.runs.mkdir(parents=True, exist_ok=True)
    path = context.runs / f"{run_id}{SUFFIX}"
    # Locked before it has its name: a file that could be seen unlocked would be taken for a dead run's.
    unnamed = context.runs / f".{run_id}.new"
    with unnamed.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        unnamed.replace(path)
        try:
            yield
        finally:
            with suppress(FileNotFoundError):
                path.unlink()


def release_abandoned(context: Context) -> list[str]:
    """Release the holds of runs that died on this machine, and every hold past its expiry. Returns the run ids."""
    found = [path.stem for path in sorted(context.runs.glob(f"*{SUFFIX}")) if _is_free(path)]
    for run_id in found:
        with context.database.write() as conn:
            _close(conn, run_id)
        with suppress(FileNotFoundError):
            (context.runs / f"{run_id}{SUFFIX}").unlink()
    with context.database.write() as conn:
        expire_holds(conn, context.now())
    _sweep(context)
    return found


def _sweep(context: Context) -> None:
    """Remove what runs that no longer live left in the work folder."""
    for folder in context.work.glob("*"):
        if not (context.runs / f"{folder.name}{SUFFIX}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _close(conn: Connection, run_id: str) -> None:
    account_id = runs.find_owner(conn, run_id)
    if account_id is None:
        return  # it died before it was written down
    run = runs.run_of(conn, account_id, run_id)
    if run.state not in OPEN_RUNS:
        return  # it died after it was settled
    runs.cancel_waiting(conn, account_id, run_id, DIED)
    runs.finish_run(conn, account_id, run_id, RunState.FAILED, error=DIED)
    if run.hold_id is not None:
        release(conn, f"release:{run_id}", run.hold_id)


def _is_free(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
