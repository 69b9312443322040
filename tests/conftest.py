"""Fresh databases, one per test, on SQLite and on PostgreSQL; one Prefect server for all tests that need one."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import create_engine, make_url

from pressroom import prefect_server
from pressroom.database.engine import Database
from tests.support.desks import Desk, set_up
from tests.support.studio import Studio, open_studio

POSTGRES_URL_VARIABLE = "PRESSROOM_TEST_POSTGRES_URL"
# No property depends on time being short: a busy machine takes any time for an example.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


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
def postgres_schema() -> Iterator[str]:
    """The URL of an empty schema on the PostgreSQL server that the environment names."""
    server = os.environ.get(POSTGRES_URL_VARIABLE)
    if not server:
        pytest.skip(f"no PostgreSQL: set {POSTGRES_URL_VARIABLE}")
    schema = f"test_{secrets.token_hex(8)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.exec_driver_sql(f"CREATE SCHEMA {schema}")
    url = make_url(server).update_query_dict({"options": f"-csearch_path={schema}"})
    yield url.render_as_string(hide_password=False)
    with engine.connect() as conn:
        conn.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    engine.dispose()


@pytest.fixture
def empty_postgres_url() -> Iterator[str]:
    """An empty schema of this test's own."""
    with postgres_schema() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database in which there is nothing yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'pressroom.db'}"
    return str(request.getfixturevalue("empty_postgres_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database at the newest schema."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    url = str(request.getfixturevalue("empty_postgres_url"))
    Database.open(url).close()
    return url


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
