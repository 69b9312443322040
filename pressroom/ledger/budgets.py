"""Budgets of a month, in credits: of an account, and of one campaign's runs.

What is spent is read from the holds of the month and from what was refunded of them: nothing is counted a second time. Whoever
looks holds the account's row (every money command touches it, and last), so that no two starts see the same room.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Connection, select, update

from pressroom.database.month_spent import ACCOUNT_SPENT, CAMPAIGN_SPENT, NO_HOLD
from pressroom.database.prepared import Prepared
from pressroom.database.schema import account
from pressroom.domain.errors import Problem
from pressroom.domain.money import credits_text, in_credits
from pressroom.domain.months import OTHER_MONTH

Scope = Literal["account", "campaign"]
_ACCOUNT_SPENT: Final = Prepared(ACCOUNT_SPENT)
_CAMPAIGN_SPENT: Final = Prepared(CAMPAIGN_SPENT)


@dataclass(frozen=True, slots=True)
class MonthBudget:
    """The most micro-credits of a month ("2026-11", UTC), what of them is spent, and what runs under way hold."""

    scope: Scope
    name: str  # of the account or the campaign
    month: str
    limit: int
    used: int
    held: int

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used - self.held)

    def above(self, asked: int) -> Problem:
        """Why so much more is too much, with every number."""
        held = f" and {credits_text(self.held)} held" if self.held else ""
        text = (
            f"this needs {in_credits(asked)} on top of {credits_text(self.used)} spent{held} in {self.month}; the budget of "
            f"{self.scope} {self.name!r} is {in_credits(self.limit)} a month"
        )
        return Problem("budget_month", text, OTHER_MONTH[self.scope])


def set_month_budget(conn: Connection, account_id: int, limit: int | None) -> None:
    """The account spends at most so many micro-credits a month from now on; None is no limit."""
    conn.execute(update(account).where(account.c.id == account_id).values(month_budget=limit))


def month_budgets(
    conn: Connection, account_id: int, month: str, campaign: str, campaign_limit: int | None, *, but: int | None = None
) -> list[MonthBudget]:
    """Those that there are, as they stand without the hold `but`."""
    row = conn.execute(select(account.c.name, account.c.month_budget).where(account.c.id == account_id)).one()
    found: list[MonthBudget] = []
    if row.month_budget is not None:
        found.append(MonthBudget("account", row.name, month, row.month_budget, *_spent(conn, row.name, month, "", but)))
    if campaign_limit is not None:
        spent = _spent(conn, row.name, month, campaign, but)
        found.append(MonthBudget("campaign", campaign, month, campaign_limit, *spent))
    return found


def above_any(budgets: Sequence[MonthBudget], asked: int) -> list[Problem]:
    """Why so much more is above one of them; none where it is not."""
    return [each.above(asked) for each in budgets if asked > each.left]


def _spent(conn: Connection, account: str, month: str, campaign: str, but: int | None) -> tuple[int, int]:
    about = {"account": account, "month": month, "but": NO_HOLD if but is None else but}
    rows = _CAMPAIGN_SPENT.rows(conn, **about, campaign=campaign) if campaign else _ACCOUNT_SPENT.rows(conn, **about)
    used, held = rows[0]
    return int(used), int(held)
