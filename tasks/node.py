"""The task of a node, or of several small ones of one operation, after which it is named."""

from __future__ import annotations

import threading
from collections import Counter
from functools import lru_cache
from typing import Any, Final

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger
from prefect.runtime import task_run
from prefect.states import Completed, State
from prefect.tasks import Task

from pressroom.domain.money import credits_text
from pressroom.domain.printable import printable
from pressroom.services.compute_nodes import interrupted
from pressroom.services.context import Context
from pressroom.services.execute_run import RETRY_DELAYS_SECONDS
from pressroom.services.launch_run import attempt_nodes, failures_of, reason_of, recordable_error
from pressroom.services.running import NodeResult, Outcomes
from tasks.context import HomeRef, open_run
from tasks.engine import only_retryable

# Set when the run in this process is interrupted: nodes that wait are dropped.
stop: Final = threading.Event()


def is_stopped() -> bool:
    """A function, since a cluster's task travels with what it refers to, and an event cannot."""
    return stop.is_set()


class NodeRef:
    """Nodes of one run, mostly one; their ids, made of step and variant, are what people see.

    A plain class on purpose: Prefect looks for futures inside models, dataclasses and tuples, field by field, three times a
    task.
    """

    __slots__ = ("home", "lease", "node_ids", "run_id")

    def __init__(self, home: HomeRef, run_id: str, lease: int, *node_ids: str) -> None:
        self.home = home
        self.run_id = run_id
        self.lease = lease
        self.node_ids = node_ids

    @property
    def name(self) -> str:
        first, *more = self.node_ids
        return printable(f"{first} and {len(more)} more" if more else first)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NodeRef) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        return f"NodeRef({self.run_id}, {self.name})"

    def _values(self) -> tuple[HomeRef, str, int, tuple[str, ...]]:
        return self.home, self.run_id, self.lease, self.node_ids


class MadeNodes:
    """What became of the nodes of a task. A plain class for the same reason: it is the input of the tasks that follow."""

    __slots__ = ("outcomes",)

    def __init__(self, outcomes: Outcomes) -> None:
        self.outcomes = outcomes


# No tags: each costs a request per task run, which a server on SQLite answers with 503 under load (a retry of 2 s); the
# operation is the task's name. Prefect's own cache and result storage stay off: what was made is in our library.
@task(
    task_run_name="{node.name}",
    retries=len(RETRY_DELAYS_SECONDS),
    retry_delay_seconds=list(RETRY_DELAYS_SECONDS),
    retry_condition_fn=only_retryable,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def make_nodes(node: NodeRef, upstream: list[Any]) -> State[MadeNodes]:
    """Make the nodes. `upstream` are the futures of what they need, for Prefect's graph; all of them have ended well.

    What one node alone raises is raised. Of several, the outcomes say it, and nothing is tried again.
    """
    if is_stopped():
        raise interrupted()
    context = node.home.open()
    alone = len(node.node_ids) == 1
    last = alone and task_run.run_count > len(RETRY_DELAYS_SECONDS)
    run = open_run(context, node.run_id, node.lease)
    outcomes = attempt_nodes(context, run, node.node_ids, last=last, stopped=is_stopped)
    failed = failures_of(outcomes)
    if alone and failed:
        raise recordable_error(context, failed[node.node_ids[0]]) from None  # Prefect logs it with all its causes
    get_run_logger().info("%s", _told(context, outcomes))
    return Completed(name="CompletedWithFailures" if failed else None, data=MadeNodes(outcomes))


def _told(context: Context, outcomes: Outcomes) -> str:
    made = [each for each in outcomes.values() if isinstance(each, NodeResult)]
    states = ", ".join(f"{count} {state}" for state, count in sorted(Counter(each.state for each in made).items()))
    failed = "".join(f"\n{name}: {context.recordable(reason_of(exc))}" for name, exc in failures_of(outcomes).items())
    credits = credits_text(sum(each.credits_micros for each in made))
    return f"{states}, {credits} credits, {sum(each.seconds for each in made):.1f} s{failed}"


@lru_cache(maxsize=256)
def task_of(operation: str) -> Task[..., Any]:
    """The task that bears the operation's name."""
    return make_nodes.with_options(name=operation)
