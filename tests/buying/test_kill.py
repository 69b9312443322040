"""Whatever is killed at whatever moment: nothing is bought twice, nothing is lost, nothing stays held."""

from __future__ import annotations

import random
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pressroom.database.engine import Database
from pressroom.ledger.holds import expire_holds
from pressroom.services.recover_runs import recover_runs
from tests.support.killing import Deadly, audit, campaign, finished, storm, studio_at, worker

KILLS = 6  # `benchmarks/kill.py` kills by the hundred


@pytest.mark.timeout(180)
def test_a_run_killed_at_random_moments_ends_as_if_it_never_had_been(
    tmp_path: Path, database: Database, database_url: str
) -> None:
    studio = studio_at(tmp_path / "home", database_url, database)

    hit = storm(studio.home, database_url, KILLS, random.Random(20_261_121))

    recover_runs(studio.context)
    with database.write() as conn:
        # A run killed between its hold and its lock file leaves a hold that only its expiry finds.
        expire_holds(conn, datetime.now(UTC) + timedelta(days=2))
    assert audit(studio, range(KILLS // 3 + 1)) == []
    assert hit > 0


@pytest.mark.parametrize("moment", Deadly.MOMENTS)
def test_a_run_killed_at_the_worst_moments_of_a_purchase_is_taken_up_by_the_next(
    tmp_path: Path, database: Database, database_url: str, moment: str
) -> None:
    studio = studio_at(tmp_path / "home", database_url, database)
    first = worker(studio.home, database_url, 3, deadly=moment)
    first.start()
    assert first.wait() == -signal.SIGKILL

    finished(studio.home, database_url, 3)

    assert audit(studio, [3]) == []


@pytest.mark.timeout(120)
def test_two_processes_that_run_the_same_campaign_buy_each_node_once(
    tmp_path: Path, database: Database, database_url: str
) -> None:
    studio = studio_at(tmp_path / "home", database_url, database)
    processes = [worker(studio.home, database_url, 7) for _ in range(2)]

    for process in processes:
        process.start()
    codes = [process.wait() for process in processes]

    assert codes == [0, 0]
    assert audit(studio, [7]) == []


def test_the_audit_notices_a_second_purchase(tmp_path: Path, sqlite_url: str) -> None:
    with Database.open(sqlite_url) as database:
        studio = studio_at(tmp_path / "home", sqlite_url, database)
        finished(studio.home, sqlite_url, 1)
        assert audit(studio, [1]) == []

        [bought] = studio.plan(campaign(1)).nodes[:1]
        books = studio.home / "simulated"
        one = next(path for path in books.glob("*.json") if bought.key in path.read_text())
        (books / "again.json").write_text(one.read_text())

        assert audit(studio, [1]) == [f"{bought.key[:8]} was bought 2 times"]
