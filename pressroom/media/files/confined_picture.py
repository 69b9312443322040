"""Pictures that are decoded by a process of its own, within the memory and time that a picture of its size may take."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from pressroom.domain.errors import Corrupt
from pressroom.media.confined import run_confined


def answer_of(
    program: str, path: Path, *, memory_bytes: int, seconds: int, **asked: Any
) -> tuple[dict[str, Any], memoryview]:
    """What a program, a file, says of a picture: a line of JSON, and the bytes behind it.

    It is told the `path`, and what else is `asked`. Raises Corrupt where the bounds are not enough, or it ends without a word.
    """
    asked["path"] = str(path.absolute())
    try:
        done = run_confined(program, asked, memory_bytes=memory_bytes, seconds=seconds)
        end = done.stdout.find(b"\n") + 1
        head = dict(json.loads(done.stdout[:end] if done.returncode == 0 else done.stdout))
    except (subprocess.TimeoutExpired, ValueError) as exc:
        raise too_much(path) from exc
    return head, memoryview(done.stdout)[end:]


def too_much(path: Path) -> Corrupt:
    return Corrupt(
        f"{path.name} takes more memory or time than a picture of its size may, or makes its decoder fail",
        hint="export it as JPEG",
        path=str(path),
    )
