"""Tokens that try to spend more than they may: the doors, and a home with two servers that share one database."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp.client.client import Client
from starlette.testclient import TestClient

from pressroom.agents.backend import AgentBackend
from pressroom.agents.server import agent_server
from pressroom.api.backend import Backend, open_backend
from pressroom.domain.errors import PressroomError
from pressroom.domain.identity import Principal, Scope
from pressroom.ledger.invariants import check_invariants
from pressroom.services import tokens
from pressroom.services.accounts import open_account
from pressroom.services.generate import Generation, start_generation
from pressroom.services.start_run import new_run_id
from pressroom.serving.app import create_app
from pressroom.settings import Settings, settings_for
from tests.support.processes import FORKED

OPERATOR = Principal("default")
SCOPES = (Scope.AGENT, Scope.RUNS_READ, Scope.RUNS_WRITE, Scope.CREDITS_READ)
TRIES = 20


def campaign(pictures: int = 1, head: str = "", key: str = "") -> str:
    """So many pictures of 1 credit each; no two campaigns make the same, but for those of one key."""
    name = key or secrets.token_hex(6)
    return (
        f"pressroom: 1\nname: c{name}\n{head}steps:\n  scene: {{uses: generate_image, model: simulated/sketch, "
        f"count: {pictures}, with: {{prompt: p{name}, width: 64, height: 64}}}}\n"
    )


@dataclass(frozen=True)
class Token:
    """A token, and how its calls go in."""

    secret: str

    @property
    def prefix(self) -> str:
        return self.secret[:12]

    def headers(self, key: str = "") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}", **({"Idempotency-Key": key} if key else {})}


@dataclass(frozen=True)
class House:
    """Two servers of one home, each an application of its own."""

    settings: Settings
    backends: tuple[Backend, Backend]
    servers: tuple[TestClient, TestClient]

    def token(self, *scopes: Scope, **caps: float) -> Token:
        made = tokens.create_token(OPERATOR, self.backends[0].context, "t", scopes=scopes or SCOPES, caps=caps)
        return Token(made.secret)

    def post(self, token: Token, path: str, body: Any = None, *, server: int = 0, key: str = "") -> tuple[int, Any]:
        for _ in range(TRIES):
            answer = self.servers[server % 2].post(f"/api/v1{path}", json=body, headers=token.headers(key))
            if answer.status_code != 503:  # a busy database says so, and nothing has happened
                break
        return answer.status_code, answer.json()

    def generation(self, token: Token, *, server: int = 0, key: str = "", pictures: int = 1) -> tuple[int, Any]:
        body = {"operation": "generate_image", "model": "simulated/sketch", "prompt": key or secrets.token_hex(6)}
        return self.post(
            token, "/generations", {**body, "width": 64, "height": 64, "count": pictures}, server=server, key=key
        )

    def run(
        self, token: Token, *, server: int = 0, key: str = "", pictures: int = 1, head: str = ""
    ) -> tuple[int, Any]:
        return self.post(token, "/runs", {"yaml": campaign(pictures, head, key)}, server=server, key=key)

    def by_hash(self, token: Token, *, server: int = 0, key: str = "", pictures: int = 1) -> tuple[int, Any]:
        status, plan = self.post(token, "/plans", {"yaml": campaign(pictures)}, server=server)
        assert status == 200, plan
        return self.post(token, "/runs", {"plan_hash": plan["plan_hash"]}, server=1 - server, key=key)

    def agent(self, token: Token, *, server: int = 0, key: str = "", pictures: int = 1) -> tuple[int, Any]:
        """Ask for a run at the agents' door: 202 where it runs, 201 where it waits for a person, else 402."""
        backend = self.backends[server % 2]
        context = backend.context
        door = AgentBackend(
            context,
            backend.crew,
            backend.planning,
            lambda: tokens.authenticate(context, token.secret, context.now()),
        )

        async def asked() -> Any:
            async with Client(agent_server(door)) as client:
                for _ in range(TRIES):
                    plan = await client.call_tool("plan_campaign", {"campaign": campaign(pictures)})
                    if not plan.is_error:  # as above
                        break
                assert not plan.is_error, plan.content
                found = plan.structured_content or json.loads(plan.content[0].text)  # type: ignore[union-attr]
                return await client.call_tool("run_plan", {"plan_hash": found["plan_hash"]})

        answer = asyncio.run(asked())
        if answer.is_error:
            return 402, answer.content[0].text
        told = answer.structured_content
        return (201 if told["status"] == "input_required" else 202), told

    def spent(self, token: Token) -> tuple[float, float]:
        """Credits spent and held today, of books that add up."""
        context = self.backends[0].context
        with context.database.read() as conn:
            assert check_invariants(conn) == []
        (found,) = [each for each in tokens.list_tokens(OPERATOR, context) if each.prefix == token.prefix]
        told = found.as_dict()
        return told["spent_today"], told["held_today"]


@contextmanager
def house(folder: Path, database_url: str, *, works: bool = False) -> Iterator[House]:
    """Where it does not work, its servers hold and begin what they are asked for, and leave it to the next one."""
    own: dict[str, Any] = {
        "home": str(folder / "home"),
        "database_url": database_url,
        "provenance": "off",
        "rate_factor": 0,
    }
    settings = settings_for(folder, {}, **own, grant_credits=10_000, plan="enterprise")
    one, other = open_backend(settings), open_backend(settings)
    open_account(OPERATOR, one.context)
    for backend in () if works else (one, other):
        backend.crew.stop()
    with ExitStack() as stack:
        servers = [stack.enter_context(TestClient(create_app(backend))) for backend in (one, other)]
        yield House(settings, (one, other), (servers[0], servers[1]))


def spending_process(found: House, token: Token) -> Any:
    """A server of its own that spends with the token until nothing is left, or until it is killed."""
    process = FORKED.Process(target=_spend, args=(found.settings, token.secret))
    process.start()
    return process


def _spend(settings: Settings, secret: str) -> None:
    backend = open_backend(settings)
    context = backend.context
    principal = tokens.authenticate(context, secret, context.now())
    while True:
        wanted = Generation(
            operation="generate_image", model="simulated/sketch", prompt=secrets.token_hex(6), width=64, height=64
        )  # type: ignore[call-arg]
        try:
            start_generation(principal, context, backend.crew, backend.planning(), wanted, new_run_id())
        except PressroomError:
            backend.crew.stop()  # as a server that ends: what is under way is left to the next one
            return
