"""Run a campaign from the command line: a Prefect server, the flow in this process, progress, and the result.

This is the outermost layer: it imports Prefect and the flows, inside the functions that need them.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shlex
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console

from pressroom.cli.console import RunInterrupted, is_interruption, leave_interrupted
from pressroom.cli.views.progress import NodeView, live_progress
from pressroom.domain.errors import Invalid, Permanent, PressroomError, Problem, Refused, in_one_line
from pressroom.domain.identity import DEFAULT_ACCOUNT, Principal
from pressroom.prefect_server.configured import configured, require_answer
from pressroom.services.run_request import RunRequest
from pressroom.settings import Settings

if TYPE_CHECKING:
    from pressroom.prefect_server.lifecycle import PendingServer
    from pressroom.reporting.model import RunReport
    from pressroom.services.context import Context
    from pressroom.services.plan_campaign import Planned
    from pressroom.services.running import RunningRun
    from pressroom.services.suspend_run import Suspension

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
GRACE_SECONDS = 3.0  # for Prefect to hear of the cancellation


@dataclass(frozen=True)
class PrefectApi:
    """The Prefect server that a run uses. `wait` returns when it answers."""

    url: str
    ui_url: str
    environment: dict[str, str]
    wait: Callable[[], None]


def prefect_api(settings: Settings) -> PrefectApi:
    """The configured server, else the local one of this home, which is started in the background when it is not there."""
    from pressroom.prefect_server.environment import QUIET, client_environment, home_variable

    url, credentials = configured(settings)
    if url:
        environment = {**_variables(url, credentials), **QUIET, **home_variable(settings.home)}
        return PrefectApi(url, url.removesuffix("/api"), environment, lambda: require_answer(url))
    server = started(settings)
    environment = client_environment(settings.home, server.api_url)
    return PrefectApi(server.api_url, server.ui_url, environment, server.wait_ready)


def started(settings: Settings) -> PendingServer:
    """The local server of this home, without the keys of vendors."""
    from pressroom.bootstrap import catalog_for
    from pressroom.keys.vendor_keys import variables_of
    from pressroom.prefect_server.lifecycle import ensure_started

    return ensure_started(settings.home, variables_of(catalog_for(settings)))


def configured_prefect(settings: Settings) -> tuple[str, str]:
    """Address and credentials of the configured server. Raises Invalid where none is, Retryable where it does not answer."""
    url, credentials = configured(settings)
    if not url:
        hint = "set prefect_api_url or PREFECT_API_URL to the server that its workers use"
        raise Invalid.of([Problem("setting", "this needs a Prefect server of its own", hint)])
    require_answer(url)
    return url, credentials


def prefect_status(settings: Settings) -> str:
    """One line on the server that runs use: the configured one, else the local one of this home."""
    from pressroom.prefect_server.api import PrefectServer
    from pressroom.prefect_server.lifecycle import check, prefect_version

    if not configured(settings)[0]:
        return check(settings.home)
    server = PrefectServer(*configured_prefect(settings))
    version = server.do("the question for its version", "GET", "/admin/version")
    return f"Prefect {prefect_version()}, server {version} answers at {server.api_url}"


def prefect_of_its_own(settings: Settings) -> dict[str, str]:
    """What Prefect's client needs in the environment for the configured server; raises as `configured_prefect`."""
    return _variables(*configured_prefect(settings))


def _variables(url: str, credentials: str) -> dict[str, str]:
    return {"PREFECT_API_URL": url, **({"PREFECT_API_AUTH_STRING": credentials} if credentials else {})}


def run_planned(settings: Settings, planned: Planned, console: Console, *, approved: bool = False) -> dict[str, Any]:
    """Run the plan that was shown; the finished run, or one that waits, as JSON values.

    A run in which everything is there already needs no flow, and so no Prefect. Raises Refused, Retryable or KeyboardInterrupt.
    """
    from pressroom.prefect_server.events import open_watched
    from pressroom.services.start_run import new_run_id, start_run

    context, request = open_watched(settings), planned.request
    # Before anything is held: a server that is not there refuses the run, and one that starts needs the time.
    api = prefect_api(settings) if planned.plan.totals.create or planned.plan.totals.adopt else None
    run = start_run(request.principal(settings.account), context, planned, run_id=new_run_id(), approved=approved)
    return go_through(settings, context, request, run, api, console)


def go_through(
    settings: Settings,
    context: Context,
    request: RunRequest,
    run: RunningRun,
    api: PrefectApi | None,
    console: Console,
) -> dict[str, Any]:
    """Make what is to be made of a run that was begun or taken up here; as `run_planned`."""
    from pressroom.services.jobs import spent_by
    from pressroom.services.launch_run import let_go, see_through, works_of
    from pressroom.services.run_lease import alive
    from pressroom.services.suspend_run import suspension_of

    if run.suspended:
        return outcome_of(context, run, suspension_of(run.principal, context, run.id))
    with alive(context, run) as life:
        if not works_of(context, run):
            return outcome_of(context, run, see_through(context, run, life))
        try:
            request = request.model_copy(update={"run_id": run.id})
            return _in_flow(settings, context, request, api or prefect_api(settings), console)
        except BaseException as exc:
            with suppress(PressroomError):  # where the disk is full: whoever looks for dead runs closes it
                let_go(context, run, exc)
            if is_interruption(exc):
                raise RunInterrupted(_left(context, request.principal(settings.account), run.id)) from exc
            if isinstance(exc, Refused | OSError) and (spent := spent_by(context, run)):
                raise unfinished(run.id, exc, spent) from exc
            raise


def unfinished(run_id: str, exc: Exception, spent: dict[str, float]) -> Permanent:
    """What is told of a run that spent something and could not be finished: a refusal would say that nothing was spent."""
    hint = f"{getattr(exc, 'hint', '') or 'mend it'}, then run again: what was bought is taken, and not bought again"
    message = exc.message if isinstance(exc, PressroomError) else in_one_line(exc)
    told = f"run {run_id} could not be finished, and {spent['captured']:g} credits were paid: {message}"
    return Permanent(told, hint=hint, run_id=run_id, credits={**spent, "balance": None})


def outcome_of(context: Context, run: RunningRun, found: RunReport | Suspension) -> dict[str, Any]:
    """A run that has ended or waits, as JSON values."""
    from pressroom.reporting.summary import summary_of
    from pressroom.services.review import suspended_summary
    from pressroom.services.suspend_run import Suspension

    if isinstance(found, Suspension):
        return suspended_summary(run.principal, context, found)
    return summary_of(found)


def _left(context: Context, principal: Principal, run_id: str) -> str:
    """What a run that was interrupted leaves: its credits are back, but a vendor goes on with what it was sent."""
    from pressroom.services.jobs import open_orders

    released, orders = "what was not spent has been released", 0
    with suppress(PressroomError):
        orders = len(open_orders(principal, context, run_id))
    if not orders:
        return released
    option = "" if principal.account == DEFAULT_ACCOUNT else f" --account {shlex.quote(principal.account)}"
    return (
        f"{released}\n{orders} {'order is' if orders == 1 else 'orders are'} still open at the vendor: "
        f"`pressroom jobs list{option}` shows them, `pressroom jobs collect{option}` keeps what they bring, "
        "and the next run takes it instead of buying it again"
    )


def _in_flow(
    settings: Settings, context: Context, request: RunRequest, api: PrefectApi, console: Console
) -> dict[str, Any]:
    from pressroom.processes import share_heaps
    from pressroom.project import put_on_path

    share_heaps()  # before the flow does: what it imports starts threads
    os.environ.update(api.environment)
    os.environ.setdefault("PRESSROOM_HOME", str(settings.home))
    put_on_path()
    # Importing makes half a million objects that stay: collecting among them only costs time (0.5 s of 2.7).
    gc.disable()
    with live_progress(console, Watched(context, request.run_id).read, "starting Prefect") as say:
        from flows.campaign import campaign
        from tasks.engine import summary_in
        from tasks.node import stop

        gc.freeze()
        gc.enable()
        api.wait()
        say("running; watch it at " + api.ui_url)
        leaving = (stop, context, request.principal(settings.account), request.run_id)
        threading.Thread(target=_leave_when_stopped, args=leaving, name="leaving", daemon=True).start()
        state: Any = asyncio.run(campaign(request, return_state=True))  # type: ignore[arg-type]
    if state.is_cancelled():
        raise KeyboardInterrupt
    return asyncio.run(summary_in(state))


def _leave_when_stopped(stop: threading.Event, context: Context, principal: Principal, run_id: str) -> None:
    """After an interruption, do not wait long for nodes that are being made: their work is thrown away anyway."""
    stop.wait()
    time.sleep(GRACE_SECONDS)
    shutil.rmtree(context.work / run_id, ignore_errors=True)
    leave_interrupted(_left(context, principal, run_id))


class Watched:
    """The nodes of a run as they stand; what has not moved since the last look is not read again."""

    def __init__(self, context: Context, run_id: str) -> None:
        self._context = context
        self._run_id = run_id
        self._views: dict[str, NodeView] = {}
        self._latest: datetime | None = None

    def read(self) -> Sequence[NodeView]:
        from pressroom.runs.nodes import nodes_moved
        from pressroom.runs.records import find_owner

        with self._context.database.read() as conn:
            owner = find_owner(conn, self._run_id)
            moved = [] if owner is None else nodes_moved(conn, owner, self._run_id, self._latest)
        for node in moved:
            self._views[node.node_id] = NodeView(node.node_id, node.step, node.state, node.credits_micros, node.error)
        moments = [at for node in moved for at in (node.started_at, node.finished_at) if at is not None]
        if self._views:
            # Of the same moment there may be more to come.
            self._latest = max([*moments, self._latest or _EVER])
        return list(self._views.values())
