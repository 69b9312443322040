"""Pre-flight: compile the campaign and hold what it may cost, or take up a run that was begun where its plan was shown."""

from __future__ import annotations

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger
from pydantic import BaseModel, ConfigDict

from pressroom.bootstrap import open_planning
from pressroom.domain.money import credits_text
from pressroom.reporting.plan_table import plan_markdown
from pressroom.services.execute_run import Limits, Work
from pressroom.services.fetch_inputs import planned_with_inputs
from pressroom.services.launch_run import limits_of, works_of
from pressroom.services.plan_campaign import plan_campaign
from pressroom.services.recover_runs import release_abandoned
from pressroom.services.run_node import RunningRun
from pressroom.services.run_request import RunRequest
from pressroom.services.start_run import start_run, take_up
from tasks.context import HomeRef, open_run


class Started(BaseModel):
    """A run whose credits are held: what is to be made, and at which pace."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    run_id: str
    home: HomeRef
    campaign: str
    plan_table: str
    works: tuple[Work, ...]
    limits: Limits


@task(name="pre-flight", task_run_name="pre-flight", cache_policy=NO_CACHE, persist_result=False)
def preflight(request: RunRequest, home: HomeRef, flow_run_id: str) -> Started:
    """The run, its upper bound held. Raises Invalid for a bad document, Refused with every reason."""
    run = _run_of(request, home, flow_run_id)
    context = home.open()
    works = works_of(context, run)
    get_run_logger().info("run %s holds %s credits", run.id, credits_text(run.plan.totals.credits_bound or 0))
    return Started(
        run_id=run.id,
        home=home,
        campaign=run.plan.campaign,
        plan_table=plan_markdown(run.plan),
        works=works,
        limits=limits_of(context),
    )


def _run_of(request: RunRequest, home: HomeRef, flow_run_id: str) -> RunningRun:
    settings, context = home.settings(), home.open()
    principal = request.principal(settings.account)
    if request.run_id and take_up(principal, context, request.run_id, flow_run_id):
        return open_run(context, request.run_id)  # its plan is read once: the nodes' tasks share it
    release_abandoned(context)  # what a killed run still holds must not refuse this one
    planning = open_planning(settings, home.vendor_keys())
    planned = planned_with_inputs(principal, home.open, lambda: plan_campaign(principal, planning, request))
    return start_run(principal, context, planned, run_id=request.run_id, flow_run_id=flow_run_id)
