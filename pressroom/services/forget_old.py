"""What a server keeps for a while and then forgets: events, answers to calls that cost nothing, plans as shown, uploads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select

from pressroom.database.schema import answer, event, shown_plan
from pressroom.services.answers import KEPT_DAYS
from pressroom.services.context import Context
from pressroom.services.uploads import sweep_uploads

SHOWN_DAYS: Final = 90  # of plans that were shown: longer than a run waits for a person
_AT_ONCE: Final = 10_000  # events in one transaction: writers wait no longer than for these


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many of each."""

    events: int
    answers: int
    plans: int
    uploads: int


def forget_old(context: Context) -> Forgotten:
    """Forget what is older than it is kept; harmless when repeated. Answers by which something was spent are kept for ever."""
    now = context.now()
    events = _forget_events(context, now - timedelta(days=context.settings.event_days))
    with context.database.write() as conn:
        old = (answer.c.kept.is_(False), answer.c.created_at < now - timedelta(days=KEPT_DAYS))
        answers = conn.execute(delete(answer).where(*old)).rowcount
        plans = conn.execute(
            delete(shown_plan).where(shown_plan.c.created_at < now - timedelta(days=SHOWN_DAYS))
        ).rowcount
    return Forgotten(events, answers, plans, sweep_uploads(context))


def _forget_events(context: Context, before: datetime) -> int:
    """The last of the old events stays: its number says how far those reach that are gone."""
    with context.database.read() as conn:
        first = conn.execute(select(event.c.seq).where(event.c.at >= before).order_by(event.c.seq).limit(1)).scalar()
        older = event.c.seq < first if first is not None else event.c.seq > 0
        last = conn.execute(select(func.max(event.c.seq)).where(older)).scalar()
    if last is None:
        return 0
    forgotten = 0
    while True:
        with context.database.write() as conn:
            begin = conn.execute(select(func.min(event.c.seq))).scalar_one()
            these = (event.c.seq < last, event.c.seq < begin + _AT_ONCE)
            forgotten += conn.execute(delete(event).where(*these)).rowcount
            if begin + _AT_ONCE >= last:
                return forgotten
