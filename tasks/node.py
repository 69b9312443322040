"""What the tasks of every operation family share."""

from __future__ import annotations

import threading
from typing import Any

from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import TaskRun
from prefect.logging import get_run_logger
from prefect.states import State
from prefect.tasks import Task

from pressroom.domain.errors import Permanent, PressroomError, Retryable, UpstreamFailed
from pressroom.domain.money import credits_text
from pressroom.domain.states import NodeState
from pressroom.services.run_node import NodeResult, fail_node, run_node
from tasks.context import HomeRef, open_run

# Set when the run in this process is interrupted: nodes that wait are dropped.
stop = threading.Event()

RETRY_DELAYS_SECONDS = [1, 5, 20]


class NodeRef:
    """One node of one run. `label` is what people see: step and variant.

    A plain class on purpose: Prefect looks for futures inside models, dataclasses and tuples, field by field, three times a
    task.
    """

    __slots__ = ("home", "label", "node_id", "run_id")

    def __init__(self, home: HomeRef, run_id: str, node_id: str, label: str) -> None:
        self.home = home
        self.run_id = run_id
        self.node_id = node_id
        self.label = label

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NodeRef) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        return f"NodeRef({self.run_id}, {self.node_id})"

    def _values(self) -> tuple[HomeRef, str, str, str]:
        return self.home, self.run_id, self.node_id, self.label


async def only_retryable(task: Task[..., Any], task_run: TaskRun, state: State[Any]) -> bool:
    """Busy, timed out, cut off: those alone are worth another try."""
    result = await state.aresult(raise_on_failure=False)
    return isinstance(result, Retryable)


# Options of every node's task. No tags: each costs a request per task run, which a server on SQLite answers with 503
# under load (a retry of 2 s); the family is the task's name. Prefect's own cache and result storage stay off: what was
# made is in our library, by content.
NODE_TASK: dict[str, Any] = {
    "task_run_name": "{node.label}",
    "retries": len(RETRY_DELAYS_SECONDS),
    "retry_delay_seconds": RETRY_DELAYS_SECONDS,
    "retry_condition_fn": only_retryable,
    "cache_policy": NO_CACHE,
    "persist_result": False,
}


def make(node: NodeRef, upstream: list[Any], attempt: int) -> NodeResult:
    """Run the node unless what it needs has failed; a failure is recorded before it is raised."""
    if stop.is_set():
        raise Permanent("not made, because the run was interrupted")
    context = node.home.open()
    failed = [item for item in upstream if isinstance(item, BaseException)]
    try:
        if failed:
            # The first failure explains all that follow from it.
            cause = getattr(failed[0], "fields", {}).get("cause") or str(failed[0])
            raise UpstreamFailed("not made, because what it needs has failed", cause=cause)
        result = run_node(context, open_run(context, node.run_id), node.node_id)
    except Exception as exc:  # the border where a task ends: whatever it was, the node's record says so
        if stop.is_set():
            raise  # the run has been closed; there is nothing left to record
        if attempt > len(RETRY_DELAYS_SECONDS) or not isinstance(exc, Retryable):
            reason = str(exc) if isinstance(exc, PressroomError) else f"{type(exc).__name__}: {exc}"
            fail_node(context, node.run_id, node.node_id, reason)
        raise
    if (
        result.state != NodeState.REUSED
    ):  # what was there already says so in its result; a logger for each would cost more than it
        get_run_logger().info(
            "%s: %s, %s credits, %.1f s", node.label, result.state, credits_text(result.credits_micros), result.seconds
        )
    return result
