"""Pre-flight: compile the campaign and hold what it may cost, or take up a run that was begun where its plan was shown."""

from __future__ import annotations

from typing import Final

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from pressroom.bootstrap import open_planning
from pressroom.domain.errors import Refused
from pressroom.domain.money import in_credits
from pressroom.reporting.plan_table import plan_markdown
from pressroom.services.execute_run import Limits, Work
from pressroom.services.fetch_inputs import planned_with_inputs
from pressroom.services.launch_run import limits_of, works_of
from pressroom.services.plan_campaign import plan_campaign
from pressroom.services.recover_runs import recover_runs
from pressroom.services.run_request import RunRequest
from pressroom.services.running import RunningRun
from pressroom.services.start_run import run_id_of, start_run
from pressroom.services.take_up_run import take_up
from tasks.context import HomeRef
from tasks.engine import TAKERS, FlowRunRef, only_retryable

TRIES_AGAIN: Final = 6


class Started:
    """A run whose credits are held: what is to be made, at which pace, as asked. A plain class, as `NodeRef` is."""

    __slots__ = ("home", "limits", "request", "run", "works")

    def __init__(
        self, request: RunRequest, home: HomeRef, run: RunningRun, works: tuple[Work, ...], limits: Limits
    ) -> None:
        self.request = request
        self.home = home
        self.run = run
        self.works = works
        self.limits = limits

    @property
    def plan_table(self) -> str:
        return plan_markdown(self.run.plan)


@task(
    name="pre-flight",
    task_run_name="pre-flight",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=TRIES_AGAIN,
    retry_condition_fn=only_retryable,
)
def preflight(request: RunRequest, home: HomeRef, flow_run: FlowRunRef) -> Started:
    """The run, its upper bound held. Raises Invalid for a bad document, Refused with every reason."""
    run = _run_of(request, home, flow_run)
    context = home.open()
    works = () if run.suspended else works_of(context, run)
    get_run_logger().info("run %s may cost up to %s", run.id, in_credits(run.plan.totals.credits_bound or 0))
    return Started(request, home, run, works, limits_of(context, run.id, request.opening))


def _run_of(request: RunRequest, home: HomeRef, flow_run: FlowRunRef) -> RunningRun:
    settings, context = home.settings(), home.open()
    principal = request.principal(settings.account)
    found = take_up(principal, context, request.run_id, flow_run.id, runner=flow_run.runner, begun=request.begun)
    if found is not None:
        return found
    if request.begun:
        hint = "workers need the database and the store of the server that has begun it: set `workers_home` there"
        raise Refused(f"run {request.run_id} is not in the database of this worker", hint=hint)
    recover_runs(context, TAKERS)  # what a dead run still holds must not refuse this one
    planning = open_planning(settings, home.vendor_keys())
    planned = planned_with_inputs(principal, home.open, lambda: plan_campaign(principal, planning, request))
    run_id = run_id_of(principal, context, request)
    return start_run(principal, context, planned, run_id=run_id, flow_run_id=flow_run.id, runner=flow_run.runner)
