"""Tell, once each, when a run's or a month's budget is nearly spent or spent, and when an account is low on credits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Connection

from pressroom.domain.errors import PressroomError
from pressroom.domain.events import BalanceLow, BudgetReached, Event
from pressroom.domain.money import micros, to_number
from pressroom.domain.months import month_of
from pressroom.ledger.accounts import balance_of
from pressroom.ledger.allowances import allowances_of
from pressroom.ledger.budgets import month_budgets
from pressroom.ledger.holds import hold_of
from pressroom.planning.allowances import CREDITS, MONEY, USD, limits_of, subscription_of
from pressroom.runs.alerts import forget, is_news, is_told
from pressroom.runs.nodes import usd_spent
from pressroom.services.context import Context
from pressroom.services.running import RunningRun

_LOW: Final = "balance"
Scope = Literal["run", "month", "campaign"]
_SCOPES: Final[dict[str, Scope]] = {"account": "month", "campaign": "campaign"}


@dataclass(frozen=True, slots=True)
class Budget:
    """What is spent of a budget. `name` tells it from others; `of` is credits or usd, in millionths, or a family's orders."""

    name: str
    scope: Scope
    of: str
    spent: int
    limit: int

    def reached(self, percents: tuple[int, ...]) -> list[int]:
        """Which of these percentages of it are spent; of a budget of nothing none is."""
        return [percent for percent in percents if self.limit and self.spent * 100 >= self.limit * percent]

    @property
    def amounts(self) -> tuple[float, float]:
        """Spent and limit, as a person reads them."""
        is_money = self.of in MONEY
        return (to_number(self.spent), to_number(self.limit)) if is_money else (self.spent, self.limit)


def watch_budgets(context: Context, run: RunningRun) -> None:
    """Look at the budgets that a run spends from, and tell what is new. Call it after what it spent is committed.

    A database that is away for a moment is no reason to stop: the next call tells it.
    """
    with suppress(PressroomError):
        for event in _news(context, run):
            context.events.emit(event)


def _news(context: Context, run: RunningRun) -> list[Event]:
    with context.database.read() as conn:
        budgets = [*_of_run(conn, run), *_of_month(conn, context, run)]
        available = balance_of(conn, run.principal.account).available_micros
        was_low = is_told(conn, run.account_id, _LOW)
    found: dict[str, Event] = {
        f"{budget.name}:{budget.limit}:{percent}": _event(run, budget, percent)
        for budget in budgets
        for percent in budget.reached(context.settings.budget_percents)
    }
    threshold = context.settings.low_balance_credits
    is_low = available < micros(threshold)
    if is_low:
        whose = {"account": run.principal.account, "run": run.id, "campaign": run.plan.campaign}
        found[_LOW] = BalanceLow(**whose, available=to_number(available), threshold=threshold)
    if not found and not was_low:
        return []
    with context.database.write() as conn:
        if not is_low:
            forget(conn, run.account_id, _LOW)
        return [event for name, event in found.items() if is_news(conn, run.account_id, name, context.now())]


def _of_run(conn: Connection, run: RunningRun) -> Iterator[Budget]:
    """The campaign's own budget: so much a run."""
    if run.plan.budget_credits is not None:
        captured = sum(hold_of(conn, hold_id).captured_micros for hold_id in run.hold_ids)
        yield Budget(f"run:{run.id}:{CREDITS}", "run", CREDITS, captured, run.plan.budget_credits)
    if run.plan.budget_usd is not None:
        usd = usd_spent(conn, run.account_id, run.id)
        yield Budget(f"run:{run.id}:{USD}", "run", USD, usd, run.plan.budget_usd)


def _of_month(conn: Connection, context: Context, run: RunningRun) -> Iterator[Budget]:
    """The budgets of the month, and what the account's subscription includes, family by family."""
    month = month_of(context.now())
    about = (run.account_id, month, run.plan.campaign, run.plan.budget_month)
    for each in month_budgets(conn, *about):
        yield Budget(f"{each.scope}:{each.name}:{month}:{CREDITS}", _SCOPES[each.scope], CREDITS, each.used, each.limit)
    used = allowances_of(conn, run.account_id, month)
    plan = balance_of(conn, run.principal.account).plan
    for family, limit in limits_of(subscription_of(context.catalog, plan)).items():
        if limit is not None and family in used:
            yield Budget(f"month:{month}:{family}", "month", family, used[family].used, limit)


def _event(run: RunningRun, budget: Budget, percent: int) -> BudgetReached:
    spent, limit = budget.amounts
    return BudgetReached(
        account=run.principal.account,
        run=run.id,
        campaign=run.plan.campaign,
        percent=percent,
        scope=budget.scope,
        of=budget.of,
        spent=spent,
        limit=limit,
    )
