"""The servers for tests run beside one command, lend it their addresses, and are gone when it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parent / "servers.py"
TIMEOUT_SECONDS = 120


def start(*command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def still_running(stderr: str) -> list[int]:
    started = [int(pid) for pid in re.findall(r"runs as process (\d+)", stderr)]
    return [pid for pid in started if Path(f"/proc/{pid}").exists()]


def test_the_status_of_the_command_is_passed_on_and_no_server_stays() -> None:
    process = start(sys.executable, "-c", "import os, sys; print(os.getpid()); sys.exit(7)")

    _, stderr = process.communicate(timeout=TIMEOUT_SECONDS)

    assert process.returncode == 7
    assert still_running(stderr) == []


def test_every_server_that_runs_has_told_the_command_where_it_is() -> None:
    code = "import os; print(*sorted(name for name in os.environ if name.startswith('PRESSROOM_TEST_')))"
    stdout, stderr = start(sys.executable, "-c", code).communicate(timeout=TIMEOUT_SECONDS)

    given = set(stdout.split()) - set(os.environ)
    for server, variable in (("MinIO", "PRESSROOM_TEST_S3_ENDPOINT"), ("PostgreSQL", "PRESSROOM_TEST_POSTGRES_URL")):
        runs = f"{server} runs as process" in stderr
        assert runs or f"{server} is not installed" in stderr
        assert (variable in given) == (runs and variable not in os.environ)


def test_when_it_is_terminated_the_command_and_the_servers_end_too() -> None:
    process = start(sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(600)")
    assert process.stdout is not None
    command = int(process.stdout.readline())

    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=TIMEOUT_SECONDS)

    assert process.returncode == 130
    assert still_running(stderr) == []
    assert not Path(f"/proc/{command}").exists()
