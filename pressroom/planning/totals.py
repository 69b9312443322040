"""Sums over a plan, and the hash that names it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

from pressroom.domain.content_hash import digest
from pressroom.domain.money import in_credits, usd_text
from pressroom.planning.plan import Action, Node, Plan, Totals

_MADE: Final = 38
_BOUND: Final = 13
_UNKNOWN: Final = "f" * _BOUND


def totals_of(nodes: Sequence[Node]) -> Totals:
    """Sums over what will be made; None as soon as one price is not known."""
    paid = [node.quote for node in nodes if node.bought]
    count = Counter(node.action for node in nodes)
    return Totals(
        nodes=len(nodes),
        create=count[Action.CREATE],
        reuse=count[Action.REUSE],
        adopt=count[Action.ADOPT],
        blocked=count[Action.BLOCKED],
        credits_estimate=known_sum(item.credits_estimate for item in paid),
        credits_bound=known_sum(item.credits_bound for item in paid),
        usd_estimate=known_sum(item.usd_estimate for item in paid),
        usd_bound=known_sum(item.usd_bound for item in paid),
        seconds=round(sum(item.seconds for item in paid), 1),
    )


def part_of(plan: Plan, node_ids: Collection[str]) -> Plan:
    """The plan with these of its nodes alone, and what they come to."""
    nodes = tuple(node for node in plan.nodes if node.id in node_ids)
    return replace(plan, nodes=nodes, totals=totals_of(nodes))


def known_sum(values: Iterable[int | None]) -> int | None:
    """The sum, or None as soon as one value is not known."""
    result = 0
    for value in values:
        if value is None:
            return None
        result += value
    return result


def known_max(values: Iterable[int | None]) -> int | None:
    """The largest, or None as soon as one value is not known."""
    found = list(values)
    return None if None in found else max(value for value in found if value is not None)


def plan_hash(nodes: Sequence[Node], totals: Totals) -> str:
    """64 hex digits: what is made, whether or not it is there already, then the most credits and dollars that it may cost.

    Equal for equal plans, whatever the machine.
    """
    made = digest([[node.id, node.key] for node in nodes])[:_MADE]
    return made + _most(totals.credits_bound) + _most(totals.usd_bound)


def outdone(shown: str, nodes: Sequence[Node], totals: Totals) -> str:
    """Why this plan is not covered by the one that was shown under this hash; empty where it is.

    What was made meanwhile, by anyone, is no reason: it makes the plan cheaper. It must make the same and never be dearer.
    """
    now = plan_hash(nodes, totals)
    if shown[:_MADE] != now[:_MADE]:
        return "it makes something else"
    for start, bound, text in ((_MADE, totals.credits_bound, in_credits), (_MADE + _BOUND, totals.usd_bound, usd_text)):
        before, after = shown[start : start + _BOUND], now[start : start + _BOUND]
        if after > before:
            return f"it may cost {'a price not known' if bound is None else text(bound)}, {text(int(before, 16))} was shown"
    return ""


def _most(amount: int | None) -> str:
    """A bound in hex digits that compare as numbers do; one that is not known is above all."""
    return _UNKNOWN if amount is None else f"{min(amount, int(_UNKNOWN, 16)):0{_BOUND}x}"
