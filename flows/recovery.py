"""The recovery flow: runs whose process is gone are taken up again or closed. Cheap, and to be run every minute."""

from __future__ import annotations

from prefect import flow

from tasks.context import HomeRef
from tasks.housekeeping import recover


@flow(name="recovery", flow_run_name="recovery", persist_result=False)
async def recovery(folder: str = ".", home: str = "", home_block: str = "") -> dict[str, list[str]]:
    """`folder` is where settings are looked for; a home block and `home` stand over them, in this order."""
    return recover(HomeRef(folder=folder, home=home, block=home_block))
