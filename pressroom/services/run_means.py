"""What a run has of credits, of vendors' dollars and of purchases, what the rest of it may take, and its hold made to fit.

Credits are limited by what a run may cost, dollars by the campaign's budget and by what the subscription includes a month,
purchases of a family by that alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from pressroom.buying.journal import jobs_in
from pressroom.buying.promises import promised
from pressroom.domain.errors import Refused
from pressroom.domain.money import credits_text, to_number
from pressroom.domain.states import OPEN_NODES, UNFINISHED_JOBS
from pressroom.ledger.accounts import balance_of
from pressroom.ledger.allowances import NONE_HELD, Allowance, allowances_of, units_of_hold
from pressroom.ledger.holds import Hold, resize_hold
from pressroom.planning.allowances import CREDITS, MONEY, USD, in_words, limits_of, subscription_of, units_of
from pressroom.planning.plan import Plan
from pressroom.planning.totals import part_of
from pressroom.runs import records as runs
from pressroom.runs.nodes import nodes_of
from pressroom.services.context import Context
from pressroom.services.hold_run import held_for, left_of_means, require_within_month, spender_of
from pressroom.services.settle_run import held_by

NO_CAPS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Means:
    """What of one kind a run has spent, still holds and needs for its rest at the most; credits and dollars in millionths.

    `budget` is what the campaign allows the run of it, `month_left` what the subscription leaves besides all that is held; None
    is no limit.
    """

    of: str
    spent: int = 0
    held: int = 0
    needed: int = 0
    budget: int | None = None
    month_left: int | None = None

    @property
    def missing(self) -> int:
        return max(0, self.needed - self.held)

    @property
    def whole(self) -> int:
        """What the run may come to in all."""
        return self.spent + self.held + self.missing

    @property
    def is_above_budget(self) -> bool:
        return self.budget is not None and self.whole > self.budget

    @property
    def is_above_month(self) -> bool:
        return self.month_left is not None and self.missing > self.month_left

    def as_dict(self) -> dict[str, Any]:
        amounts = {"spent": self.spent, "held": self.held, "missing": self.missing}
        return {"of": self.of} | {
            name: to_number(amount) if self.of in MONEY else amount for name, amount in amounts.items()
        }

    def __str__(self) -> str:
        """`$0.03 spent, $0.02 missing`, `3 image purchases made, 1 held, 2 missing`."""
        is_money = self.of in MONEY
        held, missing = (
            in_words(self.of, amount) if is_money else f"{amount:,}" for amount in (self.held, self.missing)
        )
        spent = f"{in_words(self.of, self.spent)} {'spent' if is_money else 'made'}"
        return ", ".join((spent, *([f"{held} held"] if self.held else []), f"{missing} missing"))


def means_of(
    conn: Connection, context: Context, run_id: str, plan: Plan, without: Collection[str] = ()
) -> dict[str, Means]:
    """Of credits, and of everything else that the run has spent, holds or needs; `without` are nodes that are not to be made."""
    account_id, holds = runs.owner_of(conn, run_id), held_by(conn, run_id)
    present = holds[-1]
    units = units_of_hold(conn, present.id)
    spent = Counter({CREDITS: sum(hold.captured_micros for hold in holds)})
    for hold in holds:
        spent.update({family: each.captured for family, each in units_of_hold(conn, hold.id).items()})
    held = {CREDITS: present.left_micros} | {family: each.left for family, each in units.items()}
    needed = _needed(conn, context, account_id, run_id, plan, without) + promised(
        jobs_in(conn, account_id, UNFINISHED_JOBS, run_id), present.id
    )
    budgets = {CREDITS: plan.budget_credits, USD: plan.budget_usd} if plan.suspends else {}
    left = _month_left(conn, context, account_id, present)
    return {
        of: Means(of, spent[of], held.get(of, 0), needed[of], budgets.get(of), left.get(of))
        for of in dict.fromkeys((CREDITS, *sorted({*spent, *held, *needed} - {CREDITS})))
    }


def _needed(
    conn: Connection, context: Context, account_id: int, run_id: str, plan: Plan, without: Collection[str]
) -> Counter[str]:
    """What the nodes may take at the most that are to be made and not ordered yet."""
    ordered = {job.node_key for job in jobs_in(conn, account_id, UNFINISHED_JOBS, run_id)}
    waiting = {node.node_id for node in nodes_of(conn, account_id, run_id) if node.state in OPEN_NODES}
    names = {node.id for node in plan.nodes if node.bought and node.id in waiting and node.key not in ordered}
    rest = part_of(plan, names - set(without))
    return Counter({CREDITS: rest.totals.credits_bound or 0, **units_of(rest, context.catalog)})


def _month_left(conn: Connection, context: Context, account_id: int, present: Hold) -> dict[str, int | None]:
    used = allowances_of(conn, account_id, present.month)
    limits = limits_of(subscription_of(context.catalog, balance_of(conn, present.account).plan))
    found: dict[str, int | None] = {}
    for family, limit in limits.items():
        now = used.get(family, Allowance(family, 0, 0))
        found[family] = None if limit is None else max(0, limit - now.used - now.held)
    return found


def without_nodes(
    conn: Connection, context: Context, run_id: str, plan: Plan, dropped: Collection[str]
) -> dict[str, int]:
    """What is to be left of each kind when these nodes are no longer made: what was for them is free, at once."""
    gone = part_of(plan, dropped)
    freed = Counter({CREDITS: gone.totals.credits_bound or 0, **units_of(gone, context.catalog)})
    means = means_of(conn, context, run_id, plan, dropped)
    return {of: min(each.held, max(each.held - freed[of], each.needed)) for of, each in means.items()}


def with_more(
    conn: Connection, context: Context, run_id: str, plan: Plan, caps: Mapping[str, int] = NO_CAPS
) -> dict[str, int]:
    """What is to be left of each kind for the run to go on: what it misses, as far as the campaign's budgets and the account
    leave it, or up to the cap, in all, that somebody gives it of credits or dollars.

    Raises Refused for a cap below what was spent, and without caps where nothing is left of what it misses.
    """
    means, present = means_of(conn, context, run_id, plan), held_by(conn, run_id)[-1]
    left = {of: each.held + max(0, _more(conn, plan, present, each)) for of, each in means.items()}
    for of, cap in caps.items():
        each = means.get(of, Means(of))
        _require_unspent(run_id, of, each.spent, caps)
        of_month = (
            each.held + each.missing if each.month_left is None else each.held + min(each.missing, each.month_left)
        )
        left[of] = cap - each.spent if of == CREDITS else min(cap - each.spent, of_month)
    short = [each for each in means.values() if each.missing]
    if short and not caps and all(left[each.of] == each.held for each in short):
        text = "; ".join(f"{in_words(each.of, each.missing)} more than what is left" for each in short)
        raise Refused(f"run {run_id} may need {text}", hint=how_to_go_on(run_id, short))
    return left


def _more(conn: Connection, plan: Plan, present: Hold, each: Means) -> int:
    """As much of what is missing as there is."""
    limits = [each.missing]
    if each.budget is not None:
        limits.append(each.budget - each.spent - each.held)
    if each.month_left is not None:
        limits.append(each.month_left)
    if each.of == CREDITS and each.missing:
        limits.append(left_of_means(conn, present.account, plan, present.month))
    return min(limits)


def held_anew(
    conn: Connection, context: Context, run_id: str, plan: Plan, key: str, caps: Mapping[str, int] = NO_CAPS
) -> Hold:
    """Another hold, in this month, for what is still to be made of the run at its prices; it counts for whoever started it."""
    account_id, earlier = runs.owner_of(conn, run_id), held_by(conn, run_id)
    waiting = {node.node_id for node in nodes_of(conn, account_id, run_id) if node.state in OPEN_NODES}
    rest = part_of(plan, waiting)
    spent = sum(each.captured_micros for each in earlier)
    spent_usd = sum(units_of_hold(conn, each.id).get(USD, NONE_HELD).captured for each in earlier)
    _require_unspent(run_id, CREDITS, spent, caps)
    _require_unspent(run_id, USD, spent_usd, caps)
    amount = rest.totals.credits_bound or 0
    if CREDITS in caps:
        amount, rest = min(amount, caps[CREDITS] - spent), replace(rest, budget_credits=caps[CREDITS])
    if USD in caps:
        rest = replace(rest, budget_usd=caps[USD])
    spender = spender_of(conn, context, earlier[0].token_id if earlier else None)
    account = runs.run_of(conn, account_id, run_id).account
    return held_for(conn, context, key, account, rest, amount, spender, spent=spent, spent_usd=spent_usd)


def _require_unspent(run_id: str, of: str, spent: int, caps: Mapping[str, int]) -> None:
    if caps.get(of, spent) < spent:
        raise Refused(f"run {run_id} has spent {in_words(of, spent)}", hint="a cap cannot be lower than that")


def how_to_go_on(run_id: str, short: Iterable[Means]) -> str:
    """What a person may do about what a run misses."""
    command, waits = f"pressroom resume {run_id}", []
    for each in short:
        if each.of == CREDITS:
            command += f" --cap {credits_text(each.whole)}"
        if each.of == USD and each.is_above_budget:
            command += f" --usd {credits_text(each.whole)}"
        if each.is_above_month:
            waits.append(in_words(each.of, each.missing))
    return f"{command}, once the account's plan leaves {' and '.join(waits)}" if waits else command


def resized(conn: Connection, context: Context, run_id: str, plan: Plan, left: Mapping[str, int]) -> Hold:
    """The run's hold with so much left of each kind. Raises Refused for more than the account and its budgets leave."""
    hold = held_by(conn, run_id)[-1]
    amount = hold.captured_micros + left.get(CREDITS, hold.left_micros)
    units = {family: units for family, units in left.items() if family != CREDITS}
    now = {family: each.left for family, each in units_of_hold(conn, hold.id).items()}
    if amount == hold.amount_micros and all(now.get(family, 0) == wanted for family, wanted in units.items()):
        return hold
    key = f"resize:{run_id}:{hold.amount_micros}:{amount}:{context.now().isoformat()}"
    limits = limits_of(subscription_of(context.catalog, balance_of(conn, hold.account).plan))
    found = resize_hold(conn, key, hold.id, amount, left=units, limits=limits)
    if amount > hold.amount_micros:
        require_within_month(conn, found, plan)
    return found
