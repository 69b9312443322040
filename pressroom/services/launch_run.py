"""Launch runs: in this process, or by whatever else implements `Launcher`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from pressroom.domain.errors import Permanent, PressroomError, Retryable
from pressroom.domain.identity import Principal
from pressroom.planning.plan import Action
from pressroom.reporting.model import RunReport
from pressroom.services.context import Context
from pressroom.services.execute_run import RETRY_DELAYS_SECONDS, Limits, Progress, Work, execute
from pressroom.services.finish_run import finish_run
from pressroom.services.plan_campaign import Planned, PlanningContext, plan_campaign
from pressroom.services.recover_runs import Life, alive
from pressroom.services.run_node import NodeResult, RunningRun, fail_node, is_ordered, order_node, run_node
from pressroom.services.run_request import RunRequest
from pressroom.services.settle_run import settle_run
from pressroom.services.start_run import new_run_id, start_run


@dataclass(frozen=True, slots=True)
class Launched:
    """A run that was launched. `report` is how it ended; None while it goes on elsewhere."""

    run_id: str = ""
    flow_run_id: str = ""
    report: RunReport | None = None


class Launcher(Protocol):
    """Starts runs. Safe to call from several threads."""

    def launch(self, principal: Principal, request: RunRequest) -> Launched:
        """Raises Invalid for a bad document, Refused with every reason, Retryable when it cannot be started now."""
        ...


@dataclass(frozen=True)
class InProcess:
    """Plans, runs and finishes a campaign in this process, in threads of its own; returns when the run has ended."""

    planning: PlanningContext
    context: Context

    def launch(self, principal: Principal, request: RunRequest) -> Launched:
        planned = plan_campaign(principal, self.planning, request)
        return self.launch_planned(principal, planned)

    def launch_planned(self, principal: Principal, planned: Planned) -> Launched:
        """The same for a plan that was shown: it is not compiled again."""
        run_id = planned.request.run_id or new_run_id()
        with alive(self.context, run_id) as life:
            run = start_run(principal, self.context, planned, run_id=run_id)
            return Launched(run.id, report=see_through(self.context, run, life))


def see_through(context: Context, run: RunningRun, life: Life, progress: Progress | None = None) -> RunReport:
    """Make the nodes of a run that has started, in this process, and finish it; however it ends, its hold is released."""
    works, limits = works_of(context, run), limits_of(context)
    try:
        if works:
            with ThreadPoolExecutor(limits.makes + limits.orders, thread_name_prefix="node") as pool:
                asyncio.run(execute(works, _Threads(context, run, pool, life), limits, progress))
    except BaseException as exc:
        settle_run(context, run.id, cancelled=not isinstance(exc, Exception), error=str(exc) or repr(exc))
        raise
    return finish_run(run.principal, context, run)


def works_of(context: Context, run: RunningRun) -> tuple[Work, ...]:
    """The nodes that are to be made; what was there when the run began is not among them."""
    return tuple(
        Work(node.id, node.upstream, bought=is_ordered(context, node))
        for node in run.plan.nodes
        if node.action is not Action.BLOCKED and node.id not in run.reused
    )


def limits_of(context: Context) -> Limits:
    return Limits(orders=context.settings.max_orders, makes=context.settings.max_workers)


def attempt_node(
    context: Context, run: RunningRun, node_id: str, *, last: bool, stopped: Callable[[], bool]
) -> NodeResult:
    """Make the node; its failure is recorded before it is raised, unless it is worth another try and there is one."""
    try:
        return run_node(run.principal, context, run, node_id)
    except Exception as exc:
        # When the run was closed meanwhile, there is nothing left to record.
        if not stopped() and (last or not isinstance(exc, Retryable)):
            fail_node(context, run.id, node_id, reason_of(exc))
        raise


def attempt_order(context: Context, run: RunningRun, node_id: str, stopped: Callable[[], bool]) -> str | None:
    """Place the node's order, unless the run was closed meanwhile; the key to wait for, None when it can be made."""
    if stopped():
        raise Permanent("not ordered, because the run was stopped")
    return order_node(run.principal, context, run, node_id)


def reason_of(exc: Exception) -> str:
    return str(exc) if isinstance(exc, PressroomError) else f"{type(exc).__name__}: {exc}"


@dataclass(frozen=True)
class _Threads:
    """The crew of a run in this process."""

    context: Context
    run: RunningRun
    pool: ThreadPoolExecutor
    life: Life

    def order(self, node_id: str) -> Awaitable[str | None]:
        return self._in_thread(lambda: attempt_order(self.context, self.run, node_id, self.life.is_closed))

    def wait(self, order_key: str) -> Awaitable[object]:
        return asyncio.wrap_future(self.context.poller.wait(order_key))

    def make(self, node_id: str, upstream: tuple[str, ...]) -> Awaitable[object]:
        return self._in_thread(lambda: self._make(node_id))

    def record(self, failures: Mapping[str, Exception]) -> Awaitable[None]:
        return self._in_thread(lambda: record_failures(self.context, self.run.id, failures, self.life.is_closed))

    def _in_thread(self, work: Callable[[], Any]) -> Awaitable[Any]:
        return asyncio.get_running_loop().run_in_executor(self.pool, work)

    def _make(self, node_id: str) -> NodeResult:
        for delay in (*RETRY_DELAYS_SECONDS, None):
            if self.life.is_closed():
                raise Permanent("not made, because the run was cancelled")
            try:
                return attempt_node(self.context, self.run, node_id, last=delay is None, stopped=self.life.is_closed)
            except Retryable:
                if delay is None:
                    raise
                time.sleep(delay)
        raise AssertionError("the last attempt returns or raises")


def record_failures(
    context: Context, run_id: str, failures: Mapping[str, Exception], is_closed: Callable[[], bool]
) -> None:
    """Put on record why these nodes were never made; a run that was closed meanwhile says so by itself."""
    if is_closed():
        return
    for node_id, exc in failures.items():
        fail_node(context, run_id, node_id, reason_of(exc))
