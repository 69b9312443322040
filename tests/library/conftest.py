"""Databases in which there are accounts to own what is filed."""

from __future__ import annotations

import pytest

from pressroom.database.engine import Database
from tests.support.accounts import open_accounts


@pytest.fixture
def database(database: Database) -> Database:
    """An open database with the accounts `acme` and `rival`."""
    return open_accounts(database)
