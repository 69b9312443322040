"""After a seed of faults: the vendors' books held against ours."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy import Connection, case, func, select

from pressroom.buying import journal
from pressroom.buying.job import Job
from pressroom.database.schema import account, allowance, asset, hold, job, op
from pressroom.domain.states import HoldState, JobState
from pressroom.ledger.invariants import check_invariants
from pressroom.providers.simulator.books import Books
from tests.support.studio import STYLES

if TYPE_CHECKING:
    from tests.support.faults import World


def wrongs(made: World) -> list[str]:
    """Everything that must not be, in sentences."""
    with made.database.read() as conn:
        found = check_invariants(conn)
        found += uncounted(conn)
        found += credits_astray(conn)
        jobs = journal.jobs_among(conn, list(conn.execute(select(job.c.order_key)).scalars()))
        filed = Counter(conn.execute(select(asset.c.run_id, asset.c.node_key)))
        owners = dict(conn.execute(select(account.c.id, account.c.name)).all())
        open_holds = conn.execute(select(hold.c.id).where(hold.c.state == HoldState.OPEN)).all()
    found += [f"hold {row.id} is open" for row in open_holds]
    bills: dict[str, list[tuple[int | None, frozenset[str]]]] = defaultdict(list)
    home = made.studios["ann"].home
    for name in STYLES:
        for order in Books(home / name).purchases():
            bills[order["order_key"]].append((order["billed_usd_micros"], frozenset(order["faults"])))
    known = {each.order_key: each for each in jobs}
    made_before = {(each.account_id, each.node_key) for each in jobs if each.state == JobState.STORED}
    found += [f"{key[:12]} was bought by nobody's job" for key in bills.keys() - known.keys()]
    stored = Counter((each.account_id, each.node_key) for each in jobs if each.state == JobState.STORED)
    found += [
        f"{node_key[:14]} of {owners[account_id]} was bought {times} times, and refreshed {made.refreshes[owners[account_id]]}"
        for (account_id, node_key), times in stored.items()
        if times > 1 + made.refreshes[owners[account_id]]
    ]
    for key, each in known.items():
        # What a refresh bought and did not live to file waits for the next refresh: the library has the node meanwhile.
        waits = each.state == JobState.DELIVERED and (each.account_id, each.node_key) in made_before
        given_up = key in made.given_up
        wrong = _wrongs_of(each, bills.get(key, []), waits=waits, given_up=given_up or waits)
        found += [f"{key[:14]}: {sentence}" for sentence in wrong]
        if each.state == JobState.STORED and not filed[(each.run_id, each.node_key)]:
            found.append(f"{key[:14]}: stored and in nobody's library")
        if each.account_id not in owners:
            found.append(f"{key[:14]}: of nobody")
    return found


def uncounted(conn: Connection) -> Iterator[str]:
    """Dollars that were spent and do not count against the month's allowance, or count without having been spent."""
    spent = dict(
        conn.execute(select(job.c.account_id, func.sum(job.c.spent_usd_micros)).group_by(job.c.account_id)).all()
    )
    dollars = select(allowance.c.account_id, func.sum(allowance.c.used)).where(allowance.c.family == "usd")
    used = dict(conn.execute(dollars.group_by(allowance.c.account_id)).all())
    for account_id in spent.keys() | used.keys():
        if spent.get(account_id, 0) != used.get(account_id, 0):
            yield f"account {account_id} spent {spent.get(account_id, 0)}, {used.get(account_id, 0)} count against the month"

    units = select(allowance.c.account_id, func.sum(allowance.c.used)).where(allowance.c.family != "usd")
    used = dict(conn.execute(units.group_by(allowance.c.account_id)).all())
    counting = select(job.c.account_id, func.count()).where(job.c.unit_hold_id.is_not(None))
    purchases = dict(conn.execute(counting.group_by(job.c.account_id)).all())
    for account_id in purchases.keys() | used.keys():
        if purchases.get(account_id, 0) != used.get(account_id, 0):
            yield f"account {account_id} has {purchases.get(account_id, 0)} purchases, {used.get(account_id, 0)} units are used"


def credits_astray(conn: Connection) -> Iterator[str]:
    """Credits that were captured and not given back without a job that has captured them."""
    signed = case((op.c.kind == "capture", op.c.amount), else_=-op.c.amount)
    moved = select(op.c.account_id, func.sum(signed)).where(op.c.kind.in_(("capture", "refund")))
    taken = dict(conn.execute(moved.group_by(op.c.account_id)).all())
    by_jobs = dict(
        conn.execute(select(job.c.account_id, func.sum(job.c.captured_micros)).group_by(job.c.account_id)).all()
    )
    for account_id in taken.keys() | by_jobs.keys():
        if taken.get(account_id, 0) != by_jobs.get(account_id, 0):
            yield f"account {account_id} paid {taken.get(account_id, 0)}, its jobs captured {by_jobs.get(account_id, 0)}"


def _wrongs_of(
    each: Job, bills: list[tuple[int | None, frozenset[str]]], *, waits: bool, given_up: bool
) -> Iterator[str]:
    if len(bills) > 1:
        yield f"was bought {len(bills)} times"
    charged = sum(bill or 0 for bill, _ in bills)
    silent = any("silent" in faults for _, faults in bills)
    if each.state in (JobState.SUBMITTED, JobState.INTENT, JobState.DELIVERED) and not waits:
        yield f"is left {each.state}: {each.error}"
    elif each.state == JobState.UNKNOWN:
        if each.spent_usd_micros != each.usd_bound_micros and each.billed_usd_micros is None:
            yield f"is unknown, and {each.spent_usd_micros} of {each.usd_bound_micros} count as spent"
    elif each.billed_usd_micros is not None and each.billed_usd_micros != charged:
        yield f"is {each.state}, billed {charged}, in our books {each.billed_usd_micros}"
    elif each.billed_usd_micros is None and not silent and charged and not given_up:
        yield f"is {each.state}, billed {charged}, and nothing in our books"
    if each.counted_usd_micros != each.spent_usd_micros:
        yield f"is {each.state}, spent {each.spent_usd_micros}, {each.counted_usd_micros} count against the month"
    if (each.unit_hold_id is not None) != (each.state in (JobState.STORED, JobState.UNKNOWN)) and not (
        given_up or waits
    ):
        yield f"is {each.state}, and {'one' if each.unit_hold_id else 'none'} of its family counts for it"
    if given_up and not waits and (each.unit_hold_id is None) != (each.spent_usd_micros == 0):
        yield f"was given up at {each.spent_usd_micros}, and {'one' if each.unit_hold_id else 'none'} of its family counts"
    yield from _credits_wrong(each, given_up=given_up or waits)


def _credits_wrong(each: Job, *, given_up: bool) -> Iterator[str]:
    if not 0 <= each.captured_micros <= each.credits_bound_micros:
        yield f"captured {each.captured_micros} of {each.credits_bound_micros}"
    if each.captured_micros and each.state not in (JobState.STORED, JobState.UNKNOWN) and not given_up:
        yield f"is {each.state} and captured {each.captured_micros}"
