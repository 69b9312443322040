"""Which process works on a run: it holds the run's lease, and renews it while it lives.

Each time a run is taken up it gets a higher number. A process that was given up, since it stood still for a minute or was cut
off from the database, may come back: its number is no longer the run's, and nothing it says of the run's nodes is taken.
Times are the database's, so that the clocks of machines need not agree.
"""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, or_, select, update

from pressroom.database.dialect import clock
from pressroom.database.schema import run
from pressroom.domain.errors import Permanent
from pressroom.domain.states import WORKING_RUNS, Runner
from pressroom.processes import identity, is_running

NOBODY: Final = ""  # holds a run that was left to workers, none of whom has begun it
_PARTS: Final = "/"


def this_process() -> str:
    """A name that no other process shares, on any machine; on this one it tells whether the process still is there."""
    pid = os.getpid()
    return _PARTS.join((_machine(), str(pid), identity(pid) or ""))


def has_ended(holder: str) -> bool:
    """Whether that process has certainly ended. Of a process on another machine nobody here knows."""
    machine, _, process = holder.partition(_PARTS)
    pid, _, known = process.partition(_PARTS)
    return machine == _machine() and pid.isdigit() and bool(known) and not is_running(int(pid), known)


def take(conn: Connection, run_id: str, seconds: float) -> int | None:
    """Take the lease for this process, for so many seconds; its number, None while another process has it."""
    found = conn.execute(
        select(run.c.lease, run.c.lease_holder, run.c.lease_until).where(run.c.id == run_id)
    ).one_or_none()
    if found is None:
        return None
    now = clock(conn)
    free = or_(run.c.lease_until.is_(None), run.c.lease_until <= now)
    if has_ended(found.lease_holder):
        free = run.c.lease == found.lease
    values = {"lease": run.c.lease + 1, "lease_holder": this_process(), "lease_until": now + timedelta(seconds=seconds)}
    taken = conn.execute(update(run).where(run.c.id == run_id, free).values(**values).returning(run.c.lease)).scalar()
    return None if taken is None else int(taken)


def renew(conn: Connection, run_id: str, number: int, seconds: float) -> bool:
    """Keep the lease for so many seconds from now; False when another process has taken it."""
    until = clock(conn) + timedelta(seconds=seconds)
    mine = (run.c.id == run_id, run.c.lease == number)
    return conn.execute(update(run).where(*mine).values(lease_until=until)).rowcount == 1


def drop(conn: Connection, run_id: str, number: int) -> None:
    """The process that had the lease works no longer, which is on record: anybody may take the run up at once."""
    now = clock(conn)
    lasts = (run.c.id == run_id, run.c.lease == number, run.c.lease_until > now)
    conn.execute(update(run).where(*lasts).values(lease_until=now))


def leave(conn: Connection, run_id: str, number: int, runner: Runner, flow_run_id: str) -> None:
    """Leave the run to whoever takes it up there: until then nobody holds it. Raises Permanent where the lease is another's."""
    require(conn, run_id, number)
    values = {"lease_until": None, "lease_holder": NOBODY, "runner": runner, "flow_run_id": flow_run_id}
    conn.execute(update(run).where(run.c.id == run_id).values(**values))


def require(conn: Connection, run_id: str, number: int) -> None:
    """Raises Permanent when another process has taken the lease; else nobody does before this transaction ends."""
    mine = (run.c.id == run_id, run.c.lease == number)
    if conn.execute(update(run).where(*mine).values(lease=number)).rowcount == 0:
        raise taken_away(run_id)


def taken_away(run_id: str) -> Permanent:
    return Permanent(f"run {run_id} has been taken up by another process", hint="what it does is its business now")


def lapsed(conn: Connection) -> list[str]:
    """The runs that nobody works on any more, though they are under way."""
    query = select(run.c.id, run.c.lease_holder, run.c.lease_until).where(run.c.state.in_(WORKING_RUNS))
    now = clock(conn)
    return [
        row.id
        for row in conn.execute(query.order_by(run.c.created_at, run.c.id))
        if row.lease_until is None or row.lease_until <= now or has_ended(row.lease_holder)
    ]


@lru_cache(maxsize=1)
def _machine() -> str:
    """Where a process number means one process: a machine, or a container on it."""
    name = platform.node().replace(_PARTS, "-")
    with suppress(OSError):
        name += f":{Path('/proc/self/ns/pid').readlink()}"
    return name
