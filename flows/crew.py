"""The crew of a flow run: the nodes of a run as tasks, the orders in threads beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

from prefect.futures import PrefectFuture
from prefect.states import State
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.tasks import Task

from flows.clusters import Cluster
from pressroom.domain.errors import Retryable
from pressroom.services.execute_run import Limits, Work
from pressroom.services.launch_run import attempt_order, await_order, failures_of, record_failures
from pressroom.services.run_lease import Life
from pressroom.services.running import Outcomes, RunningRun
from tasks.context import HomeRef
from tasks.node import MadeNodes, NodeRef, stop, task_of

# An upper bound only: how many nodes are at work at a time is the run's own limit, and threads come as they are needed.
MOST_THREADS: Final = 512
TASK_RUNNER: Final = ThreadPoolTaskRunner(max_workers=MOST_THREADS)


class Tasks:
    """The crew of a flow run: each batch, mostly one node, is a task of Prefect's, with the tasks of what it needs as inputs."""

    def __init__(
        self, home: HomeRef, run: RunningRun, limits: Limits, life: Life, cluster: Cluster | None = None
    ) -> None:
        self._home = home
        self._run = run
        self._life = life
        self._cluster = cluster
        self.limits = limits if cluster is None else replace(limits, makes=cluster.threads)
        self.futures: dict[str, PrefectFuture[Any]] = {}
        self._context = home.open()
        # Futures of a cluster are waited for in threads.
        self._waits = ThreadPoolExecutor(self.limits.makes, thread_name_prefix="cluster") if cluster else None
        # No tasks: an order that is on its way would keep one of the threads that compute.
        self._orders = ThreadPoolExecutor(limits.orders, thread_name_prefix="order")

    def order(self, node_id: str) -> Awaitable[str | None]:
        return asyncio.get_running_loop().run_in_executor(self._orders, self._order, node_id)

    def wait(self, order_key: str) -> Awaitable[object]:
        return await_order(self._context, order_key)

    async def make(self, batch: Sequence[Work]) -> Mapping[str, Exception]:
        outcomes = await self._outcomes(batch)
        # Each of those is tried again as a task of its own, which Prefect repeats.
        for busy in [work for work in batch if isinstance(outcomes[work.node_id], Retryable)]:
            outcomes |= await self._alone(busy)
        return failures_of(outcomes)

    async def _alone(self, work: Work) -> Outcomes:
        try:
            return await self._outcomes([work])
        except Exception as exc:  # noqa: BLE001 - the task has recorded it
            return {work.node_id: exc}

    async def _outcomes(self, batch: Sequence[Work]) -> Outcomes:
        """Raises what a task of one node raised."""
        names = [work.node_id for work in batch]
        upstream = dict.fromkeys(name for work in batch for name in work.upstream)
        needed = dict.fromkeys(self.futures[name] for name in upstream if name in self.futures)
        node = NodeRef(self._home, self._run.id, self._run.lease, *names)
        future = self._submitted(task_of(batch[0].operation), node, list(needed))
        self.futures |= dict.fromkeys(names, future)
        state: State[MadeNodes] = await self._ended(future)
        return (await state.aresult()).outcomes

    def _submitted(self, task: Task[..., Any], node: NodeRef, upstream: list[PrefectFuture[Any]]) -> PrefectFuture[Any]:
        if self._cluster is None:
            return task.submit(node, upstream)
        return self._cluster.runner.submit(task, {"node": node, "upstream": upstream})

    async def _ended(self, future: PrefectFuture[Any]) -> State[Any]:
        if self._waits is None:
            # The thread's own future: asking a Prefect future for its state is a request to the server, each time.
            return await asyncio.wrap_future(future.wrapped_future)  # type: ignore[attr-defined, no-any-return]
        await asyncio.get_running_loop().run_in_executor(self._waits, future.wait)
        return future.state

    def _order(self, node_id: str) -> str | None:
        return attempt_order(self._context, self._run, node_id, self._is_stopped)

    def _is_stopped(self) -> bool:
        return stop.is_set() or self._life.is_closed()

    def record(self, failures: Mapping[str, Exception]) -> Awaitable[None]:
        return asyncio.to_thread(record_failures, self._context, self._run, failures, self._is_stopped)
