"""The process of a flow run that has been cancelled or suspended goes: what its threads still compute is of no use to anybody.

Its books are right by then, and whatever it was at may break off at any moment: a killed process leaves no more behind.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NoReturn

from prefect.logging.handlers import APILogHandler

from pressroom.domain.identity import Principal
from pressroom.media.files.ffmpeg import end_children
from pressroom.services import workspaces
from pressroom.services.context import Context
from pressroom.services.jobs import cancel_jobs

VENDORS_SECONDS: Final = 2.5  # that one waits for vendors to be asked to stop, before Prefect is told
MOST_SECONDS: Final = 20.0  # that this process stays for them, before its worker kills it
PATIENCE_SECONDS: Final = 2.5  # for Prefect to be told of the state and of the last lines of the log
WORKERS_SECONDS: Final = 2.0  # that a worker may hear of a cancellation after its flow run did


@contextmanager
def termination_noted(so_far: bool) -> Iterator[Callable[[], bool]]:
    """While the block runs SIGTERM does not break it off; gives whether the worker has sent one by now.

    A worker that cancels a flow run sends it. Once the process has gone it puts the flow run into Cancelled, whatever state that
    is in by then: one that has been retried meanwhile would be cancelled with it.
    """
    if threading.current_thread() is not threading.main_thread():  # no worker's process
        yield lambda: so_far
        return
    noted = [so_far]

    def note(*_: Any) -> None:
        noted[0] = True

    before = signal.signal(signal.SIGTERM, note)
    try:
        yield lambda: noted[0]
    finally:
        signal.signal(signal.SIGTERM, before)


def leave_to_worker(context: Context, run_id: str, is_terminated: Callable[[], bool]) -> None:
    """End this process and let its worker say that the flow run is cancelled; returns where no worker has heard of it."""
    end_children()
    deadline = time.monotonic() + WORKERS_SECONDS
    while time.monotonic() < deadline:
        if is_terminated():
            log = threading.Thread(target=APILogHandler().flush, daemon=True)
            log.start()
            log.join(PATIENCE_SECONDS)
            _go(context, run_id)
        time.sleep(0.05)


def stop_orders(principal: Principal, context: Context, run_id: str) -> threading.Thread:
    """Ask vendors to stop what a run that was closed has ordered, for a while in this thread's time; what goes on with that.

    Vendors or the store may not answer for long. What is left is stopped by whoever collects what ended runs have ordered.
    """
    stopping = threading.Thread(target=cancel_jobs, args=(principal, context, run_id), name=f"orders of {run_id}")
    stopping.start()
    stopping.join(VENDORS_SECONDS)
    return stopping


def leave(context: Context, run_id: str, after: threading.Thread | None = None) -> None:
    """Have this process end in a moment, or after that thread: Python by itself waits for all that compute."""
    threading.Thread(target=_leave, args=(context, run_id, after), name="leaving", daemon=True).start()


def _leave(context: Context, run_id: str, after: threading.Thread | None) -> None:
    end_children()
    if after is not None:
        after.join(MOST_SECONDS)
    time.sleep(PATIENCE_SECONDS)
    _go(context, run_id)


def _go(context: Context, run_id: str) -> NoReturn:
    workspaces.abandon(context, run_id)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
