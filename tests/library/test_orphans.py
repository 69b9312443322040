"""Objects are in use while an asset of any account, or a purchase, has them."""

from __future__ import annotations

from pressroom.database.engine import Database
from pressroom.domain.media import Asset, Kind
from pressroom.library.assets import add_asset
from pressroom.library.orphans import used_objects
from tests.support.accounts import ACME, RIVAL


def test_files_of_every_account_are_in_use_and_nothing_else(database: Database) -> None:
    with database.write() as conn:
        add_asset(conn, ACME, Asset("a", "a" * 64, Kind.IMAGE, "x/y", 1))
        add_asset(conn, RIVAL, Asset("b", "b" * 64, Kind.IMAGE, "x/y", 1))

    with database.read() as conn:
        used = used_objects(conn)(["a" * 64, "b" * 64, "c" * 64])

    assert used == {"a" * 64, "b" * 64}
