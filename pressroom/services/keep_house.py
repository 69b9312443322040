"""What has to be done from time to time, by a server whose home no maintenance deployment looks after."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import Final

from pressroom.services.auto_tagging import tag_all
from pressroom.services.context import Context
from pressroom.services.finding import read_libraries
from pressroom.services.jobs import collect_all
from pressroom.services.refill_accounts import refill_all
from pressroom.services.rounds import going_on
from pressroom.services.sweep_store import sweep_store

KEEP_SECONDS: Final = 3_600.0
RESTS: Final = 3.0  # seconds for each second of looking at pictures: who asks the server something comes first


def keep_house(context: Context, stopped: threading.Event) -> None:
    """Do all of it now and every hour, one after the other, until `stopped` is set."""

    def rest(worked_seconds: float) -> None:
        stopped.wait(RESTS * worked_seconds)

    while not stopped.is_set():
        again_at = time.monotonic() + KEEP_SECONDS
        for work in (read_libraries, collect_all, refill_all, sweep_store, partial(tag_all, rest=rest)):
            with going_on(context, "the house could not be kept"):
                work(context)
        stopped.wait(max(0.0, again_at - time.monotonic()))
