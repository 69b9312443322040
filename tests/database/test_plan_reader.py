from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pressroom.buying.journal import mark_stored, open_job
from pressroom.database.engine import Database
from pressroom.database.plan_reader import PeekIndex, Usage, peek_for
from pressroom.domain.errors import Corrupt, Invalid
from pressroom.domain.media import Asset, Kind
from pressroom.ledger import capture, ensure_account, place_hold, refund
from pressroom.library import add_asset
from pressroom.runs.records import RunNode, RunRecord, create_run, finish_node

ROOT = Path(__file__).parents[2]
CREDIT = 1_000_000
LATER = datetime(2100, 1, 1, tzinfo=UTC)


def picture(name: str, node_key: str, run_id: str = "run-1", ordinal: int = 0) -> Asset:
    return Asset(
        id=name,
        sha256=name.ljust(64, "0"),
        kind=Kind.IMAGE,
        mime="image/png",
        size_bytes=9,
        width=4,
        height=3,
        label=f"file-{ordinal}",
        placement="x.post",
        node_key=node_key,
        run_id=run_id,
        ordinal=ordinal,
    )


def run(run_id: str, plan: str = "{}", minute: int = 0, state: str = "planned", account: str = "acme") -> RunRecord:
    at = datetime(2026, 3, 1, 12, minute, tzinfo=UTC)
    return RunRecord(run_id, "launch", account, "ab", plan, state=state, created_at=at)


def job(database: Database, node_key: str) -> None:
    with database.write() as conn:
        open_job(conn, order_key=f"order-{node_key}", node_key=node_key, run_id="r", provider="p", model="m")


def test_where_there_is_no_database_the_answers_are_those_of_an_empty_one(tmp_path: Path) -> None:
    with peek_for(f"sqlite:///{tmp_path}/home/pressroom.db") as peek:
        assert peek.balance("acme", 7) == 7
        assert peek.known_keys(["a"]) == {}
        assert peek.open_jobs(["a"]) == set()
        assert peek.last_plan("launch") is None
        assert peek.month_usage("acme", "2026-03") == Usage()

    assert list(tmp_path.iterdir()) == []


def test_a_database_without_a_schema_answers_like_an_empty_one(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        path = Path(empty_url.removeprefix("sqlite:///"))
        path.parent.mkdir()
        path.touch()

    with peek_for(empty_url) as peek:
        assert (peek.balance("acme", 7), peek.known_keys(["a"])) == (7, {})


def test_the_available_balance_is_shown_without_what_is_held(database: Database, database_url: str) -> None:
    with database.write() as conn:
        ensure_account(conn, "acme", 10)
        place_hold(conn, "run-1", "acme", 4, LATER)

    with peek_for(database_url) as peek:
        assert peek.balance("acme", 99) == 6
        assert peek.balance("new", 99) == 99
        assert peek.balance("system:revenue", 99) == 99


def test_known_nodes_come_with_their_files_in_order(database: Database, database_url: str) -> None:
    with database.write() as conn:
        add_asset(conn, picture("b", "node-1", ordinal=1))
        add_asset(conn, picture("a", "node-1", ordinal=0))

    with peek_for(database_url) as peek:
        known = peek.known_keys(["node-1", "node-2"])

    assert list(known) == ["node-1"]
    assert [(file.asset_id, file.label) for file in known["node-1"].files] == [("a", "file-0"), ("b", "file-1")]
    info = known["node-1"].files[0].info
    assert (info.kind, info.width, info.height, info.size_bytes, info.sha256) == (
        Kind.IMAGE,
        4,
        3,
        9,
        "a".ljust(64, "0"),
    )


def test_a_node_made_again_answers_with_its_newest_files(database: Database, database_url: str) -> None:
    with database.write() as conn:
        add_asset(conn, picture("old-0", "node-1"))
        add_asset(conn, picture("old-1", "node-1", ordinal=1))
        add_asset(conn, picture("new-0", "node-1", run_id="run-2"))

    with peek_for(database_url) as peek:
        assert [file.asset_id for file in peek.known_keys(["node-1"])["node-1"].files] == ["new-0"]


def test_thousands_of_keys_are_asked_at_once(database: Database, database_url: str) -> None:
    with database.write() as conn:
        add_asset(conn, picture("a", "node-9999"))
    keys = [f"node-{number}" for number in range(10_000)]

    with peek_for(database_url) as peek:
        assert list(peek.known_keys(keys)) == ["node-9999"]


def test_only_unfinished_jobs_are_open(database: Database, database_url: str) -> None:
    job(database, "node-1")
    job(database, "node-2")
    with database.write() as conn:
        mark_stored(conn, "order-node-2")

    with peek_for(database_url) as peek:
        assert peek.open_jobs(["node-1", "node-2", "node-3"]) == {"node-1"}
        assert PeekIndex(peek).open_keys(["node-1"]) == {"node-1"}
        assert PeekIndex(peek).known_keys(["node-1"]) == {}


def test_the_last_plan_is_that_of_the_newest_run_that_was_not_refused(database: Database, database_url: str) -> None:
    with database.write() as conn:
        create_run(conn, run("old", '{"plan_hash":"old"}'), [])
        create_run(conn, run("new", '{"plan_hash":"new"}', 1), [])
        create_run(conn, run("no", '{"plan_hash":"no"}', 2, "refused"), [])

    with peek_for(database_url) as peek:
        assert peek.last_plan("launch") == {"plan_hash": "new"}
        assert peek.last_plan("blog") is None


def made(database: Database, run_id: str, account: str = "acme") -> None:
    """A run that bought a picture and a video, reused a picture and computed one for nothing."""
    names = ["generate_image", "image_to_video", "generate_image", "resize"]
    nodes = [RunNode(f"n{at}", at, "s", "", name, f"{run_id}-{at}", "create") for at, name in enumerate(names)]
    with database.write() as conn:
        create_run(conn, run(run_id, account=account), nodes)
        for at, state in enumerate(("done", "done", "reused", "done")):
            finish_node(conn, run_id, f"n{at}", state, usd_micros=30 if at < 2 else 0)
        for at in (0, 1):
            key = f"{run_id}-{at}"
            open_job(conn, order_key=key, node_key=key, run_id=run_id, provider="p", model="m")
            mark_stored(conn, key)


def test_usage_counts_what_was_bought_and_spent_this_month_by_this_account(
    database: Database, database_url: str
) -> None:
    with database.write() as conn:
        ensure_account(conn, "acme", 10 * CREDIT)
        hold = place_hold(conn, "run", "acme", 5 * CREDIT, LATER)
        capture(conn, "node", hold.id, 3 * CREDIT)
        refund(conn, "back", "node", CREDIT)
    made(database, "mine")
    made(database, "theirs", account="other")
    month = f"{datetime.now(UTC):%Y-%m}"

    with peek_for(database_url) as peek:
        used = peek.month_usage("acme", month)
        assert used == Usage({"generate_image": 1, "image_to_video": 1}, 60, 2 * CREDIT)
        assert peek.month_usage("acme", "2020-12") == Usage()


@pytest.mark.parametrize("month", ["2026-13", "march", "2026", ""])
def test_a_month_has_one_form(tmp_path: Path, month: str) -> None:
    with peek_for(f"sqlite:///{tmp_path}/x.db") as peek, pytest.raises(Invalid, match="not a month"):
        peek.month_usage("acme", month)


def test_peeking_leaves_no_trace_in_the_folder(sqlite_url: str) -> None:
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    with peek_for(sqlite_url) as peek:
        peek.balance("acme", 1)

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_peeking_sees_what_a_running_process_has_just_committed(sqlite_url: str) -> None:
    with Database.open(sqlite_url) as database:
        with database.write() as conn:
            ensure_account(conn, "acme", 5)

        with peek_for(sqlite_url) as peek:
            assert peek.balance("acme", 99) == 5


def test_peeking_into_a_file_that_is_no_database_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("dear diary, " * 100)

    with peek_for(f"sqlite:///{path}") as peek, pytest.raises(Corrupt, match="damaged"):
        peek.balance("acme", 1)


def test_peeking_into_sqlite_imports_neither_sqlalchemy_nor_alembic(sqlite_url: str) -> None:
    code = (
        "import sys; from pressroom.database.plan_reader import peek_for\n"
        "with peek_for(sys.argv[1]) as peek: print(peek.balance('acme', 7), peek.known_keys(['a']))\n"
        "print([name for name in ('sqlalchemy', 'alembic', 'psycopg') if name in sys.modules])"
    )

    result = subprocess.run([sys.executable, "-c", code, sqlite_url], cwd=ROOT, capture_output=True, text=True)

    assert (result.stdout, result.stderr) == ("7 {}\n[]\n", "")
