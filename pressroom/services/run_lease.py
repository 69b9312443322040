"""A process that works on a run keeps its lease, puts off its hold's expiry, and hears when the run is no longer its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from pressroom.domain.errors import PressroomError
from pressroom.domain.states import WORKING_RUNS, HoldState
from pressroom.ledger.holds import Hold, extend_hold, hold_of
from pressroom.runs import leases
from pressroom.runs import records as runs
from pressroom.services.context import Context
from pressroom.services.running import RunningRun

BEAT_SECONDS: Final = 2.0
HELPERS_BEAT_SECONDS: Final = 0.5  # it only reads, and what it computes slows down whoever ends the run
BEATS_A_LEASE: Final = 4  # a beat that comes late, or finds the database away, loses nothing
_LIVING: Final[dict[tuple[Path, str], Life]] = {}
_LIVING_LOCK: Final = threading.Lock()


class Life:
    """A run that this process works on; one that only helps leaves lease and hold to the process that leads."""

    def __init__(self, context: Context, run: RunningRun, *, leads: bool) -> None:
        self.lease = run.lease
        self.leads = leads
        self._context = context
        self._run_id = run.id
        self._closed = threading.Event()
        self._over = threading.Event()
        self._lease_seconds = context.settings.lease_seconds
        self._hold_seconds = context.settings.hold_seconds
        self._thread = threading.Thread(target=self._beat, name=f"life of {run.id}", daemon=True)
        self._thread.start()

    def is_closed(self) -> bool:
        """Whether the run has ended, waits for a person, or is another process's: what is not begun need not begin."""
        return self._closed.is_set()

    def end(self) -> None:
        """Stop working on the run; where it has not ended, whoever finds it may take it up."""
        self._over.set()
        self._thread.join()
        if not self.leads:
            return
        with suppress(PressroomError), self._context.database.write() as conn:
            leases.drop(conn, self._run_id, self.lease)

    def _beat(self) -> None:
        longest = BEAT_SECONDS if self.leads else HELPERS_BEAT_SECONDS
        beat = min(longest, self._lease_seconds / BEATS_A_LEASE, self._hold_seconds / BEATS_A_LEASE)
        while not self._over.wait(beat):
            # A database that is away for a while is no reason to stop, nor is a fault of ours: the next beat asks again.
            with suppress(Exception):
                self._look()

    def _look(self) -> None:
        with self._context.database.read() as conn:
            state, lease, hold_id = runs.standing_of(conn, self._run_id)
            hold = None if hold_id is None else hold_of(conn, hold_id)
        if state not in WORKING_RUNS or lease != self.lease:
            self._closed.set()
        elif self.leads:
            self._renew(hold)

    def _renew(self, hold: Hold | None) -> None:
        with self._context.database.write() as conn:
            leases.renew(conn, self._run_id, self.lease, self._lease_seconds)
        if hold is not None and hold.state == HoldState.OPEN:
            self._extend(hold)

    def _extend(self, hold: Hold) -> None:
        now, lifetime = self._context.now(), timedelta(seconds=self._hold_seconds)
        if hold.expires_at - now < lifetime / 2:
            expires = now + lifetime
            with self._context.database.write() as conn:
                extend_hold(conn, f"extend:{self._run_id}:{expires.isoformat()}", hold.id, expires)


@contextmanager
def alive(context: Context, run: RunningRun, *, leads: bool = True) -> Iterator[Life]:
    """Keep the run's lease for as long as the block runs; within one process the same run may be kept again inside.

    A process that does not lead keeps nothing: it only hears when the run is no longer to be worked on under this lease.
    """
    key = (context.settings.home, run.id)
    with _LIVING_LOCK:
        life = _LIVING.get(key)
    if life is not None:
        yield life
        return
    life = Life(context, run, leads=leads)
    with _LIVING_LOCK:
        _LIVING[key] = life
    try:
        yield life
    finally:
        with _LIVING_LOCK:
            del _LIVING[key]
        life.end()


def is_closed(home: Path, run_id: str) -> bool:
    """Whether the run that this process works on is no longer its own."""
    with _LIVING_LOCK:
        life = _LIVING.get((home, run_id))
    return life is not None and life.is_closed()


def lease_held(context: Context, run_id: str) -> int | None:
    """The number of the lease that this process keeps of the run."""
    with _LIVING_LOCK:
        life = _LIVING.get((context.settings.home, run_id))
    return life.lease if life is not None and life.leads else None
