from __future__ import annotations

import shutil
import socket
import sqlite3
import traceback
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import func, insert, select, text, update

from pressroom.database.engine import Database, lock_path
from pressroom.database.migrations import HEAD
from pressroom.database.schema import account
from pressroom.domain.errors import Corrupt, Invalid, Permanent, PressroomError, Refused, Retryable
from pressroom.ledger import ensure_account

PASSWORD = "correct-horse-battery"


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    with Database.open(sqlite_url) as opened:
        yield opened


def names(database: Database) -> list[str]:
    with database.read() as conn:
        return list(conn.execute(select(account.c.name).where(account.c.id > 0)).scalars())


def add(database: Database, name: str = "acme") -> None:
    with database.write() as conn:
        ensure_account(conn, name, 5)


def test_what_a_write_did_is_there_for_everybody_afterwards(database: Database, database_url: str) -> None:
    add(database)

    with Database.open(database_url, create=False) as other:
        assert names(other) == ["acme"]


def test_a_write_that_raises_leaves_nothing(database: Database) -> None:
    def stumble() -> None:
        with database.write() as conn:
            ensure_account(conn, "acme", 5)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stumble()

    assert names(database) == []


def test_what_is_written_in_a_read_is_refused_or_undone(database: Database) -> None:
    try:
        with database.read() as conn:
            ensure_account(conn, "acme", 5)
    except PressroomError:
        pass

    assert names(database) == []


def test_a_read_sees_one_moment_while_others_write(database: Database) -> None:
    with database.read() as conn:
        before = conn.execute(select(func.count()).select_from(account)).scalar_one()
        thread = Thread(target=add, args=(database,))
        thread.start()
        thread.join()
        after = conn.execute(select(func.count()).select_from(account)).scalar_one()

    assert before == after
    assert names(database) == ["acme"]


def test_reads_do_not_wait_for_a_writer(database: Database) -> None:
    with database.write() as conn:
        ensure_account(conn, "acme", 5)
        seen: list[list[str]] = []
        thread = Thread(target=lambda: seen.append(names(database)))
        thread.start()
        thread.join(timeout=60)

        assert seen == [[]]


def test_writes_after_a_read_in_one_transaction_lose_no_update(database: Database) -> None:
    """The default of the driver lost half of these without a word."""
    add(database)
    balance = select(account.c.balance).where(account.c.name == "acme")

    def work() -> None:
        for _ in range(20):
            with database.write() as conn:
                found = conn.execute(balance.with_for_update()).scalar_one()
                conn.execute(update(account).where(account.c.name == "acme").values(balance=found + 1))

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.read() as conn:
        assert conn.execute(balance).scalar_one() == 5 + 80


def test_a_write_inside_a_write_of_the_same_thread_is_an_error_not_a_deadlock(database: Database) -> None:
    with pytest.raises(Permanent, match=r"write\(\) inside write\(\)"), database.write(), database.write():
        pass

    add(database)
    assert names(database) == ["acme"]


def test_check_says_in_one_line_what_works(database: Database) -> None:
    line = database.check()

    assert "\n" not in line
    assert f"schema {HEAD}, 0 assets" in line


def test_sqlite_is_set_up_so_that_money_survives(sqlite_database: Database) -> None:
    with sqlite_database.read() as conn:
        pragmas = {
            name: conn.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }

    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_writers_wait_in_the_queue_of_the_lock_file(sqlite_database: Database) -> None:
    begun, done = Event(), Event()

    def work() -> None:
        begun.set()
        add(sqlite_database)
        done.set()

    with sqlite_database.write():
        thread = Thread(target=work)
        thread.start()
        begun.wait()

        assert not done.wait(timeout=0.2)
    thread.join()

    assert sqlite_database.path is not None
    assert lock_path(sqlite_database.path).is_file()
    assert names(sqlite_database) == ["acme"]


def test_a_schema_statement_in_a_write_is_undone_too(database: Database) -> None:
    def stumble() -> None:
        with database.write() as conn:
            conn.execute(text("CREATE TABLE extra (x INTEGER)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stumble()

    with pytest.raises(PressroomError), database.read() as conn:
        conn.execute(text("SELECT * FROM extra"))


def test_a_missing_file_is_refused_when_it_may_not_be_created(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there is no database"):
        Database.open(f"sqlite:///{tmp_path}/none.db", create=False)

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("dear diary, " * 100)

    with pytest.raises(Refused, match="not a SQLite database"):
        Database.open(f"sqlite:///{path}")

    assert path.read_text().startswith("dear diary")


def test_a_damaged_database_is_corrupt(sqlite_url: str, migrated_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "damaged.db"
    data = bytearray(migrated_file.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)

    with pytest.raises(Corrupt, match="damaged"):
        Database.open(f"sqlite:///{path}")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Refused, match="cannot use the database file"):
        Database.open(f"sqlite:///{tmp_path}/file/pressroom.db")


def test_a_database_locked_by_another_program_is_retryable(sqlite_url: str) -> None:
    with Database.open(f"{sqlite_url}?timeout=0.1") as database:
        assert database.path is not None
        other = sqlite3.connect(database.path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        try:
            with pytest.raises(Retryable, match="busy"), database.write() as conn:
                conn.execute(text("SELECT 1"))
        finally:
            other.close()


def test_a_server_that_is_away_is_retryable_and_its_password_stays_secret() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(Retryable) as away:
        Database.open(f"postgresql+psycopg://user:{PASSWORD}@127.0.0.1:{port}/x?connect_timeout=2")

    assert PASSWORD not in "".join(traceback.format_exception(away.value))


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://user:{PASSWORD}@host:not-a-port/x",
        f"mysql://user:{PASSWORD}@host/x",
    ],
)
def test_a_url_that_cannot_be_read_is_invalid_and_not_repeated(url: str) -> None:
    with pytest.raises(Invalid) as invalid:
        Database.open(url)

    assert PASSWORD not in "".join(traceback.format_exception(invalid.value))


def test_an_option_the_server_does_not_know_shows_no_password(empty_postgres_url: str) -> None:
    with pytest.raises(PressroomError) as failed:
        Database.open(f"{empty_postgres_url}&password={PASSWORD}&nonsense={PASSWORD}")

    assert PASSWORD not in "".join(traceback.format_exception(failed.value))


def test_rows_that_the_database_refuses_show_no_values(database: Database) -> None:
    add(database)
    row = {"name": "acme", "plan": PASSWORD, "created_at": None}

    with pytest.raises(PressroomError, match="refused a row") as failed, database.write() as conn:
        conn.execute(insert(account).values(**row))

    assert PASSWORD not in str(failed.value)


def test_a_copy_of_the_file_is_a_whole_database(sqlite_url: str, tmp_path: Path) -> None:
    with Database.open(sqlite_url) as database:
        add(database)
        path = database.path
    assert path is not None
    copy = shutil.copy(path, tmp_path / "copy.db")

    with Database.open(f"sqlite:///{copy}", create=False) as restored:
        assert names(restored) == ["acme"]
