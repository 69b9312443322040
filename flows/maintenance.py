"""The maintenance flow: dead runs, what they bought, the credits of the month, the order of library and books."""

from __future__ import annotations

from prefect import flow

from tasks.context import HomeRef
from tasks.housekeeping import audit_ledger, collect_purchases, recover, refill, sweep, tag


@flow(name="maintenance", flow_run_name="maintenance", persist_result=False)
async def maintenance(folder: str = ".", home: str = "", home_block: str = "") -> dict[str, list[str]]:
    """`folder` is where settings are looked for; a home block and `home` stand over them, in this order."""
    ref = HomeRef(folder=folder, home=home, block=home_block)
    recovered, collected = recover(ref), collect_purchases(ref)
    refilled = refill(ref)
    sweep(ref)
    tag(ref)
    return {**recovered, "collected": collected, "refilled": refilled, "wrong": audit_ledger(ref)}
