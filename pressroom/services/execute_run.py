"""Run the nodes of a run in the order of need: orders, waiting and computing each under a limit of its own.

Waiting for a vendor holds no thread and counts against no limit; what is there already is never touched. Who does the work
is a `Crew`: threads of this process, or a flow's tasks.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol

from pressroom.domain.errors import NOT_MADE, OutOfCredits, Retryable, UpstreamFailed
from pressroom.domain.opening import ALWAYS, Opening

RETRY_DELAYS_SECONDS: Final = (1, 5, 20)
# A batch takes about so long, and each of those who make nodes finds so many batches waiting.
BATCH_SECONDS: Final = 0.5
SHARES: Final = 4
MOST_TOGETHER: Final = 64
LOOK_SECONDS: Final = 5.0  # a run that waits for its hours looks so often whether it was closed meanwhile


@dataclass(frozen=True, slots=True)
class Work:
    """One node to be made: `upstream` are the nodes of this run that it needs, `bought` says that it is ordered first.

    `alone` says that it may wait for a vendor while it is made, so that no other is to wait with it.
    """

    node_id: str
    upstream: tuple[str, ...] = ()
    bought: bool = False
    operation: str = ""
    alone: bool = False


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets nodes start in their hours only. Waiting takes no thread; `is_closed` says that the run need not wait."""

    opening: Opening = ALWAYS
    now: Callable[[], datetime] = field(default=_utc_now, compare=False)
    sleep: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep, compare=False)
    is_closed: Callable[[], bool] = field(default=bool, compare=False)

    @property
    def seconds_left(self) -> float:
        """0 while nodes may start."""
        now = self.now()
        return (self.opening.next(now) - now).total_seconds()

    async def passed(self) -> bool:
        """Return when nodes may start; False when the run was closed before."""
        while (left := self.seconds_left) > 0:
            if self.is_closed():
                return False
            await self.sleep(min(left, LOOK_SECONDS))
        return True


@dataclass(frozen=True, slots=True)
class Limits:
    """How many orders may be on their way to vendors, and how many nodes may be computed or filed, at a time; and when."""

    orders: int
    makes: int
    gate: Gate = Gate()


class Crew(Protocol):
    """Does the work of a run. What a method raises is the failure of its nodes."""

    def order(self, node_id: str) -> Awaitable[str | None]:
        """Place the node's order: the key to wait for, after which it is asked again; None when the node can be made.

        Raises Retryable to be asked again later.
        """
        ...

    def wait(self, order_key: str) -> Awaitable[object]:
        """Return when the order needs no more waiting, however it ended. Raises what keeps it from ending."""
        ...

    def make(self, batch: Sequence[Work]) -> Awaitable[Mapping[str, Exception]]:
        """Compute the nodes, or file what was delivered for them: the failed ones, which it has put on record itself.

        They are of one operation, and none needs another of them.
        """
        ...

    def record(self, failures: Mapping[str, Exception]) -> Awaitable[None]:
        """Put on record why these nodes were never made."""
        ...


@dataclass
class Pace:
    """How many nodes go into one batch: small ones share what a call and a transaction cost, large ones are alone.

    A batch is a share of what waits, so that a run that a person can survey goes node by node.
    """

    makes: int
    clock: Callable[[], float] = time.monotonic
    _seconds: dict[str, float] = field(default_factory=dict)  # of a node of each operation, as the last batches took

    def most(self, operation: str, waiting: int) -> int:
        seconds = self._seconds.get(operation)
        if seconds is None:
            return 1
        return max(1, min(waiting // (SHARES * self.makes), MOST_TOGETHER, int(BATCH_SECONDS / max(seconds, 1e-3))))

    @contextmanager
    def timed(self, batch: Sequence[Work]) -> Iterator[None]:
        started = self.clock()
        yield
        seconds = (self.clock() - started) / len(batch)
        before = self._seconds.get(batch[0].operation, seconds)
        self._seconds[batch[0].operation] = (before + seconds) / 2


@dataclass(frozen=True, slots=True)
class Given:
    """Works that join an execution under way. `lost` are nodes that they need and that failed in another process."""

    works: Sequence[Work]
    lost: Mapping[str, Exception] = field(default_factory=dict)


# What is to be done besides, asked for whenever there is room for it; None when there is nothing more.
More = Callable[[], Awaitable[Given | None]]


async def nothing_more() -> None:
    """The source of more works of an execution that has all of them."""


@dataclass(slots=True)
class Progress:
    """How far a run is: counts of its nodes."""

    total: int
    done: int = 0
    failed: int = 0

    @property
    def percent(self) -> float:
        return 100.0 * (self.done + self.failed) / self.total if self.total else 100.0

    def __str__(self) -> str:
        """`3 of 12 nodes made, 1 failed`."""
        failed = f", {self.failed} failed" if self.failed else ""
        return f"{self.done} of {self.total} nodes made{failed}"


async def execute(
    works: Sequence[Work], crew: Crew, limits: Limits, progress: Progress | None = None, more: More = nothing_more
) -> frozenset[str]:
    """Do all of it, and `more` as there is room; the ids of the nodes that failed. Each node follows what it needs.

    Nodes that need a failed one are recorded as failed by it and not made. Cancelling the call stops what is under way. Raises
    OutOfCredits, after everything else has ended, where the run's hold was too small for an order.
    """
    return await _Execution(crew, limits, progress or Progress(len(works))).run(works, more)


class _Execution:
    def __init__(self, crew: Crew, limits: Limits, progress: Progress) -> None:
        self._crew = crew
        self._limits = limits
        self._progress = progress
        self._works: dict[str, Work] = {}
        self._missing: dict[str, int] = {}  # how many needed nodes are still to come
        self._dependents: dict[str, list[str]] = {}
        self._to_order: deque[str] = deque()
        self._to_make: deque[str] = deque()
        self._orders = asyncio.Semaphore(limits.orders)
        self._making = self._ordering = 0
        self._short: OutOfCredits | None = None
        self._pace = Pace(limits.makes)
        self._gate: Gate | None = limits.gate  # None once the run was closed: whoever makes its nodes says so
        self._at_gate = False
        self._made: set[str] = set()
        self._failed: dict[str, Exception] = {}
        self._open = 0  # nodes that have not ended
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Event()  # whether more works may be asked for
        self._has_all = False
        self._ended = asyncio.Event()
        self._broken: BaseException | None = None

    async def run(self, works: Sequence[Work], more: More) -> frozenset[str]:
        try:
            await self._add(Given(works))
            self._spawn(self._ask_for(more))
            await self._ended.wait()
        finally:
            for task in self._tasks:
                task.cancel()
        if self._broken is not None:
            raise self._broken
        if self._short is not None:
            raise self._short
        return frozenset(self._failed)

    async def _ask_for(self, more: More) -> None:
        """More works, each time that there is room, until there are none or the credits have ended."""
        try:
            while await self._room.wait() and self._short is None:
                given = await more()
                if given is None:
                    break
                await self._add(given)
        except OutOfCredits as exc:
            self._short = self._short or exc
        self._has_all = True
        self._end()

    async def _add(self, given: Given) -> None:
        for work in given.works:
            self._works[work.node_id] = work
            for name in work.upstream:
                self._dependents.setdefault(name, []).append(work.node_id)
        self._open += len(given.works)
        self._failed |= given.lost
        for work in given.works:
            needed = [name for name in work.upstream if name in self._works and name not in self._made]
            self._missing[work.node_id] = len(needed)
        await self._doom(name for work in given.works for name in work.upstream if name in self._failed)
        for work in given.works:
            if not self._missing[work.node_id] and work.node_id not in self._failed:
                self._queue(work.node_id)
        self._start()

    def _queue(self, name: str) -> None:
        (self._to_order if self._works[name].bought else self._to_make).append(name)

    def _start(self) -> None:
        """Begin as much as the limits allow. Filing what was bought is no beginning: it waits for no hour."""
        may_start = self._may_start()
        while self._to_order and may_start and self._short is None:
            self._ordering += 1
            self._spawn(self._order(self._to_order.popleft()))
        while self._to_make and self._making < self._limits.makes:
            if not may_start and not self._works[self._to_make[0]].bought:
                break
            self._making += 1
            self._spawn(self._make(self._next_batch()))
        waiting = self._to_make or self._to_order
        has_room = self._making < self._limits.makes and self._ordering < self._limits.orders
        if may_start and has_room and not waiting:
            self._room.set()
        else:
            self._room.clear()

    def _may_start(self) -> bool:
        if self._gate is None or self._gate.seconds_left <= 0:
            return True
        if not self._at_gate:
            self._at_gate = True
            self._spawn(self._wait_at(self._gate))
        return False

    async def _wait_at(self, gate: Gate) -> None:
        if not await gate.passed():
            self._gate = None
        self._at_gate = False
        self._start()

    def _next_batch(self) -> list[Work]:
        waiting = len(self._to_make)
        first = self._works[self._to_make.popleft()]
        batch = [first]
        most = 1 if first.bought or first.alone else self._pace.most(first.operation, waiting)
        while len(batch) < most and self._to_make:
            after = self._works[self._to_make[0]]
            if after.operation != first.operation or after.bought or after.alone:
                break
            batch.append(self._works[self._to_make.popleft()])
        return batch

    def _spawn(self, work: Awaitable[None]) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (broken := task.exception()) is not None:
            self._broken = broken  # a defect of ours, not of a node
            self._ended.set()

    async def _order(self, name: str) -> None:
        try:
            # Again until nothing is to be waited for: a vendor that failed may have an alternative.
            while (key := await self._placed(name)) is not None:
                await self._crew.wait(key)
        except OutOfCredits as exc:
            # Nothing more is ordered; what needs no order goes on.
            self._short = self._short or exc
            self._ordering -= 1
            self._room.set()
            self._end()
            return
        except Exception as exc:  # noqa: BLE001 - whatever it was, the node's record says so
            self._ordering -= 1
            await self._lost({name: exc})
            return
        self._ordering -= 1
        # First in the queue: what is paid for is filed before anything else is computed.
        self._to_make.appendleft(name)
        self._start()

    async def _placed(self, name: str) -> str | None:
        async with self._orders:
            return await _again_while_busy(lambda: self._crew.order(name))

    async def _make(self, batch: Sequence[Work]) -> None:
        try:
            with self._pace.timed(batch):
                failed = await self._crew.make(batch)
        except Exception as exc:  # noqa: BLE001 - the crew has recorded it
            failed = dict.fromkeys((work.node_id for work in batch), exc)
        self._made |= {work.node_id for work in batch if work.node_id not in failed}
        self._progress.done += len(batch) - len(failed)
        self._fail(failed)
        self._open -= len(batch) - len(failed)
        self._making -= 1
        await self._settle([work.node_id for work in batch])

    async def _lost(self, failures: dict[str, Exception]) -> None:
        await self._crew.record(failures)
        self._fail(failures)
        await self._settle(failures)

    def _fail(self, failures: Mapping[str, Exception]) -> None:
        self._failed |= failures
        self._progress.failed += len(failures)
        self._open -= len(failures)

    async def _settle(self, names: Collection[str]) -> None:
        """The nodes have ended: what waited only for them may begin, or fails with them."""
        await self._doom(name for name in names if name in self._failed)
        for name in names:
            for dependent in self._dependents.get(name, ()):
                self._missing[dependent] -= 1
                if not self._missing[dependent] and dependent not in self._failed:
                    self._queue(dependent)
        self._start()
        self._end()

    async def _doom(self, failed: Iterable[str]) -> None:
        """What needs these nodes fails with them."""
        doomed: dict[str, Exception] = {}
        for name in failed:
            doomed = self._downstream_of(name) | doomed
        if doomed:
            await self._crew.record(doomed)
            self._fail(doomed)

    def _end(self) -> None:
        """It has ended when every node has and no more come; where the credits have, when nothing is under way any more."""
        idle = not self._making and not self._ordering and not self._to_make
        if (not self._open and self._has_all) or (self._short is not None and idle):
            self._ended.set()

    def _downstream_of(self, name: str) -> dict[str, Exception]:
        """Everything that needs this node, however far away, and has not failed yet."""
        reason = self._failed[name]
        # The first failure explains all that follow from it.
        cause = getattr(reason, "fields", {}).get("cause") or str(reason)
        found: dict[str, Exception] = {}
        waiting = list(self._dependents.get(name, ()))
        while waiting:
            dependent = waiting.pop()
            if dependent not in found and dependent not in self._failed:
                found[dependent] = UpstreamFailed(NOT_MADE, cause=cause)
                waiting += self._dependents.get(dependent, ())
        return found


async def _again_while_busy(ask: Callable[[], Awaitable[str | None]]) -> str | None:
    for delay in RETRY_DELAYS_SECONDS:
        try:
            return await ask()
        except Retryable:
            await asyncio.sleep(delay)
    return await ask()
