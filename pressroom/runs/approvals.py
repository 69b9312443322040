"""What people have decided about runs that waited for them: who, when, from where, of which plan, at what price."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from pressroom.database.schema import approval
from pressroom.domain.content_hash import canonical
from pressroom.domain.money import to_number
from pressroom.domain.operation import Answer
from pressroom.domain.states import Decision


@dataclass(frozen=True, slots=True)
class Approval:
    """One decision. `credits_micros` and `usd_micros`, at vendors, are the most that the run may cost from then on, None where
    that was not written down; `dropped` are nodes not to be made.

    `answers` are of nodes that asked: node id -> number of the take that was chosen, None where it was only approved.
    `decided_by` is a person's name or address, `decided_from` the door: the command line, the API, Prefect's pages.
    """

    decision: Decision
    plan_hash: str
    credits_micros: int
    dropped: tuple[str, ...]
    decided_by: str
    decided_from: str
    decided_at: datetime
    answers: Mapping[str, int | None] = field(default_factory=dict)
    usd_micros: int | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "decision": self.decision.value,
            "by": self.decided_by,
            "door": self.decided_from,
            "at": self.decided_at.isoformat(),
            "plan_hash": self.plan_hash,
            "credits": to_number(self.credits_micros),
            "usd": None if self.usd_micros is None else to_number(self.usd_micros),
            "dropped": list(self.dropped),
            "chosen": self.chosen,
        }

    @property
    def chosen(self) -> dict[str, int]:
        """Node id -> number of the take, of the nodes that had several."""
        return {name: take for name, take in self.answers.items() if take is not None}


def note(conn: Connection, run_id: str, made: Approval) -> None:
    """Put the decision on record, for good."""
    values = {name: getattr(made, name) for name in Approval.__slots__}
    texts = {"dropped": canonical(list(made.dropped)).decode(), "answers": canonical(dict(made.answers)).decode()}
    conn.execute(insert(approval).values(**values | texts | {"run_id": run_id}))


def approvals_of(conn: Connection, run_id: str) -> list[Approval]:
    """The run's decisions, oldest first."""
    columns = [approval.c[name] for name in Approval.__slots__]
    rows = conn.execute(select(*columns).where(approval.c.run_id == run_id).order_by(approval.c.id))
    return [_approval(row) for row in rows]


def answers_of(conn: Connection, run_id: str) -> dict[str, Answer]:
    """What people have said of the run's nodes that asked, by node id; what was said last counts."""
    return {
        name: Answer(take, made.decided_by, made.decided_from, made.decided_at.isoformat(timespec="seconds"))
        for made in approvals_of(conn, run_id)
        for name, take in made.answers.items()
    }


def _approval(row: Row[Any]) -> Approval:
    values = dict(row._mapping)
    texts = {"dropped": tuple(json.loads(row.dropped)), "answers": json.loads(row.answers)}
    return Approval(**values | texts | {"decision": Decision(row.decision)})
