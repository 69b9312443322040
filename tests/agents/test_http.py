"""The tools over HTTP, of a real server: for who brings a token, as whom the token stands for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import httpx2
import pytest
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client

from pressroom.domain.identity import READING, Principal, Scope
from pressroom.services.accounts import open_account
from pressroom.services.tokens import create_token
from tests.agents.test_server import TOOLS, answer, campaign
from tests.api.routes.test_events import served
from tests.support.desks import Desk, set_up


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return set_up(tmp_path_factory.mktemp("agents-http"))


@pytest.fixture(scope="module")
def url(desk: Desk) -> Iterator[str]:
    with served(desk) as address:
        yield address.removesuffix("/api/v1") + "/mcp"


def secret_of(desk: Desk, account: str, *scopes: Scope) -> str:
    open_account(Principal(account), desk.context)
    return create_token(Principal(account), desk.context, "t", scopes=scopes).secret


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_an_agent_acts_as_whom_its_token_stands_for(desk: Desk, url: str, mode: str) -> None:
    wanted = campaign(desk, f"http-{mode}")

    async def tried(account: str) -> tuple[Any, Any, set[str]]:
        headers = {"Authorization": f"Bearer {secret_of(desk, account, *READING, Scope.AGENT)}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=30) as http,
            Client(streamable_http_client(url, http_client=http), mode=mode) as client,  # type: ignore[arg-type]
        ):
            tools = {tool.name for tool in (await client.list_tools()).tools}
            plan = await answer(client, "plan_campaign", **wanted)
            found = await answer(client, "search_assets")
            return plan, found, tools

    plan, found, tools = asyncio.run(tried("default"))
    assert (plan["allowed"], found["count"] >= 1, tools) == (True, True, TOOLS)
    plan, found, _ = asyncio.run(tried("bob"))
    assert (plan["allowed"], found["count"]) == (False, 0)


def test_nobody_comes_in_without_a_token(url: str) -> None:
    for headers in ({}, {"Authorization": "Bearer prt_" + "0" * 43}, {"Origin": "https://evil.example"}):
        refused = httpx.post(url, json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")
