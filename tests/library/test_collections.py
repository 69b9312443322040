from __future__ import annotations

import pytest

from pressroom.database.engine import Database
from pressroom.domain.errors import Invalid
from pressroom.domain.media import Asset, Kind
from pressroom.library.assets import add_asset
from pressroom.library.collections import (
    add_to_collection,
    assets_in,
    collections_of,
    create_collection,
    delete_collection,
    edit_collection,
    faces_of,
    move_in_collection,
    remove_from_collection,
)
from tests.support.accounts import ACME
from tests.support.finding import find_in


@pytest.fixture
def shelf(database: Database) -> Database:
    """Assets a, b and c, and the empty collection `spring`."""
    with database.write() as conn:
        for name in "abc":
            add_asset(conn, ACME, Asset(name, name * 64, Kind.IMAGE, "image/png", 1))
        create_collection(conn, ACME, "spring", "for the fair")
    return database


def counts(database: Database) -> dict[str, int]:
    with database.read() as conn:
        return {each.name: each.count for each in collections_of(conn, ACME)}


def test_a_collection_counts_what_lies_in_it(shelf: Database) -> None:
    assert counts(shelf) == {"spring": 0}

    with shelf.write() as conn:
        assert add_to_collection(conn, ACME, "spring", ["a", "b", "a"]) == 2
        assert add_to_collection(conn, ACME, "spring", ["b", "c"]) == 1
        assert remove_from_collection(conn, ACME, "spring", ["a", "not there"]) == 1

    assert counts(shelf) == {"spring": 2}
    with shelf.read() as conn:
        assert [each.id for each in find_in(conn, ACME, collection="spring").items] == ["c", "b"]


def test_an_asset_moves_by_places_and_something_stands_for_each_collection(shelf: Database) -> None:
    def lying() -> str:
        with shelf.read() as conn:
            return "".join(each.id for each in assets_in(conn, ACME, "spring", 10))

    def move(asset_id: str, places: int) -> str:
        with shelf.write() as conn:
            move_in_collection(conn, ACME, "spring", asset_id, places)
        return lying()

    with shelf.write() as conn:
        create_collection(conn, ACME, "empty")
        add_asset(conn, ACME, Asset("t", "7" * 64, Kind.TEXT, "text/csv", 1))
        add_to_collection(conn, ACME, "spring", ["a", "b", "c"])

    assert [move("a", 1), move("c", -1), move("a", 99), move("a", -99), move("b", 0)] == [
        "bac",
        "bca",
        "bca",
        "abc",
        "abc",
    ]
    with shelf.write() as conn:
        first = {name: face.id for name, face in faces_of(conn, ACME).items()}
        edit_collection(conn, ACME, "spring", cover="c")
        covered = {name: face.id for name, face in faces_of(conn, ACME).items()}
        add_to_collection(conn, ACME, "empty", ["t", "b"])
        assert faces_of(conn, ACME)["empty"].id == "b"  # a table shows nothing
    assert (first, covered) == ({"spring": "a"}, {"spring": "c"})
    with pytest.raises(Invalid, match="no asset 'd'"):
        move("d", 1)


def test_deleting_a_collection_keeps_its_assets(shelf: Database) -> None:
    with shelf.write() as conn:
        add_to_collection(conn, ACME, "spring", ["a"])
        delete_collection(conn, ACME, "spring")

    assert counts(shelf) == {}
    with shelf.read() as conn:
        assert len(find_in(conn, ACME).items) == 3


@pytest.mark.parametrize("name", ["spring", "", "  "])
def test_a_name_that_is_taken_or_empty_is_invalid(shelf: Database, name: str) -> None:
    with pytest.raises(Invalid, match="a collection"), shelf.write() as conn:
        create_collection(conn, ACME, name)


def test_an_unknown_collection_or_asset_is_invalid(shelf: Database) -> None:
    with pytest.raises(Invalid, match="no collection 'autumn'"), shelf.write() as conn:
        add_to_collection(conn, ACME, "autumn", ["a"])
    with pytest.raises(Invalid, match="no asset 'x'"), shelf.write() as conn:
        add_to_collection(conn, ACME, "spring", ["a", "x"])

    assert counts(shelf) == {"spring": 0}
