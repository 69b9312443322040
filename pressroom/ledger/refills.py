"""Credits that accounts are given at the beginning of each month (UTC), once a month whoever sees to it and how often."""

from __future__ import annotations

from sqlalchemy import Connection, Exists, exists, literal, select, update

from pressroom.database.schema import account, op
from pressroom.ledger.accounts import grant


def set_month_refill(conn: Connection, account_id: int, amount_micros: int | None) -> None:
    """The account is given so many micro-credits a month from now on; None ends it."""
    conn.execute(update(account).where(account.c.id == account_id).values(month_refill=amount_micros))


def month_refill(conn: Connection, account_id: int) -> int | None:
    found: int | None = conn.execute(select(account.c.month_refill).where(account.c.id == account_id)).scalar_one()
    return found


def refills_due(conn: Connection, month: str) -> list[str]:
    """Names of the accounts that have not been given theirs in this month."""
    query = select(account.c.name).where(account.c.month_refill.is_not(None), ~_given(month))
    return list(conn.execute(query.order_by(account.c.name)).scalars())


def _given(month: str) -> Exists:
    """Whether an account has had its credits of the month."""
    return exists().where(op.c.key == literal("refill:").concat(account.c.name).concat(f":{month}"))


def refill(conn: Connection, name: str, month: str) -> int:
    """Give the account its credits of the month; returns the amount, 0 where it has had them or is to have none.

    The account's row is held meanwhile: an amount that is changed counts from the next month on.
    """
    mine = account.c.name == name
    amount = conn.execute(select(account.c.month_refill).where(mine).with_for_update()).scalar()
    if amount is None or conn.execute(select(account.c.id).where(mine, _given(month))).first() is not None:
        return 0
    return grant(conn, f"refill:{name}:{month}", name, amount, f"refill of {month}")
