from __future__ import annotations

import pytest
from sqlalchemy import insert, select, update

from pressroom.database.engine import Database
from pressroom.database.schema import asset, asset_parent
from pressroom.domain.errors import Invalid, Permanent
from pressroom.domain.media import Asset, Kind
from pressroom.library.assets import add_asset
from pressroom.library.lineage import lineage
from tests.support.accounts import ACME


def add(database: Database, parents: dict[str, str]) -> None:
    """Names with the names of their parents, in order."""
    with database.write() as conn:
        for name, above in parents.items():
            picture = Asset(name, name.encode().hex().ljust(64, "0"), Kind.IMAGE, "image/png", 1)
            add_asset(
                conn,
                ACME,
                Asset(**{each: getattr(picture, each) for each in Asset.__slots__} | {"parents": tuple(above.split())}),
            )


def ids(assets: tuple[Asset, ...]) -> list[str]:
    return [each.id for each in assets]


def test_lineage_names_everything_above_and_below_nearest_first(database: Database) -> None:
    add(database, {"photo": "", "logo": "", "cut": "photo", "post": "cut logo", "clip": "post", "other": "photo"})

    with database.read() as conn:
        found = lineage(conn, ACME, "cut")

    assert found.asset.id == "cut"
    assert ids(found.ancestors) == ["photo"]
    assert ids(found.descendants) == ["post", "clip"]
    assert set(found.edges) == {("cut", "photo"), ("post", "cut"), ("clip", "post")}
    assert not found.truncated


def test_a_woven_history_is_walked_once_per_asset(database: Database) -> None:
    """30 levels of two, each with both of the level before: a billion paths, sixty assets."""
    add(database, {"a0": "", "b0": ""} | {f"{side}{n}": f"a{n - 1} b{n - 1}" for n in range(1, 30) for side in "ab"})

    with database.read() as conn:
        found = lineage(conn, ACME, "a29")

    assert len(found.ancestors) == 58
    assert len(found.edges) == 2 + 28 * 4
    assert not found.truncated


@pytest.mark.parametrize(("limit", "truncated"), [(3, True), (4, True), (5, False)])
def test_a_side_longer_than_the_limit_is_cut_and_says_so(database: Database, limit: int, truncated: bool) -> None:
    add(database, {"photo": ""} | {f"copy-{number}": "photo" for number in range(5)})

    with database.read() as conn:
        found = lineage(conn, ACME, "photo", max_assets=limit)

    assert (len(found.descendants), found.truncated) == (min(limit, 5), truncated)


def test_lineage_of_what_is_no_asset_is_invalid(database: Database) -> None:
    with database.read() as conn, pytest.raises(Invalid, match="no asset 'x'"):
        lineage(conn, ACME, "x")


def test_a_filed_asset_gets_no_new_parents(database: Database) -> None:
    add(database, {"old": "", "new": "old"})
    add(database, {"old": "new"})

    with database.read() as conn:
        assert lineage(conn, ACME, "old").ancestors == ()


@pytest.mark.parametrize(("child", "parent"), [("old", "new"), ("old", "old")])
def test_the_database_itself_refuses_a_cycle(database: Database, child: str, parent: str) -> None:
    add(database, {"old": "", "new": "old"})

    def number(name: str) -> object:
        return select(asset.c.seq).where(asset.c.id == name).scalar_subquery()

    row = {"asset_seq": number(child), "parent_seq": number(parent), "position": 0}
    with pytest.raises(Permanent, match="refused a row"), database.write() as conn:
        conn.execute(insert(asset_parent).values(**row))
    with pytest.raises(Permanent, match="refused a row"), database.write() as conn:
        conn.execute(update(asset_parent).values(parent_seq=asset_parent.c.asset_seq))
