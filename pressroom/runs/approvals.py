"""What people have decided about runs that waited for them: who, when, from where, of which plan, at what price."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from pressroom.database.schema import approval
from pressroom.domain.content_hash import canonical
from pressroom.domain.states import Decision


@dataclass(frozen=True, slots=True)
class Approval:
    """One decision. `credits_micros` is the most that the run may cost from then on, `dropped` are nodes not to be made.

    `decided_by` is a person's name or address, `decided_from` the door: the command line, the API, Prefect's pages.
    """

    decision: Decision
    plan_hash: str
    credits_micros: int
    dropped: tuple[str, ...]
    decided_by: str
    decided_from: str
    decided_at: datetime


def note(conn: Connection, run_id: str, made: Approval) -> None:
    """Put the decision on record, for good."""
    values = {name: getattr(made, name) for name in Approval.__slots__}
    conn.execute(
        insert(approval).values(**values | {"run_id": run_id, "dropped": canonical(list(made.dropped)).decode()})
    )


def approvals_of(conn: Connection, run_id: str) -> list[Approval]:
    """The run's decisions, oldest first."""
    columns = [approval.c[name] for name in Approval.__slots__]
    rows = conn.execute(select(*columns).where(approval.c.run_id == run_id).order_by(approval.c.id))
    return [
        Approval(**dict(row._mapping) | {"decision": Decision(row.decision), "dropped": tuple(json.loads(row.dropped))})
        for row in rows
    ]
