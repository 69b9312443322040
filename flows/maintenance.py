"""The maintenance flow: release what dead runs hold, and audit the books. Schedule it; it needs no campaign."""

from __future__ import annotations

from prefect import flow

from tasks.context import HomeRef
from tasks.housekeeping import audit_ledger, release_dead_runs


@flow(name="maintenance", persist_result=False)
async def maintenance(folder: str = ".", home: str = "") -> dict[str, list[str]]:
    """`folder` is where settings are looked for; `home` overrides theirs."""
    ref = HomeRef(folder=folder, home=home)
    return {"released": release_dead_runs(ref), "wrong": audit_ledger(ref)}
