"""A home from before accounts owned everything: whose is what afterwards."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from pressroom.database.engine import Database
from pressroom.database.plan_reader import plan_reader_for
from pressroom.database.triggers import ensure_objects
from pressroom.library.assets import get_asset, input_id
from pressroom.library.collections import collections_of
from pressroom.library.lineage import lineage
from pressroom.library.similar import fingerprints
from pressroom.library.tags import tag_counts
from pressroom.runs.records import list_runs
from tests.support.finding import find_in
from tests.support.old_home import ASSETS, NAMES, ORPHAN, SHARED, UNUSED, old_home, sha256_of


def owner(conn: Connection, table: str, column: str, value: str) -> str:
    query = f"SELECT a.name FROM {table} t JOIN account a ON a.id = t.account_id WHERE t.{column} = :value"
    return str(conn.execute(text(query), {"value": value}).scalar_one())


@pytest.fixture
def migrated(empty_url: str) -> Database:
    old_home(empty_url)
    return Database.open(empty_url)


def test_ten_thousand_assets_of_three_accounts_find_their_owners(migrated: Database) -> None:
    with migrated.read() as conn:
        ids = {
            name: conn.execute(text("SELECT id FROM account WHERE name = :n"), {"n": name}).scalar() for name in NAMES
        }
        counts = [find_in(conn, ids[name]).count for name in NAMES]
        found = [find_in(conn, ids[name], text="kettle", kind="image").count for name in NAMES]
        default = conn.execute(text("SELECT id, balance FROM account WHERE name = 'default'")).one()

        # Every third, and the photo goes to the first that made something of it.
        assert counts == found == [3_333 + 1, 3_332, 3_332]
        assert sum(counts) + find_in(conn, default.id).count == ASSETS
        assert [owner(conn, "asset", "id", name) for name in (SHARED, UNUSED, ORPHAN, "a1")] == [
            "acme",
            "default",
            "default",
            "rival",
        ]
        assert default.balance == 0
        assert owner(conn, "run", "id", "run-9") == "default"
        assert [run.account for run in list_runs(conn, ids["rival"])] == ["rival"]
        assert owner(conn, "job", "order_key", "key:0") == "rival"
        # An input is found again under its old id, and another account gets an id of its own.
        assert input_id(conn, ids["acme"], sha256_of(SHARED)) == SHARED
        assert input_id(conn, ids["rival"], sha256_of(SHARED)) != SHARED
    migrated.close()


def test_what_hangs_on_an_asset_goes_with_it(migrated: Database) -> None:
    with migrated.read() as conn:
        acme, rival = (
            conn.execute(text("SELECT id FROM account WHERE name = :n"), {"n": name}).scalar_one()
            for name in ("acme", "rival")
        )
        assert (tag_counts(conn, acme), tag_counts(conn, rival)) == ({"spring": 2}, {"spring": 1})
        assert [(each.name, each.count) for each in collections_of(conn, acme)][-1] == ("fair", 2)
        assert [(each.name, each.count) for each in collections_of(conn, rival)] == [("fair", 1)]
        assert [each.id for each in find_in(conn, acme, collection="fair", tag="spring").items] == ["a3", "a0"]
        assert [each.id for each in find_in(conn, rival, collection="fair", tag="spring").items] == ["a1"]
        assert get_asset(conn, rival, "a1").parents == ()
        assert [each.id for each in lineage(conn, acme, "a3").ancestors] == ["a0", SHARED]
        assert [each.id for each in lineage(conn, acme, SHARED).descendants] == ["a0", "a3"]
        assert len(fingerprints(conn, acme, [sha256_of(name) for name in ("a0", "a1", SHARED)])) == 2
    migrated.close()


def test_a_migrated_database_takes_new_rows_and_migrates_no_further(migrated: Database) -> None:
    migrated.migrate()
    with migrated.write() as conn:
        ensure_objects(conn)
        conn.execute(text("UPDATE asset SET title = 'teapot' WHERE id = 'a0'"))
        acme = conn.execute(text("SELECT id FROM account WHERE name = 'acme'")).scalar_one()
        assert [each.id for each in find_in(conn, acme, text="teapot").items] == ["a0"]
    migrated.close()


def test_a_plan_of_an_older_home_brings_it_up_to_date(empty_url: str) -> None:
    old_home(empty_url)

    with plan_reader_for(empty_url, "rival") as reader:
        assert set(reader.known_keys(["key-a0", "key-a1"])) == {"key-a1"}
        assert set(reader.open_jobs(["key"])) == {"key"}
    with plan_reader_for(empty_url, "acme") as reader:
        assert reader.open_jobs(["key"]) == {}
