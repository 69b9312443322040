"""Strike at what a run stands on, one after the other, while it buys: its servers, its worker, its own process.

    python benchmarks/crash_drill.py [BLOW ...]     the named ones only, such as `minio-killed`

Starts the production stack of deployments/stack.py with servers of its own, deploys a campaign that buys from the simulator over
HTTP, and starts it once for each blow, by a POST to Prefect's API, with a photo that only the store has. Two are no single blow:
`twenty-at-once` starts twenty and strikes with everything in turn meanwhile, `by-cron` waits for a run that a schedule makes.
What dies is started again by the stack; nothing is mended by hand. The exit status is 0 when every run is completed, nothing is
held, the books add up, the vendor's bill is what the books have, order by order, and store and library agree, byte by byte.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil
from minio import Minio
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from pressroom.backup.objects import objects_on_record
from pressroom.bootstrap import open_context, open_database
from pressroom.database.schema import asset, run, run_node
from pressroom.domain.content_hash import file_digest
from pressroom.domain.errors import Retryable
from pressroom.ledger.accounts import balance_of
from pressroom.ledger.invariants import check_invariants
from pressroom.prefect_server.api import PrefectServer
from pressroom.settings import Settings, settings_for
from tests import servers

ROOT = Path(__file__).parents[1]
PRESSROOM = Path(sys.executable).with_name("pressroom")
PICTURES = 24
MANY, EACH = 20, 3  # runs at once, and pictures of each
PAUSE_SECONDS = 30  # between two blows while many runs are under way
STARTS_WITHIN_SECONDS = 300
ENDS_WITHIN_SECONDS = 600
AWAY_SECONDS = 8
STANDS_STILL_SECONDS = 25
ENDED = ("COMPLETED", "FAILED", "CANCELLED", "CRASHED")
CAMPAIGNS = ("drill.yaml", "many.yaml")
OBJECT = re.compile(r"[0-9a-f]{64}")
AT_WORK_SECONDS = 8  # after the run has begun: it has planned, held and ordered by then
CAMPAIGN = """\
pressroom: 1
name: NAME
MORE
inputs:
  mood: {type: text, default: calm}
  photo: {type: image}
steps:
  scene:
    uses: generate_image
    model: replicate/flux-schnell
    count: COUNT
    with: {prompt: "a {{ inputs.mood }} sea, {{ each.take }}", width: 512, height: 512}
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
PHOTO = ROOT / "deployments" / "campaigns" / "product-launch" / "product.jpg"


Strikes = Mapping[str, Callable[[], None]]


def campaign(name: str, pictures: int, more: str = "") -> str:
    return CAMPAIGN.replace("NAME", name).replace("COUNT", str(pictures)).replace("MORE\n", f"{more}\n" if more else "")


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
    photo: str = ""  # id of the asset

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

    def deployment(self, name: str) -> str:
        return str(self.server.do("the deployment", "GET", f"/deployments/name/campaign/{name}")["id"])

    def start(self, mood: str, name: str = "drill") -> str:
        """Start a campaign over Prefect's API; the flow run's id."""
        body = {"parameters": {"inputs": {"mood": mood, "photo": f"asset:{self.photo}"}}}
        path = f"/deployments/{self.deployment(name)}/create_flow_run"
        return str(self.server.do("the flow run", "POST", path, body)["id"])

    def runs_of(self, name: str) -> list[dict[str, Any]]:
        """The flow runs of a deployment that have begun, the oldest first."""
        where = {"deployments": {"id": {"any_": [self.deployment(name)]}}, "sort": "EXPECTED_START_TIME_ASC"}
        found: list[dict[str, Any]] = self.server.do("the flow runs", "POST", "/flow_runs/filter", where)
        return [each for each in found if each["state_type"] != "SCHEDULED"]

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


def settings_of(desk: Desk) -> Settings:
    return settings_for(
        desk.folder, {name: value for name, value in desk.environment.items() if name.startswith("PRESSROOM_")}
    )


def process_of_run(desk: Desk) -> psutil.Process:
    """The process that works on the newest run that is under way, as its lease names it."""
    newest = select(run.c.lease_holder).where(run.c.state == "running").order_by(run.c.created_at.desc()).limit(1)
    with open_database(settings_of(desk)) as database, database.read() as conn:
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
    wait_for("its end", lambda: desk.state(flow_run) in ENDED, ENDS_WITHIN_SECONDS)
    newest = desk.newest()
    ended, credits = newest["state"], newest["credits"]
    print(f"{name}: {before} before, {ended} {time.monotonic() - started:.0f} s after, {credits}", flush=True)
    good = ended == "completed" and credits == {"held": PICTURES, "captured": PICTURES, "released": 0}
    return "" if good else f"{name}: the run is {ended}, {credits}"


def twenty(desk: Desk, every: Strikes) -> str:
    """Start many runs at once, strike with one blow after the other while they work, and wait for the end of all."""
    started = time.monotonic()
    flow_runs = [desk.start(f"sea {number}", "many") for number in range(MANY)]
    for name in ("run-killed", "worker-terminated", "prefect-killed", "minio-killed", "postgresql-killed", "host-gone"):
        wait_for("a run", lambda: any(desk.state(each) == "RUNNING" for each in flow_runs), STARTS_WITHIN_SECONDS)
        time.sleep(PAUSE_SECONDS)
        with suppress(psutil.NoSuchProcess, StopIteration, NoResultFound):  # the process has ended by itself meanwhile
            every[name]()
        done = sum(desk.state(each) == "COMPLETED" for each in flow_runs)
        print(f"twenty-at-once: {name} after {time.monotonic() - started:.0f} s, {done} completed", flush=True)

    def ended() -> bool:
        return all(desk.state(each) in ENDED for each in flow_runs)

    wait_for("the end of all", ended, MANY * ENDS_WITHIN_SECONDS / 10)
    states = Counter(desk.state(each) for each in flow_runs)
    print(f"twenty-at-once: {dict(states)} {time.monotonic() - started:.0f} s after the first began", flush=True)
    return "" if states == {"COMPLETED": MANY} else f"twenty-at-once: {dict(states)}"


def by_cron(desk: Desk) -> str:
    """Deploy a campaign with a schedule, watch the run that it makes to its end, and take the campaign away again."""
    (desk.folder / "clock.yaml").write_text(campaign("clock", EACH, EVERY_MINUTE.replace("PHOTO", desk.photo)))
    desk.pressroom("deploy", *CAMPAIGNS, "clock.yaml", "--home-block", "stack")
    wait_for("a run by its schedule", lambda: bool(desk.runs_of("clock")), STARTS_WITHIN_SECONDS)
    first = desk.runs_of("clock")[0]
    wait_for("its end", lambda: desk.state(first["id"]) in ENDED, ENDS_WITHIN_SECONDS)
    (desk.folder / "clock.yaml").unlink()
    desk.pressroom("deploy", *CAMPAIGNS, "--home-block", "stack")
    status, _ = desk.server.ask("GET", "/deployments/name/campaign/clock")
    state, due = desk.state(first["id"]), first["expected_start_time"]
    print(f"by-cron: due {due}, begun {first['start_time']}, {state}; taken away: {status == 404}", flush=True)
    good = state == "COMPLETED" and "auto-scheduled" in first["tags"] and status == 404
    return "" if good else f"by-cron: {state}, {first['tags']}, {status}"


def disagreements(desk: Desk) -> list[str]:
    """How ledger, store and library contradict each other: every object that is on record is fetched and weighed."""
    wrong = []
    context = open_context(settings_of(desk))
    with context.database.read() as conn:
        wrong += check_invariants(conn)
        held = balance_of(conn, "default").held_micros
        wrong += [f"{held} micro-credits are still held"] if held else []
        recorded = {each.sha256: each.size_bytes for each in objects_on_record(conn)}
        made = conn.execute(select(run_node.c.asset_ids).where(run_node.c.state == "done")).scalars()
        known = set(conn.execute(select(asset.c.id)).scalars())
        unfiled = {name for names in made for name in json.loads(names)} - known
        wrong += [f"{len(unfiled)} files of nodes are in no library"] if unfiled else []
    with tempfile.TemporaryDirectory() as folder:
        for sha256, size in recorded.items():
            copy = Path(folder) / sha256
            context.store.get(sha256, copy)
            if (file_digest(copy), copy.stat().st_size) != (sha256, size):
                wrong.append(f"object {sha256} is another")
            copy.unlink()
    there = set(objects_in_bucket(desk))
    wrong += [f"object {name} is on no record" for name in sorted(there - recorded.keys())]
    print(f"store and library: {len(recorded)} objects on record, {len(there)} in the bucket", flush=True)
    return wrong


def objects_in_bucket(desk: Desk) -> Iterator[str]:
    """The SHA-256 of each object that is kept there by it."""
    settings = settings_of(desk)
    url = urlsplit(settings.store_endpoint)
    keys = (settings.store_access_key.get_secret_value(), settings.store_secret_key.get_secret_value())
    bucket = settings.store.removeprefix("s3://")
    for each in Minio(url.netloc, *keys, secure=False).list_objects(bucket, recursive=True):
        if OBJECT.fullmatch(name := str(each.object_name).rpartition("/")[2]):
            yield name


def environment_of(stack: Path) -> dict[str, str]:
    """What the stack says that a shell needs, the simulated vendors included."""
    text = (stack / "env").read_text() + (stack / "simulator.log").read_text()
    lines = [line.removeprefix("export ") for line in text.splitlines() if line.startswith("export ")]
    given = {name: value.strip("'") for name, _, value in (line.partition("=") for line in lines)}
    return {name: value for name, value in os.environ.items() if not name.startswith("PRESSROOM_")} | given


def drill(desk: Desk, ground: Ground, named: Sequence[str]) -> list[str]:
    desk.pressroom("credits", "grant", "1000")
    desk.pressroom("account", "plan", "pro")
    desk.pressroom("deploy", *CAMPAIGNS, "--home-block", "stack")
    added = json.loads(desk.pressroom("assets", "add", "product.jpg", "--json"))
    desk = replace(desk, photo=(added[0] if isinstance(added, list) else added)["id"])
    (desk.folder / "product.jpg").unlink()  # from here on only the store has it
    every = blows(desk, ground)
    others = {"twenty-at-once": lambda: twenty(desk, every), "by-cron": lambda: by_cron(desk)}
    chosen = named or [*every, *others]
    wrong = [others[name]() if name in others else blow(desk, name, every[name]) for name in chosen]
    bill = desk.pressroom("reconcile", "--vendor", "replicate")
    print(bill.strip())
    wrong += disagreements(desk)
    orders = sum({"twenty-at-once": MANY * EACH, "by-cron": EACH}.get(name, PICTURES) for name in chosen)
    if f"{orders} orders" not in bill or f"{orders} equal" not in bill:
        wrong.append("the bill is not what the books have")
    return [each for each in wrong if each]


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="pressroom-drill-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the postgres user passes through
        ground, stack = Ground.laid(folder), folder / "stack"
        (folder / "desk").mkdir()
        (folder / "desk" / "drill.yaml").write_text(campaign("drill", PICTURES))
        (folder / "desk" / "many.yaml").write_text(campaign("many", EACH))
        shutil.copy(PHOTO, folder / "desk" / "product.jpg")
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
