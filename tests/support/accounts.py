"""Two accounts in a fresh database: rows need an owner."""

from __future__ import annotations

from pressroom.database.engine import Database
from pressroom.ledger.accounts import ensure_account

# Numbers are given in order, from 1.
ACME = 1
RIVAL = 2


def open_accounts(database: Database) -> Database:
    """The database with `acme` and `rival`, who have no credits."""
    with database.write() as conn:
        assert [ensure_account(conn, name, 0) for name in ("acme", "rival")] == [ACME, RIVAL]
    return database
