"""Strike at what a run stands on, one after the other, while it buys: its servers, its worker, its own process.

    python benchmarks/crash_drill.py [BLOW ...]     the named ones only, such as `minio-killed`

Starts the production stack of deployments/stack.py with servers of its own, deploys a campaign that buys from the simulator over
HTTP, and starts it once for each blow. What dies is started again by the stack; nothing is mended by hand. The exit status is 0
when every run is completed, nothing is held, the books add up, and the vendor's bill is what the books have, order by order.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil
from sqlalchemy import select

from pressroom.bootstrap import open_database
from pressroom.database.schema import run
from pressroom.domain.errors import Retryable
from pressroom.prefect_server.api import PrefectServer
from pressroom.settings import settings_for
from tests import servers

ROOT = Path(__file__).parents[1]
PRESSROOM = Path(sys.executable).with_name("pressroom")
PICTURES = 24
STARTS_WITHIN_SECONDS = 300
ENDS_WITHIN_SECONDS = 600
AWAY_SECONDS = 8
STANDS_STILL_SECONDS = 25
AT_WORK_SECONDS = 8  # after the run has begun: it has planned, held and ordered by then
CAMPAIGN = f"""\
pressroom: 1
name: drill
inputs:
  mood: {{type: text, default: calm}}
steps:
  scene:
    uses: generate_image
    model: replicate/flux-schnell
    count: {PICTURES}
    with: {{prompt: "a {{{{ inputs.mood }}}} sea, {{{{ each.take }}}}", width: 512, height: 512}}
  small:
    uses: resize
    with: {{image: "{{{{ steps.scene }}}}", placements: [instagram.feed_square, x.post_image_landscape]}}
"""


@dataclass
class Ground:
    """The servers that the stack stands on, to be killed and started again."""

    folder: Path
    minio: servers.Server
    postgres: servers.Server

    @classmethod
    def laid(cls, folder: Path) -> Ground:
        minio, postgres = servers.start_minio(folder / "minio"), servers.start_postgres(folder / "postgres")
        if minio is None or postgres is None:
            raise SystemExit("the drill needs MinIO and PostgreSQL installed")
        return cls(folder, minio, postgres)

    @property
    def variables(self) -> dict[str, str]:
        return {**self.minio.variables, **self.postgres.variables}

    def kill_postgres(self) -> None:
        port = int(self.postgres.variables["PRESSROOM_TEST_POSTGRES_URL"].rsplit(":", 1)[1].partition("/")[0])
        _kill(self.postgres)
        self.postgres = servers.serve_postgres(self.folder / "postgres", port)

    def kill_minio(self) -> None:
        variables = self.minio.variables
        port = int(variables["PRESSROOM_TEST_S3_ENDPOINT"].rsplit(":", 1)[1])
        _kill(self.minio)
        self.minio = servers.serve_minio(self.folder / "minio", port, variables["PRESSROOM_TEST_S3_SECRET_KEY"])

    def stop(self) -> None:
        for server in (self.minio, self.postgres):
            servers.stop(server)


@dataclass(frozen=True)
class Desk:
    """Somebody who works with the stack: a folder with the campaign, and what a shell needs."""

    folder: Path
    stack: Path
    environment: dict[str, str]

    def pressroom(self, *arguments: str) -> str:
        done = subprocess.run(
            [PRESSROOM, *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"pressroom {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    @property
    def server(self) -> PrefectServer:
        return PrefectServer(self.environment["PREFECT_API_URL"])

    def start(self, mood: str) -> str:
        """Start the campaign over Prefect's API; the flow run's id."""
        deployments = self.server.do("the deployments", "POST", "/deployments/filter", {})
        (deployment,) = [each for each in deployments if each["name"] == "drill"]
        body = {"parameters": {"inputs": {"mood": mood}}}
        path = f"/deployments/{deployment['id']}/create_flow_run"
        return str(self.server.do("the flow run", "POST", path, body)["id"])

    def state(self, flow_run_id: str) -> str:
        """As Prefect has it; empty while its server does not answer."""
        with suppress(Retryable):
            return str(self.server.do("the flow run", "GET", f"/flow_runs/{flow_run_id}")["state_type"])
        return ""

    def newest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.pressroom("runs", "--json"))[0]
        return found


def _kill(server: servers.Server) -> None:
    server.process.kill()
    server.process.wait()
    time.sleep(AWAY_SECONDS)


def stand_still(pids: Iterable[int]) -> None:
    """As behind a partition: nothing is refused, nothing answers."""
    still = list(pids)
    for pid in still:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(STANDS_STILL_SECONDS)
    for pid in still:
        os.kill(pid, signal.SIGCONT)


def prefect_server(desk: Desk) -> psutil.Process:
    """The process that answers; what started it only waits for it."""
    port = f"--port {urlsplit(desk.environment['PREFECT_API_URL']).port}"
    return max(_running(port), key=lambda process: process.pid)


def process_of_run(desk: Desk) -> psutil.Process:
    """The process that works on the newest run, as its lease names it."""
    own = {name: value for name, value in desk.environment.items() if name.startswith("PRESSROOM_")}
    newest = select(run.c.lease_holder).order_by(run.c.created_at.desc()).limit(1)
    with open_database(settings_for(desk.folder, own)) as database, database.read() as conn:
        holder = str(conn.execute(newest).scalar_one())
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


def _with_children(server: servers.Server) -> list[int]:
    process = psutil.Process(server.process.pid)
    return [process.pid, *(child.pid for child in process.children(recursive=True))]


def blows(desk: Desk, ground: Ground) -> dict[str, Callable[[], None]]:
    return {
        "postgresql-killed": ground.kill_postgres,
        "postgresql-still": lambda: stand_still(_with_children(ground.postgres)),
        "minio-killed": ground.kill_minio,
        "minio-still": lambda: stand_still(_with_children(ground.minio)),
        "prefect-killed": lambda: prefect_server(desk).kill(),
        "prefect-still": lambda: stand_still([prefect_server(desk).pid]),
        "run-killed": lambda: process_of_run(desk).kill(),
        "worker-terminated": lambda: worker_of_run(desk).terminate(),
        "host-gone": lambda: kill_host(desk),
    }


def wait_for(what: str, is_so: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what}: not within {seconds:.0f} s")
        time.sleep(1)


def blow(desk: Desk, name: str, strike: Callable[[], None]) -> str:
    """Start the campaign, strike while it works, and say how it ends."""
    flow_run = desk.start(name)
    wait_for("the run", lambda: desk.state(flow_run) not in ("", "SCHEDULED", "PENDING"), STARTS_WITHIN_SECONDS)
    time.sleep(AT_WORK_SECONDS)
    before, started = desk.state(flow_run), time.monotonic()
    strike()
    wait_for("its end", lambda: desk.state(flow_run) in ("COMPLETED", "FAILED", "CANCELLED"), ENDS_WITHIN_SECONDS)
    newest = desk.newest()
    ended, credits = newest["state"], newest["credits"]
    print(f"{name}: {before} before, {ended} {time.monotonic() - started:.0f} s after, {credits}", flush=True)
    good = ended == "completed" and credits == {"held": PICTURES, "captured": PICTURES, "released": 0}
    return "" if good else f"{name}: the run is {ended}, {credits}"


def environment_of(stack: Path) -> dict[str, str]:
    """What the stack says that a shell needs, the simulated vendors included."""
    text = (stack / "env").read_text() + (stack / "simulator.log").read_text()
    lines = [line.removeprefix("export ") for line in text.splitlines() if line.startswith("export ")]
    given = {name: value.strip("'") for name, _, value in (line.partition("=") for line in lines)}
    return {name: value for name, value in os.environ.items() if not name.startswith("PRESSROOM_")} | given


def drill(desk: Desk, ground: Ground, named: Sequence[str]) -> list[str]:
    desk.pressroom("credits", "grant", "500")
    desk.pressroom("account", "plan", "pro")
    desk.pressroom("deploy", "drill.yaml", "--home-block", "stack")
    every = blows(desk, ground)
    chosen = named or list(every)
    wrong = [blow(desk, name, every[name]) for name in chosen]
    bill = desk.pressroom("reconcile", "--vendor", "replicate")
    print(bill.strip())
    orders = len(chosen) * PICTURES
    if f"{orders} orders" not in bill or f"{orders} equal" not in bill:
        wrong.append("the bill is not what the books have")
    return [each for each in wrong if each]


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="pressroom-drill-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the postgres user passes through
        ground, stack = Ground.laid(folder), folder / "stack"
        (folder / "desk").mkdir()
        (folder / "desk" / "drill.yaml").write_text(CAMPAIGN)
        command = [sys.executable, str(ROOT / "deployments" / "stack.py"), "--folder", str(stack)]
        running = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **ground.variables})
        try:
            wait_for("the stack", (stack / "env").exists, STARTS_WITHIN_SECONDS)
            wrong = drill(Desk(folder / "desk", stack, environment_of(stack)), ground, sys.argv[1:])
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(60)
            ground.stop()
    print("\n".join(wrong) or "nothing bought twice, nothing lost, nothing held; the bill is what the books have")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
