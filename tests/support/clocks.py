"""A clock that stands still until somebody waits."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count


class Clock:
    """Time passes only in `pause`; what was to happen `later` happens on the way."""

    def __init__(self) -> None:
        # Of today: what the database stamps by itself is of today too.
        self._now = datetime.now(UTC)
        self._later: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = count()

    def now(self) -> datetime:
        return self._now

    def seconds(self) -> float:
        return self._now.timestamp()

    def pause(self, seconds: float) -> None:
        # A wait for nothing would never end.
        end = self._now + timedelta(seconds=max(seconds, 0.001))
        while self._later and self._later[0][0] <= end:
            moment, _, act = heapq.heappop(self._later)
            self._now = max(self._now, moment)
            act()
        self._now = max(self._now, end)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._later, (self._now + timedelta(seconds=seconds), next(self._numbers), act))

    def forget(self) -> None:
        """What was to happen later happens no more: its process has died."""
        self._later.clear()
