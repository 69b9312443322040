"""Runs a program of ours in a process of its own, within memory and time: what a stranger's file does to it ends with it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Final

from pressroom.media import confined_start

_WAITING: Final = 6  # a loaded machine takes so many times the processor's seconds


def run_confined(
    program: str, asked: Mapping[str, Any], *, memory_bytes: int, seconds: int, data: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """What the program, a file, has put out; `asked` is its argument, as JSON, and `data` its standard input.

    It may take so many bytes of addresses (on Linux) and seconds of processor. Raises subprocess.TimeoutExpired where that is
    not enough by the clock either.
    """
    bounds = [str(memory_bytes), str(seconds)]
    command = [sys.executable, "-I", confined_start.__file__, *bounds, program, json.dumps(asked)]
    return subprocess.run(command, input=data, capture_output=True, timeout=seconds * _WAITING, check=False)
