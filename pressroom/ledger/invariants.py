"""What must be true of the books at every moment, checked from the rows themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, literal, or_, select

from pressroom.database.schema import account, allowance, entry, hold, hold_allowance, job, op, token, token_day
from pressroom.domain.states import HoldState
from pressroom.ledger.allowances import USD


def check_invariants(conn: Connection) -> list[str]:
    """One sentence per violation; empty when the books are right. Run it in `read()`: it needs one snapshot."""
    return list(_violations(conn))


def _violations(conn: Connection) -> Iterator[str]:
    total = int(conn.execute(select(func.coalesce(func.sum(entry.c.amount), 0))).scalar_one())
    if total:
        yield f"all entries together sum to {total}, not 0"
    for sentence, query in _CHECKS:
        for row in conn.execute(query):
            yield sentence.format(*row)


_ENTRIES: Any = (
    select(
        entry.c.op_id,
        func.sum(entry.c.amount).label("total"),
        func.sum(func.abs(entry.c.amount)).label("moved"),
    )
    .group_by(entry.c.op_id)
    .subquery()
)
_BALANCES: Any = (
    select(entry.c.account_id, func.sum(entry.c.amount).label("total")).group_by(entry.c.account_id).subquery()
)
_HELD: Any = (
    select(hold.c.account_id, func.sum(hold.c.amount - hold.c.captured).label("total"))
    .where(hold.c.state == HoldState.OPEN)
    .group_by(hold.c.account_id)
    .subquery()
)
_UNITS: Any = (
    select(
        hold.c.account_id,
        hold.c.month,
        hold_allowance.c.family,
        func.sum(hold_allowance.c.captured).label("used"),
        func.sum(
            case(
                (
                    and_(hold.c.state == HoldState.OPEN, hold_allowance.c.captured < hold_allowance.c.amount),
                    hold_allowance.c.amount - hold_allowance.c.captured,
                ),
                else_=0,
            )
        ).label("held"),
    )
    .join_from(hold_allowance, hold)
    .group_by(hold.c.account_id, hold.c.month, hold_allowance.c.family)
    .subquery()
)
_SAME_ALLOWANCE: Any = and_(
    allowance.c.account_id == _UNITS.c.account_id,
    allowance.c.month == _UNITS.c.month,
    allowance.c.family == _UNITS.c.family,
)
_COUNTED: Any = (
    select(job.c.counted_hold_id, func.sum(job.c.counted_usd_micros).label("total"))
    .where(job.c.counted_usd_micros > 0)
    .group_by(job.c.counted_hold_id)
    .subquery()
)
_PURCHASES: Any = (
    select(job.c.unit_hold_id, func.count().label("total"))
    .where(job.c.unit_hold_id.is_not(None))
    .group_by(job.c.unit_hold_id)
    .subquery()
)
_COUNTED_UNITS: Any = (
    select(hold_allowance.c.hold_id, func.sum(hold_allowance.c.captured).label("total"))
    .where(hold_allowance.c.family != USD)
    .group_by(hold_allowance.c.hold_id)
    .subquery()
)
_OPEN: Any = hold.c.state == HoldState.OPEN
_OF_TOKENS: Any = (
    select(
        hold.c.token_id,
        hold.c.day,
        func.sum(hold.c.captured).label("used"),
        func.sum(case((_OPEN, hold.c.amount - hold.c.captured), else_=0)).label("held"),
        func.sum(case((or_(_OPEN, hold.c.captured > hold.c.unasked), hold.c.unasked), else_=hold.c.captured)).label(
            "unasked"
        ),
    )
    .where(hold.c.token_id.is_not(None))
    .group_by(hold.c.token_id, hold.c.day)
    .subquery()
)
_SAME_DAY: Any = and_(token_day.c.token_id == _OF_TOKENS.c.token_id, token_day.c.day == _OF_TOKENS.c.day)
_CAPTURED: Any = (
    select(op.c.hold_id, func.sum(op.c.amount).label("total"))
    .where(op.c.kind == "capture")
    .group_by(op.c.hold_id)
    .subquery()
)
_FREED: Any = (
    select(op.c.hold_id, func.sum(op.c.amount).label("total"))
    .where(op.c.kind.in_(("release", "expire")))
    .group_by(op.c.hold_id)
    .subquery()
)


def _or_zero(column: Any) -> Any:
    return func.coalesce(column, 0)


# Grants, captures and refunds move their amount from one account to another; other commands move nothing.
_EXPECTED: Any = case((op.c.kind.in_(("grant", "capture", "refund")), 2 * op.c.amount), else_=literal(0))
_CHECKS: tuple[tuple[str, Select[Any]], ...] = (
    (
        "the entries of command {0} sum to {1}, not 0",
        select(_ENTRIES.c.op_id, _ENTRIES.c.total).where(_ENTRIES.c.total != 0),
    ),
    (
        "command {0} is for {1}, its entries move twice that is {2}",
        select(op.c.id, op.c.amount, _or_zero(_ENTRIES.c.moved))
        .join_from(op, _ENTRIES, _ENTRIES.c.op_id == op.c.id, isouter=True)
        .where(_or_zero(_ENTRIES.c.moved) != _EXPECTED),
    ),
    (
        "account {0} shows a balance of {1}, its entries sum to {2}",
        select(account.c.name, account.c.balance, _or_zero(_BALANCES.c.total))
        .join_from(account, _BALANCES, _BALANCES.c.account_id == account.c.id, isouter=True)
        .where(account.c.id > 0, account.c.balance != _or_zero(_BALANCES.c.total)),
    ),
    (
        "account {0} shows {1} held, its open holds sum to {2}",
        select(account.c.name, account.c.held, _or_zero(_HELD.c.total))
        .join_from(account, _HELD, _HELD.c.account_id == account.c.id, isouter=True)
        .where(account.c.id > 0, account.c.held != _or_zero(_HELD.c.total)),
    ),
    (
        "account {0} is overdrawn: balance {1}, held {2}",
        select(account.c.name, account.c.balance, account.c.held).where(
            or_(account.c.held < 0, account.c.balance < account.c.held)
        ),
    ),
    (
        "hold {0} shows {1} captured of {2}, its captures sum to {3}",
        select(hold.c.id, hold.c.captured, hold.c.amount, _or_zero(_CAPTURED.c.total))
        .join_from(hold, _CAPTURED, _CAPTURED.c.hold_id == hold.c.id, isouter=True)
        .where(or_(hold.c.captured != _or_zero(_CAPTURED.c.total), hold.c.captured > hold.c.amount)),
    ),
    (
        "account {0} shows {3} of {2} used in {1}, {4} were carried over and its holds used {5}",
        select(
            account.c.name,
            allowance.c.month,
            allowance.c.family,
            allowance.c.used,
            allowance.c.carried,
            _or_zero(_UNITS.c.used),
        )
        .join_from(allowance, account)
        .join(_UNITS, _SAME_ALLOWANCE, isouter=True)
        .where(allowance.c.used != allowance.c.carried + _or_zero(_UNITS.c.used)),
    ),
    (
        "account {0} shows {3} of {2} held in {1}, its open holds sum to {4}",
        select(account.c.name, allowance.c.month, allowance.c.family, allowance.c.held, _or_zero(_UNITS.c.held))
        .join_from(allowance, account)
        .join(_UNITS, _SAME_ALLOWANCE, isouter=True)
        .where(allowance.c.held != _or_zero(_UNITS.c.held)),
    ),
    (
        "account number {0} has no allowance of {2} in {1}, its holds name one",
        select(_UNITS.c.account_id, _UNITS.c.month, _UNITS.c.family)
        .join_from(_UNITS, allowance, _SAME_ALLOWANCE, isouter=True)
        .where(allowance.c.family.is_(None)),
    ),
    (
        "hold {0} has used {1} micro-dollars of the month, its purchases count {2}",
        select(_COUNTED.c.counted_hold_id, _or_zero(hold_allowance.c.captured), _COUNTED.c.total)
        .join_from(
            _COUNTED,
            hold_allowance,
            and_(hold_allowance.c.hold_id == _COUNTED.c.counted_hold_id, hold_allowance.c.family == USD),
            isouter=True,
        )
        .where(_or_zero(hold_allowance.c.captured) < _COUNTED.c.total),
    ),
    (
        "hold {0} has used {1} units of the month, {2} purchases count through it",
        select(_PURCHASES.c.unit_hold_id, _or_zero(_COUNTED_UNITS.c.total), _PURCHASES.c.total)
        .join_from(_PURCHASES, _COUNTED_UNITS, _COUNTED_UNITS.c.hold_id == _PURCHASES.c.unit_hold_id, isouter=True)
        .where(_or_zero(_COUNTED_UNITS.c.total) < _PURCHASES.c.total),
    ),
    (
        "closed hold {0} of {1} captured {2} and freed {3}",
        select(hold.c.id, hold.c.amount, hold.c.captured, _or_zero(_FREED.c.total))
        .join_from(hold, _FREED, _FREED.c.hold_id == hold.c.id, isouter=True)
        .where(and_(hold.c.state != HoldState.OPEN, hold.c.captured + _or_zero(_FREED.c.total) != hold.c.amount)),
    ),
    (
        "token {0} shows {2} used, {3} held and {4} unasked of {1}, its holds sum to {5}, {6} and {7}",
        select(
            token.c.prefix,
            _OF_TOKENS.c.day,
            _or_zero(token_day.c.used),
            _or_zero(token_day.c.held),
            _or_zero(token_day.c.unasked),
            _OF_TOKENS.c.used,
            _OF_TOKENS.c.held,
            _OF_TOKENS.c.unasked,
        )
        .join_from(_OF_TOKENS, token, token.c.id == _OF_TOKENS.c.token_id)
        .join(token_day, _SAME_DAY, isouter=True)
        .where(
            or_(
                _or_zero(token_day.c.used) != _OF_TOKENS.c.used,
                _or_zero(token_day.c.held) != _OF_TOKENS.c.held,
                _or_zero(token_day.c.unasked) != _OF_TOKENS.c.unasked,
            )
        ),
    ),
)
