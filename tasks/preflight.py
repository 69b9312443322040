"""The gate: compile, pre-flight, hold, and settle afterwards."""

from __future__ import annotations

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger
from pydantic import BaseModel, ConfigDict

from pressroom.bootstrap import open_planning
from pressroom.domain.errors import Refused
from pressroom.domain.money import credits_text
from pressroom.planning.plan import Action
from pressroom.reporting.plan_table import plan_markdown
from pressroom.services.plan_campaign import plan_campaign
from pressroom.services.recover_runs import release_abandoned
from pressroom.services.run_request import RunRequest
from pressroom.services.start_run import begin_run
from tasks.context import HomeRef
from tasks.node import NodeRef


class Step(BaseModel):
    """One node as the flow chains it: which task, which reference, which nodes before it."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    node: NodeRef
    family: str
    upstream: tuple[str, ...]


class Begun(BaseModel):
    """A run that has passed the gate: its credits are held."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    run_id: str
    home: HomeRef
    campaign: str
    plan_table: str
    steps: tuple[Step, ...]


@task(name="pre-flight", task_run_name="pre-flight", cache_policy=NO_CACHE, persist_result=False)
def open_gate(request: RunRequest, home: HomeRef, flow_run_id: str) -> Begun:
    """Compile and check the campaign; hold the upper bound of its price; raise Refused with every reason instead."""
    settings = home.settings()
    principal = request.principal(settings.account)
    planned = plan_campaign(principal, open_planning(settings), request)
    plan = planned.plan
    if not planned.verdict.allowed:
        fatal = [problem for problem in planned.verdict.problems if problem.fatal]
        raise Refused(f"{plan.campaign} was refused: {'; '.join(map(str, fatal))}", problems=tuple(fatal))
    if request.plan_hash and request.plan_hash != plan.hash:
        raise Refused("the plan has changed since it was shown", hint="plan again")
    context = home.open()
    release_abandoned(context)
    run = begin_run(
        context,
        plan,
        planned.files,
        account=principal.account,
        run_id=request.run_id,
        flow_run_id=flow_run_id,
        out_dir=str(request.out_folder(plan.campaign)),
    )
    get_run_logger().info("run %s holds %s credits", run.id, credits_text(plan.totals.credits_bound or 0))
    return Begun(
        run_id=run.id,
        home=home,
        campaign=plan.campaign,
        plan_table=plan_markdown(plan, planned.verdict),
        steps=tuple(
            Step(
                node=NodeRef(home=home, run_id=run.id, node_id=node.id, label=node.id),
                family=node.family,
                upstream=node.upstream,
            )
            for node in plan.nodes
            if node.action is not Action.BLOCKED
        ),
    )
