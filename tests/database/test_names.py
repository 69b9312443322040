"""Names in a column: each once, in order, and none of another account."""

from __future__ import annotations

import pytest

from pressroom.database.engine import Database
from pressroom.database.names import names_in, require_name
from pressroom.database.schema import asset
from pressroom.domain.errors import Invalid
from pressroom.domain.media import Asset, Kind
from pressroom.library.assets import add_asset
from tests.support.accounts import ACME, RIVAL, open_accounts


@pytest.fixture
def filed(database: Database) -> Database:
    open_accounts(database)
    owners = [(ACME, "launch"), (ACME, "blog"), (ACME, "launch"), (RIVAL, "lunch")]
    with database.write() as conn:
        for number, (owner, campaign) in enumerate(owners):
            add_asset(conn, owner, Asset(str(number), f"{number:064}", Kind.IMAGE, "x/y", 1, campaign=campaign))
    return database


def test_each_name_is_told_once_and_in_order(filed: Database) -> None:
    with filed.read() as conn:
        assert names_in(conn, asset.c.campaign, ACME) == ["blog", "launch"]
        assert names_in(conn, asset.c.campaign, ACME, most=1) == ["blog"]
        assert names_in(conn, asset.c.campaign, RIVAL) == ["lunch"]


def test_a_name_that_is_missing_gets_the_nearest_of_the_account(filed: Database) -> None:
    with filed.read() as conn:
        require_name(conn, asset.c.campaign, ACME, "blog", "asset is of a campaign")

        with pytest.raises(Invalid, match=r"no asset is of a campaign 'lunch'.*did you mean 'launch'"):
            require_name(conn, asset.c.campaign, ACME, "lunch", "asset is of a campaign")
