"""The tools, called by the official client in both eras of the protocol: an agent plans and asks, a person approves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from mcp.client.client import Client

from pressroom.agents.backend import AgentBackend
from pressroom.agents.server import agent_server
from pressroom.bootstrap import open_planning
from pressroom.domain.identity import ALL_SCOPES, READING, Principal, Scope
from pressroom.domain.states import Decision, RunState
from pressroom.services.accounts import open_account, show_account
from pressroom.services.add_media import add_file
from pressroom.services.crew import Crew
from pressroom.services.show_run import show_run
from pressroom.services.suspend_run import Verdict, decide
from tests.api.routes.test_runs import SMALL
from tests.support.desks import Desk, eventually, set_up

PERSON = Principal("default", "ann@example.com")
AGENT = Principal("default", "prt_agent", READING | {Scope.AGENT})
TOOLS = {
    "search_assets",
    "get_asset",
    "find_similar",
    "list_models",
    "plan_campaign",
    "run_plan",
    "get_run",
    "get_statement",
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    found = set_up(tmp_path_factory.mktemp("agents"))
    open_account(PERSON, found.context)
    return found


def backend(desk: Desk, principal: Principal = AGENT) -> AgentBackend:
    planning = partial(open_planning, desk.settings)
    return AgentBackend(desk.context, Crew(desk.context, 2), planning, lambda: principal)


def call(used: AgentBackend, mode: str, work: Callable[[Client], Awaitable[Any]]) -> Any:
    async def connected() -> Any:
        async with Client(agent_server(used), mode=mode) as client:  # type: ignore[arg-type]
            return await work(client)

    return asyncio.run(connected())


async def answer(client: Client, tool: str, **given: Any) -> Any:
    result = await client.call_tool(tool, given)
    text = result.content[0].text  # type: ignore[union-attr]
    if result.is_error:
        return text
    return result.structured_content if result.structured_content is not None else json.loads(text)


def campaign(desk: Desk, name: str) -> dict[str, Any]:
    photo = add_file(PERSON, desk.context, desk.folder / "photo.png").id
    # Each asks for another picture, so that none is there already.
    text = SMALL.replace("name: small", f"name: {name}").replace("scale: 2}", f"scale: 2, prompt: {name}}}")
    return {"campaign": text, "inputs": {"photo": f"asset:{photo}"}}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_an_agent_plans_and_asks_and_nothing_is_bought_before_a_person_approves(desk: Desk, mode: str) -> None:
    used, wanted = backend(desk), campaign(desk, f"asked-{mode}")
    before = desk.purchases()

    async def asked(client: Client) -> tuple[Any, Any, Any, set[str]]:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        plan = await answer(client, "plan_campaign", **wanted)
        first = await answer(client, "run_plan", plan_hash=plan["plan_hash"])
        again = await answer(client, "run_plan", plan_hash=plan["plan_hash"])
        return plan, first, again, tools

    plan, first, again, tools = call(used, mode, asked)

    assert tools == TOOLS
    assert (plan["allowed"], first["status"], first["id"]) == (True, "input_required", again["id"])
    assert show_account(PERSON, desk.context).held_micros == plan["totals"]["credits_bound"] * 1_000_000
    assert desk.purchases() == before
    decide(PERSON, desk.context, first["id"], Verdict(Decision.APPROVED, "here"))
    used.crew.begin()
    assert eventually(lambda: show_run(PERSON, desk.context, first["id"]).line.run.state == RunState.COMPLETED, 60)
    used.crew.stop()
    ended = call(used, mode, lambda client: answer(client, "get_run", run_id=first["id"]))
    assert (ended["status"], ended["state"]) == ("complete", "completed")
    found = call(used, mode, lambda client: answer(client, "search_assets", filters={"run": first["id"]}))
    assert found["count"] == 2


def test_mistakes_come_with_their_line_and_how_to_mend_them(desk: Desk) -> None:
    wrong = {"campaign": SMALL.replace("scale: 2", "scael: 2"), "inputs": {}}

    told = call(backend(desk), "auto", lambda client: answer(client, "plan_campaign", **wrong))

    assert "campaign.yaml:9:41" in told
    assert "scale" in told


def test_a_token_without_the_scope_is_told_so_and_others_plans_are_not_there(desk: Desk) -> None:
    reader = Principal("default", "prt_reader", ALL_SCOPES - {Scope.AGENT})
    other = Principal("bob", "prt_bob", READING | {Scope.AGENT})
    open_account(other, desk.context)
    plan = call(backend(desk), "auto", lambda client: answer(client, "plan_campaign", **campaign(desk, "mine")))

    async def run(client: Client) -> Any:
        return await answer(client, "run_plan", plan_hash=plan["plan_hash"])

    assert "this needs the scope 'agent'" in call(backend(desk, reader), "auto", run)
    assert "no plan was shown under" in call(backend(desk, other), "auto", run)
