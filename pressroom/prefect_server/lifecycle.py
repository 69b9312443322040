"""Start, find and stop the local Prefect server of a home."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pressroom import processes
from pressroom.domain.errors import Permanent, Retryable
from pressroom.prefect_server.environment import LOOPBACK, server_environment
from pressroom.prefect_server.record import ServerRecord, load, locked, log_path, save, server_folder

READY_SECONDS = 90.0
GRACE_SECONDS = 10.0
POLL_SECONDS = 0.05
# The socket is open before the server answers, so an early request waits: how long one poll waits at most.
HEALTH_SECONDS = 1.0
LOG_TAIL_LINES = 12


@dataclass(frozen=True, slots=True)
class PendingServer:
    """A server that runs but may not answer yet. `reused` is False when this call started it."""

    home: Path
    record: ServerRecord
    reused: bool

    @property
    def api_url(self) -> str:
        return self.record.api_url

    @property
    def ui_url(self) -> str:
        return self.record.ui_url

    def wait_ready(self, timeout_seconds: float = READY_SECONDS) -> None:
        """Return as soon as the API answers. Raises Retryable with the end of the log if it does not."""
        deadline = time.monotonic() + timeout_seconds
        while not _answers(self.record.port):
            if not is_running(self.record):
                raise self._failure("ended while it started")
            if time.monotonic() > deadline:
                raise self._failure(f"did not answer within {timeout_seconds:g} s")
            time.sleep(POLL_SECONDS)

    def _failure(self, what: str) -> Retryable:
        path = log_path(self.home)
        return Retryable(
            f"the local Prefect server (pid {self.record.pid}, {self.ui_url}) {what}; its log ends:\n{_tail(path)}\n",
            hint=f"see {path}, then `pressroom down` and try again, or set PREFECT_API_URL to a server of your own",
            log=str(path),
        )


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """A server whose process runs; `ready` when its API answers."""

    record: ServerRecord
    ready: bool

    @property
    def api_url(self) -> str:
        return self.record.api_url

    @property
    def ui_url(self) -> str:
        return self.record.ui_url


def ensure_started(home: Path, withheld: Collection[str] = ()) -> PendingServer:
    """The server of `home`, started in the background if there is none. Does not wait until it answers.

    It does not inherit the variables of the names in `withheld`: vendors' keys are none of its business.
    """
    home = Path(os.path.realpath(home))
    with locked(home):
        record = load(home)
        if record is not None and is_running(record):
            if record.prefect_version == prefect_version():
                return PendingServer(home, record, reused=True)
            processes.end(record.pid, record.process_identity, GRACE_SECONDS)
        return PendingServer(home, _start(home, record.port if record else 0, withheld), reused=False)


def status(home: Path) -> ServerStatus | None:
    """The server of `home` if its process runs."""
    record = load(home)
    if record is None or not is_running(record):
        return None
    return ServerStatus(record, ready=_answers(record.port))


def stop(home: Path) -> bool:
    """End the server of `home`, and nothing else; False if none was running."""
    home = Path(os.path.realpath(home))
    if not server_folder(home).is_dir():
        return False
    with locked(home):
        record = load(home)
        # The record stays: the next server tries its port first.
        return record is not None and processes.end(record.pid, record.process_identity, GRACE_SECONDS)


def check(home: Path) -> str:
    """One line for `pressroom doctor`. Raises Permanent where Prefect is missing."""
    found = status(home)
    if found is None:
        return f"Prefect {prefect_version()}, local server not running (the next `pressroom run` starts it)"
    state = "answers" if found.ready else "is starting"
    return f"Prefect {found.record.prefect_version}, local server {state} at {found.ui_url} (pid {found.record.pid})"


def is_running(record: ServerRecord) -> bool:
    return processes.is_running(record.pid, record.process_identity)


def prefect_version() -> str:
    """The installed version, without importing it."""
    try:
        return version("prefect")
    except PackageNotFoundError as exc:
        raise Permanent("Prefect is not installed", hint="pip install pressroom") from exc


def _start(home: Path, preferred_port: int, withheld: Collection[str]) -> ServerRecord:
    with _listener(preferred_port) as listener:
        port: int = listener.getsockname()[1]
        pid = _spawn(home, listener, withheld)
    record = ServerRecord(
        pid=pid,
        port=port,
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        process_identity=processes.identity(pid) or "",
        prefect_version=prefect_version(),
    )
    save(home, record)
    return record


def _listener(preferred_port: int) -> socket.socket:
    """A listening socket for the server to inherit: nobody can take the port between choosing and serving.

    The port of the last server is tried first, so that bookmarks and running clients find the new one.
    """
    for port in dict.fromkeys((preferred_port, 0)):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((LOOPBACK, port))
            listener.listen()
        except OSError as exc:
            listener.close()
            failure = exc
        else:
            return listener
    raise Retryable(f"no free port on {LOOPBACK}: {failure}", hint="close programs that hold ports") from failure


def _spawn(home: Path, listener: socket.socket, withheld: Collection[str]) -> int:
    log = log_path(home)
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    with log.open("wb") as output:
        # -P: the working folder (Prefect's home, so that no stray prefect.toml or .env is read) is not for imports.
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "pressroom.prefect_server.child", str(home), str(listener.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=server_folder(home),
            env=server_environment(home, listener.getsockname()[1], withheld=withheld),
            start_new_session=True,
            pass_fds=(listener.fileno(),),
        )
    # It outlives us on purpose: without a return code Popen would warn of a process left running.
    process.returncode = 0
    return process.pid


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=HEALTH_SECONDS)
    try:
        connection.request("GET", "/api/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _tail(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "(no log)"
    return "\n".join(lines[-LOG_TAIL_LINES:]) or "(empty)"
