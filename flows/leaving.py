"""The process of a flow run that has been cancelled or suspended goes: what its threads still compute is of no use to anybody.

Its books are right by then, and whatever it was at may break off at any moment: a killed process leaves no more behind.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Final

from pressroom.media.files.ffmpeg import end_children
from pressroom.services import workspaces
from pressroom.services.context import Context

PATIENCE_SECONDS: Final = 2.5  # for Prefect to be told of the state and of the last lines of the log


def leave(context: Context, run_id: str) -> None:
    """Have this process end in a moment, whatever its threads are at: Python by itself waits for those that compute."""
    threading.Thread(target=_leave, args=(context, run_id), name="leaving", daemon=True).start()


def _leave(context: Context, run_id: str) -> None:
    end_children()
    time.sleep(PATIENCE_SECONDS)
    workspaces.abandon(context, run_id)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
