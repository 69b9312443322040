"""How Pressroom connects to a PostgreSQL server; the numbers and their reasons are in postgresql.yaml."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml
from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import OperationalError

from pressroom.database.errors import is_passing

_DATA: Final = Path(__file__).with_suffix(".yaml")
_PAUSE_SECONDS: Final = 0.25


def connect_arguments(url: str) -> dict[str, Any]:
    """What the driver is told beside the URL. Raises as `make_url` does."""
    given = make_url(url).query
    options = [f"-c {name}={row['value']}" for name, row in _data()["session"].items()]
    # Last, so that it counts: the later of two options does.
    options.append(_text(given.get("options", "")))
    return {
        # Without prepared statements: after five uses PostgreSQL plans them blindly (searches 2 to 20 times slower).
        "prepare_threshold": None,
        "options": " ".join(filter(None, options)),
        "connect_timeout": int(_text(given.get("connect_timeout", "")) or _data()["connect_seconds"]),
        "fallback_application_name": "pressroom",
    }


def connected(engine: Engine, *, known: bool) -> Connection:
    """A connection; with a server that is `known` to have answered before, a restart is waited for."""
    deadline = time.monotonic() + (_data()["reconnect_seconds"] if known else 0)
    while True:
        try:
            return engine.connect()
        except OperationalError as exc:
            if not is_passing(exc) or time.monotonic() >= deadline:
                raise
            time.sleep(_PAUSE_SECONDS)


def without_limits(conn: Connection) -> None:
    """For this transaction: work on whole tables takes the time that it takes."""
    for name in ("statement_timeout", "lock_timeout"):
        conn.exec_driver_sql(f"SET LOCAL {name} = 0")


def _text(value: Any) -> str:
    """A parameter of a URL that is given twice counts as it was last given."""
    return value if isinstance(value, str) else value[-1]


@lru_cache(maxsize=1)
def _data() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    return found
