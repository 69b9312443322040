"""Parts of a run's nodes, which the processes that share the run take one by one.

All of it happens under the lease of the process that leads the run: where another one takes the run up, nothing that belongs to
the old lease is taken or ended any more. Times are the database's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from pressroom.database.dialect import clock
from pressroom.database.schema import run_part
from pressroom.domain.states import PartState
from pressroom.runs.leases import has_ended, require


@dataclass(frozen=True, slots=True)
class Part:
    """Nodes that one process makes, in the plan's order."""

    number: int
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether another process has, or is to take, a part that has not ended; whether one ran out of the run's credits."""

    others_work: bool
    short: bool


def lay_out(conn: Connection, run_id: str, lease: int, parts: Sequence[Sequence[str]]) -> None:
    """Put these parts out to be taken, in place of any before. Raises Permanent where the run's lease is another's."""
    require(conn, run_id, lease)
    conn.execute(delete(run_part).where(run_part.c.run_id == run_id))
    conn.execute(
        insert(run_part),
        [
            {
                "run_id": run_id,
                "number": number,
                "lease": lease,
                "nodes": json.dumps(list(nodes)),
                "state": PartState.FREE,
                "holder": "",
            }
            for number, nodes in enumerate(parts, 1)
        ],
    )


def take(conn: Connection, run_id: str, lease: int, holder: str, seconds: float) -> Part | None:
    """Take the next part that nobody works on, for so many seconds; None where there is none now.

    A part whose process has died is taken again. Raises Permanent where the run's lease is another's.
    """
    require(conn, run_id, lease)  # and so nobody else takes one before this transaction ends
    now = clock(conn)
    query = select(run_part).where(_of(run_id, lease), run_part.c.state.in_((PartState.FREE, PartState.TAKEN)))
    for row in conn.execute(query.order_by(run_part.c.number)):
        if row.state == PartState.FREE or row.held_until <= now or has_ended(row.holder):
            this = run_part.c.number == row.number
            values = {"state": PartState.TAKEN, "holder": holder, "held_until": now + timedelta(seconds=seconds)}
            conn.execute(update(run_part).where(_of(run_id, lease), this).values(**values))
            return Part(row.number, tuple(json.loads(row.nodes)))
    return None


def keep(conn: Connection, run_id: str, lease: int, holder: str, seconds: float) -> None:
    """The process still works on what it has taken, for so many seconds from now."""
    until = clock(conn) + timedelta(seconds=seconds)
    conn.execute(update(run_part).where(*_held(run_id, lease, holder)).values(held_until=until))


def leave(conn: Connection, run_id: str, lease: int, holder: str, state: PartState) -> None:
    """The process works on nothing of the run any more: what it had taken is in this state, free where it has not ended."""
    held_by = "" if state == PartState.FREE else holder
    conn.execute(update(run_part).where(*_held(run_id, lease, holder)).values(state=state, holder=held_by))


def standing(conn: Connection, run_id: str, lease: int, holder: str) -> Standing:
    """How far the others are. Of a run whose lease is another's there is nothing to wait for."""
    rows = conn.execute(select(run_part.c.state, run_part.c.holder).where(_of(run_id, lease))).all()
    waits = (PartState.FREE, PartState.TAKEN)
    others = any(row.state in waits and row.holder != holder for row in rows)
    return Standing(others, short=any(row.state == PartState.SHORT for row in rows))


def _of(run_id: str, lease: int) -> ColumnElement[bool]:
    return (run_part.c.run_id == run_id) & (run_part.c.lease == lease)


def _held(run_id: str, lease: int, holder: str) -> tuple[Any, ...]:
    return _of(run_id, lease), run_part.c.state == PartState.TAKEN, run_part.c.holder == holder
