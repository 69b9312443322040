"""What a plan may use of an account's monthly allowances, and what its subscription includes."""

from __future__ import annotations

from collections import Counter
from typing import Final

from pressroom.catalog.load import Catalog
from pressroom.catalog.models import SubscriptionPlan, metered_family
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.money import in_credits, usd_text
from pressroom.domain.suggest import did_you_mean
from pressroom.planning.plan import Node, Plan

USD: Final = "usd"
CREDITS: Final = "credits"
MONEY: Final = frozenset({USD, CREDITS})  # counted in millionths; what else is counted are purchases of a family


def subscription_of(catalog: Catalog, name: str) -> SubscriptionPlan:
    """The subscription plan of this name. Raises Invalid with the nearest one."""
    plan = catalog.plans.get(name)
    if plan is None:
        message = f"{name!r} is no subscription plan"
        raise Invalid.of([Problem("subscription_plan", message, did_you_mean(name, catalog.plans, "plans"))])
    return plan


def limits_of(subscription: SubscriptionPlan) -> dict[str, int | None]:
    """Family -> most units a month, None for no limit; dollars in millionths."""
    families = ("image", "edit", "video", "audio")
    return {family: subscription.monthly_limit(family) for family in families} | {USD: subscription.usd_cap}


def may_be_sold(node: Node, catalog: Catalog) -> bool:
    """Whether a vendor makes the node, or may come to make it when this machine fails."""
    return node.bought and any(catalog.providers[name].sells for name in makers(node))


def makers(node: Node) -> tuple[str, ...]:
    """The provider of the node, and those that may come to make it instead."""
    return (node.provider, *(item.provider for item in node.alternatives))


def units_of(plan: Plan, catalog: Catalog) -> dict[str, int]:
    """Family -> most units that running the plan can use."""
    sold = [node for node in plan.nodes if may_be_sold(node, catalog)]
    units = dict(Counter(metered_family(node.operation, node.makes) for node in sold))
    return units | ({USD: plan.totals.usd_bound} if sold and plan.totals.usd_bound else {})


def in_words(of: str, amount: int) -> str:
    """`1.5 credits`, `$0.02`, `2 image purchases`."""
    if of in MONEY:
        return in_credits(amount) if of == CREDITS else usd_text(amount)
    return f"{amount:,} {of} purchase{'' if amount == 1 else 's'}"
