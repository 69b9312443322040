"""The doctor flow: what the worker that runs it sees of its home."""

from __future__ import annotations

from pathlib import Path

from prefect import flow
from prefect.artifacts import acreate_table_artifact

from pressroom.prefect_server.from_worker import ARTIFACT
from pressroom.surroundings import checks
from tasks.context import HomeRef


@flow(name="doctor", flow_run_name="doctor", persist_result=False)
async def doctor(home_block: str = "") -> None:
    """Check what runs on this worker need; the answer is a table, without a secret."""
    home = HomeRef(folder=str(Path.cwd()), block=home_block)
    context = home.open()
    rows = [
        {"what": check.name, "ok": "yes" if check.ok else "no", "found": context.without_secrets(check.text)}
        for check in checks(home.settings())
    ]
    await acreate_table_artifact(rows, key=ARTIFACT, description="What this worker sees")
