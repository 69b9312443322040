"""What an agent may do, as tools of the Model Context Protocol: look, plan, and ask for a run, which a person approves.

Each tool calls one service, for whoever the agent acts for. Descriptions say what a tool changes, what it costs, whether it may
be called again, and how it fails: agents choose by them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final, TypeVar

from anyio import to_thread
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from pressroom import __version__
from pressroom.agents.backend import AgentBackend
from pressroom.catalog.search import models_of
from pressroom.domain.content_hash import text_digest
from pressroom.domain.errors import Invalid, PressroomError, Refused
from pressroom.domain.identity import Principal, Scope
from pressroom.library.search_words import query_of
from pressroom.reporting.statement import render_statement
from pressroom.services.accounts import show_account
from pressroom.services.finding import search_assets
from pressroom.services.library import find_similar, show_asset
from pressroom.services.plan_campaign import plan_campaign
from pressroom.services.run_request import RunRequest
from pressroom.services.show_run import show_report, show_run
from pressroom.services.shown_plans import keep_plan, plan_shown

T = TypeVar("T")
INSTRUCTIONS: Final = (
    "Pressroom plans, prices and makes media campaigns. Plan first (plan_campaign), then ask for the run by the plan's hash "
    "(run_plan): nothing is bought before a person approves it. Media are named asset:ID."
)
ASKS: Final = "an agent asks for it"
_READS: Final = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
_BUYS: Final = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=True)
Id = Annotated[str, Field(description="Id or SHA-256 of an asset, or its beginning.")]
Text = Annotated[str, Field(description="The campaign as YAML.")]
Inputs = Annotated[
    dict[str, Any] | None, Field(description="Values for its inputs; media as asset:ID or https address.")
]
Few = Annotated[int, Field(ge=1, le=50, description="How many at most.")]


def agent_server(backend: AgentBackend) -> MCPServer:
    """The tools of one home, for the principal that the backend says when one is called."""
    server: MCPServer = MCPServer(
        "pressroom", title="Pressroom", version=__version__, instructions=INSTRUCTIONS, log_level="WARNING"
    )
    _add_looking(server, backend)
    _add_campaigns(server, backend)
    return server


async def _done(backend: AgentBackend, scope: Scope, work: Callable[[Principal], T]) -> T:
    """What the service gives, for whoever asks, with the right that it takes."""

    def service() -> T:
        principal = backend.principal()
        principal.require(Scope.AGENT)
        principal.require(scope)
        return work(principal)

    with _told():
        return await to_thread.run_sync(service)


def _add_looking(server: MCPServer, backend: AgentBackend) -> None:
    """The tools that look at the library and the catalog."""

    @server.tool(name="search_assets", annotations=_READS)
    async def search(
        text: Annotated[str, Field(description='Words that all occur; "a phrase", -without, begin*. Empty: all.')] = "",
        filters: Annotated[
            dict[str, str] | None, Field(description="More: kind, tag, campaign, format, orientation, created, ...")
        ] = None,
        limit: Few = 10,
    ) -> dict[str, Any]:
        """Find assets of the library by words and filters. Reads only, costs nothing. Fails for a filter that there is not."""
        given = [*(filters or {}).items(), ("limit", str(limit)), *([("text", text)] if text else [])]
        return await _done(
            backend,
            Scope.ASSETS_READ,
            lambda principal: search_assets(principal, backend.context, query_of(given)).as_dict(principal.account),
        )

    @server.tool(name="get_asset", annotations=_READS)
    async def asset(asset_id: Id) -> dict[str, Any]:
        """Everything recorded of one asset. Reads only, costs nothing. Fails for an asset that the account has not."""
        return await _done(
            backend,
            Scope.ASSETS_READ,
            lambda principal: show_asset(principal, backend.context, asset_id).as_dict(principal.account),
        )

    @server.tool(name="find_similar", annotations=_READS)
    async def similar(asset_id: Id, limit: Few = 10) -> list[dict[str, Any]]:
        """Pictures of the library that look like an asset, the nearest first. Reads only, costs nothing."""

        def found(principal: Principal) -> list[dict[str, Any]]:
            own = show_asset(principal, backend.context, asset_id).id
            answer = find_similar(principal, backend.context, own, limit=limit).answer
            return [
                {"asset": each.asset.id, "alike": each.match.cosine, "why": each.match.why}
                for each in (*answer.duplicates, *answer.nearest)
            ]

        return await _done(backend, Scope.ASSETS_READ, found)

    @server.tool(name="list_models", annotations=_READS)
    async def models(
        words: Annotated[str, Field(description="An operation, or words of a name: upscale, image_to_video.")] = "",
    ) -> list[dict[str, Any]]:
        """What can be bought or computed, with tier and prices. Reads only, costs nothing. Fails where nothing fits the words."""
        kept = {"name", "operation", "tier", "prices"}
        return await _done(
            backend,
            Scope.RUNS_READ,
            lambda principal: [
                {"name": row.name, **row.model_dump(mode="json", include=kept)}
                for row in models_of(backend.context.catalog, words)
            ],
        )


def _add_campaigns(server: MCPServer, backend: AgentBackend) -> None:
    """The tools that plan a campaign, ask for its run, and look at what became of it."""

    @server.tool(name="plan_campaign", annotations=_READS)
    async def plan(campaign: Text, inputs: Inputs = None) -> dict[str, Any]:
        """Price a campaign: nodes, models and why, credits, whether it may run and every reason against it, and the plan's hash.

        Buys nothing and holds nothing. A campaign that is wrong fails with every mistake, its line and how to mend it.
        """
        request = RunRequest(yaml=campaign, inputs=inputs or {})
        return await _done(
            backend,
            Scope.RUNS_READ,
            lambda principal: keep_plan(
                principal, backend.context, plan_campaign(principal, backend.planning(), request)
            ),
        )

    @server.tool(name="run_plan", annotations=_BUYS)
    async def run(
        plan_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="As plan_campaign gave it.")],
    ) -> dict[str, Any]:
        """Ask for a run of exactly this plan. Its credits are held now, and nothing is bought before a person approves it.

        Answers `input_required` with the run's id: a person approves it on the run's page, by `pressroom approve ID`, or over the
        API; then ask get_run. Asked again for the same plan, it is the same run. Fails where the account may not pay for it.
        """
        return await _done(backend, Scope.AGENT, lambda principal: _asked_for(principal, backend, plan_hash))

    @server.tool(name="get_run", annotations=_READS)
    async def get_run(run_id: str) -> dict[str, Any]:
        """How a run stands, what it waits for, and what it cost. Reads only, costs nothing."""
        return await _done(backend, Scope.RUNS_READ, lambda principal: _told_of(principal, backend, run_id))

    @server.tool(name="get_statement", annotations=_READS)
    async def statement(
        run_id: Annotated[str, Field(description="A run that has ended; empty: the account as it stands.")] = "",
    ) -> str:
        """What a run cost, file by file; or what the account has. Reads only, costs nothing. Fails while the run goes on."""

        def text(principal: Principal) -> str:
            if run_id:
                return render_statement(show_report(principal, backend.context, run_id))
            return json.dumps(show_account(principal, backend.context).as_dict())

        return await _done(backend, Scope.CREDITS_READ, text)


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
    return {"status": "input_required" if found["waits_for"] else "complete", **told}


@contextmanager
def _told() -> Iterator[None]:
    """Errors in the words of their problems, for an agent to mend what it can; nothing of a defect is told."""
    try:
        yield
    except PressroomError as exc:
        problems = exc.problems if isinstance(exc, Invalid | Refused) else ()
        raise ToolError("\n".join(map(str, problems)) or str(exc)) from exc
