"""What is known about the server of a home, in `home/prefect/server.json`, and the lock around changing it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pressroom.domain.errors import Refused


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """`process_identity` tells the process from a later one with the same pid; `started_at` is ISO 8601 UTC."""

    pid: int
    port: int
    started_at: str
    process_identity: str
    prefect_version: str

    @property
    def api_url(self) -> str:
        return f"{self.ui_url}/api"

    @property
    def ui_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def server_folder(home: Path) -> Path:
    """Prefect's own home: its database, profiles and our record of the server."""
    return home / "prefect"


def record_path(home: Path) -> Path:
    return server_folder(home) / "server.json"


def log_path(home: Path) -> Path:
    return server_folder(home) / "server.log"


def load(home: Path) -> ServerRecord | None:
    """The record, or None where there is none or it cannot be read: then no process may be touched on its word."""
    try:
        values = json.loads(record_path(home).read_text(encoding="utf-8"))
        record = ServerRecord(**values)
    except (OSError, ValueError, TypeError):
        return None
    return record if type(record.pid) is int and type(record.port) is int and record.pid > 1 else None


def save(home: Path, record: ServerRecord) -> None:
    path = record_path(home)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Only one command at a time decides about the server of a home. The lock ends with its process."""
    try:
        server_folder(home).mkdir(parents=True, exist_ok=True)
        handle = (server_folder(home) / "server.lock").open("w")
    except OSError as exc:
        hint = "make room there, make it writable, or set PRESSROOM_HOME"
        raise Refused(f"cannot write to {server_folder(home)}: {exc.strerror}", hint=hint) from exc
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
