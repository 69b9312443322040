"""Set credits aside for a run: as much as its plan may cost, within the allowances of its account and the caps of its token."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from pressroom.database.schema import hold, person, run
from pressroom.domain.days import day_of
from pressroom.domain.errors import Refused, refusal
from pressroom.domain.months import month_of
from pressroom.domain.states import WORKING_RUNS, HoldState
from pressroom.ledger.accounts import account_id_of, balance_of
from pressroom.ledger.allowances import Allowance, allowances_of
from pressroom.ledger.budgets import above_any, month_budgets
from pressroom.ledger.commands import refuse
from pressroom.ledger.holds import Hold, place_hold
from pressroom.ledger.spending import Spender, above_run, caps_of, left_of_day
from pressroom.people.rates import most_running
from pressroom.planning.allowances import USD, limits_of, subscription_of, units_of
from pressroom.planning.plan import Plan
from pressroom.services.context import Context

RETRY_SECONDS: Final = 5


def spender_of(conn: Connection, context: Context, token: int | None, *, asks: bool = False) -> Spender | None:
    """The token as its caps are now, for today; None where no token started the run. Its other starts wait until the commit."""
    return None if token is None else Spender(token, day_of(context.now()), caps_of(conn, token), asks)


def require_room(conn: Connection, context: Context, account_id: int, user: str, token: int | None) -> None:
    """Raises Refused (`rate`) where the runs under way that a token, or a person, has started are as many as one may have.

    The one rule for every door. Whoever runs the installation may have any number.
    """
    if token is None and user:  # a token's row is locked already: starts of one are one after the other
        conn.execute(select(person.c.id).where(person.c.email == user).with_for_update())
    if not has_room(conn, context, account_id, user, token):
        whose, most = "of yours" if token is None else "of this token", most_running(context.settings.rate_factor)
        text = f"{most} jobs {whose} are under way, and no more may be at a time"
        refuse(conn, refusal("rate", text, "wait for one of them", retry_after=RETRY_SECONDS))


def has_room(conn: Connection, context: Context, account_id: int, user: str, token: int | None) -> bool:
    """Whether one more run may begin now."""
    most = most_running(context.settings.rate_factor)
    if most is None or (token is None and not user):
        return True
    query = select(func.count()).select_from(run).join(hold, hold.c.id == run.c.hold_id)
    query = query.where(hold.c.state == HoldState.OPEN, run.c.state.in_(WORKING_RUNS))
    if token is not None:
        query = query.where(hold.c.token_id == token)
    else:
        query = query.where(hold.c.token_id.is_(None), run.c.account_id == account_id, run.c.created_by == user)
    return int(conn.execute(query).scalar_one()) < most


def held_for(
    conn: Connection,
    context: Context,
    key: str,
    account: str,
    plan: Plan,
    amount: int,
    spender: Spender | None,
    *,
    spent: int = 0,
    spent_usd: int = 0,
) -> Hold:
    """Hold the amount for a run that has spent so much before; a plan that suspends holds what the token's caps, the balance, its
    budgets and the month leave of it.

    Raises Refused with every number where account, allowances, caps or budgets do not suffice; then nothing is held.
    """
    now = context.now()
    units, limits = (
        units_of(plan, context.catalog),
        limits_of(subscription_of(context.catalog, balance_of(conn, account).plan)),
    )
    if plan.suspends:
        amount = _within_means(conn, account, plan, amount, month_of(now), spent)
        units = _within_month(conn, account, plan, units, limits, month_of(now), spent_usd)
    if spender is not None:
        amount = _within_caps(conn, plan, amount, spender, spent)
    held = place_hold(
        conn,
        key,
        account,
        amount,
        now + timedelta(seconds=context.settings.hold_seconds),
        allowances=units,
        limits=limits,
        month=month_of(now),
        spender=spender,
    )
    require_within_month(conn, held, plan)
    return held


def require_within_month(conn: Connection, held: Hold, plan: Plan) -> None:
    """Raises Refused where the hold passes a budget of its month; the account's row is locked by the command that changed it."""
    about = (account_id_of(conn, held.account), held.month, plan.campaign, plan.budget_month)
    problems = above_any(month_budgets(conn, *about, but=held.id), held.amount_micros)
    if problems and held.amount_micros:
        text = "; ".join(problem.message for problem in problems)
        refuse(conn, Refused(text, hint=problems[0].hint, problems=tuple(problems)))


def left_of_means(conn: Connection, account: str, plan: Plan, month: str) -> int:
    """Micro-credits that the balance and the budgets of the month leave a run of the plan."""
    budgets = month_budgets(conn, account_id_of(conn, account), month, plan.campaign, plan.budget_month)
    return min([balance_of(conn, account).available_micros, *(each.left for each in budgets)])


def _within_means(conn: Connection, account: str, plan: Plan, amount: int, month: str, spent: int) -> int:
    """As much of the amount as there is; all of it where there is nothing, so that the refusal says every number."""
    if plan.budget_credits is not None:
        amount = min(amount, max(0, plan.budget_credits - spent))
    return min(amount, left_of_means(conn, account, plan, month)) or amount


def _within_month(
    conn: Connection,
    account: str,
    plan: Plan,
    units: Mapping[str, int],
    limits: Mapping[str, int | None],
    month: str,
    spent_usd: int,
) -> dict[str, int]:
    """As much of the dollars and of each family's purchases as the month leaves, in the same way."""
    used = allowances_of(conn, account_id_of(conn, account), month)
    found = dict(units)
    if USD in found and plan.budget_usd is not None:
        found[USD] = min(found[USD], max(0, plan.budget_usd - spent_usd))
    for family, amount in found.items():
        limit, now = limits[family], used.get(family, Allowance(family, 0, 0))
        if limit is not None:
            found[family] = min(amount, max(0, limit - now.used - now.held)) or amount
    return found


def unasked(spender: Spender, hold: Hold) -> bool:
    """Whether the token's standing budget covers the whole hold."""
    return spender.asks and spender.caps.standing is not None and hold.unasked_micros == hold.amount_micros


def _within_caps(conn: Connection, plan: Plan, amount: int, spender: Spender, spent: int) -> int:
    cap = spender.caps.run
    left = None if cap is None else max(0, cap - spent)
    if plan.suspends and amount:
        least = min(each for each in (amount, left, left_of_day(conn, spender)) if each is not None)
        if least:
            return least  # it goes on until that is spent, and waits for a person
    if cap is not None and left is not None and amount > left:
        problem = above_run(amount, cap, spent)
        refuse(conn, Refused(problem.message, hint=problem.hint, problems=(problem,)))
    return amount
