"""An account: what it has, on which plan, what moved; and what only the one who runs this installation may do with it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from pressroom.database.counting import Count
from pressroom.domain.errors import Refused
from pressroom.domain.identity import Principal, Scope
from pressroom.domain.money import micros, to_number
from pressroom.domain.months import month_of
from pressroom.ledger import accounts as ledger
from pressroom.ledger.allowances import Allowance, allowances_of
from pressroom.ledger.budgets import month_budgets, set_month_budget
from pressroom.ledger.commands import checked_amount
from pressroom.ledger.refills import month_refill
from pressroom.ledger.statements import DEFAULT_LIMIT, StatementLine, count_lines, statement
from pressroom.planning.allowances import CREDITS, MONEY, limits_of, subscription_of
from pressroom.services.context import Context


@dataclass(frozen=True, slots=True)
class FamilyUse:
    """What of one allowance is used and held this month; a limit of None is none. Dollars and credits are in millionths."""

    family: str
    used: int
    held: int
    limit: int | None

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used - self.held)


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as it stands."""

    name: str
    plan: str
    balance_micros: int
    held_micros: int
    month: str
    allowances: tuple[FamilyUse, ...]
    refill_micros: int | None = None  # what it is given each month

    @property
    def available_micros(self) -> int:
        return self.balance_micros - self.held_micros

    def as_dict(self) -> dict[str, Any]:
        """Numbers in whole credits, units and dollars."""
        return {
            "account": self.name,
            "plan": self.plan,
            "credits": {
                "balance": to_number(self.balance_micros),
                "held": to_number(self.held_micros),
                "available": to_number(self.available_micros),
            },
            "refill": None if self.refill_micros is None else to_number(self.refill_micros),
            "month": self.month,
            "allowances": {
                each.family: {
                    name: to_number(value) if each.family in MONEY and value is not None else value
                    for name, value in (
                        ("used", each.used),
                        ("held", each.held),
                        ("limit", each.limit),
                        ("left", each.left),
                    )
                }
                for each in self.allowances
            },
        }


def open_account(principal: Principal, context: Context) -> None:
    """Open the account with its first grant and the plan of the settings, where there is none yet."""
    settings = context.settings
    subscription_of(context.catalog, settings.plan)
    with context.database.write() as conn:
        ledger.ensure_account(conn, principal.account, micros(settings.grant_credits), settings.plan)


def show_account(principal: Principal, context: Context) -> AccountView:
    """The balance, the plan and what is left of this month's allowances."""
    principal.require(Scope.CREDITS_READ)
    month = month_of(context.now())
    with context.database.read() as conn:
        balance = ledger.balance_of(conn, principal.account)
        account_id = ledger.account_id_of(conn, principal.account)
        used = allowances_of(conn, account_id, month)
        budgets = month_budgets(conn, account_id, month, "", None)
        refill = month_refill(conn, account_id)
    limits = limits_of(subscription_of(context.catalog, balance.plan))
    found = [(used.get(family, Allowance(family, 0, 0)), limit) for family, limit in limits.items()]
    families = (
        *(FamilyUse(CREDITS, each.used, each.held, each.limit) for each in budgets),
        *(FamilyUse(each.family, each.used, each.held, limit) for each, limit in found),
    )
    amounts = (balance.balance_micros, balance.held_micros)
    return AccountView(principal.account, balance.plan, *amounts, month, families, refill)


def change_plan(principal: Principal, context: Context, plan: str, *, memo: str = "", key: str = "") -> str:
    """Put the account on another plan of the catalog. Raises Invalid with the nearest name for one that is not there."""
    principal.require_operator("changing the plan")
    subscription_of(context.catalog, plan)
    with context.database.write() as conn:
        return ledger.change_plan(conn, key or _key("plan"), principal.account, plan, memo)


def set_budget(principal: Principal, context: Context, limit_micros: int | None) -> AccountView:
    """The account spends at most so many micro-credits a month from now on, runs under way included; None is no limit.

    What is held already stays. Raises Refused for whom it is not to say: members who are no admins, and programs with caps.
    """
    principal.require(Scope.ADMIN)
    principal.require_person("changing a budget")
    amount = None if limit_micros is None else checked_amount(limit_micros)
    with context.database.write() as conn:
        set_month_budget(conn, ledger.account_id_of(conn, principal.account), amount)
    return show_account(principal, context)


def grant_credits(principal: Principal, context: Context, amount_micros: int, *, memo: str = "", key: str = "") -> int:
    """Give the account credits; under the same key once."""
    principal.require_operator("granting credits")
    with context.database.write() as conn:
        return ledger.grant(conn, key or _key("grant"), principal.account, amount_micros, memo)


def refund_credits(
    principal: Principal,
    context: Context,
    capture_key: str,
    amount_micros: int | None = None,
    *,
    memo: str = "",
    key: str = "",
) -> int:
    """Give captured credits back: an amount, or all that is left of the capture. Never more than were captured."""
    principal.require_operator("refunding credits")
    with context.database.write() as conn:
        left = ledger.refundable(conn, ledger.account_id_of(conn, principal.account), capture_key)
        if amount_micros is None and not left:
            raise Refused(f"all of capture {capture_key!r} is refunded already")
        amount = left if amount_micros is None else amount_micros
        return ledger.refund(conn, key or _key("refund"), capture_key, amount, memo)


def show_statement(
    principal: Principal, context: Context, *, limit: int = DEFAULT_LIMIT, before: int | None = None
) -> list[StatementLine]:
    """The account's newest movements, or those older than line `before`."""
    principal.require(Scope.CREDITS_READ)
    with context.database.read() as conn:
        return statement(conn, principal.account, limit=limit, before=before)


def count_statement(principal: Principal, context: Context) -> Count:
    """How many movements the account has had."""
    principal.require(Scope.CREDITS_READ)
    with context.database.read() as conn:
        return count_lines(conn, principal.account)


def _key(kind: str) -> str:
    return f"{kind}:{secrets.token_hex(8)}"
