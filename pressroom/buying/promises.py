"""What orders under way may still take from a hold: of credits, of vendors' dollars, and of purchases of a family."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import Connection, and_, case, func, or_, select, update

from pressroom.buying.job import Job
from pressroom.database.dialect import json_text
from pressroom.database.schema import hold, job
from pressroom.domain.states import UNFINISHED_JOBS
from pressroom.ledger.allowances import units_of_hold
from pressroom.planning.allowances import CREDITS, USD


def short_of(conn: Connection, hold_id: int, family: str) -> dict[str, int]:
    """Micro-credits, micro-dollars and purchases of the family that a hold's unfinished orders may take above what is left of it.

    Nothing else is ordered from the hold meanwhile. It is asked for each order, of thousands that are open.
    """
    this = hold.c.id == hold_id
    conn.execute(update(hold).where(this).values(captured=hold.c.captured))  # one order after the other
    left = {CREDITS: int(conn.execute(select(hold.c.amount - hold.c.captured).where(this)).scalar_one())}
    left |= {name: units.left for name, units in units_of_hold(conn, hold_id).items()}
    mine = (job.c.hold_id == hold_id, job.c.state.in_(UNFINISHED_JOBS))
    here = or_(job.c.counted_hold_id.is_(None), job.c.counted_hold_id == hold_id)
    usd = case(
        (
            and_(here, job.c.usd_bound_micros > job.c.counted_usd_micros),
            job.c.usd_bound_micros - job.c.counted_usd_micros,
        ),
        else_=0,
    )
    uncounted = job.c.unit_hold_id.is_(None)
    sums = (
        func.sum(job.c.credits_bound_micros - job.c.captured_micros),
        func.sum(usd),
        func.sum(case((uncounted, 1), else_=0)),
    )
    found = [int(value or 0) for value in conn.execute(select(*sums).where(*mine)).one()]
    wanted = dict(zip((CREDITS, USD, family), found, strict=True))
    if wanted[family] > left.get(family, 0):  # of all families together: look closer
        alike = json_text(conn, job.c.ordered, "family") == family
        wanted[family] = conn.execute(select(func.count()).where(*mine, uncounted, alike)).scalar_one()
    return {of: more for of, amount in wanted.items() if (more := amount - left.get(of, 0)) > 0}


def promised(jobs: Iterable[Job], hold_id: int) -> Counter[str]:
    """What of credits, dollars and families unfinished jobs may still take from a hold."""
    found: Counter[str] = Counter()
    for each in jobs:
        if each.hold_id != hold_id:
            continue
        found[CREDITS] += each.credits_bound_micros - each.captured_micros
        if each.counted_hold_id in (None, hold_id):
            found[USD] += max(0, each.usd_bound_micros - each.counted_usd_micros)
        if each.family and each.unit_hold_id is None:
            found[each.family] += 1
    return found
