"""How long until a Prefect server answers: Prefect's own command against ours, on an empty home and again.

`python benchmarks/prefect_start.py [ROUNDS]` prints the median of each in seconds; one server runs at a time.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from pressroom import prefect_server

TIMEOUT_SECONDS = 120


def bare_start(home: Path) -> float:
    """`prefect server start` until /api/health answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    environment |= {"PREFECT_HOME": str(home), "DO_NOT_TRACK": "1"}
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    started = time.perf_counter()
    with subprocess.Popen(
        command, env=environment, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as it:
        wait_until_healthy(port, started)
        seconds = time.perf_counter() - started
        it.send_signal(signal.SIGTERM)
    return seconds


def our_start(home: Path) -> float:
    started = time.perf_counter()
    prefect_server.ensure_started(home).wait_ready(TIMEOUT_SECONDS)
    seconds = time.perf_counter() - started
    prefect_server.stop(home)
    return seconds


def reuse(home: Path) -> float:
    prefect_server.ensure_started(home).wait_ready(TIMEOUT_SECONDS)
    started = time.perf_counter()
    prefect_server.ensure_started(home).wait_ready(TIMEOUT_SECONDS)
    seconds = time.perf_counter() - started
    prefect_server.stop(home)
    return seconds


def wait_until_healthy(port: int, started: float) -> None:
    while time.perf_counter() - started < TIMEOUT_SECONDS:
        try:
            with urlopen(f"http://127.0.0.1:{port}/api/health", timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise SystemExit("prefect server start did not answer")


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    seconds: dict[str, list[float]] = {}

    def measure(name: str, start: Callable[[Path], float], home: Path) -> None:
        seconds.setdefault(name, []).append(start(home))

    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as theirs, tempfile.TemporaryDirectory() as ours:
            measure("prefect server start, empty home", bare_start, Path(theirs))
            measure("prefect server start, again", bare_start, Path(theirs))
            measure("pressroom's server, empty home", our_start, Path(ours))
            measure("pressroom's server, again", our_start, Path(ours))
            measure("pressroom's server, already running", reuse, Path(ours))
    for name, values in seconds.items():
        print(f"{name:40} {statistics.median(values):6.2f} s   ({min(values):.2f} to {max(values):.2f})")


if __name__ == "__main__":
    main()
