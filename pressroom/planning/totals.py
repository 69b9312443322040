"""Sums over a plan, and the hash that names it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from pressroom.domain.content_hash import digest
from pressroom.planning.plan import Action, Node, Totals


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
    """Names what would be made and what it costs: equal for equal plans, whatever the machine."""
    return digest(
        {
            "nodes": [
                [node.id, node.key, node.action, node.quote.credits_bound, node.quote.usd_bound] for node in nodes
            ],
            "credits": totals.credits_bound,
            "usd": totals.usd_bound,
        }
    )
