"""Holds and captures per second through pressroom.ledger, against raw sqlite3 doing the same statements in the same run.

    python benchmarks/ledger.py [--seconds 3] [--rounds 3] [--postgresql URL]

Both write to a WAL file with synchronous=FULL on the same disk, one command per transaction, one hot account. Rounds are
interleaved, so that other load on the machine hits both alike; trust the ratio. The processor time of one command says
how much of it is ours, whatever the disk does.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, make_url

from pressroom.database.engine import Database, lock_path
from pressroom.database.lock import queued
from pressroom.database.schema import REVENUE_ID
from pressroom.ledger import capture, check_invariants, ensure_account, place_hold

START = 10**15
numbers = count(1)


def through_the_ledger(database: Database) -> None:
    """One hold and one capture of it: two commands."""
    key = f"core:{next(numbers)}"
    with database.write() as conn:
        hold = place_hold(conn, key, "acme", 10, datetime.now(UTC) + timedelta(hours=1))
    with database.write() as conn:
        capture(conn, f"{key}:capture", hold.id, 10)


HOLD = (
    "SELECT id FROM account WHERE name = 'acme'",
    """INSERT INTO op (key, kind, fingerprint, account_id, hold_id, amount, memo, at)
    VALUES (:key, 'hold', 'hold:acme:10', :account, :hold, 10, '', :now) ON CONFLICT DO NOTHING RETURNING id""",
    """INSERT INTO hold (id, account_id, amount, captured, state, expires_at, created_at)
    VALUES (:hold, :account, 10, 0, 'open', :now, :now)""",
    "UPDATE account SET held = held + 10 WHERE id = :account AND balance - held >= 10",
)
CAPTURE = (
    "SELECT account_id FROM hold WHERE id = :hold",
    """INSERT INTO op (key, kind, fingerprint, account_id, hold_id, amount, memo, at)
    VALUES (:key || ':capture', 'capture', 'capture', :account, :hold, 10, '', :now)
    ON CONFLICT DO NOTHING RETURNING id""",
    "UPDATE hold SET captured = captured + 10 WHERE id = :hold AND state = 'open' AND captured + 10 <= amount",
    f"INSERT INTO entry SELECT max(id), :account, -10 FROM op UNION SELECT max(id), {REVENUE_ID}, 10 FROM op",
    "UPDATE account SET balance = balance - 10, held = held - 10 WHERE id = :account",
)


def by_hand(connection: sqlite3.Connection, lock: Path) -> None:
    number = next(numbers)
    values = {"key": f"raw:{number}", "hold": number, "account": 1, "now": time.time_ns() // 1_000}
    for statements in (HOLD, CAPTURE):
        with queued(lock):
            connection.execute("BEGIN IMMEDIATE")
            for statement in statements:
                connection.execute(statement, values).fetchall()
            connection.execute("COMMIT")


def timed(work: Callable[[], None], seconds: float) -> tuple[float, float]:
    """Commands per second, and microseconds of this process's own time that one takes."""
    done, start, own = 0, time.perf_counter(), time.process_time()
    while (elapsed := time.perf_counter() - start) < seconds:
        work()
        done += 2
    return done / elapsed, (time.process_time() - own) / done * 1e6


def measure(folder: Path, seconds: float, rounds: int) -> dict[str, float]:
    path = folder / "ledger.db"
    core, raw = [], []
    with Database.open(f"sqlite:///{path}") as database, closing(sqlite3.connect(path, isolation_level=None)) as hand:
        hand.execute("PRAGMA synchronous=FULL")
        hand.execute("PRAGMA foreign_keys=ON")
        with database.write() as conn:
            ensure_account(conn, "acme", START)
        for _ in range(rounds):
            core.append(timed(lambda: through_the_ledger(database), seconds))
            raw.append(timed(lambda: by_hand(hand, lock_path(path)), seconds))
        with database.read() as conn:
            violations = check_invariants(conn)
    assert violations == [], violations
    (ledger, ledger_own), (hand_made, hand_own) = (
        map(statistics.median, zip(*side, strict=True)) for side in (core, raw)
    )
    return {
        "ledger_per_second": ledger,
        "raw_per_second": hand_made,
        "ledger_over_raw": ledger / hand_made,
        "ledger_cpu_us": ledger_own,
        "raw_cpu_us": hand_own,
    }


def on_a_server(url: str, seconds: float, rounds: int) -> dict[str, float]:
    """The same commands on a PostgreSQL server, in a schema of their own that is dropped again."""
    schema = f"bench_{secrets.token_hex(8)}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.exec_driver_sql(f"CREATE SCHEMA {schema}")
    try:
        here = make_url(url).update_query_dict({"options": f"-csearch_path={schema}"})
        with Database.open(here.render_as_string(hide_password=False)) as database:
            with database.write() as conn:
                ensure_account(conn, "acme", START)
            found = [timed(lambda: through_the_ledger(database), seconds) for _ in range(rounds)]
    finally:
        with engine.connect() as conn:
            conn.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    speed, own = map(statistics.median, zip(*found, strict=True))
    return {"postgresql_per_second": speed, "postgresql_cpu_us": own}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0, help="length of one round of each side")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgresql", default="", help="URL of a server to measure as well")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(Path(folder), arguments.seconds, arguments.rounds)
    if arguments.postgresql:
        result |= on_a_server(arguments.postgresql, arguments.seconds, arguments.rounds)
    print(json.dumps({name: round(value, 2) for name, value in result.items()}))


if __name__ == "__main__":
    main()
