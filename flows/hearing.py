"""What is asked of a flow run while it goes on: Suspend and Cancel in Prefect's pages, heard within seconds.

Prefect itself tells a flow only when it calls its next task, which may be hours away while vendors work.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.states import State

from pressroom.services.run_lease import Life

HEAR_SECONDS: Final = 3.0
LOOK_SECONDS: Final = 0.25


@dataclass
class Asked:
    """The state that somebody has put the flow run into; None while nobody has."""

    state: State[Any] | None = None

    @property
    def to_suspend(self) -> bool:
        return self.state is not None and self.state.is_paused()

    @property
    def to_cancel(self) -> bool:
        return self.state is not None and (self.state.is_cancelling() or self.state.is_cancelled())


@asynccontextmanager
async def hearing(flow_run_id: str) -> AsyncIterator[Asked]:
    """Cancel the task that the block runs in as soon as somebody has asked the flow run to suspend or to end."""
    main, asked = asyncio.current_task(), Asked()
    assert main is not None, "a flow runs in a task"
    listening = asyncio.create_task(_listen(flow_run_id, asked, main))
    try:
        yield asked
    finally:
        listening.cancel()


@asynccontextmanager
async def while_open(life: Life) -> AsyncIterator[None]:
    """Cancel the task that the block runs in as soon as the run is no longer to be worked on."""
    main = asyncio.current_task()
    assert main is not None, "a flow runs in a task"

    async def watch() -> None:
        while not life.is_closed():
            await asyncio.sleep(LOOK_SECONDS)
        main.cancel()

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()


async def _listen(flow_run_id: str, asked: Asked, main: asyncio.Task[Any]) -> None:
    async with get_client() as client:
        while not (asked.to_suspend or asked.to_cancel):
            await asyncio.sleep(HEAR_SECONDS)
            asked.state = await _state(client, flow_run_id)
    main.cancel()


async def _state(client: PrefectClient, flow_run_id: str) -> State[Any] | None:
    try:
        return (await client.read_flow_run(UUID(flow_run_id))).state
    except Exception:  # noqa: BLE001 - a server that is away asks for nothing
        return None
