from __future__ import annotations

from pathlib import Path

import pytest

from pressroom.database.urls import checked, sqlite_path
from pressroom.domain.errors import Invalid


def test_the_file_of_a_sqlite_url_is_found() -> None:
    assert sqlite_path("sqlite:////var/lib/my press.db") == Path("/var/lib/my press.db")
    assert sqlite_path("postgresql+psycopg://host/name") is None


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory", "sqlite+aiosqlite:///x"]
)
def test_a_sqlite_without_a_plain_file_is_invalid(url: str) -> None:
    with pytest.raises(Invalid, match="plain file"):
        sqlite_path(url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_is_reached_through_psycopg(scheme: str) -> None:
    assert checked(f"{scheme}://user:word@host/name") == "postgresql+psycopg://user:word@host/name"


@pytest.mark.parametrize("url", ["mysql://root:hunter2@host/x", "hunter2", "postgresql+asyncpg://u:hunter2@h/x"])
def test_other_databases_are_invalid_and_not_repeated(url: str) -> None:
    with pytest.raises(Invalid) as invalid:
        checked(url)

    assert "hunter2" not in str(invalid.value)
