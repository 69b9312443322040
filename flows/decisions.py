"""Runs that wait for a person: the flow run is suspended, and a form in Prefect's pages takes the decision."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from prefect.artifacts import acreate_markdown_artifact
from prefect.flow_runs import asuspend_flow_run
from prefect.input import RunInput
from prefect.states import Cancelled, Completed, State
from pydantic import Field

from pressroom.domain.identity import Principal
from pressroom.domain.money import in_credits, micros, to_number
from pressroom.domain.states import Decision, WaitsFor
from pressroom.reporting.summary import summary_of_suspended
from pressroom.services.running import RunningRun
from pressroom.services.suspend_run import Suspension, Verdict, decide, suspension_of
from tasks.context import HomeRef
from tasks.engine import FlowRunRef, decorated

DOOR = "Prefect"


class Approval(RunInput):
    """What somebody decides about a plan."""

    approve: bool = Field(True, description="Whether anything is bought at all.")
    leave_out: list[str] = Field(default_factory=list, description="Steps or nodes that are not to be made.")
    cap: float | None = Field(None, ge=0, description="The most credits that the run may cost; empty: as planned.")
    name: str = Field("", max_length=200, description="Who decides.")


class MoreCredits(RunInput):
    """How much a run whose budget is spent may cost in all."""

    cap: float = Field(ge=0, description="The most credits that the run may cost in all.")
    name: str = Field("", max_length=200, description="Who decides.")


async def waited(home: HomeRef, run: RunningRun, this: FlowRunRef) -> State[Any] | None:
    """None when the run may go on; how this flow run ends where it may not, or where nobody can resume a flow run like this one.

    A worker's flow run is suspended: it leaves here, and comes back from its beginning when it is resumed.
    """
    context = home.open()
    found = suspension_of(run.principal, context, run.id)
    await decorated(acreate_markdown_artifact(told(found), key="decision", description=found.why))
    if not this.deployed:
        summary = summary_of_suspended(run.id, found.campaign, run.principal.account, found.as_dict())
        return Completed(name="Suspended", message=f"{found.why}: {found.hint}", data=summary)
    form: Any = await asuspend_flow_run(
        wait_for_input=form_of(found),
        timeout=seconds_left(found),
        key=pause_key(found),
    )
    principal = Principal(run.principal.account, form.name or run.principal.user)
    if decide(principal, context, run.id, verdict_of(form, found.plan_hash)) is None:
        return Cancelled(message=f"rejected by {form.name or 'a person'}")
    return None


def pause_key(found: Suspension) -> str:
    """Of this one time that the run waits: under a key that was resumed before, Prefect gives what was said then."""
    return f"{found.waits_for}-{found.run_id}-{datetime.fromisoformat(found.until):%Y%m%d%H%M%S%f}"  # letters, digits, dashes


def form_of(found: Suspension) -> type[RunInput]:
    if found.waits_for is WaitsFor.CREDITS:
        return MoreCredits.with_initial_data(description=told(found), cap=to_number(found.whole_micros))
    return Approval.with_initial_data(description=told(found))


def verdict_of(form: Approval | MoreCredits, plan_hash: str) -> Verdict:
    cap = None if form.cap is None else micros(form.cap)
    if isinstance(form, MoreCredits):
        return Verdict(Decision.RESUMED, DOOR, cap)
    decision = Decision.APPROVED if form.approve else Decision.REJECTED
    return Verdict(decision, DOOR, cap, tuple(form.leave_out), plan_hash)


def told(found: Suspension) -> str:
    """What the run waits for, as Markdown."""
    return (
        f"**{found.campaign}** (run `{found.run_id}`) waits: {found.why}.\n\n"
        f"Spent {in_credits(found.spent_micros)}, held {in_credits(found.held_micros)}, "
        f"missing {in_credits(found.missing_micros)}. Plan `{found.plan_hash[:12]}`, until {found.until}.\n\n"
        f"Or on the command line: `{found.hint}`"
    )


def seconds_left(found: Suspension) -> int:
    left = datetime.fromisoformat(found.until) - datetime.now(UTC)
    return max(1, int(left.total_seconds()))
