"""Strike at what a run stands on, one after the other, while it buys: its servers, its worker, its own process.

    python benchmarks/crash_drill.py [BLOW ...]     the named ones only, such as `minio-killed`

Starts the production stack of deployments/stack.py with servers of its own, deploys a campaign that buys from the simulator over
HTTP, and starts it once for each blow, by a POST to Prefect's API, with a photo that only the store has. Two are no single blow:
`twenty-at-once` starts twenty and strikes with everything in turn meanwhile, and more where all have ended before the last blow;
`by-cron` waits for a run that a schedule makes.
What dies is started again by the stack; nothing is mended by hand. The exit status is 0 when every run is completed, nothing is
held, the books add up, the vendor's bill is what the books have, order by order, and store and library agree, byte by byte.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil
from sqlalchemy import select

from benchmarks.drill_stack import (
    ENDED,
    ENDS_WITHIN_SECONDS,
    STARTS_WITHIN_SECONDS,
    Desk,
    Ground,
    bought,
    disagreements,
    headed,
    standing,
    still,
    wait_for,
    with_children,
)
from pressroom.bootstrap import open_database
from pressroom.database.schema import run

PICTURES = 24
MANY, EACH = 20, 3  # runs at once, and pictures of each
MORE = 5  # runs that are started where all have ended and blows are left
PAUSE_SECONDS = 30  # between two blows while many runs are under way
STANDS_STILL_SECONDS = 30
CAMPAIGNS = ("drill.yaml", "many.yaml")
TRIES = 60
AT_WORK_SECONDS = 8  # after the run has begun: it has planned, held and ordered by then
LOCAL = """\
  small:
    uses: resize
    with: {image: "{{ steps.scene }}", placements: [instagram.feed_square, x.post_image_landscape]}
  product:
    uses: resize
    with: {image: "{{ inputs.photo }}", placements: [instagram.feed_square]}
"""
EVERY_MINUTE = (
    'deploy: {schedules: [{cron: "* * * * *"}], concurrency: 1, overlap: skip, inputs: {photo: "asset:PHOTO"}}'
)


Strikes = Mapping[str, Callable[[], None]]


def campaign(name: str, pictures: int, more: str = "") -> str:
    return headed(name, bought("replicate/flux-schnell", pictures) + LOCAL, more)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many orders there are to be on the vendor's bill, and what went wrong; empty where nothing did."""

    orders: int
    wrong: str


def stand_still(pids: Iterable[int]) -> None:
    with still(pids):
        time.sleep(STANDS_STILL_SECONDS)


def prefect_server(desk: Desk) -> psutil.Process:
    """The process that answers; what started it only waits for it."""
    port = f"--port {urlsplit(desk.environment['PREFECT_API_URL']).port}"
    return max(_running(port), key=lambda process: process.pid)


def process_of_run(desk: Desk) -> psutil.Process:
    """The process that works on the newest run that is under way, as its lease names it."""
    newest = select(run.c.lease_holder).where(run.c.state == "running").order_by(run.c.created_at.desc()).limit(1)
    with open_database(desk.settings) as database, database.read() as conn:
        holder = conn.execute(newest).scalar()
    if holder is None:
        raise LookupError("no run is under way")
    return psutil.Process(int(holder.split("/")[1]))


def worker_of_run(desk: Desk) -> psutil.Process:
    """The worker that started the newest run's process."""
    return next(each for each in process_of_run(desk).parents() if "worker start" in " ".join(each.cmdline()))


def kill_host(desk: Desk) -> None:
    """The machine of the run's worker is gone, with everything that ran on it."""
    worker = worker_of_run(desk)
    for process in (worker, *worker.children(recursive=True)):
        process.kill()


def _running(words: str) -> list[psutil.Process]:
    return [each for each in psutil.process_iter(["cmdline"]) if words in " ".join(each.info["cmdline"] or ())]


def blows(desk: Desk, ground: Ground) -> dict[str, Callable[[], None]]:
    return {
        "postgresql-killed": ground.kill_postgres,
        "postgresql-still": lambda: stand_still(with_children(ground.postgres.process.pid)),
        "minio-killed": ground.kill_minio,
        "minio-still": lambda: stand_still(with_children(ground.minio.process.pid)),
        "prefect-killed": lambda: prefect_server(desk).kill(),
        "prefect-still": lambda: stand_still([prefect_server(desk).pid]),
        "run-killed": lambda: process_of_run(desk).kill(),
        "worker-terminated": lambda: worker_of_run(desk).terminate(),
        "host-gone": lambda: kill_host(desk),
    }


def blow(desk: Desk, name: str, strike: Callable[[], None]) -> Outcome:
    """Start the campaign, strike while it works, and say how it ends."""
    flow_run = desk.start(name, "drill")
    wait_for("the run", lambda: desk.state(flow_run) not in ("", "SCHEDULED", "PENDING"), STARTS_WITHIN_SECONDS)
    time.sleep(AT_WORK_SECONDS)
    before, started = desk.state(flow_run), time.monotonic()
    strike()
    wait_for("its end", lambda: desk.state(flow_run) in ENDED, ENDS_WITHIN_SECONDS)
    newest = desk.newest()
    ended, credits = newest["state"], newest["credits"]
    print(f"{name}: {before} before, {ended} {time.monotonic() - started:.0f} s after, {credits}", flush=True)
    good = ended == "completed" and credits == {"held": PICTURES, "captured": PICTURES, "released": 0}
    return Outcome(PICTURES, "" if good else f"{name}: the run is {ended}, {credits}")


def twenty(desk: Desk, every: Strikes) -> Outcome:
    """Start many runs at once, strike with one blow after the other while they work, and wait for the end of all.

    Where all have ended before the last blow, more are started.
    """
    started = time.monotonic()
    flow_runs = [desk.start(f"sea {number}", "many") for number in range(MANY)]

    def is_one_at_work() -> bool:
        states = Counter(desk.state(each) for each in flow_runs)
        if sum(states[state] for state in ENDED) == len(flow_runs):
            for number in range(len(flow_runs), len(flow_runs) + MORE):
                flow_runs.append(desk.start(f"sea {number}", "many"))
        return states["RUNNING"] > 0

    def strike(name: str) -> None:
        """The one that is struck at may have ended by itself meanwhile: then another one is."""
        for _ in range(TRIES):
            wait_for("a run", is_one_at_work, STARTS_WITHIN_SECONDS)
            with suppress(psutil.NoSuchProcess, StopIteration, LookupError):
                every[name]()
                return
            time.sleep(1)
        raise TimeoutError(f"{name} has hit nothing")

    for name in ("run-killed", "worker-terminated", "prefect-killed", "minio-killed", "postgresql-killed", "host-gone"):
        time.sleep(PAUSE_SECONDS)
        strike(name)
        done = sum(desk.state(each) == "COMPLETED" for each in flow_runs)
        print(f"twenty-at-once: {name} after {time.monotonic() - started:.0f} s, {done} completed", flush=True)

    def ended() -> bool:
        return all(desk.state(each) in ENDED for each in flow_runs)

    wait_for("the end of all", ended, MANY * ENDS_WITHIN_SECONDS / 10)
    states = Counter(desk.state(each) for each in flow_runs)
    print(f"twenty-at-once: {dict(states)} {time.monotonic() - started:.0f} s after the first began", flush=True)
    good = states == {"COMPLETED": len(flow_runs)}
    return Outcome(len(flow_runs) * EACH, "" if good else f"twenty-at-once: {dict(states)}")


def by_cron(desk: Desk) -> Outcome:
    """Deploy a campaign with a schedule, watch the run that it makes to its end, and take the campaign away again."""
    (desk.folder / "clock.yaml").write_text(campaign("clock", EACH, EVERY_MINUTE.replace("PHOTO", desk.photo)))
    desk.pressroom("deploy", *CAMPAIGNS, "clock.yaml", "--home-block", "stack")
    wait_for("a run by its schedule", lambda: bool(desk.runs_of("clock")), STARTS_WITHIN_SECONDS)
    first = desk.runs_of("clock")[0]
    wait_for("its end", lambda: desk.state(first["id"]) in ENDED, ENDS_WITHIN_SECONDS)
    others = [each["id"] for each in desk.runs_of("clock")]  # those of the minutes since then
    (desk.folder / "clock.yaml").unlink()
    desk.pressroom("deploy", *CAMPAIGNS, "--home-block", "stack")
    wait_for("the others' end", lambda: all(desk.state(each) in ENDED for each in others), ENDS_WITHIN_SECONDS)
    status, _ = desk.server.ask("GET", "/deployments/name/campaign/clock")
    state, due = desk.state(first["id"]), first["expected_start_time"]
    print(f"by-cron: due {due}, {state}; taken away: {status == 404}", flush=True)
    good = state == "COMPLETED" and "auto-scheduled" in first["tags"] and status == 404
    return Outcome(EACH, "" if good else f"by-cron: {state}, {first['tags']}, {status}")


def drill(desk: Desk, ground: Ground, named: Sequence[str]) -> list[str]:
    every = blows(desk, ground)
    others = {"twenty-at-once": lambda: twenty(desk, every), "by-cron": lambda: by_cron(desk)}
    chosen = named or [*every, *others]
    outcomes = [others[name]() if name in others else blow(desk, name, every[name]) for name in chosen]
    bill = desk.pressroom("reconcile", "--vendor", "replicate")
    print(bill.strip())
    wrong = [each.wrong for each in outcomes if each.wrong] + disagreements(desk)
    orders = sum(each.orders for each in outcomes)
    if f"{orders} orders" not in bill or f"{orders} equal" not in bill:
        wrong.append("the bill is not what the books have")
    return wrong


def main() -> int:
    campaigns = dict(zip(CAMPAIGNS, (campaign("drill", PICTURES), campaign("many", EACH)), strict=True))
    with standing(campaigns) as (desk, ground):
        wrong = drill(desk, ground, sys.argv[1:])
    print("\n".join(wrong) or "nothing bought twice, nothing lost, nothing held; the bill is what the books have")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
