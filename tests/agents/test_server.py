"""The tools, called by the official client in both eras of the protocol: an agent plans and asks, a person approves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any, Literal

import pytest
from mcp.client.client import Client
from mcp.types import ElicitResult

from pressroom.agents.backend import AgentBackend
from pressroom.agents.server import agent_server
from pressroom.bootstrap import open_planning
from pressroom.domain.identity import ALL_SCOPES, READING, Bearer, Principal, Scope
from pressroom.domain.states import Decision, RunState
from pressroom.services.accounts import open_account, show_account
from pressroom.services.add_media import add_file
from pressroom.services.crew import Crew
from pressroom.services.public_links import open_link
from pressroom.services.show_run import show_run
from pressroom.services.suspend_run import Verdict, decide
from pressroom.services.tokens import authenticate, create_token
from tests.api.routes.test_runs import SMALL
from tests.support.desks import Desk, eventually, set_up

PERSON = Principal("default", "ann@example.com")
AGENT = Principal("default", "prt_agent", READING | {Scope.AGENT}, Bearer(None, bound=True))
TOOLS = {
    "search_assets",
    "get_asset",
    "find_similar",
    "list_models",
    "explain_problem",
    "validate_campaign",
    "plan_campaign",
    "run_plan",
    "get_run",
    "get_statement",
    "share",
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    found = set_up(tmp_path_factory.mktemp("agents"))
    open_account(PERSON, found.context)
    return found


def backend(desk: Desk, principal: Principal = AGENT) -> AgentBackend:
    planning = partial(open_planning, desk.settings)
    return AgentBackend(desk.context, Crew(desk.context, 2), planning, lambda: principal)


def call(used: AgentBackend, mode: str, work: Callable[[Client], Awaitable[Any]], **able: Any) -> Any:
    async def connected() -> Any:
        async with Client(agent_server(used), mode=mode, **able) as client:  # type: ignore[arg-type]
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


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("action", ["accept", "decline", "cancel"])
def test_a_client_that_can_shows_its_person_the_run_and_decides_nothing_itself(
    desk: Desk, mode: str, action: Literal["accept", "decline", "cancel"]
) -> None:
    shown: list[Any] = []

    async def opened(_: object, asked: Any) -> ElicitResult:
        shown.append(asked)
        return ElicitResult(action=action)

    async def run(client: Client) -> Any:
        plan = await answer(client, "plan_campaign", **campaign(desk, f"shown-{mode}-{action}"))
        return await answer(client, "run_plan", plan_hash=plan["plan_hash"])

    before = desk.purchases()
    told = call(backend(desk), mode, run, elicitation_callback=opened)

    assert [(asked.mode, asked.url) for asked in shown] == [("url", f"http://127.0.0.1:4680/runs/{told['id']}")]
    assert "may cost 2 credits" in shown[0].message
    assert told["status"] == "input_required"
    assert (show_run(PERSON, desk.context, told["id"]).line.run.state, desk.purchases()) == ("suspended", before)
    decide(PERSON, desk.context, told["id"], Verdict(Decision.REJECTED, "here"))


def test_within_a_standing_budget_a_plan_is_run_and_nobody_is_asked(desk: Desk) -> None:
    scopes, caps = [*READING, Scope.AGENT], {"cap_run": 2, "cap_day": 4, "standing_day": 2}
    made = create_token(Principal("default"), desk.context, "helper", scopes=scopes, caps=caps)
    used = backend(desk, authenticate(desk.context, made.secret, desk.context.now()))

    async def run(client: Client) -> list[Any]:
        told = []
        for name in ("one", "two", "three"):
            plan = await answer(client, "plan_campaign", **campaign(desk, f"standing-{name}"))
            told.append(await answer(client, "run_plan", plan_hash=plan["plan_hash"]))
        told.append(await answer(client, "explain_problem", problem=told[-1]))
        return told

    within, beyond, above, explained = call(used, "auto", run)

    assert (within["status"], beyond["status"]) == ("complete", "input_required")
    assert "run_plan: cap_day: this needs 2 credits; the token has spent" in above
    assert [(each["code"], each["about"]) for each in explained["result"]] == [("cap_day", "Models, money and limits")]
    decide(PERSON, desk.context, beyond["id"], Verdict(Decision.REJECTED, "here"))
    assert eventually(lambda: show_run(PERSON, desk.context, within["id"]).line.run.state == RunState.COMPLETED, 60)


def test_a_campaign_is_validated_and_nothing_of_it_is_kept(desk: Desk) -> None:
    wanted = campaign(desk, "valid")
    wrong = {**wanted, "campaign": wanted["campaign"].replace("uses: upscale", "uses: upscail")}

    async def tried(client: Client) -> tuple[Any, Any]:
        return await answer(client, "validate_campaign", **wanted), await answer(client, "validate_campaign", **wrong)

    right, mistakes = call(backend(desk), "auto", tried)

    assert right == {"valid": True, "problems": []}
    assert "upscail" in mistakes
    assert "did you mean 'upscale'" in mistakes


def test_an_asset_is_shared_by_a_link_that_ends_or_with_a_person_by_who_may_write(desk: Desk) -> None:
    photo = add_file(PERSON, desk.context, desk.folder / "photo.png").id
    writer = replace(AGENT, scopes=AGENT.scopes | {Scope.ASSETS_WRITE})

    async def shared(client: Client) -> tuple[Any, Any]:
        link = await answer(client, "share", name=photo, days=3)
        return link, await answer(client, "share", name=photo, email="client@example.com", right="use")

    link, person = call(backend(desk, writer), "auto", shared)

    assert (link["right"], person["right"], person["email"]) == ("view", "use", "client@example.com")
    assert open_link(desk.context, link["secret"]).right == "view"
    assert link["expires_at"] is not None
    assert "needs the scope 'assets:write'" in call(
        backend(desk), "auto", lambda client: answer(client, "share", name=photo)
    )


def test_every_tool_says_what_it_changes_what_it_costs_and_how_it_fails(desk: Desk) -> None:
    tools = call(backend(desk), "auto", lambda client: client.list_tools()).tools

    for tool in tools:
        assert tool.annotations.read_only_hint is (tool.name not in ("run_plan", "share"))
        assert any(word in tool.description for word in ("osts nothing", "Buys nothing", "paid from")), tool.name
        assert "fail" in tool.description.lower(), tool.name
