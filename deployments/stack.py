"""The production stack as plain processes: what deployments/compose.yaml starts, on one machine, for development and tests.

    python tests/servers.py python deployments/stack.py      PostgreSQL and MinIO first, then this; Ctrl-C ends all of it
    python deployments/stack.py --down                       end the one that runs

A Prefect server on PostgreSQL, the vendors' simulator, the home block `stack`, the general deployments, two workers. What
a shell needs is written to .stack/env. What dies but the simulator is started again, as containers are. Only processes started
here are stopped; what the stack keeps ends with it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from pressroom.prefect_server.environment import LOOPBACK
from pressroom.providers.http.client import reach
from pressroom.settings import ENV_PREFIX

ROOT: Final = Path(__file__).resolve().parents[1]
PROGRAMS: Final = Path(sys.executable).parent
PREFECT_PORT: Final = 4200
BUCKET: Final = "pressroom"
BLOCK: Final = "stack"
POOL: Final = "pressroom"
SIMULATOR: Final = "simulator"
WORKERS: Final = 2
READY_SECONDS: Final = 120
HEALTH_SECONDS: Final = 5
RESTARTS: Final = 5  # of one process, before the stack gives up
STOP_SECONDS: Final = 12  # for all of them together: whoever started this one waits no longer than 20 s
LOG_LINES: Final = 30
# Python drops what a signal's handler raises where an object is just being deleted: the word to end is kept here as well.
ENDING: Final = threading.Event()

Variables = Mapping[str, str]


class Process:
    """A program of the stack, its output in a log of its own."""

    def __init__(self, name: str, command: tuple[str, ...], environment: Variables, log: Path, cwd: Path) -> None:
        self.name = name
        self.log = log
        self.starts = 0
        self._command = [str(PROGRAMS / command[0]), *command[1:]]
        self._environment = dict(environment)
        self._cwd = cwd
        log.unlink(missing_ok=True)
        self.start()

    def start(self) -> None:
        """For the first time, or again; the log goes on."""
        self.starts += 1
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._cwd, env=self._environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True, preexec_fn=_default_signals,
            )  # fmt: skip

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def interrupt(self) -> None:
        if not self.has_ended:
            self._process.send_signal(signal.SIGINT)

    def end(self, deadline: float) -> None:
        try:
            self._process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def wait_until(self, is_ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not is_ready():
            if ENDING.is_set():
                raise KeyboardInterrupt
            if self.has_ended or time.monotonic() > deadline:
                raise SystemExit(f"stack: {self.name} did not start; its log ends:\n{self.tail()}")
            time.sleep(0.2)

    def tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LOG_LINES:])


class Stack:
    """Everything that runs, and the folder that holds what it keeps while it does."""

    def __init__(self, folder: Path, latency_seconds: float) -> None:
        self._folder = folder
        self._latency_seconds = latency_seconds
        self._processes: list[Process] = []
        self._clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", ENV_PREFIX))
        }

    def up(self) -> None:
        """Start everything, say where it is, and end with it."""
        if (pid := self._running()) is not None:
            raise SystemExit(f"stack: one runs already as process {pid}: `just stack-down` ends it")
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        (self._folder / "pid").write_text(str(os.getpid()))
        try:
            self._start_all()
            self._watch()
        finally:
            self._stop()
            (self._folder / "pid").unlink()

    def down(self) -> None:
        pid = self._running()
        if pid is None:
            print("stack: none runs")
            return
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 2 * STOP_SECONDS
        while self._running() is not None and time.monotonic() < deadline:
            time.sleep(0.2)
        print("stack: stopped" if self._running() is None else f"stack: process {pid} does not end")

    def _start_all(self) -> None:
        api_url = self._start_prefect()
        vendors = self._start_simulator()
        home = {**_shared_home(), "PRESSROOM_HOME": str(self._folder / "home"), "PREFECT_API_URL": api_url}
        self._set_up({**self._clean, **vendors, **home, "HOME_BLOCK": BLOCK})
        for number in range(1, WORKERS + 1):
            # Nothing but the server's address: what a run needs is in the block that its deployment names.
            name = f"worker-{number}"
            folder = self._folder / name
            folder.mkdir()
            own = {"PREFECT_API_URL": api_url, "PREFECT_HOME": str(folder), "PREFECT_WORKER_QUERY_SECONDS": "2"}
            worker = ("prefect", "worker", "start", "--pool", POOL, "--type", "process", "--name", name)
            self._start(name, worker, own, folder)
        exports = "".join(f"export {name}='{value}'\n" for name, value in sorted(home.items()))
        (self._folder / "env").write_text(exports)
        print(f"stack: Prefect is at {api_url.removesuffix('/api')}; `. {self._folder}/env` to work with it")
        print("stack: Ctrl-C, or `just stack-down` elsewhere, ends it", flush=True)

    def _start(self, name: str, command: tuple[str, ...], own: Variables, cwd: Path = ROOT) -> Process:
        process = Process(name, command, {**self._clean, **own}, self._folder / f"{name}.log", cwd)
        self._processes.append(process)
        return process

    def _start_prefect(self) -> str:
        port = _free_port(PREFECT_PORT)
        own = {
            "PREFECT_HOME": str(self._folder / "prefect"),
            "PREFECT_API_DATABASE_CONNECTION_URL": _database("prefect").replace("+psycopg", "+asyncpg"),
            "DO_NOT_TRACK": "1",
        }
        command = ("prefect", "server", "start", "--host", LOOPBACK, "--port", str(port))
        api_url = f"http://{LOOPBACK}:{port}/api"
        self._start("prefect-server", command, own).wait_until(lambda: not reach(f"{api_url}/health", HEALTH_SECONDS))
        return api_url

    def _start_simulator(self) -> dict[str, str]:
        """The vendors, played here: what to set to buy from them."""
        own = {"PRESSROOM_HOME": str(self._folder / "simulator")}
        simulator = self._start(SIMULATOR, ("pressroom", "simulator", "--latency", f"{self._latency_seconds}"), own)
        simulator.wait_until(lambda: "bill:" in simulator.log.read_text())
        lines = [line for line in simulator.log.read_text().splitlines() if line.startswith("export ")]
        return dict(line.removeprefix("export ").split("=", 1) for line in lines)

    def _set_up(self, environment: Variables) -> None:
        """The home block, the work pool and the general deployments, those with a schedule working on the block."""
        for command in (
            ("pressroom", "home", "register", BLOCK, "--scratch", str(self._folder / "scratch")),
            ("pressroom", "deploy"),
            ("prefect", "--no-prompt", "deploy", "--all"),
        ):
            done = subprocess.run(
                [PROGRAMS / command[0], *command[1:]], cwd=ROOT, env=dict(environment), capture_output=True, text=True,
                check=False,
            )  # fmt: skip
            if ENDING.is_set():
                raise KeyboardInterrupt
            if done.returncode:
                raise SystemExit(f"stack: {' '.join(command)} failed:\n{done.stdout[-2_000:]}{done.stderr[-2_000:]}")

    def _watch(self) -> None:
        while not ENDING.is_set():
            for process in (each for each in self._processes if each.has_ended):
                ended = f"stack: {process.name} has ended"
                # The simulator's books end with it: another one would deny every order.
                if process.name == SIMULATOR or process.starts > RESTARTS:
                    raise SystemExit(f"{ended}; its log ends:\n{process.tail()}")
                print(f"{ended} and is started again; its log ends:\n{process.tail()}", flush=True)
                process.start()
            ENDING.wait(1)

    def _stop(self) -> None:
        """The workers first: what they still have to say, the server must hear."""
        deadline = time.monotonic() + STOP_SECONDS
        for process in reversed(self._processes):
            process.interrupt()
        for process in reversed(self._processes):
            process.end(deadline)

    def _running(self) -> int | None:
        """The process of the stack that runs."""
        with suppress(OSError, ValueError):
            pid = int((self._folder / "pid").read_text())
            if Path(__file__).name.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        return None


def _shared_home() -> dict[str, str]:
    """The database and the store that everybody shares."""
    return {
        "PRESSROOM_DATABASE_URL": _database("pressroom"),
        "PRESSROOM_STORE": f"s3://{BUCKET}",
        "PRESSROOM_STORE_ENDPOINT": _given("S3_ENDPOINT"),
        "PRESSROOM_STORE_ACCESS_KEY": _given("S3_ACCESS_KEY"),
        "PRESSROOM_STORE_SECRET_KEY": _given("S3_SECRET_KEY"),
    }


def _database(name: str) -> str:
    """The URL of a database of this name on the PostgreSQL server, made where it is not there."""
    server = _given("POSTGRES_URL")
    with (
        psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection,
        suppress(psycopg.errors.DuplicateDatabase),
    ):
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return server.rpartition("/")[0] + f"/{name}"


def _given(name: str) -> str:
    variable = f"{ENV_PREFIX}TEST_{name}"
    found = os.environ.get(variable, "")
    if not found:
        raise SystemExit(
            f"stack: {variable} is not set, as tests/servers.py does where PostgreSQL and MinIO are installed"
        )
    return found


def _free_port(preferred: int) -> int:
    for port in (preferred, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, port))
            return int(probe.getsockname()[1])
    raise SystemExit("stack: no port is free")


def _interrupt(_number: int, _frame: object) -> None:
    """Only says so: an exception here, where a process has just been started, would leave it to itself."""
    ENDING.set()


def _default_signals() -> None:
    """A shell starts background jobs with Ctrl-C ignored, which Prefect's worker would inherit and never end."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=ROOT / ".stack", help="what it keeps while it runs")
    parser.add_argument("--down", action="store_true", help="end the one that runs")
    parser.add_argument("--latency", type=float, default=1.0, help="how many seconds a simulated vendor's job takes")
    options = parser.parse_args()
    stack = Stack(options.folder.resolve(), options.latency)
    if options.down:
        stack.down()
        return
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    with suppress(KeyboardInterrupt):
        stack.up()


if __name__ == "__main__":
    main()
