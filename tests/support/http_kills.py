"""Paid runs over HTTP that are killed: processes that buy from one simulator, and its bill held against the books."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from pressroom.bootstrap import open_context, open_planning
from pressroom.database.schema import hold, job, op
from pressroom.domain.errors import PressroomError
from pressroom.domain.identity import DEFAULT_ACCOUNT, Principal
from pressroom.ledger.invariants import check_invariants
from pressroom.providers import replicate
from pressroom.services.context import Context
from pressroom.services.launch_run import InProcess
from pressroom.services.recover_runs import recover_runs
from pressroom.services.run_request import RunRequest
from pressroom.settings import Settings, settings_for
from pressroom.simulator.world import World
from tests.support.processes import FORKED

VENDOR = "replicate"
# Here an order is listed as soon as it has arrived, and it arrives as soon as the machine comes to it.
SETTLED_SECONDS = 4


def campaign(nodes: int) -> str:
    """So many pictures, each bought."""
    return (
        "pressroom: 1\nname: killed\nsteps:\n"
        f"  scene: {{uses: generate_image, model: {VENDOR}/flux-schnell, count: {nodes}, "
        "with: {prompt: a calm sea, width: 512, height: 512}}\n"
    )


@dataclass(frozen=True)
class Storm:
    """A folder with a campaign, and the environment in which its processes buy."""

    folder: Path
    environ: Mapping[str, str]
    settled_seconds: float = SETTLED_SECONDS

    @property
    def settings(self) -> Settings:
        return settings_of(self.folder, self.environ)

    def run(self, kill_after: float | None = None) -> int:
        """Run the campaign in a process of its own; its exit code: 0, 1 for a refusal, or minus the signal's number."""
        process = FORKED.Process(target=_work, args=(self,))
        process.start()
        process.join(kill_after)
        if process.exitcode is None:
            process.kill()
            process.join()
        assert process.exitcode is not None
        return process.exitcode


def settings_of(folder: Path, environ: Mapping[str, str], **more: str) -> Settings:
    """Of a home that may buy whatever it likes at the simulator that the environment names."""
    own = {name: value for name, value in environ.items() if name.startswith("PRESSROOM_")}
    return settings_for(folder, own, grant_credits=100_000, plan="enterprise", provenance="off", **more)


def _work(storm: Storm) -> None:
    os.environ.update(storm.environ)
    replicate.SETTLED_SECONDS = storm.settled_seconds  # type: ignore[misc]
    context = open_context(storm.settings)
    try:
        os._exit(run_through(context, storm.folder))
    except PressroomError:
        os._exit(1)


def run_through(context: Context, folder: Path) -> int:
    """Let go of dead runs, and run the folder's campaign: 0, or 1 where some of it was not made."""
    recover_runs(context)
    request = RunRequest(file=str(folder / "campaign.yaml"))
    report = InProcess(open_planning(context.settings), context).launch(Principal(DEFAULT_ACCOUNT), request).report
    return 0 if report is not None and not report.failures else 1


def rage(storm: Storm, kills: int, rng: random.Random, longest_seconds: float) -> int:
    """Kill the run at random moments, then let it end. Returns how often it was killed at work."""
    hit = sum(storm.run(rng.uniform(0.3, longest_seconds)) == -signal.SIGKILL for _ in range(kills))
    time.sleep(storm.settled_seconds)
    for _ in range(3):
        if storm.run() == 0:
            return hit
    raise AssertionError("the run does not come to its end")


def wrongs(storm: Storm, world: World, nodes: int) -> list[str]:
    """Everything that is not as if the campaign had run once and undisturbed; one sentence each."""
    context = open_context(storm.settings)
    world.bill()  # what is due is made and charged
    sold = world.books.of(VENDOR)
    charged = sum(each.usd_micros or 0 for each in sold)
    with context.database.read() as conn:
        found = check_invariants(conn)
        spent = conn.execute(select(func.sum(job.c.spent_usd_micros))).scalar_one()
        jobs = conn.execute(select(job.c.vendor_job_id, job.c.state)).all()
        captures = conn.execute(select(func.count()).where(op.c.kind == "capture")).scalar_one()
        held = conn.execute(select(hold.c.id).where(hold.c.state == "open")).all()
    if len(sold) != nodes:
        found.append(f"{len(sold)} orders at the vendor for {nodes} pictures")
    if charged != spent:
        found.append(f"the vendor charged {charged}, the books have {spent}")
    if {each.id for each in sold} != {row.vendor_job_id for row in jobs}:
        found.append("the vendor's orders are not those of the journal")
    found += [f"{row.vendor_job_id} is {row.state}" for row in jobs if row.state != "stored"]
    if captures != nodes:
        found.append(f"{captures} captures for {nodes} pictures")
    return found + [f"hold {row.id} is open" for row in held]
