"""The credits of a month: how many an account is given, and giving them."""

from __future__ import annotations

from pressroom.domain.identity import Principal
from pressroom.domain.months import month_of
from pressroom.ledger.accounts import account_id_of
from pressroom.ledger.commands import checked_amount
from pressroom.ledger.refills import refill, refills_due, set_month_refill
from pressroom.services.accounts import AccountView, show_account
from pressroom.services.context import Context


def set_refill(principal: Principal, context: Context, amount_micros: int | None) -> AccountView:
    """The account is given so many micro-credits each month, this one included; None ends it.

    A month whose credits it has had stays as it is. Raises Refused for whoever does not run the installation.
    """
    principal.require_operator("granting credits")
    amount = None if amount_micros is None else checked_amount(amount_micros)
    with context.database.write() as conn:
        set_month_refill(conn, account_id_of(conn, principal.account), amount)
        refill(conn, principal.account, month_of(context.now()))
    return show_account(principal, context)


def refill_all(context: Context) -> list[str]:
    """Give every account its credits of this month, where it has not had them; their names. Harmless when repeated."""
    month = month_of(context.now())
    with context.database.read() as conn:
        due = refills_due(conn, month)
    given = []
    for name in due:
        with context.database.write() as conn:
            if refill(conn, name, month):
                given.append(name)
    return given
