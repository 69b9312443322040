"""What something would cost, and whether it may be made: a plan's answer to whoever asks before the plan is wanted itself."""

from __future__ import annotations

from typing import Any

from pressroom.domain.identity import Principal
from pressroom.domain.money import to_number
from pressroom.planning.plan import Action, Node
from pressroom.planning.plan_file import node_json
from pressroom.services.generate import asked_of
from pressroom.services.plan_campaign import Planned, PlanningContext, plan_campaign
from pressroom.services.run_request import RunRequest


def estimate(principal: Principal, planning: PlanningContext, request: RunRequest) -> dict[str, Any]:
    """Prices in credits and millionths of a dollar, with every reason against it. Writes nothing and asks nobody."""
    return estimate_of(plan_campaign(principal, planning, request))


def estimate_of(planned: Planned) -> dict[str, Any]:
    """The same of a plan that is there."""
    problems = planned.verdict.problems
    if planned.request.generation:
        problems = tuple(map(asked_of, problems))
    totals, available = planned.plan.totals, planned.account.available_micros
    bound = totals.credits_bound
    return {
        "allowed": planned.verdict.allowed,
        "plan_hash": planned.plan.hash,
        "credits_estimate": _number(totals.credits_estimate),
        "credits_bound": _number(bound),
        "usd_estimate_micros": totals.usd_estimate,
        "usd_bound_micros": totals.usd_bound,
        "seconds": totals.seconds,
        "balance": to_number(available),
        "balance_after": None if bound is None else to_number(available - bound),
        "made": totals.create,
        "reused": totals.reuse,
        "nodes": [_node(node, planned) for node in planned.plan.nodes],
        "problems": [problem.as_dict() for problem in problems],
    }


def _node(node: Node, planned: Planned) -> dict[str, Any]:
    found = node_json(node)
    row = planned.catalog.models.get(f"{node.provider}/{node.model}")
    return {**found, "tier": row.tier if row and node.action is not Action.REUSE else None}


def _number(micros: int | None) -> float | None:
    return None if micros is None else to_number(micros)
