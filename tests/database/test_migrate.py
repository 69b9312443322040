from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from pressroom.database.engine import Database
from pressroom.database.migrate import OPTIONS, config
from pressroom.database.migrations import HEAD, VERSION_TABLE
from pressroom.database.schema import metadata
from pressroom.database.triggers import ensure_objects
from pressroom.domain.errors import Permanent, Refused
from pressroom.domain.media import Asset, Kind
from pressroom.ledger import ensure_account
from pressroom.library.assets import add_asset
from tests.support.accounts import ACME
from tests.support.finding import find_in

ROOT = Path(__file__).parents[2]
PICTURE = Asset(id="a1", sha256="0" * 64, kind=Kind.IMAGE, mime="image/png", size_bytes=1, title="a red kettle")


def test_an_empty_database_comes_to_the_newest_schema(empty_url: str) -> None:
    with Database.open(empty_url) as database, database.read() as conn:
        tables = set(inspect(conn).get_table_names())

    assert {table.name for table in metadata.sorted_tables} <= tables
    assert VERSION_TABLE in tables
    assert "alembic_version" not in tables


def test_the_newest_schema_is_the_one_in_the_code(database: Database) -> None:
    with database.write() as conn:
        context = MigrationContext.configure(conn, opts={**OPTIONS, "compare_server_default": False})

        assert compare_metadata(context, metadata) == []


def test_the_known_head_is_the_last_revision(database: Database) -> None:
    with database.read() as conn:
        assert ScriptDirectory.from_config(config(conn)).get_heads() == [HEAD]
    assert database.revision() == HEAD


def test_a_database_that_is_up_to_date_is_opened_without_alembic(database_url: str) -> None:
    code = (
        "import sys; from pressroom.database.engine import Database; Database.open(sys.argv[1]).close(); "
        "print('alembic' in sys.modules)"
    )

    result = subprocess.run([sys.executable, "-c", code, database_url], cwd=ROOT, capture_output=True, text=True)

    assert (result.stdout, result.stderr) == ("False\n", "")


def test_four_processes_may_start_on_an_empty_database_at_once(empty_url: str) -> None:
    code = (
        "import sys; from pressroom.database.engine import Database; import pressroom.database.migrate; "
        "print('ready', flush=True); sys.stdin.readline(); print(Database.open(sys.argv[1]).revision())"
    )
    command = [sys.executable, "-c", code, empty_url]
    processes = [
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 4
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate() for process in processes]

    assert answers == [(f"{HEAD}\n", "")] * 4
    with Database.open(empty_url) as database, database.read() as conn:
        assert conn.execute(text("SELECT count(*) FROM account WHERE id < 0")).scalar_one() == 2


def test_a_database_of_a_newer_version_is_refused(database: Database, database_url: str) -> None:
    with database.write() as conn:
        conn.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))

    with pytest.raises(Refused, match=f"has schema 9999, this version of Pressroom knows {HEAD}"):
        Database.open(database_url)
    with pytest.raises(Permanent, match="schema is 9999"):
        database.check()


def test_migrating_again_changes_nothing(database: Database) -> None:
    database.migrate()

    assert database.revision() == HEAD


def test_lost_search_triggers_come_back_with_what_was_filed_meanwhile(sqlite_url: str) -> None:
    """SQLite's table copies drop triggers without a word."""
    with Database.open(sqlite_url) as database:
        with database.write() as conn:
            ensure_account(conn, "acme", 0)
            for name in ("insert", "update", "delete"):
                conn.execute(text(f"DROP TRIGGER asset_fts_{name}"))
            add_asset(conn, ACME, PICTURE)
        with database.read() as conn:
            assert find_in(conn, ACME, text="kettle").items == ()

        with database.write() as conn:
            ensure_objects(conn)

        with database.read() as conn:
            assert [each.id for each in find_in(conn, ACME, text="kettle").items] == ["a1"]


def test_foreign_keys_are_on_again_after_a_migration(tmp_path: Path) -> None:
    with Database.open(f"sqlite:///{tmp_path}/new.db") as database, database.read() as conn:
        assert conn.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
