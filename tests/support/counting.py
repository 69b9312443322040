"""One of several processes that spend through the same two holds, each in the order that its own work has."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from pressroom.buying import journal
from pressroom.buying.costs import bring_captured_to, count_spent
from pressroom.database.engine import Database
from pressroom.ledger.holds import capture
from pressroom.providers.base import Billed

START = datetime(2026, 11, 29, tzinfo=UTC)


def lose(database: Database, order_key: str, newer: int, rounds: int) -> None:
    """A job whose dollars count through the older hold, lost again and again under a newer one, and found again."""
    for number in range(rounds):
        with database.write() as conn:
            billed = Billed(100 * (number % 7 + 1), {}, {})
            job = journal.mark_unknown(conn, order_key, "lost", START, billed)
            bring_captured_to(conn, job, job.captured_micros + 1, newer)
        with database.write() as conn:
            count_spent(conn, journal.mark_absent(conn, order_key, "not there", START))


def buy(database: Database, name: str, holds: tuple[int, int], rounds: int) -> None:
    """Purchases that are filed, from either hold."""
    for number in range(rounds):
        with database.write() as conn:
            capture(conn, f"{name}:{number}", holds[number % 2], 1, used={"image": 1, "usd": 3})


if __name__ == "__main__":
    url, task, name, older, newer, times = sys.argv[1:]
    with Database.open(url) as opened:
        print("ready", flush=True)
        sys.stdin.readline()
        if task == "lose":
            lose(opened, name, int(newer), int(times))
        else:
            buy(opened, name, (int(older), int(newer)), int(times))
