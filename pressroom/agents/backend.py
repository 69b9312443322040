"""What the tools need of one home, and for whom they act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pressroom.api.address import LOOPBACK, PORT
from pressroom.domain.errors import NotAuthenticated
from pressroom.domain.identity import Principal
from pressroom.services.context import Context
from pressroom.services.crew import Crew
from pressroom.services.plan_campaign import PlanningContext


def _nobody() -> Principal:
    raise NotAuthenticated("nobody is known to ask")


def _here() -> str:
    """Where `pressroom serve` is on this machine."""
    return f"http://{LOOPBACK}:{PORT}"


@dataclass(frozen=True)
class AgentBackend:
    """`principal` says who calls a tool; it raises NotAuthenticated where nobody is known to. `pages`: where people see runs."""

    context: Context
    crew: Crew
    planning: Callable[[], PlanningContext]
    principal: Callable[[], Principal] = _nobody
    pages: Callable[[], str] = _here
