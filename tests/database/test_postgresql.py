"""What is particular to a PostgreSQL server: few connections, time limits, and connections that break."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from pressroom.database.engine import Database
from pressroom.domain.errors import Retryable
from pressroom.ledger import ensure_account
from pressroom.services.launch_run import see_through
from pressroom.services.run_lease import alive
from pressroom.settings import Settings
from tests.servers import serve_postgres, start_postgres, stop
from tests.support.studio import open_studio

ORDERS, CONNECTIONS = 12, 3
SLOW = f"""
name: slow
steps:
  scene:
    uses: draw
    model: simulated-direct/ink
    for_each: {{n: [{", ".join(f"n{number}" for number in range(ORDERS))}]}}
    with: {{prompt: "{{{{ each.n }}}}"}}
"""


def open_account(database: Database) -> None:
    with database.write() as conn:
        ensure_account(conn, "acme", 5)


def accounts(database: Database) -> int:
    with database.read() as conn:
        return conn.execute(text("SELECT count(*) FROM account WHERE id > 0")).scalar_one()


def named(url: str, name: str, options: str = "") -> str:
    more = {"options": options} if options else {}
    return make_url(url).update_query_dict({"application_name": name, **more}).render_as_string(hide_password=False)


@dataclass(frozen=True)
class Watched:
    """A database of few connections. `look` says something of each of them, as others on the server see it."""

    url: str
    database: Database
    look: Callable[[str], list[Any]]


@pytest.fixture
def watched(empty_postgres_url: str) -> Iterator[Watched]:
    name = str(make_url(empty_postgres_url).database)
    url = named(empty_postgres_url, name)
    engine = create_engine(empty_postgres_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def look(column: str) -> list[Any]:
        query = text(f"SELECT {column} FROM pg_stat_activity WHERE application_name = :name")
        with engine.connect() as conn:
            return list(conn.execute(query, {"name": name}).scalars())

    with Database.open(url, connections=CONNECTIONS) as database:
        yield Watched(url, database, look)


def test_no_connection_is_held_while_vendors_work(watched: Watched, tmp_path: Path) -> None:
    """Vendors that answer with the files keep their orders for half a minute, and each order has a turn meanwhile."""
    studio = open_studio(tmp_path / "home", watched.database, watched.url, max_orders=ORDERS)
    all_at_work, found = threading.Barrier(ORDERS, timeout=60), []

    def work(_seconds: float) -> None:
        if all_at_work.wait() == 0:
            found.append(watched.look("state"))
        all_at_work.wait()

    slow = studio.open_vendor(name="simulated-direct", latency_seconds=1, pause=work)
    studio = studio.with_vendor(slow)
    run = studio.begin(studio.plan(SLOW))
    with alive(studio.context, run) as life:
        report = see_through(studio.context, run, life)

    assert report.state == "completed"
    (states,) = found
    assert set(states) == {"idle"}
    assert len(states) <= CONNECTIONS + 1


def test_the_pool_of_a_process_follows_from_what_it_does_at_a_time(tmp_path: Path) -> None:
    pools = [
        Settings(home=tmp_path, **given).connections
        for given in ({}, {"max_workers": 32, "max_orders": 400}, {"database_connections": 7})
    ]

    assert pools == [4 + 8 + 2, 32 + 16 + 2, 7]


def test_connections_that_were_cut_are_replaced(watched: Watched) -> None:
    with watched.database.turn("an order"):
        assert watched.look("pg_terminate_backend(pid)") == [True, True]

        open_account(watched.database)
    with watched.database.turn("an order"):
        assert accounts(watched.database) == 1


def test_a_connection_that_is_cut_in_a_transaction_may_be_tried_again(watched: Watched) -> None:

    def cut_off() -> None:
        with watched.database.write() as conn:
            ensure_account(conn, "acme", 5)
            watched.look("pg_terminate_backend(pid)")
            ensure_account(conn, "other", 5)

    with pytest.raises(Retryable):
        cut_off()

    assert accounts(watched.database) == 0


def test_a_server_that_starts_again_is_waited_for() -> None:
    with tempfile.TemporaryDirectory(prefix="pressroom-") as name:
        Path(name).chmod(0o755)  # the postgres user passes through
        folder = Path(name) / "postgresql"
        server = start_postgres(folder)
        if server is None:
            pytest.skip("NO POSTGRESQL HERE: the package postgresql is not installed")
        url = server.variables["PRESSROOM_TEST_POSTGRES_URL"]
        with Database.open(url) as database:
            stop(server)
            with ThreadPoolExecutor() as pool:
                opening = pool.submit(open_account, database)
                server = serve_postgres(folder, int(make_url(url).port or 0))
                opening.result()

            assert accounts(database) == 1
        stop(server)


def test_turns_are_taken_one_after_the_other_in_all_processes(watched: Watched) -> None:
    order: list[str] = []
    with Database.open(watched.url) as other:

        def work(mine: Database, who: str) -> None:
            with mine.turn("the same"):
                order.extend([f"{who} in", f"{who} out"])

        with watched.database.turn("the same"):
            threads = [threading.Thread(target=work, args=each) for each in ((watched.database, "a"), (other, "b"))]
            for thread in threads:
                thread.start()
            with other.turn("another"):
                order.append("first")
        for thread in threads:
            thread.join()

    assert order[0] == "first"
    assert [each.split()[0] for each in order[1::2]] == [each.split()[0] for each in order[2::2]]


@pytest.mark.parametrize(
    ("options", "statement"),
    [("-c statement_timeout=50ms", "SELECT pg_sleep(60)"), ("-c lock_timeout=50ms", "LOCK TABLE account")],
)
def test_what_takes_too_long_may_be_tried_again(options: str, statement: str, empty_postgres_url: str) -> None:
    with (
        Database.open(empty_postgres_url) as other,
        other.write() as holder,
        Database.open(named(empty_postgres_url, "impatient", options), create=False) as database,
    ):
        holder.execute(text("LOCK TABLE account IN ACCESS SHARE MODE"))
        with pytest.raises(Retryable, match="timeout"), database.write() as conn:
            conn.execute(text(statement))


def test_every_connection_has_its_time_limits(watched: Watched) -> None:
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "tcp_keepalives_idle")
    with watched.database.read() as conn:
        shown = [conn.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names]

    assert shown == ["1min", "30s", "5min", "30"]
