from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pressroom.buying import journal
from pressroom.buying.journal import mark_failed, open_job
from pressroom.database.engine import Database
from pressroom.database.plan_reader import LibraryIndex, Usage, plan_reader_for
from pressroom.domain.errors import Corrupt, Invalid
from pressroom.domain.media import Asset, Kind
from pressroom.ledger import capture, change_plan, ensure_account, grant, place_hold
from pressroom.library.assets import add_asset
from pressroom.providers.base import UNSAID, Billed
from pressroom.runs.records import RunRecord, create_run
from tests.support.accounts import ACME, open_accounts

ROOT = Path(__file__).parents[2]
CREDIT = 1_000_000
LATER = datetime(2100, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def database(database: Database) -> Database:
    return open_accounts(database)


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


def run(run_id: str, plan: str = "{}", minute: int = 0, state: str = "planned") -> RunRecord:
    at = datetime(2026, 3, 1, 12, minute, tzinfo=UTC)
    return RunRecord(run_id, "launch", "ab", plan, state=state, created_at=at)


def job(database: Database, node_key: str) -> None:
    with database.write() as conn:
        open_job(conn, ACME, order_key=f"order-{node_key}", node_key=node_key, run_id="r", provider="p", model="m",
                 now=LATER, hold_id=1, ordered={"campaign": "launch", "node": f"{node_key}[take=1]"})  # fmt: skip


def test_where_there_is_no_database_the_answers_are_those_of_an_empty_one(tmp_path: Path) -> None:
    with plan_reader_for(f"sqlite:///{tmp_path}/home/pressroom.db", "acme") as reader:
        assert reader.balance(7) == 7
        assert reader.known_keys(["a"]) == {}
        assert reader.open_jobs(["a"]) == {}
        assert reader.last_plan("launch") is None
        assert reader.month_usage("2026-03") == Usage()

    assert list(tmp_path.iterdir()) == []


def test_a_database_without_a_schema_answers_like_an_empty_one(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        path = Path(empty_url.removeprefix("sqlite:///"))
        path.parent.mkdir()
        path.touch()

    with plan_reader_for(empty_url, "acme") as reader:
        assert (reader.balance(7), reader.known_keys(["a"])) == (7, {})


def test_the_available_balance_is_shown_without_what_is_held(database: Database, database_url: str) -> None:
    with database.write() as conn:
        grant(conn, "first", "acme", 10)
        place_hold(conn, "run-1", "acme", 4, LATER)

    with plan_reader_for(database_url, "acme") as reader:
        assert reader.balance(99) == 6
    for name in ("new", "system:revenue"):
        with plan_reader_for(database_url, name) as reader:
            assert reader.balance(99) == 99


def test_known_nodes_come_with_their_files_in_order(database: Database, database_url: str) -> None:
    with database.write() as conn:
        add_asset(conn, ACME, picture("b", "node-1", ordinal=1))
        add_asset(conn, ACME, picture("a", "node-1", ordinal=0))

    with plan_reader_for(database_url, "acme") as reader:
        known = reader.known_keys(["node-1", "node-2"])

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
        add_asset(conn, ACME, picture("old-0", "node-1"))
        add_asset(conn, ACME, picture("old-1", "node-1", ordinal=1))
        add_asset(conn, ACME, picture("new-0", "node-1", run_id="run-2"))

    with plan_reader_for(database_url, "acme") as reader:
        assert [file.asset_id for file in reader.known_keys(["node-1"])["node-1"].files] == ["new-0"]


def test_thousands_of_keys_are_asked_at_once(database: Database, database_url: str) -> None:
    with database.write() as conn:
        add_asset(conn, ACME, picture("a", "node-9999"))
    keys = [f"node-{number}" for number in range(10_000)]

    with plan_reader_for(database_url, "acme") as reader:
        assert list(reader.known_keys(keys)) == ["node-9999"]


def test_only_unfinished_jobs_are_open(database: Database, database_url: str) -> None:
    job(database, "node-1")
    job(database, "node-2")
    with database.write() as conn:
        mark_failed(conn, "order-node-2", "no paint", LATER)

    with plan_reader_for(database_url, "acme") as reader:
        found = reader.open_jobs(["node-1", "node-2", "node-3"])
        assert [(key, job.order_key, job.state) for key, job in found.items()] == [("node-1", "order-node-1", "intent")]
        assert LibraryIndex(reader).open_jobs(["node-1"]) == found
        assert LibraryIndex(reader).known_keys(["node-1"]) == {}


def test_the_last_plan_is_that_of_the_newest_run_that_was_not_refused(database: Database, database_url: str) -> None:
    with database.write() as conn:
        create_run(conn, ACME, run("old", '{"plan_hash":"old"}'), [])
        create_run(conn, ACME, run("new", '{"plan_hash":"new"}', 1), [])
        create_run(conn, ACME, run("no", '{"plan_hash":"no"}', 2, "refused"), [])

    with plan_reader_for(database_url, "acme") as reader:
        assert reader.last_plan("launch") == {"plan_hash": "new"}
        assert reader.last_plan("blog") is None


def test_usage_is_what_this_account_used_and_holds_this_month(database: Database, database_url: str) -> None:
    units = {"image": 3, "usd": 90}
    with database.write() as conn:
        hold = place_hold(conn, "mine", "acme", 0, LATER, allowances=units, month="2026-11")
        place_hold(conn, "theirs", "rival", 0, LATER, allowances=units, month="2026-11")
    with database.write() as conn:
        capture(conn, "node", hold.id, 0, used={"image": 1, "usd": 40})

    with plan_reader_for(database_url, "acme") as reader:
        assert reader.month_usage("2026-11") == Usage({"image": 1, "usd": 40}, {"image": 2, "usd": 50})
        assert reader.month_usage("2026-12") == Usage()


def test_the_subscription_is_the_one_of_the_account_and_the_default_only_that_of_a_new_one(
    database: Database, database_url: str
) -> None:
    with database.write() as conn:
        change_plan(conn, "up", "acme", "pro")

    for name, plan in (("acme", "pro"), ("rival", "free"), ("new", "enterprise")):
        with plan_reader_for(database_url, name) as reader:
            assert reader.subscription("enterprise") == plan


@pytest.mark.parametrize("month", ["2026-13", "march", "2026", ""])
def test_a_month_has_one_form(tmp_path: Path, month: str) -> None:
    with plan_reader_for(f"sqlite:///{tmp_path}/x.db", "acme") as reader, pytest.raises(Invalid, match="not a month"):
        reader.month_usage(month)


def test_reading_leaves_no_trace_in_the_folder(sqlite_url: str) -> None:
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    with plan_reader_for(sqlite_url, "acme") as reader:
        reader.balance(1)

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_reading_sees_what_a_running_process_has_just_committed(sqlite_url: str) -> None:
    with Database.open(sqlite_url) as database:
        with database.write() as conn:
            ensure_account(conn, "acme", 5)

        with plan_reader_for(sqlite_url, "acme") as reader:
            assert reader.balance(99) == 5


def test_reading_a_file_that_is_no_database_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("dear diary, " * 100)

    with pytest.raises(Corrupt, match="damaged"), plan_reader_for(f"sqlite:///{path}", "acme"):
        pass


def test_reading_sqlite_imports_neither_sqlalchemy_nor_alembic(sqlite_url: str) -> None:
    code = (
        "import sys; from pressroom.database.plan_reader import plan_reader_for\n"
        "with plan_reader_for(sys.argv[1], 'acme') as reader: print(reader.balance(7), reader.known_keys(['a']))\n"
        "print([name for name in ('sqlalchemy', 'alembic', 'psycopg') if name in sys.modules])"
    )

    result = subprocess.run([sys.executable, "-c", code, sqlite_url], cwd=ROOT, capture_output=True, text=True)

    assert (result.stdout, result.stderr) == ("7 {}\n[]\n", "")


def test_the_newest_orders_say_how_they_went_and_open_ones_are_never_too_old(
    database: Database, database_url: str
) -> None:
    ends = {
        "fine": lambda conn, key: journal.mark_delivered(conn, key, [], UNSAID, 0, LATER),
        "refused": lambda conn, key: journal.mark_failed(conn, key, "no", LATER),
        "broke": lambda conn, key: (
            journal.mark_submitted(conn, key, key, LATER, next_ask_at=LATER, deadline_at=LATER + HOUR),
            journal.mark_failed(conn, key, "it failed", LATER),
        ),
        "settled": lambda conn, key: (
            journal.mark_submitted(conn, key, key, LATER, next_ask_at=LATER, deadline_at=LATER + HOUR),
            journal.mark_failed(conn, key, "a person", LATER, Billed(0, {}, {"reconciled": "billed"})),
        ),
        "unsent": lambda conn, key: journal.mark_unsent(conn, key, "no line", LATER),
        "lost": lambda conn, key: journal.mark_unknown(conn, key, "lost", LATER),
        "waited for": lambda conn, key: journal.mark_submitted(
            conn, key, key, LATER, next_ask_at=LATER, deadline_at=LATER + HOUR
        ),
        "silent": lambda conn, key: journal.mark_submitted(conn, key, key, LATER, next_ask_at=LATER, deadline_at=LATER),
        "stopped": lambda conn, key: (
            journal.mark_submitted(conn, key, key, LATER, next_ask_at=LATER, deadline_at=LATER + HOUR),
            journal.mark_cancelled(conn, key, "stopped", LATER),
        ),
    }
    for name, end in ends.items():
        job(database, name)
        with database.write() as conn:
            end(conn, f"order-{name}")

    with plan_reader_for(database_url, "acme") as reader:
        went = {order.step: order for order in reader.recent_orders(LATER, LATER)}
        later = reader.recent_orders(LATER + HOUR, LATER)
        assert reader.last_errors().keys() == {"p"}
    with plan_reader_for(database_url, "other") as reader:
        assert (reader.recent_orders(LATER, LATER), reader.last_errors()) == ([], {})

    assert {name: order.outcome.value for name, order in went.items()} == {
        "fine": "good", "refused": "none", "broke": "bad", "settled": "none", "unsent": "bad", "lost": "bad",
        "waited for": "open", "silent": "bad", "stopped": "none",
    }  # fmt: skip
    assert {name for name, order in went.items() if order.unfinished and order.taken} == {
        *("fine", "lost", "waited for", "silent"),
    }
    assert {order.step for order in later} == {"fine", "unsent", "lost", "waited for", "silent"}
    assert all(order.at == LATER and order.campaign == "launch" for order in went.values())
