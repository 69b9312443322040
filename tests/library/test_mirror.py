"""The columns in memory are what SQL says: for every process, after every change, crash, and copy that was put back."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from pressroom.database.engine import Database
from pressroom.domain.media import Asset, Kind
from pressroom.library.assets import add_asset
from pressroom.library.column_file import FORMAT, load
from pressroom.library.mirror import Mirror
from pressroom.library.search import Filter, Query, Sort, find
from tests.support.accounts import ACME, RIVAL, open_accounts


def file_some(database: Database, first: int, count: int, account: int = ACME, **more: object) -> None:
    with database.write() as conn:
        for number in range(first, first + count):
            name = f"{account}-{number}"
            add_asset(conn, account, replace(Asset(name, f"{number:064}", Kind.IMAGE, "x/y", number), **more))  # type: ignore[arg-type]


def ids(database: Database, kept: Mirror, query: Query | None = None, account: int = ACME) -> list[str]:
    with database.read() as conn:
        return [each.id for each in find(conn, account, query or Query(limit=500), kept).items]


def on_disk(folder: Path) -> Mirror:
    """With a file for every library, however small."""
    return Mirror(folder, worth_a_file=1)


def test_pages_lose_and_repeat_nothing_while_ten_thousand_are_filed(sqlite_url: str) -> None:
    with Database.open(sqlite_url) as database:
        open_accounts(database)
        file_some(database, 0, 3_000)
        for sort in (Sort.NEWEST, Sort.SIZE):
            there = set(ids_of_all(database))
            kept, seen, query = Mirror(None), [], Query(sort=sort, limit=500)
            number = len(there)
            while True:
                with database.read() as conn:
                    page = find(conn, ACME, query, kept)
                seen += [each.id for each in page.items]
                file_some(database, number, 900)
                number += 900
                if page.next_cursor is None:
                    break
                query = replace(query, cursor=page.next_cursor)

            assert len(seen) == len(set(seen))
            assert there <= set(seen)


def ids_of_all(database: Database) -> list[str]:
    with database.read() as conn:
        return list(conn.execute(text("SELECT id FROM asset")).scalars())


def test_another_process_goes_on_from_the_file(database: Database, tmp_path: Path) -> None:
    file_some(database, 0, 20, tags=("old",))
    assert len(ids(database, on_disk(tmp_path))) == 20
    file_some(database, 20, 3, tags=("new", "old"), campaign="later")
    (path,) = tmp_path.glob("*.columns")
    before = path.read_bytes()

    other = on_disk(tmp_path)

    assert ids(database, other, Query(Filter(campaign="later"))) == ["1-22", "1-21", "1-20"]
    assert len(ids(database, other, Query(Filter(tag="old")))) == 23
    assert path.read_bytes() != before
    assert load(path) is not None
    assert ids(database, on_disk(tmp_path), account=RIVAL) == []


@pytest.mark.parametrize("harm", ["cut", "foreign", "empty", "a folder", "another format"])
def test_a_file_that_was_harmed_is_made_again(sqlite_url: str, tmp_path: Path, harm: str) -> None:
    with Database.open(sqlite_url) as database:
        open_accounts(database)
        file_some(database, 0, 5)
        ids(database, on_disk(tmp_path))
        (path,) = tmp_path.glob("*.columns")
        data = path.read_bytes()
        path.unlink()
        if harm == "a folder":
            path.mkdir()
        else:
            changed = data.replace(f'"format": {FORMAT}'.encode(), b'"format": 0')
            path.write_bytes({"cut": data[:-3], "foreign": b"hello", "empty": b"", "another format": changed}[harm])

        left = tmp_path / f"{path.name}abandoned"
        left.write_bytes(b"half")
        os.utime(left, (0, 0))

        assert len(ids(database, on_disk(tmp_path))) == 5
        assert not list(tmp_path.glob("*.columns?*"))


def test_a_database_that_was_put_back_from_a_copy_is_read_anew(sqlite_url: str, tmp_path: Path) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with Database.open(sqlite_url) as database:
        open_accounts(database)
        file_some(database, 0, 3)
    shutil.copy(path, tmp_path / "copy.db")
    with Database.open(sqlite_url) as database:
        file_some(database, 3, 2, campaign="lost")
        assert len(ids(database, on_disk(tmp_path / "cache"))) == 5
    path.unlink()
    shutil.copy(tmp_path / "copy.db", path)

    with Database.open(sqlite_url) as database:
        file_some(database, 13, 2, campaign="kept")
        assert ids(database, on_disk(tmp_path / "cache")) == ["1-14", "1-13", "1-2", "1-1", "1-0"]


def test_what_a_long_transaction_files_is_found_once_it_is_committed(empty_postgres_url: str) -> None:
    """It takes its numbers before those of others, whose assets are read first."""
    with Database.open(empty_postgres_url) as database:
        open_accounts(database)
        kept = Mirror(None)
        with database.write() as slow:
            add_asset(slow, ACME, Asset("slow", "0" * 64, Kind.IMAGE, "x/y", 1))
            filing = threading.Thread(target=file_some, args=(database, 0, 3))
            filing.start()
            filing.join()
            assert ids(database, kept) == ["1-2", "1-1", "1-0"]

        assert set(ids(database, kept)) == {"slow", "1-2", "1-1", "1-0"}


def test_a_transaction_that_began_before_others_is_answered_too(database: Database) -> None:
    file_some(database, 0, 2)
    kept = Mirror(None)
    with database.read() as older:
        assert len(find(older, ACME, Query(), kept).items) == 2
        file_some(database, 2, 1)
        assert len(ids(database, kept)) == 3

        assert [each.id for each in find(older, ACME, Query(), kept).items] == ["1-1", "1-0"]


def test_accounts_that_were_not_asked_for_lately_are_let_go(database: Database) -> None:
    kept = Mirror(None, most_rows=4)
    for account in (ACME, RIVAL):
        file_some(database, 0, 3, account)

    assert [len(ids(database, kept, account=account)) for account in (ACME, RIVAL, ACME)] == [3, 3, 3]
    assert kept.rows == 3


@pytest.fixture
def threads() -> Iterator[list[threading.Thread]]:
    made: list[threading.Thread] = []
    yield made
    for each in made:
        each.join()


def test_threads_may_search_while_assets_are_filed(sqlite_url: str, threads: list[threading.Thread]) -> None:
    with Database.open(sqlite_url) as database:
        open_accounts(database)
        file_some(database, 0, 50, tags=("all",))
        kept, wrong = Mirror(None), []

        def search() -> None:
            for _ in range(20):
                found = ids(database, kept, Query(Filter(tag="all"), limit=500))
                if len(found) != len(set(found)) or len(found) < 50:
                    wrong.append(found)

        threads += [threading.Thread(target=search) for _ in range(4)]
        for each in threads:
            each.start()
        file_some(database, 50, 50, tags=("all",))
        for each in threads:
            each.join()

        assert wrong == []
        assert len(ids(database, kept)) == 100
