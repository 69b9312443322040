"""Words, folders, states and the end of assets, in the rows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from pressroom.database.engine import Database
from pressroom.database.schema import metadata, object_removal
from pressroom.domain.errors import Invalid, Retryable
from pressroom.domain.library import AssetState, Category, TagOrigin
from pressroom.domain.media import Asset, Kind
from pressroom.library.assets import add_asset, get_asset
from pressroom.library.collections import (
    add_to_collection,
    assets_in,
    collections_of,
    create_collection,
    edit_collection,
    order_collection,
)
from pressroom.library.editing import Edit, edit_assets, set_state
from pressroom.library.folders import checked_folder, folders_of, move_folder
from pressroom.library.lineage import lineage
from pressroom.library.opinions import set_favourite, set_rating
from pressroom.library.purging import purge, take_unused, was_purged
from pressroom.library.tags import Tag, add_tags, remove_tags, suggest_tags, tags_of
from tests.support.accounts import ACME, RIVAL
from tests.support.finding import find_in

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def picture(name: str, **values: object) -> Asset:
    return Asset(name, name[0].encode().hex().ljust(64, "0"), Kind.IMAGE, "image/png", 1, **values)  # type: ignore[arg-type]


@pytest.fixture
def shelf(database: Database) -> Database:
    """Assets a, b and c of acme; b was made from a, c from b."""
    with database.write() as conn:
        add_asset(conn, ACME, picture("a"))
        add_asset(conn, ACME, picture("b", parents=("a",)))
        add_asset(conn, ACME, picture("c", parents=("b",)))
    return database


def test_words_change_together_and_metadata_is_merged(shelf: Database) -> None:
    edit = Edit(
        name="Kettle", category="product", seo_keywords=("red  kettle", "red kettle"), metadata={"sku": 7, "old": 1}
    )
    with shelf.write() as conn:
        assert edit_assets(conn, ACME, ["a", "b"], edit) == 2
        edit_assets(conn, ACME, ["a"], Edit(metadata={"old": None, "shop": "fair"}, is_public=True))
        found = get_asset(conn, ACME, "a")

    assert (found.name, found.category, found.seo_keywords) == ("Kettle", Category.PRODUCT, ("red kettle",))
    assert (found.metadata, found.is_public) == ({"sku": 7, "shop": "fair"}, True)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (Edit(), "nothing is to be changed"),
        (Edit(category="pets", name="x" * 501), "2 problems"),
        (Edit(filename="../x.png"), "no file name"),
        (Edit(metadata={"long": "x" * 17_000}), "metadata of a would have"),
        (Edit(folder="1/2/3/4/5/6/7/8/9"), "9 folders deep"),
        (Edit(folder="a/../b"), "no name of a folder"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(shelf: Database, edit: Edit, said: str) -> None:
    with pytest.raises(Invalid, match=said), shelf.write() as conn:
        edit_assets(conn, ACME, ["a"], edit)

    with shelf.read() as conn:
        assert get_asset(conn, ACME, "a").metadata == {}


def test_a_folder_moves_with_all_below_it_and_only_it(shelf: Database) -> None:
    with shelf.write() as conn:
        for name, folder in {"a": "spring", "b": "spring/red", "c": "springtime"}.items():
            edit_assets(conn, ACME, [name], Edit(folder=folder))
        assert move_folder(conn, ACME, "spring", "2027/fair") == 2
        assert [(each.path, each.count) for each in folders_of(conn, ACME)] == [
            ("2027/fair", 1),
            ("2027/fair/red", 1),
            ("springtime", 1),
        ]
        assert move_folder(conn, ACME, "2027/fair", "") == 2
        assert [each.path for each in folders_of(conn, ACME)] == ["", "red", "springtime"]


def test_a_folder_never_lies_in_itself_or_too_deep(shelf: Database) -> None:
    with shelf.write() as conn:
        edit_assets(conn, ACME, ["a"], Edit(folder="1/2/3"))
        for folder, to, said in (
            ("1", "1/2/x", "cannot come to lie"),
            ("", "x", "top folder"),
            ("none", "x", "nothing lies"),
            ("1", "a/b/c/d/e/f", "8 folders deep|9 folders deep"),
        ):
            if to == "a/b/c/d/e/f":
                assert move_folder(conn, ACME, folder, to) == 1
            else:
                with pytest.raises(Invalid, match=said):
                    move_folder(conn, ACME, folder, to)
        with pytest.raises(Invalid, match="9 folders deep"):
            move_folder(conn, ACME, "a", "x/y")
    assert checked_folder(" /a / b/ ".strip()) == "a/b"


def test_a_tag_that_a_person_took_off_never_comes_back_by_itself(shelf: Database) -> None:
    rule = [Tag("red", TagOrigin.RULE, 0.8), Tag("dark", TagOrigin.RULE, 0.9)]
    with shelf.write() as conn:
        number = conn.execute(select(metadata.tables["asset"].c.seq).filter_by(id="a")).scalar_one()
        suggest_tags(conn, ACME, number, rule)
        assert remove_tags(conn, ACME, ["a"], ["red"]) == 1
        suggest_tags(conn, ACME, number, rule)
        add_tags(conn, ACME, ["a"], ["dark", 2027])
        assert tags_of(conn, ACME, "a") == (Tag("2027"), Tag("dark"))
        add_tags(conn, ACME, ["a"], ["red"])
        assert [each.tag for each in tags_of(conn, ACME, "a")] == ["2027", "dark", "red"]


def test_a_collection_has_an_order_and_a_cover_that_lies_in_it(shelf: Database) -> None:
    with shelf.write() as conn:
        create_collection(conn, ACME, "fair")
        add_to_collection(conn, ACME, "fair", ["a", "b", "c"])
        order_collection(conn, ACME, "fair", ["c"])
        edit_collection(conn, ACME, "fair", cover="b", description="for spring")
        first = assets_in(conn, ACME, "fair", 2)
        rest = assets_in(conn, ACME, "fair", 2, first[-1].id)
        assert [each.id for each in (*first, *rest)] == ["c", "a", "b"]
        assert [(each.cover, each.count) for each in collections_of(conn, ACME)] == [("b", 3)]
        with pytest.raises(Invalid, match="does not lie"):
            edit_collection(conn, ACME, "fair", cover=add_one(conn, "d"))


def add_one(conn: object, name: str) -> str:
    add_asset(conn, ACME, picture(name))  # type: ignore[arg-type]
    return name


def test_a_purged_asset_leaves_its_lineage_and_nothing_else(shelf: Database) -> None:
    with shelf.write() as conn:
        create_collection(conn, ACME, "fair")
        add_to_collection(conn, ACME, "fair", ["b", "c"])
        edit_collection(conn, ACME, "fair", cover="b")
        add_tags(conn, ACME, ["b"], ["red", "blue"])
        remove_tags(conn, ACME, ["b"], ["blue"])
        set_favourite(conn, ACME, ["b"])
        set_rating(conn, ACME, ["b"], 5)
        assert set_state(conn, ACME, ["b"], AssetState.TRASHED, NOW) == 1
        number = conn.execute(select(metadata.tables["asset"].c.seq).filter_by(id="b")).scalar_one()

        purge(conn, ACME, ["b"], NOW)

        found = lineage(conn, ACME, "c")
        assert ([each.id for each in found.ancestors], found.deleted) == (["a"], ("b",))
        assert set(found.edges) == {("c", "b"), ("b", "a")}
        assert get_asset(conn, ACME, "c").parents == ("b",)
        assert [(each.cover, each.count) for each in collections_of(conn, ACME)] == [(None, 1)]
        assert was_purged(conn, ACME, "b")
        assert not was_purged(conn, RIVAL, "b")
        assert find_in(conn, ACME, tag="red").items == ()
        for table in metadata.sorted_tables:
            if "asset_seq" in table.c and table.name != "asset_parent":
                assert conn.execute(select(table).where(table.c.asset_seq == number)).all() == [], table.name


def test_an_object_goes_when_no_account_names_it_and_is_kept_by_who_names_it_again(database: Database) -> None:
    with database.write() as conn:
        add_asset(conn, ACME, picture("a1"))
        add_asset(conn, RIVAL, picture("a2"))
        purge(conn, ACME, ["a1"], NOW)
        assert take_unused(conn) == []
        purge(conn, RIVAL, ["a2"], NOW)
    with database.write() as conn:
        add_asset(conn, ACME, picture("a3"))
    with database.write() as conn:
        assert take_unused(conn) == []
        purge(conn, ACME, ["a3"], NOW)
        assert take_unused(conn) == [picture("a").sha256]
    with pytest.raises(Retryable, match="just being removed"), database.write() as conn:
        add_asset(conn, ACME, picture("a4"))
    with database.read() as conn:
        assert conn.execute(select(object_removal.c.taken)).scalars().all() == [True]
