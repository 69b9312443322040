"""The task of a node: one for every operation, named after it."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Any, Final

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import TaskRun
from prefect.logging import get_run_logger
from prefect.runtime import task_run
from prefect.states import State
from prefect.tasks import Task

from pressroom.domain.errors import Permanent, Retryable
from pressroom.domain.money import credits_text
from pressroom.domain.states import NodeState
from pressroom.services.execute_run import RETRY_DELAYS_SECONDS
from pressroom.services.launch_run import attempt_node
from pressroom.services.run_node import NodeResult
from tasks.context import HomeRef, open_run

# Set when the run in this process is interrupted: nodes that wait are dropped.
stop: Final = threading.Event()


class NodeRef:
    """One node of one run; its id, made of step and variant, is what people see.

    A plain class on purpose: Prefect looks for futures inside models, dataclasses and tuples, field by field, three times a
    task.
    """

    __slots__ = ("home", "node_id", "run_id")

    def __init__(self, home: HomeRef, run_id: str, node_id: str) -> None:
        self.home = home
        self.run_id = run_id
        self.node_id = node_id

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NodeRef) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        return f"NodeRef({self.run_id}, {self.node_id})"

    def _values(self) -> tuple[HomeRef, str, str]:
        return self.home, self.run_id, self.node_id


async def only_retryable(task: Task[..., Any], task_run: TaskRun, state: State[Any]) -> bool:
    """Busy, timed out, cut off: those alone are worth another try."""
    result = await state.aresult(raise_on_failure=False)
    return isinstance(result, Retryable)


# No tags: each costs a request per task run, which a server on SQLite answers with 503 under load (a retry of 2 s); the
# operation is the task's name. Prefect's own cache and result storage stay off: what was made is in our library.
@task(
    task_run_name="{node.node_id}",
    retries=len(RETRY_DELAYS_SECONDS),
    retry_delay_seconds=list(RETRY_DELAYS_SECONDS),
    retry_condition_fn=only_retryable,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def make_node(node: NodeRef, upstream: list[Any]) -> NodeResult:
    """Make the node. `upstream` are the futures of what it needs, for Prefect's graph; all of them have ended well."""
    if stop.is_set():
        raise Permanent("not made, because the run was interrupted")
    context = node.home.open()
    last = task_run.run_count > len(RETRY_DELAYS_SECONDS)
    result = attempt_node(context, open_run(context, node.run_id), node.node_id, last=last, stopped=stop.is_set)
    if result.state != NodeState.REUSED:  # that says enough by itself; a logger for each would cost more than it
        get_run_logger().info(
            "%s, %s credits, %.1f s", result.state, credits_text(result.credits_micros), result.seconds
        )
    return result


@lru_cache(maxsize=256)
def task_of(operation: str) -> Task[..., Any]:
    """The task that bears the operation's name."""
    return make_node.with_options(name=operation)
