"""Processes by pid and identity, so that a recycled pid is never taken for ours."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from pressroom.domain.processors import processors

POLL_SECONDS = 0.05
_M_ARENA_MAX: Final = -8  # of glibc's malloc.h; musl has neither it nor arenas


def identity(pid: int) -> str | None:
    """A text that no other process on this machine shares, or None when there is no such process."""
    return _look(pid)[1]


def is_running(pid: int, expected: str) -> bool:
    """True if `pid` still is the process whose identity was `expected`."""
    state, found = _look(pid)
    if found is None or found != expected:
        return False
    if state.startswith("Z"):
        # Started by this very process: it stays a zombie until it is waited for.
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        return False
    return True


def end(pid: int, expected: str, grace_seconds: float) -> bool:
    """Ask the process to end, kill it after the grace; False if it was not there (or is not the expected one)."""
    if not _send(pid, expected, signal.SIGTERM):
        return False
    if not _gone_within(pid, expected, grace_seconds):
        _send(pid, expected, signal.SIGKILL)
        _gone_within(pid, expected, grace_seconds)
    return True


def _send(pid: int, expected: str, number: signal.Signals) -> bool:
    if not is_running(pid, expected):
        return False
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _gone_within(pid: int, expected: str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_running(pid, expected):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _look(pid: int) -> tuple[str, str | None]:
    """State letter and identity."""
    return _look_in_proc(pid) if Path("/proc/self/stat").exists() else _look_with_ps(pid)


def _look_in_proc(pid: int) -> tuple[str, str | None]:
    try:
        # The second field is the program's name in brackets and may hold anything, so count from the last bracket.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "", None
    return fields[0], f"{boot}:{fields[19]}"  # state and start time in ticks: fields 3 and 22 of proc(5)


def _look_with_ps(pid: int) -> tuple[str, str | None]:
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    state, _, started = done.stdout.strip().partition(" ")
    return state, started.strip() or None


def share_heaps() -> None:
    """Let threads share as many heaps as there are processors; glibc makes eight times as many, and keeps empty ones."""
    libc = ctypes.CDLL(None)
    if sys.platform == "linux" and hasattr(libc, "mallopt"):
        libc.mallopt(_M_ARENA_MAX, max(2, processors()))
