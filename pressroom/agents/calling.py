"""What every tool shares: for whom it is called and with which right, what it says of itself, and how it tells errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final, TypeVar

from anyio import to_thread
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from pressroom.agents.backend import AgentBackend
from pressroom.campaign.document import MAX_DOCUMENT_BYTES
from pressroom.domain.errors import PressroomError
from pressroom.domain.identity import Principal, Scope

T = TypeVar("T")
READS: Final = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
BUYS: Final = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=True)
SHARES: Final = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True
)
Id = Annotated[str, Field(description="Id or SHA-256 of an asset, or its beginning.")]
Text = Annotated[str, Field(description="The campaign as YAML.", max_length=MAX_DOCUMENT_BYTES)]
Inputs = Annotated[
    dict[str, Any] | None, Field(description="Values for its inputs; media as asset:ID or https address.")
]
Few = Annotated[int, Field(ge=1, le=50, description="How many at most.")]


async def done(backend: AgentBackend, scope: Scope, work: Callable[[Principal], T]) -> T:
    """What the service gives, for whoever asks, with the right that it takes."""

    def service() -> T:
        principal = backend.principal()
        principal.require(Scope.AGENT)
        principal.require(scope)
        return work(principal)

    with _told():
        return await to_thread.run_sync(service)


@contextmanager
def _told() -> Iterator[None]:
    """Errors as codes and words of their problems, for an agent to mend what it can; nothing of a defect is told."""
    try:
        yield
    except PressroomError as exc:
        raise ToolError("\n".join(f"{problem.code}: {problem}" for problem in exc.problems) or str(exc)) from exc
