"""One reader of the event log in each server, and any number of streams that it hands events to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from fastapi.concurrency import run_in_threadpool

from pressroom.services.context import Context
from pressroom.services.event_feed import everything_after, missed, newest
from pressroom.services.rounds import going_on
from pressroom.watching.event_log import Told

LOOK_SECONDS: Final = 0.25
_MOST_WAITING: Final = 1_000  # events that a slow reader may be behind before it is sent back to the log


@dataclass(eq=False)
class _Listener:
    account_id: int
    run_id: str
    waiting: asyncio.Queue[Told] = field(default_factory=lambda: asyncio.Queue(_MOST_WAITING))
    fell_behind: bool = False

    def hear(self, told: Told) -> None:
        if told.account_id != self.account_id or (self.run_id and told.run_id != self.run_id):
            return
        try:
            self.waiting.put_nowait(told)
        except asyncio.QueueFull:
            self.fell_behind = True


class Feed:
    """Lives in the server's event loop."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._listeners: set[_Listener] = set()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._task = asyncio.create_task(self._read())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def stream(self, account_id: int, run_id: str, after: int | None) -> AsyncIterator[Told]:
        """Everything behind `after`, then what comes; with None only what comes. Never ends by itself."""
        listener = _Listener(account_id, run_id)
        self._listeners.add(listener)  # before the log is read: what comes meanwhile is heard twice, and told once
        try:
            seen = await run_in_threadpool(newest, self._context) if after is None else after
            while True:
                listener.fell_behind = False
                while page := await run_in_threadpool(missed, self._context, account_id, run_id, seen):
                    for told in page:
                        seen = told.seq
                        yield told
                while not listener.fell_behind:
                    told = await listener.waiting.get()
                    if told.seq > seen:
                        seen = told.seq
                        yield told
                while not listener.waiting.empty():
                    listener.waiting.get_nowait()
        finally:
            self._listeners.discard(listener)

    async def _read(self) -> None:
        seen: int | None = None
        while True:
            with going_on(self._context, "events cannot be read"):
                if seen is None:
                    seen = await run_in_threadpool(newest, self._context)
                for told in await run_in_threadpool(everything_after, self._context, seen):
                    seen = told.seq
                    for listener in tuple(self._listeners):
                        listener.hear(told)
            await asyncio.sleep(LOOK_SECONDS)
