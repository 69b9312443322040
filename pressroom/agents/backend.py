"""What the tools need of one home, and for whom they act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pressroom.domain.errors import NotAuthenticated
from pressroom.domain.identity import Principal
from pressroom.services.context import Context
from pressroom.services.crew import Crew
from pressroom.services.plan_campaign import PlanningContext


def _nobody() -> Principal:
    raise NotAuthenticated("nobody is known to ask")


@dataclass(frozen=True)
class AgentBackend:
    """`principal` says who calls a tool; it raises NotAuthenticated where nobody is known to."""

    context: Context
    crew: Crew
    planning: Callable[[], PlanningContext]
    principal: Callable[[], Principal] = _nobody
