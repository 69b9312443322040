"""Pre-flight: everything that speaks against running a plan, all of it at once. Pure: facts in, words out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pressroom.campaign.document import Positions, located
from pressroom.catalog.load import Catalog
from pressroom.catalog.models import SubscriptionPlan, metered_family
from pressroom.domain.errors import Problem
from pressroom.domain.media import Kind
from pressroom.domain.money import credits_text, in_credits, usd_text
from pressroom.domain.months import OTHER_MONTH
from pressroom.planning.allowances import may_be_sold
from pressroom.planning.offers import Chooser
from pressroom.planning.plan import Node, Plan, Verdict

_PATH: Final = ("budget", "month")


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What the gate needs to know of the account that pays."""

    name: str
    available_micros: int
    plan: SubscriptionPlan
    month_counts: Mapping[str, int] = field(default_factory=dict)  # metered family -> bought this month
    month_usd_micros: int = 0
    held_counts: Mapping[str, int] = field(default_factory=dict)  # metered family -> set aside by runs under way
    held_usd_micros: int = 0
    month: str = ""
    month_budget_micros: int | None = None  # the most that the account spends in the month
    month_spent_micros: int = 0  # captured and held
    campaign_spent_micros: int = 0  # by the campaign's runs of the month


def preflight(plan: Plan, account: AccountFacts, catalog: Catalog, chooser: Chooser, positions: Positions) -> Verdict:
    """The plan's own problems plus every reason of money, limits and subscription against it, at its place."""
    sold = [node for node in plan.nodes if may_be_sold(node, catalog)]
    against = [
        *_unknown_prices(plan),
        *_money(plan, account, chooser, sold),
        *_subscription(sold, account, suspends=plan.suspends),
    ]
    # What no line of the campaign can mend, such as the balance, has no path.
    placed = (located(problem, plan.file, positions) if problem.path else problem for problem in against)
    problems = (*plan.problems, *placed)
    return Verdict(not any(problem.fatal for problem in problems), problems)


def _unknown_prices(plan: Plan) -> Iterator[Problem]:
    for (step, provider, model), nodes in _by_model(node for node in plan.nodes if node.bought).items():
        if not all(node.quote.known for node in nodes):
            message = f"the price of {provider}/{model} is not known"
            hint = "name a model with a price, or add one in a catalog file"
            yield Problem("unknown_price", message, hint, path=("steps", step))


def _money(plan: Plan, account: AccountFacts, chooser: Chooser, sold: list[Node]) -> Iterator[Problem]:
    bound, usd = plan.held, plan.held_usd
    if bound is not None and bound > account.available_micros:
        yield Problem(
            "balance",
            f"the run needs up to {in_credits(bound)}, account {account.name!r} has "
            f"{credits_text(account.available_micros)}",
            _cheaper_hint(sold, chooser) or "buy credits or make less",
            fatal=not plan.suspends or account.available_micros <= 0,
        )
    if bound:
        yield from _month(plan, account, bound)
    if bound is not None and plan.budget_credits is not None and bound > plan.budget_credits:
        message = f"the run needs up to {in_credits(bound)}, the budget is {credits_text(plan.budget_credits)}"
        hint = _cheaper_hint(sold, chooser) or "raise budget.credits or make less"
        yield Problem("budget_credits", message, hint, path=("budget", "credits"))
    if usd is not None and plan.budget_usd is not None and usd > plan.budget_usd:
        message = f"purchases cost up to {usd_text(usd)}, the budget is {usd_text(plan.budget_usd)}"
        hint = _cheaper_hint(sold, chooser) or "raise budget.usd or make less"
        yield Problem("budget_usd", message, hint, path=("budget", "usd"))
    cap = account.plan.usd_cap
    if usd and cap is not None and account.month_usd_micros + account.held_usd_micros + usd > cap:
        held = f" and {usd_text(account.held_usd_micros)} held by other runs" if account.held_usd_micros else ""
        yield Problem(
            "subscription_cost",
            f"purchases of up to {usd_text(usd)} on top of {usd_text(account.month_usd_micros)} this month{held} are above "
            f"the {usd_text(cap)} of plan {account.plan.name!r}",
            "upgrade the plan or wait for the next month",
            fatal=not plan.suspends or account.month_usd_micros + account.held_usd_micros >= cap,
        )


def _month(plan: Plan, account: AccountFacts, bound: int) -> Iterator[Problem]:
    """What the budgets of the month leave; where the campaign suspends, the run holds that and waits for more."""
    for whose, name, limit, spent, path in (
        ("account", account.name, account.month_budget_micros, account.month_spent_micros, ()),
        ("campaign", plan.campaign, plan.budget_month, account.campaign_spent_micros, _PATH),
    ):
        if limit is not None and spent + bound > limit:
            message = (
                f"the run needs up to {in_credits(bound)} on top of {credits_text(spent)} spent and held in {account.month}; the "
                f"budget of {whose} {name!r} is {in_credits(limit)} a month"
            )
            fatal = not plan.suspends or spent >= limit
            yield Problem("budget_month", message, OTHER_MONTH[whose], path=path, fatal=fatal)


def _subscription(sold: list[Node], account: AccountFacts, *, suspends: bool) -> Iterator[Problem]:
    plan = account.plan
    wanted = Counter(metered_family(node.operation, node.makes) for node in sold)
    for family, count in wanted.items():
        limit, used = plan.monthly_limit(family), account.month_counts.get(family, 0)
        held = account.held_counts.get(family, 0)
        if limit is not None and used + held + count > limit:
            others = f" and {held} held by other runs" if held else ""
            yield Problem(
                "subscription_count",
                f"{count} {family} purchases on top of {used} this month{others} are above the {limit} of plan "
                f"{plan.name!r}",
                "upgrade the plan, use a local model, or make fewer",
                fatal=not suspends or used + held >= limit,
            )
    told: set[tuple[str, str]] = set()
    for node in sold:
        for problem in _above_plan(node, plan):
            # One line for a step of a thousand variants; the first of them is named.
            if (node.step, problem.code) not in told:
                told.add((node.step, problem.code))
                yield problem


def _above_plan(node: Node, plan: SubscriptionPlan) -> Iterator[Problem]:
    for _, made in node.outputs if node.makes is Kind.VIDEO else ():
        short = min(made.width or 0, made.height or 0)
        if plan.max_video_height is not None and short > plan.max_video_height:
            yield Problem(
                "subscription_resolution",
                f"{node.id}: video of {short} lines, plan {plan.name!r} allows {plan.max_video_height}",
                "lower the resolution, use a local model, or upgrade",
                path=("steps", node.step),
            )
        if plan.max_video_seconds is not None and (made.duration_seconds or 0) > plan.max_video_seconds:
            yield Problem(
                "subscription_duration",
                f"{node.id}: video of {made.duration_seconds:g} s, plan {plan.name!r} allows "
                f"{plan.max_video_seconds:g} s",
                "shorten it, use a local model, or upgrade",
                path=("steps", node.step),
            )


def _cheaper_hint(sold: list[Node], chooser: Chooser) -> str:
    """Names the swap that saves most, if there is one."""
    swaps = [(step, chooser.cheaper(nodes)) for (step, _, _), nodes in _by_model(sold).items()]
    best = max(
        ((swap, step) for step, swap in swaps if swap is not None), key=lambda item: item[0].saves_credits, default=None
    )
    if best is None:
        return ""
    swap, step = best
    return f"{swap.model.name} for {step!r} would save {in_credits(swap.saves_credits)}"


def _by_model(nodes: Iterable[Node]) -> dict[tuple[str, str, str], list[Node]]:
    grouped: dict[tuple[str, str, str], list[Node]] = {}
    for node in nodes:
        grouped.setdefault((node.step, node.provider, node.model), []).append(node)
    return grouped
