"""What the drills stand on: the production stack with servers of its own, a desk to work with it, and the check of its books."""

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
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
from minio import Minio
from sqlalchemy import select

from pressroom.backup.objects import objects_on_record
from pressroom.bootstrap import open_context
from pressroom.database.schema import asset, run_node
from pressroom.domain.content_hash import file_digest
from pressroom.domain.errors import Retryable
from pressroom.ledger.accounts import balance_of
from pressroom.ledger.invariants import check_invariants
from pressroom.prefect_server.api import PrefectServer
from pressroom.settings import Settings, settings_for
from tests import servers

ROOT = Path(__file__).parents[1]
PRESSROOM = Path(sys.executable).with_name("pressroom")
PHOTO = ROOT / "deployments" / "campaigns" / "product-launch" / "product.jpg"
STARTS_WITHIN_SECONDS = 300
AWAY_SECONDS = 8
ENDS_WITHIN_SECONDS = 600
ENDED = ("COMPLETED", "FAILED", "CANCELLED", "CRASHED")
# What every campaign of the drills begins with; see `headed`.
_HEAD = """\
pressroom: 1
name: NAME
MORE
inputs:
  mood: {type: text, default: calm}
  photo: {type: image}
steps:
"""
_BOUGHT = """\
  scene:
    uses: generate_image
    model: MODEL
    count: COUNT
    with: {prompt: "a {{ inputs.mood }} sea, {{ each.take }}", width: 512, height: 512}
"""
OBJECT = re.compile(r"[0-9a-f]{64}")


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
    """Somebody who works with the stack: a folder with the campaigns, and what a shell needs."""

    folder: Path
    stack: Path
    environment: Mapping[str, str]
    photo: str = ""  # id of the asset

    def pressroom(self, *arguments: str, **more: str) -> str:
        environment = {**self.environment, **more}
        done = subprocess.run(
            [PRESSROOM, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"pressroom {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    @property
    def server(self) -> PrefectServer:
        return PrefectServer(self.environment["PREFECT_API_URL"])

    @property
    def settings(self) -> Settings:
        ours = {name: value for name, value in self.environment.items() if name.startswith("PRESSROOM_")}
        return settings_for(self.folder, ours)

    def deployment(self, name: str) -> str:
        return str(self.server.do("the deployment", "GET", f"/deployments/name/campaign/{name}")["id"])

    def start(self, mood: str, name: str) -> str:
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

    def opened(self, campaigns: Iterable[str]) -> Desk:
        """With credits, the campaigns deployed, and a photo that only the store has."""
        self.pressroom("credits", "grant", "1000")
        self.pressroom("account", "plan", "pro")
        self.pressroom("deploy", *campaigns, "--home-block", "stack")
        shutil.copy(PHOTO, self.folder / "product.jpg")
        added = json.loads(self.pressroom("assets", "add", "product.jpg", "--json"))
        (self.folder / "product.jpg").unlink()
        return replace(self, photo=(added[0] if isinstance(added, list) else added)["id"])


def headed(name: str, steps: str, more: str = "") -> str:
    """The text of a campaign of these steps; `more` are lines of its own at the top."""
    return _HEAD.replace("NAME", name).replace("MORE\n", f"{more}\n" if more else "") + steps


def bought(model: str, count: int) -> str:
    """A step `scene` that buys so many pictures of a model."""
    return _BOUGHT.replace("MODEL", model).replace("COUNT", str(count))


@contextmanager
def standing(campaigns: Mapping[str, str], *options: str) -> Iterator[tuple[Desk, Ground]]:
    """The stack for as long as the block runs; `campaigns` by the names of their files, `options` are those of stack.py."""
    with tempfile.TemporaryDirectory(prefix="pressroom-drill-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the postgres user passes through
        ground, stack = Ground.laid(folder), folder / "stack"
        (folder / "desk").mkdir()
        for file, text in campaigns.items():
            (folder / "desk" / file).write_text(text)
        signal.signal(signal.SIGTERM, _interrupted)
        signal.signal(signal.SIGINT, _interrupted)  # a shell starts what runs in the background with Ctrl-C ignored
        command = [sys.executable, str(ROOT / "deployments" / "stack.py"), "--folder", str(stack), *options]
        running = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **ground.variables})
        try:
            wait_for("the stack", (stack / "env").exists, STARTS_WITHIN_SECONDS)
            yield Desk(folder / "desk", stack, _environment_of(stack)).opened(campaigns), ground
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(60)
            ground.stop()


def _interrupted(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _environment_of(stack: Path) -> dict[str, str]:
    """What the stack says that a shell needs, the simulated vendors included."""
    text = (stack / "env").read_text() + (stack / "simulator.log").read_text()
    lines = [line.removeprefix("export ") for line in text.splitlines() if line.startswith("export ")]
    given = {name: value.strip("'") for name, _, value in (line.partition("=") for line in lines)}
    return {name: value for name, value in os.environ.items() if not name.startswith("PRESSROOM_")} | given


def _kill(server: servers.Server) -> None:
    server.process.kill()
    server.process.wait()
    time.sleep(AWAY_SECONDS)


@contextmanager
def still(pids: Iterable[int]) -> Iterator[None]:
    """As behind a partition: nothing is refused, nothing answers, for as long as the block runs."""
    stopped = list(pids)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


def with_children(pid: int) -> list[int]:
    return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]


def wait_for(what: str, is_so: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(1)


def disagreements(desk: Desk) -> list[str]:
    """How ledger, store and library contradict each other: every object that is on record is fetched and weighed."""
    wrong = []
    context = open_context(desk.settings)
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
    there = set(_objects_in_bucket(desk.settings))
    wrong += [f"object {name} is on no record" for name in sorted(there - recorded.keys())]
    print(f"store and library: {len(recorded)} objects on record, {len(there)} in the bucket", flush=True)
    return wrong


def _objects_in_bucket(settings: Settings) -> Iterator[str]:
    """The SHA-256 of each object that is kept there by it."""
    url = urlsplit(settings.store_endpoint)
    keys = (settings.store_access_key.get_secret_value(), settings.store_secret_key.get_secret_value())
    bucket = settings.store.removeprefix("s3://")
    for each in Minio(url.netloc, *keys, secure=False).list_objects(bucket, recursive=True):
        if OBJECT.fullmatch(name := str(each.object_name).rpartition("/")[2]):
            yield name
