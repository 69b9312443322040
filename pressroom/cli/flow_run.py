"""Run a campaign from the command line: a Prefect server, the flow in this process, progress, and the result.

This is the outermost layer: it imports Prefect and the flows, inside the functions that need them.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from pressroom.cli.console import leave_interrupted
from pressroom.cli.views.progress import NodeView, live_progress
from pressroom.domain.errors import Retryable
from pressroom.services.run_request import RunRequest
from pressroom.settings import Settings

REACH_SECONDS = 20.0
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
    configured = settings.prefect_api_url or os.environ.get("PREFECT_API_URL", "")
    from pressroom.prefect_server.environment import QUIET, client_environment

    if configured:
        environment = {"PREFECT_API_URL": configured, **QUIET}
        return PrefectApi(configured, configured.removesuffix("/api"), environment, lambda: _reach(configured))
    from pressroom.prefect_server.lifecycle import ensure_started

    server = ensure_started(settings.home)
    environment = client_environment(settings.home, server.api_url)
    return PrefectApi(server.api_url, server.ui_url, environment, server.wait_ready)


def _reach(url: str) -> None:
    """Raises Retryable when nobody answers there; what the answer is, is Prefect's business."""
    from pressroom.providers.http import reach

    failed = reach(f"{url}/health", REACH_SECONDS)
    if failed:
        hint = "check PREFECT_API_URL, or unset it: then a local server is started"
        raise Retryable(f"the Prefect server at {url} cannot be reached ({failed})", hint=hint)


def run_campaign(settings: Settings, request: RunRequest, api: PrefectApi, console: Console) -> dict[str, Any]:
    """The finished run as JSON values. Raises Refused, Retryable or KeyboardInterrupt."""
    from pressroom.bootstrap import open_context
    from pressroom.project import put_on_path

    os.environ.update(api.environment)
    os.environ.setdefault("PRESSROOM_HOME", str(settings.home))
    put_on_path()
    context = open_context(settings)
    # Importing makes half a million objects that stay: collecting among them only costs time (0.5 s of 2.7).
    gc.disable()
    with live_progress(console, lambda: _nodes(context, request.run_id), "starting Prefect") as say:
        from prefect.task_runners import ThreadPoolTaskRunner

        from flows.campaign import campaign
        from tasks.node import stop

        gc.freeze()
        gc.enable()
        api.wait()
        say("running; watch it at " + api.ui_url)
        work = context.work / request.run_id
        threading.Thread(target=_leave_when_stopped, args=(stop, work), name="leaving", daemon=True).start()
        runner: Any = ThreadPoolTaskRunner(max_workers=settings.max_workers)
        state: Any = asyncio.run(campaign.with_options(task_runner=runner)(request, return_state=True))  # type: ignore[arg-type]
    if state.is_cancelled():
        raise KeyboardInterrupt
    result: dict[str, Any] = state.result()
    return result


def _leave_when_stopped(stop: threading.Event, work: Path) -> None:
    """After an interruption, do not wait long for nodes that are being made: their work is thrown away anyway."""
    stop.wait()
    time.sleep(GRACE_SECONDS)
    shutil.rmtree(work, ignore_errors=True)
    leave_interrupted()


def _nodes(context: Any, run_id: str) -> Sequence[NodeView]:
    from pressroom.runs.records import find_owner, nodes_of

    with context.database.read() as conn:
        owner = find_owner(conn, run_id)
        if owner is None:
            return []  # it has not begun
        return [
            NodeView(node.node_id, node.step, node.state, node.credits_micros, node.error)
            for node in nodes_of(conn, owner, run_id)
        ]
