"""Whether a plan waits for a person before anything is bought. Pure."""

from __future__ import annotations

from pressroom.domain.money import in_credits
from pressroom.planning.plan import Plan


def why_approved(plan: Plan, *, ran_before: bool) -> str:
    """Why somebody has to approve the plan, for a person; empty where nobody has to.

    `ran_before` says whether all of its nodes were in the campaign's last run.
    """
    bound = plan.totals.credits_bound or 0
    if plan.approval == "always":
        return "this campaign is approved before every run"
    if plan.approval == "changed" and not ran_before:
        return "this is the first run of a changed plan"
    if plan.approval == "above" and bound > plan.approval_above:
        return f"it may cost {in_credits(bound)}, more than the {in_credits(plan.approval_above)} that need no approval"
    return ""
