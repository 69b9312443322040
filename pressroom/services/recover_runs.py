"""Which runs are alive: each holds a lock on its own file, which the system lets go of however the process ends.

A run whose process was killed is found by its free lock; its hold is released at once instead of at expiry. Runs on other
machines leave no file here and are left to their hold's expiry, which a living run puts off again and again.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from pressroom.domain.errors import PressroomError
from pressroom.domain.states import OPEN_RUNS, HoldState, RunState
from pressroom.ledger.holds import Hold, expire_holds, extend_hold, hold_of, release
from pressroom.runs import records as runs
from pressroom.services.context import Context

SUFFIX: Final = ".lock"
BEAT_SECONDS: Final = 2.0
DIED: Final = "its process ended before it was done"
_LIVING: Final[dict[tuple[Path, str], Life]] = {}
_LIVING_LOCK: Final = threading.Lock()


class Life:
    """A run that is alive in this process. Its hold is extended while it lives, and it hears when the run was closed."""

    def __init__(self, context: Context, run_id: str) -> None:
        self._context = context
        self._run_id = run_id
        self._closed = threading.Event()
        self._over = threading.Event()
        self._hold_seconds = context.settings.hold_seconds
        self._thread = threading.Thread(target=self._beat, name=f"life of {run_id}", daemon=True)
        self._thread.start()

    def is_closed(self) -> bool:
        """Whether somebody has closed the run while it was under way: what is not begun need not begin."""
        return self._closed.is_set()

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(min(BEAT_SECONDS, self._hold_seconds / 4)):
            # A database that is away for a while is no reason to stop: the next beat asks again.
            with suppress(PressroomError):
                self._look()

    def _look(self) -> None:
        with self._context.database.read() as conn:
            standing = runs.standing_of(conn, self._run_id)
            hold = hold_of(conn, standing[1]) if standing and standing[1] is not None else None
        if standing is not None and standing[0] not in OPEN_RUNS:
            self._closed.set()
        elif hold is not None and hold.state == HoldState.OPEN:
            self._extend(hold)

    def _extend(self, hold: Hold) -> None:
        now, lifetime = self._context.now(), timedelta(seconds=self._hold_seconds)
        if hold.expires_at - now < lifetime / 2:
            expires = now + lifetime
            with self._context.database.write() as conn:
                extend_hold(conn, f"extend:{self._run_id}:{expires.isoformat()}", hold.id, expires)


@contextmanager
def alive(context: Context, run_id: str) -> Iterator[Life]:
    """Mark the run as alive for as long as the block runs; within one process it may be marked again inside."""
    key = (context.runs, run_id)
    with _LIVING_LOCK:
        life = _LIVING.get(key)
    if life is not None:
        yield life
        return
    with marked_alive(context.runs, run_id, partial(_is_over, context, run_id)):
        life = Life(context, run_id)
        with _LIVING_LOCK:
            _LIVING[key] = life
        try:
            yield life
        finally:
            with _LIVING_LOCK:
                del _LIVING[key]
            life.end()


@contextmanager
def marked_alive(folder: Path, run_id: str, is_over: Callable[[], bool] = lambda: True) -> Iterator[None]:
    """Hold the run's lock file in `folder` for as long as the block runs.

    Where the run is not over then, its file stays, unlocked: the run is dead, and the next one closes it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{run_id}{SUFFIX}"
    # Locked before it has its name: a file that could be seen unlocked would be taken for a dead run's.
    unnamed = folder / f".{run_id}.new"
    with unnamed.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        unnamed.replace(path)
        try:
            yield
        finally:
            if is_over():
                path.unlink(missing_ok=True)


def unmark(context: Context, run_id: str) -> None:
    """What leaving `alive` does to the run's file, for a process that ends without leaving it."""
    if _is_over(context, run_id):
        (context.runs / f"{run_id}{SUFFIX}").unlink(missing_ok=True)


def _is_over(context: Context, run_id: str) -> bool:
    """Whether the run was closed, or never written down. A full disk may have kept it from being closed."""
    try:
        with context.database.read() as conn:
            standing = runs.standing_of(conn, run_id)
    except PressroomError:
        return False
    return standing is None or standing[0] not in OPEN_RUNS


def dead_runs(context: Context) -> list[str]:
    """Ids of the runs whose process on this machine has ended without closing them."""
    return [path.stem for path in sorted(context.runs.glob(f"*{SUFFIX}")) if _is_free(path)]


def release_abandoned(context: Context) -> list[str]:
    """Release the holds of runs that died on this machine, and every hold past its expiry. Returns the run ids."""
    found = dead_runs(context)
    for run_id in found:
        with context.database.write() as conn:
            _close(conn, run_id)
        (context.runs / f"{run_id}{SUFFIX}").unlink(missing_ok=True)
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
