"""The recovery flow: runs whose process is gone are taken up again or closed. Cheap, and to be run every minute.

One that found nothing to do is deleted by the next, and so are those of the minutes in which no worker was there: what people see
among the runs is what happened.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from prefect import flow
from prefect.runtime import deployment
from prefect.states import Completed, State

from tasks.context import HomeRef
from tasks.engine import decorated, forget_flow_runs
from tasks.housekeeping import recover

NOTHING: Final = "NothingToDo"
MISSED: Final = "Late"


@flow(name="recovery", flow_run_name="recovery", persist_result=False)
async def recovery(folder: str = ".", home: str = "", home_block: str = "") -> dict[str, list[str]] | State[Any]:
    """`folder` is where settings are looked for; a home block and `home` stand over them, in this order."""
    if deployment.id:
        await decorated(asyncio.to_thread(forget_flow_runs, str(deployment.id), (NOTHING, MISSED)))
    found = recover(HomeRef(folder=folder, home=home, block=home_block))
    return found if any(found.values()) else Completed(name=NOTHING, message="no run was left alone", data=found)
