"""Launch runs: in this process, or by whatever else implements `Launcher`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from pressroom.domain.errors import OutOfCredits, Permanent, PressroomError, Retryable, in_one_line
from pressroom.domain.identity import Principal
from pressroom.domain.opening import ALWAYS, Opening
from pressroom.domain.states import WaitsFor
from pressroom.planning.plan import Action
from pressroom.reporting.model import RunReport
from pressroom.services.ask_person import ask_person, held_back
from pressroom.services.context import Context
from pressroom.services.execute_run import RETRY_DELAYS_SECONDS, Gate, Limits, Progress, Work, execute
from pressroom.services.finish_run import finish_run
from pressroom.services.plan_campaign import Planned, PlanningContext, plan_campaign
from pressroom.services.run_lease import Life, alive, is_closed
from pressroom.services.run_node import (
    Outcomes,
    RunningRun,
    fail_nodes,
    is_ordered,
    may_be_ordered,
    order_node,
    run_nodes,
    still_running,
)
from pressroom.services.run_request import RunRequest
from pressroom.services.settle_run import settle_run
from pressroom.services.start_run import run_id_of, start_run
from pressroom.services.suspend_run import Suspension, suspend_run, suspension_of


@dataclass(frozen=True, slots=True)
class Launched:
    """A run that was launched, by the name that the request gave it, else its id.

    `report` is how it ended, `suspension` what it waits for; both are None while it goes on elsewhere.
    """

    run_id: str = ""
    flow_run_id: str = ""
    report: RunReport | None = None
    suspension: Suspension | None = None


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
        run_id = run_id_of(principal, self.context, planned.request)
        run = start_run(principal, self.context, planned, run_id=run_id)
        name = planned.request.run_id or run.id
        if run.suspended:
            return Launched(name, suspension=suspension_of(principal, self.context, run.id))
        with alive(self.context, run) as life:
            found = see_through(self.context, run, life)
        return Launched(name, suspension=found) if isinstance(found, Suspension) else Launched(name, report=found)


def see_through(
    context: Context,
    run: RunningRun,
    life: Life,
    progress: Progress | None = None,
    *,
    leaves: Callable[[], bool] = bool,
) -> RunReport | Suspension:
    """Make the nodes of a run that has started, in this process, and finish it; however it ends, its hold is released.

    Where its budget is spent before, it waits for more, and where it asks a person, for an answer. When `leaves` says that the
    process goes, the run is left to the next.
    """
    works, limits = works_of(context, run), limits_of(context, run.id)
    try:
        if works:
            with ThreadPoolExecutor(limits.makes + limits.orders, thread_name_prefix="node") as pool:
                asyncio.run(execute(works, _Threads(context, run, pool, life), limits, progress))
    except OutOfCredits as exc:
        return suspend_run(context, run, WaitsFor.CREDITS, exc.message)
    except BaseException as exc:
        if not leaves():
            let_go(context, run, exc)
        raise
    return ask_person(context, run) or finish_run(run.principal, context, run)


def let_go(context: Context, run: RunningRun, exc: BaseException) -> None:
    """Close a run that an exception ended, and give back what it held; what another process has taken up is left to it."""
    stopped = not isinstance(exc, Exception)
    with suppress(Permanent):
        error = "the run was interrupted" if stopped else str(exc) or repr(exc)
        settle_run(context, run.id, cancelled=stopped, error=error, lease=run.lease)


def works_of(context: Context, run: RunningRun) -> tuple[Work, ...]:
    """The nodes that are to be made now; what was there when the run began, or waits for a person, is not among them."""
    done = run.reused.keys() | run.dropped | held_back(context, run).keys()
    return tuple(
        Work(
            node.id,
            node.upstream,
            bought=is_ordered(context, node),
            operation=node.operation,
            alone=may_be_ordered(context, node),
        )
        for node in run.plan.nodes
        if node.action is not Action.BLOCKED and node.id not in done
    )


def limits_of(context: Context, run_id: str, opening: Opening = ALWAYS) -> Limits:
    """The pace of a run: what these settings allow, and the hours in which its nodes may start."""
    gate = Gate(opening, is_closed=partial(is_closed, context.settings.home, run_id))
    return Limits(orders=context.settings.max_orders, makes=context.settings.workers, gate=gate)


def attempt_nodes(
    context: Context, run: RunningRun, node_ids: Sequence[str], *, last: bool, stopped: Callable[[], bool]
) -> Outcomes:
    """Make the nodes; failures are recorded, but for those that are worth another try while there is one."""
    outcomes = run_nodes(run.principal, context, run, node_ids, stopped)
    ended = {
        name: outcome for name, outcome in failures_of(outcomes).items() if last or not isinstance(outcome, Retryable)
    }
    record_failures(context, run, ended, stopped)
    return outcomes


def failures_of(outcomes: Outcomes) -> dict[str, Exception]:
    return {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, Exception)}


def attempt_order(context: Context, run: RunningRun, node_id: str, stopped: Callable[[], bool]) -> str | None:
    """Place the node's order, unless the run was closed meanwhile; the key to wait for, None when it can be made."""
    if stopped():
        raise Permanent("not ordered, because the run was stopped")
    return order_node(run.principal, context, run, node_id)


async def await_order(context: Context, order_key: str) -> None:
    """Wait for an order without a thread. Raises Retryable for one that has been waited for long enough."""
    job = await asyncio.wrap_future(context.poller.wait(order_key))
    if job.overdue:
        raise still_running(job)


def reason_of(exc: Exception) -> str:
    return str(exc) if isinstance(exc, PressroomError) else f"{type(exc).__name__}: {in_one_line(exc)}"


def recordable_error(context: Context, exc: Exception) -> PressroomError:
    """An error of the same kind in words that may be put on record, without its causes: engines keep what they are raised."""
    if not isinstance(exc, PressroomError):
        return PressroomError(context.recordable(reason_of(exc)))
    return type(exc)(context.recordable(exc.message), hint=context.recordable(exc.hint), **exc.fields)


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
        return await_order(self.context, order_key)

    async def make(self, batch: Sequence[Work]) -> Mapping[str, Exception]:
        node_ids = [work.node_id for work in batch]
        failed: dict[str, Exception] = {}
        for delay in (*RETRY_DELAYS_SECONDS, None):
            found = await self._in_thread(partial(self._attempt, node_ids, last=delay is None))
            node_ids = [name for name, exc in found.items() if isinstance(exc, Retryable)]
            failed |= {name: exc for name, exc in found.items() if delay is None or name not in node_ids}
            if not node_ids or delay is None:
                break
            await asyncio.sleep(delay)
        return failed

    def record(self, failures: Mapping[str, Exception]) -> Awaitable[None]:
        return self._in_thread(lambda: record_failures(self.context, self.run, failures, self.life.is_closed))

    def _in_thread(self, work: Callable[[], Any]) -> Awaitable[Any]:
        return asyncio.get_running_loop().run_in_executor(self.pool, work)

    def _attempt(self, node_ids: Sequence[str], *, last: bool) -> Mapping[str, Exception]:
        return failures_of(attempt_nodes(self.context, self.run, node_ids, last=last, stopped=self.life.is_closed))


def record_failures(
    context: Context, run: RunningRun, failures: Mapping[str, Exception], is_closed: Callable[[], bool]
) -> None:
    """Put on record why these nodes were never made; a run that was closed meanwhile says so by itself."""
    if failures and not is_closed():
        fail_nodes(context, run, {node_id: reason_of(exc) for node_id, exc in failures.items()})
