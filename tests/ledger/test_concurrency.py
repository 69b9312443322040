from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from pressroom.database.engine import Database
from pressroom.database.schema import op
from pressroom.domain.errors import Refused
from pressroom.ledger import (
    allowances_of,
    balance_of,
    capture,
    check_invariants,
    ensure_account,
    expire_holds,
    place_hold,
    refund,
    release,
)
from pressroom.ledger.accounts import account_id_of

CREDIT = 1_000_000
ROOT = Path(__file__).parents[2]
LATER = datetime(2100, 1, 1, tzinfo=UTC)


def start(task: str, url: str, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, str(Path(__file__).with_name("workers.py")), task, url, name, str(count)]
    return subprocess.Popen(
        command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def in_8_processes(task: str, url: str, counts: list[int]) -> int:
    """How often it succeeded in all of them, started at one moment."""
    workers = [start(task, url, f"w{number}", count) for number, count in enumerate(counts)]
    assert {worker.stdout.readline() for worker in workers} == {"ready\n"}
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    placed = [int(worker.communicate()[0]) for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 8
    return sum(placed)


def open_account(database: Database, micros: int) -> None:
    with database.write() as conn:
        ensure_account(conn, "acme", micros)


def assert_books_are_right(database: Database) -> None:
    with database.read() as conn:
        assert check_invariants(conn) == []


def in_threads(count: int, work: Callable[[int], object]) -> list[object]:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))


def test_of_1000_holds_of_1_credit_from_8_processes_on_a_balance_of_500_exactly_500_succeed(
    database: Database, database_url: str
) -> None:
    open_account(database, 500 * CREDIT)

    placed = in_8_processes("hold", database_url, [125] * 8)

    assert placed == 500
    with database.read() as conn:
        balance = balance_of(conn, "acme")
    assert (balance.balance_micros, balance.available_micros) == (500 * CREDIT, 0)
    assert_books_are_right(database)


def test_of_100_runs_from_8_processes_on_a_limit_of_10_pictures_exactly_10_succeed(
    database: Database, database_url: str
) -> None:
    open_account(database, 500 * CREDIT)

    placed = in_8_processes("hold_images", database_url, [13, 13, 13, 13, 12, 12, 12, 12])

    assert placed == 10
    with database.read() as conn:
        found = allowances_of(conn, account_id_of(conn, "acme"), "2026-11")
        assert balance_of(conn, "acme").held_micros == 10 * CREDIT
    assert (found["image"].held, found["usd"].held) == (10, 50)
    assert_books_are_right(database)


def test_purchases_and_the_ends_of_runs_in_8_threads_conserve_allowances(database: Database) -> None:
    """Each thread buys in families of its own order: rows are always locked in one order, so nobody is cut off."""
    open_account(database, 1_000)
    units = {"image": 9, "edit": 9, "video": 9, "usd": 9}

    def work(number: int) -> None:
        mine = dict(sorted(units.items(), reverse=number % 2 == 1))
        with database.write() as conn:
            hold_id = place_hold(conn, f"run:{number}", "acme", 10, LATER, allowances=mine, month="2026-11").id
        for key in range(4):
            with database.write() as conn:
                capture(conn, f"node:{number}:{key}", hold_id, 2, used=dict.fromkeys(mine, 2))
        if number % 4 == 0:
            with database.write() as conn:
                expire_holds(conn, LATER + timedelta(seconds=1))
        with database.write() as conn:
            release(conn, f"end:{number}", hold_id)

    with suppress(Refused):  # a hold that another thread has let expire
        in_threads(8, work)

    with database.write() as conn:
        expire_holds(conn, LATER + timedelta(seconds=1))
        found = allowances_of(conn, account_id_of(conn, "acme"), "2026-11")
    assert {each.held for each in found.values()} == {0}
    assert len({each.used for each in found.values()}) == 1
    assert_books_are_right(database)


def test_8_threads_sending_every_key_twice_apply_each_once(database: Database) -> None:
    """100 micro-credits, holds of 7: 14 succeed, whoever asks, and each is answered to both who asked."""
    open_account(database, 100)

    def work(number: int) -> list[int]:
        answers = []
        for key in range(10):
            try:
                with database.write() as conn:
                    answers.append(place_hold(conn, f"hold:{number // 2}:{key}", "acme", 7, LATER).id)
            except Refused:
                continue
        return answers

    answers = Counter(answer for some in in_threads(8, work) for answer in some)

    assert len(answers) == 14
    assert set(answers.values()) <= {1, 2}
    with database.read() as conn:
        assert balance_of(conn, "acme").held_micros == 14 * 7
    assert_books_are_right(database)


def test_8_threads_never_capture_more_than_one_hold_has(database: Database) -> None:
    open_account(database, 1_000)
    with database.write() as conn:
        hold_id = place_hold(conn, "run", "acme", 100, LATER).id

    def work(number: int) -> int:
        captured = 0
        for key in range(5):
            try:
                with database.write() as conn:
                    captured += capture(conn, f"node:{number}:{key}", hold_id, 9)
            except Refused:
                break
        return captured

    captured = in_threads(8, work)

    assert sum(captured) == 99
    with database.read() as conn:
        assert balance_of(conn, "acme").balance_micros == 1_000 - 99
    assert_books_are_right(database)


def test_8_threads_never_refund_more_than_one_capture(database: Database) -> None:
    open_account(database, 1_000)
    with database.write() as conn:
        hold_id = place_hold(conn, "run", "acme", 100, LATER).id
        capture(conn, "node", hold_id, 100)

    def work(number: int) -> int:
        try:
            with database.write() as conn:
                return refund(conn, f"back:{number}", "node", 30)
        except Refused:
            return 0

    refunded = in_threads(8, work)

    assert sum(refunded) == 90
    assert_books_are_right(database)


def test_settling_and_expiry_at_the_same_moment_free_a_hold_once(database: Database) -> None:
    open_account(database, 1_000)
    with database.write() as conn:
        ids = [place_hold(conn, f"run:{number}", "acme", 10, LATER).id for number in range(20)]

    def work(number: int) -> None:
        if number % 2:
            with database.write() as conn:
                expire_holds(conn, LATER + timedelta(seconds=1))
            return
        for hold_id in ids:
            with database.write() as conn:
                release(conn, f"settle:{hold_id}", hold_id)

    in_threads(6, work)

    with database.read() as conn:
        assert balance_of(conn, "acme").held_micros == 0
    assert_books_are_right(database)


@pytest.mark.parametrize("delay_seconds", [0.3, 0.7])
def test_killing_writers_at_any_moment_loses_nothing_that_was_acknowledged(
    database: Database, database_url: str, delay_seconds: float
) -> None:
    open_account(database, 1_000 * CREDIT)
    workers = [start("spend", database_url, f"w{number}", 1_000_000) for number in range(2)]
    first = [worker.stdout.readline() for worker in workers]
    time.sleep(delay_seconds)

    for worker in workers:
        worker.send_signal(signal.SIGKILL)
    # Read as `first` was: `communicate` would pass over what that has buffered, and begin within a line.
    acknowledged = {line.strip() for worker in workers for line in worker.stdout}
    for worker in workers:
        worker.communicate()

    assert first == ["ready\n"] * 2
    assert_books_are_right(database)
    with database.write() as conn:
        expire_holds(conn, LATER)
        keys = set(conn.execute(select(op.c.key)).scalars())
        assert balance_of(conn, "acme").held_micros == 0
    assert acknowledged
    assert acknowledged <= keys
    assert_books_are_right(database)
