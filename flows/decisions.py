"""Runs that wait for a person: the flow run is suspended, and a form in Prefect's pages takes the decision."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, Literal

from prefect.artifacts import acreate_markdown_artifact
from prefect.flow_runs import asuspend_flow_run
from prefect.input import RunInput
from prefect.input.actions import aread_flow_run_input
from prefect.input.run_input import keyset_from_paused_state
from prefect.states import Cancelled, Completed, State, Suspended
from pydantic import Field, create_model

from flows.outdated import decided
from pressroom.domain import states
from pressroom.domain.errors import Invalid, Refused
from pressroom.domain.identity import Principal
from pressroom.domain.money import MAX_CREDITS, in_credits, micros, to_number
from pressroom.domain.operation import Asks
from pressroom.domain.states import WaitsFor
from pressroom.planning.allowances import USD
from pressroom.planning.plan import Plan
from pressroom.reporting.plan_table import plan_markdown
from pressroom.reporting.statement import escape
from pressroom.runs.questions import Question, open_places
from pressroom.services.context import Context
from pressroom.services.library import page_of, run_page_of
from pressroom.services.review import Shown, review_of, suspended_summary, thumbnails
from pressroom.services.running import RunningRun
from pressroom.services.suspend_run import Suspension, Verdict, ask_again, decide, suspension_of
from tasks.context import HomeRef
from tasks.engine import FlowRunRef, artifact_key, decorated

DOOR = "Prefect"
RETRIED = "to run it again is no answer"
_CREDITS = "The most credits that the run may cost in all."
_DOLLARS = "The most US dollars that its orders may cost in all; empty: as the campaign says."


class Approval(RunInput):
    """What somebody decides about a plan."""

    approve: bool = Field(True, description="Whether anything is bought at all.")
    leave_out: list[str] = Field(default_factory=list, description="Steps or nodes that are not to be made.")
    cap: float | None = Field(
        None, ge=0, le=MAX_CREDITS, description="The most credits that the run may cost; empty: as planned."
    )
    name: str = Field("", max_length=200, description="Who decides.")


class Decision(Approval):
    """What somebody decides about what was made: a field for each choice is added."""

    approve: bool = Field(True, description="Whether the run goes on.")
    leave_out: list[str] = Field(default_factory=list, description="Nodes that will not do: nothing is made of them.")
    cap: float | None = Field(
        None, ge=0, le=MAX_CREDITS, description="The most credits that the run may cost in all; empty: as planned."
    )


class MoreCredits(RunInput):
    """How much a run whose budget is spent may cost in all."""

    cap: float = Field(ge=0, le=MAX_CREDITS, description=_CREDITS)
    usd: float | None = Field(None, ge=0, le=MAX_CREDITS, description=_DOLLARS)
    name: str = Field("", max_length=200, description="Who decides.")


async def waited(home: HomeRef, run: RunningRun, this: FlowRunRef) -> State[Any] | None:
    """None when the run may go on, or asks once more, as what was said was refused; how this flow run ends where it may not, or
    where nobody can resume a flow run like this one.

    A worker's flow run is suspended: it leaves here, and comes back from its beginning when it is resumed.
    """
    context = home.open()
    found = suspension_of(run.principal, context, run.id)
    looked_at = await asyncio.to_thread(look, run.principal, context, found, run.plan)
    key = artifact_key(found.campaign, "decision")
    await decorated(acreate_markdown_artifact(looked_at, key=key, description=found.why))
    if not this.deployed:
        summary = suspended_summary(run.principal, context, found)
        return Completed(name="Suspended", message=f"{found.why}: {found.hint}", data=summary)
    form: Any = await asuspend_flow_run(
        wait_for_input=form_of(found, key),
        timeout=seconds_left(found),
        key=pause_key(found),
    )
    if not await is_answered(found):
        ask_again(context, run, RETRIED)
        return None
    principal = Principal(run.principal.account, form.name or run.principal.user)
    try:
        if decide(principal, context, run.id, verdict_of(form, found)) is None:
            await decorated(decided(context, run))
            return Cancelled(message=f"rejected by {form.name or 'a person'}")
    except (Invalid, Refused) as exc:
        ask_again(context, run, f"{exc}")
    return None


async def is_answered(found: Suspension) -> bool:
    """Whether somebody has sent the form. Prefect gives what it begins with where the flow run was only run again."""
    keys = keyset_from_paused_state(Suspended(pause_key=pause_key(found)))
    return await aread_flow_run_input(keys["response"]) is not None


def pause_key(found: Suspension) -> str:
    """Of this one time that the run waits: under a key that was resumed before, Prefect gives what was said then."""
    return f"{found.waits_for}-{found.run_id}-{datetime.fromisoformat(found.until):%Y%m%d%H%M%S%f}"  # letters, digits, dashes


def form_of(found: Suspension, artifact: str = "") -> type[RunInput]:
    """`artifact` is the key of the one that shows what is decided about."""
    # The form shows no pictures. An address without a host is one of the pages that the form is on.
    text = told(found) + (f"\n\nWhat to look at: [{artifact}](/artifacts/key/{artifact})." if artifact else "")
    if found.waits_for is WaitsFor.CREDITS:
        usd = next((to_number(each.whole) for each in found.lacks if each.of == USD and each.is_above_budget), None)
        # With all that is said of the fields: initial data would put bare values in their places.
        cap = Field(to_number(found.whole_micros), ge=0, le=MAX_CREDITS, description=_CREDITS)
        dollars = Field(usd, ge=0, le=MAX_CREDITS, description=_DOLLARS)
        more = create_model("MoreCredits", __base__=MoreCredits, cap=(float, cap), usd=(float | None, dollars))
        return more.with_initial_data(description=text)
    if found.waits_for is WaitsFor.DECISION:
        fields: dict[str, Any] = {name: _field(question) for name, question in choices(found).items()}
        form: type[RunInput] = create_model("Decision", __base__=Decision, **fields)
        return form.with_initial_data(description=text)
    return Approval.with_initial_data(description=text)


def choices(found: Suspension) -> dict[str, Question]:
    """Name of a field of the form -> what is to be chosen by it."""
    asked = [each for each in found.asks if each.asks is Asks.CHOICE]
    return {f"take_{number}": question for number, question in enumerate(asked, 1)}


def _field(question: Question) -> tuple[Any, Any]:
    """A list to pick from, with the best takes as it comes; the takes are described by what was measured."""
    numbers = tuple(str(number) for number in range(1, len(question.takes) + 1) if number not in question.gone)
    told = "; ".join(f"take {number}: {question.takes[int(number) - 1].why or 'not measured'}" for number in numbers)
    keeps, best = question.keeps, [str(number) for number in question.best]
    if keeps == 1:
        return Literal[numbers], Field(best[0], title=f"Which take for {question.node_id}?", description=told)
    title = f"Which {keeps} takes for {question.node_id}?"
    unique = {"uniqueItems": True}
    field = Field(best, min_length=keeps, max_length=keeps, title=title, description=told, json_schema_extra=unique)
    return list[Literal[numbers]], field  # type: ignore[valid-type]


def verdict_of(form: Any, found: Suspension) -> Verdict:
    cap = None if form.cap is None else micros(form.cap)
    if isinstance(form, MoreCredits):
        return Verdict(states.Decision.RESUMED, DOOR, cap, usd_micros=None if form.usd is None else micros(form.usd))
    decision = states.Decision.APPROVED if form.approve else states.Decision.REJECTED
    dropped = tuple(form.leave_out)
    chosen = {
        each.node_id: _numbers(getattr(form, name))
        for name, each in choices(found).items()
        if open_places(each, dropped)
    }
    return Verdict(decision, DOOR, cap, dropped, found.plan_hash, chosen)


def _numbers(said: str | list[str]) -> list[int]:
    return [int(take) for take in ([said] if isinstance(said, str) else said)]


def told(found: Suspension) -> str:
    """What the run waits for, as Markdown."""
    refused = f"**Not taken: {escape(found.refused)}**\n\n" if found.refused else ""
    missing = f", {in_credits(found.missing_micros)} missing" if found.missing_micros else ""
    return (
        f"{refused}**{found.campaign}** (run `{found.run_id}`) waits: {found.why}.\n\n"
        f"{in_credits(found.spent_micros)} spent, {in_credits(found.held_micros)} held"
        f"{missing}{''.join(f'; {each}' for each in found.lacks)}. "
        f"Plan `{found.plan_hash[:12]}`, until {datetime.fromisoformat(found.until):%Y-%m-%d %H:%M} UTC.\n\n"
        f"Or on the command line: `{found.hint}`"
    )


def look(principal: Principal, context: Context, found: Suspension, plan: Plan) -> str:
    """The same with what has changed since the last good run, the plan where that is to be approved, and pictures."""
    review = review_of(principal, context, found.run_id, found)
    changed = f"**What has changed**: {escape(review.since)}" if review.since else "**The first run of this campaign.**"
    pictures = thumbnails(principal, context, review.shown)
    files = [
        _shown(each, pictures.get(each.asset.id, ""), page_of(context, each.asset.id, each.asset.sha256))
        for each in review.shown
    ]
    planned = [plan_markdown(plan)] if found.waits_for is WaitsFor.APPROVAL else []
    page = [f"[The run's page]({address})"] if (address := run_page_of(context, found.run_id)) else []
    return "\n\n".join([told(found), *page, changed, *planned, *files])


def _shown(each: Shown, picture: str, address: str) -> str:
    """A picture with what it is. Prefect's pages show none inside a link."""
    name = escape(each.what)
    named = f"[{name}]({address})" if address else f"{name} (`asset:{each.asset.id}`)"
    return f"![{escape(each.asset.id)}]({picture})\n{named}" if picture else named


def seconds_left(found: Suspension) -> int:
    left = datetime.fromisoformat(found.until) - datetime.now(UTC)
    return max(1, int(left.total_seconds()))
