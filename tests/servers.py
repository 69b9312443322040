"""Real servers for the tests: starts MinIO and PostgreSQL on free loopback ports in a temporary folder.

    python tests/servers.py                  print the variables to export, keep the servers until Ctrl-C
    python tests/servers.py COMMAND ...      run a command with the variables set, then stop; exits with its status

A server whose program is not installed is left out with a line on standard error; its tests then skip and say so.
Only processes started here are ever stopped. Needs nothing but the standard library.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

START_SECONDS = 60.0
STOP_SECONDS = 20.0
LOG_LINES = 40
SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Server:
    """A running server: what tests need to know to reach it, and where it writes its log."""

    name: str
    process: subprocess.Popen[bytes]
    variables: Mapping[str, str]
    log: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find_program(name: str, *folders: str) -> str | None:
    """The program on the PATH, or the newest one in folders given as patterns below the root."""
    found = shutil.which(name)
    if found:
        return found
    files = [file for pattern in folders for file in Path("/").glob(f"{pattern.lstrip('/')}/{name}")]
    files.sort(key=lambda file: [int(part) for part in file.parts if part.isdigit()])
    return str(files[-1]) if files else None


def start_minio(folder: Path) -> Server | None:
    program = find_program("minio", str(Path.home() / "go" / "bin"), "usr/local/bin")
    if program is None:
        return None
    folder.mkdir()
    return serve_minio(folder, free_port(), secrets.token_hex(16))


def serve_minio(folder: Path, port: int, secret_key: str) -> Server:
    """The server of a folder that `start_minio` has made; for what stops it and starts it again."""
    program = find_program("minio", str(Path.home() / "go" / "bin"), "usr/local/bin") or "minio"
    console, access_key = free_port(), "pressroom-tests"
    process, log = _spawn(
        [
            *(program, "server", str(folder / "data"), "--certs-dir", str(folder / "certs"), "--anonymous"),
            *("--address", f"127.0.0.1:{port}", "--console-address", f"127.0.0.1:{console}"),
        ],
        folder,
        {
            "MINIO_ROOT_USER": access_key,
            "MINIO_ROOT_PASSWORD": secret_key,
            "MINIO_BROWSER": "off",
            "MINIO_UPDATE": "off",
        },
    )
    endpoint = f"http://127.0.0.1:{port}"
    _wait("MinIO", process, log, lambda: _answers(f"{endpoint}/minio/health/ready"))
    variables = {
        "PRESSROOM_TEST_S3_ENDPOINT": endpoint,
        "PRESSROOM_TEST_S3_ACCESS_KEY": access_key,
        "PRESSROOM_TEST_S3_SECRET_KEY": secret_key,
    }
    return Server("MinIO", process, variables, log)


def start_postgres(folder: Path) -> Server | None:
    pattern = "usr/lib/postgresql/*/bin"
    initdb, postgres = find_program("initdb", pattern), find_program("postgres", pattern)
    user = _postgres_user()
    if initdb is None or postgres is None or (os.geteuid() == 0 and user is None):
        return None
    folder.mkdir()
    if user is not None:  # PostgreSQL refuses to run as root
        shutil.chown(folder, user, user)
    data, port = folder / "data", free_port()
    subprocess.run(
        [
            *(initdb, "--pgdata", str(data), "--username", "pressroom", "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        ],
        check=True, stdout=subprocess.DEVNULL, cwd=folder, user=user, group=user, extra_groups=[] if user else None,
    )  # fmt: skip
    return serve_postgres(folder, port)


def serve_postgres(folder: Path, port: int) -> Server:
    """The server of a folder that `start_postgres` has made; for tests that stop theirs and start it again."""
    pattern = "usr/lib/postgresql/*/bin"
    process, log = _spawn(
        [
            *(find_program("postgres", pattern) or "postgres", "-D", str(folder / "data"), "-p", str(port)),
            *("-c", "listen_addresses=127.0.0.1"),
            *("-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=200"),
        ],
        folder,
        {},
        _postgres_user(),
    )
    ready = find_program("pg_isready", pattern) or "pg_isready"
    _wait(
        "PostgreSQL",
        process,
        log,
        lambda: _succeeds([ready, "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "pressroom", "-d", "postgres"]),
    )
    url = f"postgresql+psycopg://pressroom@127.0.0.1:{port}/postgres"
    return Server("PostgreSQL", process, {"PRESSROOM_TEST_POSTGRES_URL": url}, log)


STARTERS = {"MinIO": start_minio, "PostgreSQL": start_postgres}


def stop(server: Server) -> None:
    """SIGINT: MinIO ends, PostgreSQL rolls back and ends without waiting for its clients."""
    if server.process.poll() is None:
        server.process.send_signal(signal.SIGINT)
    try:
        server.process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()


def run(command: list[str]) -> int:
    """Start what can be started, run the command (or wait for Ctrl-C), stop everything that was started."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pressroom-servers-")))
        folder.chmod(0o755)  # the postgres user passes through
        servers = []
        for name, start in STARTERS.items():
            with _undisturbed():
                server = start(folder / name.lower())
                if server is not None:
                    stack.callback(stop, server)
            if server is None:
                print(f"servers: {name} is not installed here: its tests will be skipped", file=sys.stderr)
                continue
            servers.append(server)
            print(f"servers: {name} runs as process {server.process.pid}", file=sys.stderr)
        variables = {key: value for server in servers for key, value in server.variables.items()}
        status = _with_variables(command, variables) if command else _until_interrupted(variables)
        if status != 0:
            for server in servers:
                _show(server.name, server.log)
        return status


def _with_variables(command: list[str], variables: Mapping[str, str]) -> int:
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    with subprocess.Popen(command, env={**os.environ, **variables}, preexec_fn=_hear_signals) as process:
        try:
            _hear_signals()
            return process.wait()
        except BaseException:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
            raise


def _until_interrupted(variables: Mapping[str, str]) -> NoReturn:
    for key, value in variables.items():
        print(f"export {key}={value}", flush=True)
    while True:
        signal.pause()


def _spawn(
    command: list[str], folder: Path, variables: Mapping[str, str], user: str | None = None
) -> tuple[subprocess.Popen[bytes], Path]:
    log = folder / "log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, cwd=folder, env={**os.environ, **variables},
            user=user, group=user, extra_groups=[] if user else None,
            start_new_session=True,  # Ctrl-C is for us: we stop the servers after the tests have ended
            preexec_fn=_hear_signals,
        )  # fmt: skip
    return process, log


def _wait(name: str, process: subprocess.Popen[bytes], log: Path, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    try:
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                _show(name, log)
                raise SystemExit(f"servers: {name} did not start within {START_SECONDS:.0f} s")
            time.sleep(0.05)
    except BaseException:  # interrupted while starting: leave no server behind
        process.kill()
        process.wait()
        raise


def _show(name: str, log: Path) -> None:
    lines = log.read_text(errors="replace").splitlines()[-LOG_LINES:]
    print(f"servers: the end of the log of {name}:", *lines, sep="\n  ", file=sys.stderr)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def _postgres_user() -> str | None:
    """The user to run PostgreSQL as, or None when that is ourselves (or when there is no such user)."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return None


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Signals wait while a process is started: one that comes before it is known would leave it to itself."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        _hear_signals()


def _hear_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _terminated(signum: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    # Set for both: a shell starts background jobs with Ctrl-C ignored, and the command would inherit that.
    signal.signal(signal.SIGTERM, _terminated)
    signal.signal(signal.SIGINT, _terminated)
    try:
        sys.exit(run(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
