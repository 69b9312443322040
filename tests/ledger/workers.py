"""What the worker processes of the concurrency and crash tests do: `python workers.py TASK URL NAME COUNT`."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pressroom.database.engine import Database
from pressroom.domain.errors import Refused
from pressroom.ledger import capture, place_hold, release

CREDIT = 1_000_000


def say(*words: object) -> None:
    print(*words, flush=True)  # a pipe buffers whole blocks otherwise


def hold(database: Database, name: str, count: int) -> None:
    """Place `count` holds of one credit and print how many succeeded."""
    expires_at = datetime.now(UTC) + timedelta(hours=1)
    placed = 0
    sys.stdin.readline()
    for number in range(count):
        try:
            with database.write() as conn:
                place_hold(conn, f"{name}:{number}", "acme", CREDIT, expires_at)
            placed += 1
        except Refused:
            pass
    say(placed)


def hold_images(database: Database, name: str, count: int) -> None:
    """Place `count` holds of one picture on a limit of ten, and print how many succeeded."""
    expires_at = datetime.now(UTC) + timedelta(hours=1)
    placed = 0
    sys.stdin.readline()
    for number in range(count):
        units = {"allowances": {"image": 1, "usd": 5}, "limits": {"image": 10, "usd": 1_000}, "month": "2026-11"}
        try:
            with database.write() as conn:
                place_hold(conn, f"{name}:{number}", "acme", CREDIT, expires_at, **units)
            placed += 1
        except Refused:
            pass
    say(placed)


def spend(database: Database, name: str, count: int) -> None:
    """Hold, capture and release for ever, printing each key once its transaction is committed."""
    expires_at = datetime.now(UTC) + timedelta(hours=1)
    for number in range(count):
        key = f"{name}:{number}"
        with database.write() as conn:
            placed = place_hold(conn, key, "acme", 10, expires_at)
        say(key)
        for part in range(random.randint(1, 3)):
            with database.write() as conn:
                capture(conn, f"{key}:{part}", placed.id, 2)
            say(f"{key}:{part}")
        with database.write() as conn:
            release(conn, f"{key}:end", placed.id)
        say(f"{key}:end")


TASKS: dict[str, Callable[[Database, str, int], None]] = {"hold": hold, "hold_images": hold_images, "spend": spend}

if __name__ == "__main__":
    task, url, name, count = sys.argv[1:]
    with Database.open(url) as opened:
        say("ready")
        TASKS[task](opened, name, int(count))
