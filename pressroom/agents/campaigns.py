"""The tools that plan a campaign, run it within what a person allows, and look at what became of it."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final

from mcp.server import MCPServer
from mcp.server.mcpserver import Context as Asking
from mcp.types import InputRequiredResult
from pydantic import Field

from pressroom.agents.approving import INPUT_REQUIRED, sent_to_a_person
from pressroom.agents.backend import AgentBackend
from pressroom.agents.calling import BUYS, READS, Inputs, Text, done
from pressroom.domain.content_hash import text_digest
from pressroom.domain.identity import Principal, Scope
from pressroom.reporting.statement import render_statement
from pressroom.services.accounts import show_account
from pressroom.services.plan_campaign import plan_campaign
from pressroom.services.run_request import RunRequest
from pressroom.services.show_run import show_report, show_run
from pressroom.services.shown_plans import keep_plan, plan_shown

ASKS: Final = "an agent asks for it"


def add_campaigns(server: MCPServer, backend: AgentBackend) -> None:
    """The tools that plan a campaign, ask for its run, and look at what became of it."""

    @server.tool(name="plan_campaign", annotations=READS)
    async def plan(campaign: Text, inputs: Inputs = None) -> dict[str, Any]:
        """Price a campaign: nodes, models and why, credits, whether it may run and every reason against it, and the plan's hash.

        Buys nothing and holds nothing. A campaign that is wrong fails with every mistake, its line and how to mend it.
        """
        request = RunRequest(yaml=campaign, inputs=inputs or {})
        return await done(
            backend,
            Scope.RUNS_READ,
            lambda principal: keep_plan(
                principal, backend.context, plan_campaign(principal, backend.planning(), request)
            ),
        )

    @server.tool(name="validate_campaign", annotations=READS)
    async def validate(campaign: Text, inputs: Inputs = None) -> dict[str, Any]:
        """Whether a campaign is right, and what stands against running it. Reads only, costs nothing, keeps nothing.

        A campaign that is wrong fails with every mistake, its line and how to mend it.
        """
        request = RunRequest(yaml=campaign, inputs=inputs or {})

        def validated(principal: Principal) -> dict[str, Any]:
            verdict = plan_campaign(principal, backend.planning(), request).verdict
            return {"valid": True, "problems": [problem.as_dict() for problem in verdict.problems]}

        return await done(backend, Scope.RUNS_READ, validated)

    @server.tool(name="run_plan", annotations=BUYS)
    async def run(
        plan_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="As plan_campaign gave it.")],
        asking: Asking,
    ) -> dict[str, Any] | InputRequiredResult:
        """Run exactly this plan. Its credits are held now; what it makes is paid from them, and the rest is given back.

        Within the token's standing budget it begins at once. Beyond it the answer is `input_required` with the run's id, and
        nothing is bought before a person approves it: on the run's page, by `pressroom approve ID`, or over the API; then ask
        get_run. Asked again for the same plan, it is the same run. Fails, and holds nothing, where the account may not pay for it
        (balance) or the token may not (cap_run, cap_day).
        """
        told = await done(backend, Scope.AGENT, lambda principal: _asked_for(principal, backend, plan_hash))
        return await sent_to_a_person(backend, asking, told)

    @server.tool(name="get_run", annotations=READS)
    async def get_run(run_id: str) -> dict[str, Any]:
        """How a run stands, what it waits for, and what it cost. Reads only, costs nothing. Fails for no run of the account."""
        return await done(backend, Scope.RUNS_READ, lambda principal: _told_of(principal, backend, run_id))

    @server.tool(name="get_statement", annotations=READS)
    async def statement(
        run_id: Annotated[str, Field(description="A run that has ended; empty: the account as it stands.")] = "",
    ) -> str:
        """What a run cost, file by file; or what the account has. Reads only, costs nothing. Fails while the run goes on."""

        def text(principal: Principal) -> str:
            if run_id:
                return render_statement(show_report(principal, backend.context, run_id))
            return json.dumps(show_account(principal, backend.context).as_dict())

        return await done(backend, Scope.CREDITS_READ, text)


def _asked_for(principal: Principal, backend: AgentBackend, plan_hash: str) -> dict[str, Any]:
    """The run of a plan that was shown, named by plan and asker, so that asking twice is asking once."""
    name = f"r{text_digest(f'agent/{principal.account}/{principal.user}/{plan_hash}')[:16]}"
    shown, _ = plan_shown(principal, backend.context, plan_hash)
    request = shown.model_copy(update={"run_id": name})
    run_id = backend.crew.launch(principal, backend.planning(), request, asks=ASKS)
    return _told_of(principal, backend, run_id)


def _told_of(principal: Principal, backend: AgentBackend, run_id: str) -> dict[str, Any]:
    found = show_run(principal, backend.context, run_id).as_dict()
    of_the_server = ("out", "report", "flow_run_id")
    told = {name: value for name, value in found.items() if name not in of_the_server}
    return {"status": INPUT_REQUIRED if found["waits_for"] else "complete", **told}
