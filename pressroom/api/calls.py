"""Calls of one key take turns within a server, so that none of them has to look again and again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pressroom.services.answers import Call


class CallsUnderWay:
    """Lives in the server's event loop."""

    def __init__(self) -> None:
        self._turns: dict[Call, asyncio.Lock] = {}
        self._waiting: dict[Call, int] = {}

    @asynccontextmanager
    async def turn(self, call: Call) -> AsyncIterator[None]:
        """One call of the key at a time, in the order in which they came."""
        lock = self._turns.setdefault(call, asyncio.Lock())
        self._waiting[call] = self._waiting.get(call, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._waiting[call] -= 1
            if not self._waiting[call]:
                del self._waiting[call], self._turns[call]
