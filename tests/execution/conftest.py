from __future__ import annotations

from pathlib import Path

import pytest

from pressroom.database.engine import Database
from tests.support.studio import Studio, open_studio


@pytest.fixture
def studio(tmp_path: Path, database: Database, database_url: str) -> Studio:
    """A studio of this test's own, on SQLite and on PostgreSQL."""
    return open_studio(tmp_path / "home", database, database_url)
