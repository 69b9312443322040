"""Whether a campaign is right: every mistake of it, and what stands against running it."""

from __future__ import annotations

from dataclasses import dataclass

from pressroom.domain.errors import Invalid, NotFound, Problem
from pressroom.domain.identity import Principal
from pressroom.services.plan_campaign import PlanningContext, plan_campaign
from pressroom.services.run_request import RunRequest


@dataclass(frozen=True, slots=True)
class Validated:
    """One that is wrong has its mistakes; one that is right what the verdict on its plan says, which may be of money."""

    valid: bool
    problems: tuple[Problem, ...]


def validate_campaign(principal: Principal, planning: PlanningContext, request: RunRequest) -> Validated:
    """Raises NotFound where the request names a campaign that the account has not."""
    try:
        planned = plan_campaign(principal, planning, request)
    except NotFound:
        raise
    except Invalid as exc:
        if not exc.problems:
            raise
        return Validated(False, tuple(exc.problems))
    return Validated(True, planned.verdict.problems)
