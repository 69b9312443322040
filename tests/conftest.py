"""Fresh databases, one per test, on SQLite and on PostgreSQL; one Prefect server for all tests that need one."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import hypothesis
import pytest
from sqlalchemy import create_engine, make_url

from pressroom import prefect_server
from pressroom.database.engine import Database
from tests.support.desks import Desk, set_up
from tests.support.studio import Studio, open_studio

POSTGRES_URL_VARIABLE = "PRESSROOM_TEST_POSTGRES_URL"
SERVICES = Path(__file__).with_name("services")
# No property depends on time being short: a busy machine takes any time for an example.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--thorough", action="store_true", help="run the tests that are marked as thorough, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What waits for servers and processes comes first: no worker is to have it left when the others are done."""
    if not config.getoption("thorough"):
        left_out = {item for item in items if item.get_closest_marker("thorough") or on_another_database_too(item)}
        config.hook.pytest_deselected(items=[*left_out])
        items[:] = [item for item in items if item not in left_out]
    waiting = {item.path for item in items if any(map(item.get_closest_marker, ("prefect", "timeout")))}
    items.sort(key=lambda item: item.path not in waiting)


def on_another_database_too(item: pytest.Item) -> bool:
    """Whether it repeats on PostgreSQL what a service does with the ledger, the library and the runs, of which each has
    tests of its own on both databases."""
    repeated = item.path.parent == SERVICES and not item.get_closest_marker("both_databases")
    return repeated and getattr(getattr(item, "callspec", None), "params", {}).get("database_url") == "postgresql"


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """What a command that runs in this process leaves in its environment, such as where Prefect is, goes with the test."""
    with patch.dict(os.environ):
        yield


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "pressroom.db"
    Database.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_file: Path) -> str:
    """A migrated SQLite database of this test's own."""
    path = tmp_path / "database" / "pressroom.db"
    path.parent.mkdir()
    shutil.copy(migrated_file, path)
    return f"sqlite:///{path}"


@contextmanager
def postgres_database(template: str = "template1") -> Iterator[str]:
    """The URL of a copy of a database, on the PostgreSQL server that the environment names; its role may create databases."""
    server = os.environ.get(POSTGRES_URL_VARIABLE)
    if not server:
        pytest.skip(f"no PostgreSQL: set {POSTGRES_URL_VARIABLE}")
    name = f"test_{secrets.token_hex(8)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        # Files are copied in a fifth of the time that the statements of a schema take.
        conn.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as conn:
        conn.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


@pytest.fixture
def empty_postgres_url() -> Iterator[str]:
    """An empty database of this test's own."""
    with postgres_database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database in which there is nothing yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'pressroom.db'}"
    return str(request.getfixturevalue("empty_postgres_url"))


@pytest.fixture(scope="session")
def migrated_database() -> Iterator[str]:
    """The name of a PostgreSQL database at the newest schema, to be copied; nobody is connected to it."""
    with postgres_database() as url:
        Database.open(url).close()
        yield str(make_url(url).database)


@pytest.fixture
def postgres_url(migrated_database: str) -> Iterator[str]:
    """A PostgreSQL database of this test's own at the newest schema."""
    with postgres_database(migrated_database) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database at the newest schema."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database at the newest schema."""
    with Database.open(database_url) as opened:
        yield opened


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose Prefect server answers; it ends with the session. The developer's own is never touched."""
    assert "PREFECT_API_URL" not in os.environ, "unset PREFECT_API_URL: the tests bring a Prefect server of their own"
    home = tmp_path_factory.mktemp("prefect") / "home"
    prefect_server.ensure_started(home).wait_ready()
    yield home
    prefect_server.stop(home)


@pytest.fixture
def desk(tmp_path: Path, prefect_home: Path) -> Desk:
    """A folder with a small campaign and a home of its own."""
    return set_up(tmp_path, prefect_home)


@pytest.fixture
def studio(tmp_path: Path, database: Database, database_url: str) -> Studio:
    """A studio of this test's own, on SQLite and on PostgreSQL."""
    return open_studio(tmp_path / "home", database, database_url)
