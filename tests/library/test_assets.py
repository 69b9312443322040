from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pressroom.database.engine import Database
from pressroom.domain.errors import Invalid, Permanent
from pressroom.domain.media import Asset, Kind
from pressroom.library.assets import add_asset, assets_of_node, get_asset, is_made, known, main_file_of_node
from pressroom.library.editing import Edit, edit_assets
from pressroom.library.opinions import set_favourite
from pressroom.library.tags import add_tags, remove_tags, tag_counts
from tests.support.accounts import ACME
from tests.support.finding import find_in

FULL = Asset(
    id="full",
    sha256="f" * 64,
    kind=Kind.VIDEO,
    mime="video/mp4",
    size_bytes=2**40,
    width=1080,
    height=1920,
    duration_seconds=4.5,
    label="main",
    placement="instagram.reel",
    prompt="a kettle, ünïcode 🫖",
    provider="local",
    model="local/image_to_video",
    operation="image_to_video",
    params={"seed": 0, "strength": 0.0},
    details={"crf": [23, None]},
    cost_credits_micros=3,
    cost_usd_micros=2**60,
    generation_seconds=0.25,
    node_key="node-full",
    ordinal=2,
    run_id="run-1",
    campaign="launch",
    step="video",
    variant="reel",
    tags=("a", "b"),
    title="Kettle",
    description="It boils",
    alt_text="A kettle",
    created_at=datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC),
)


def picture(name: str, *parents: str, **values: object) -> Asset:
    known = {"sha256": f"{abs(hash(name)) % 16**8:064x}", "kind": Kind.IMAGE, "mime": "image/png", "size_bytes": 1}
    return Asset(id=name, parents=parents, **known | values)  # type: ignore[arg-type]


def add(database: Database, *assets: Asset) -> list[bool]:
    with database.write() as conn:
        return [add_asset(conn, ACME, each) for each in assets]


def test_an_asset_comes_back_as_it_was_filed(database: Database) -> None:
    add(database, picture("p2"), picture("p1"), replace(FULL, parents=("p1", "p2")))

    with database.read() as conn:
        assert get_asset(conn, ACME, "full") == replace(FULL, parents=("p1", "p2"))


def test_filing_an_asset_again_changes_nothing(database: Database) -> None:
    assert add(database, FULL, replace(FULL, title="another", tags=("c",))) == [True, False]

    with database.read() as conn:
        assert get_asset(conn, ACME, "full") == FULL


def test_an_id_never_stands_for_other_bytes(database: Database) -> None:
    with pytest.raises(Permanent, match="cannot become"):
        add(database, FULL, replace(FULL, sha256="e" * 64))


@pytest.mark.parametrize("parents", [("missing",), ("child",)])
def test_parents_must_be_filed_before_their_child(database: Database, parents: tuple[str, ...]) -> None:
    with pytest.raises(Permanent, match="not filed"):
        add(database, picture("child", *parents))

    with database.read() as conn:
        assert find_in(conn, ACME).items == ()


def test_a_parent_named_twice_counts_once(database: Database) -> None:
    add(database, picture("p"), picture("child", "p", "p"))

    with database.read() as conn:
        assert get_asset(conn, ACME, "child").parents == ("p",)


def test_the_files_of_a_node_come_in_their_order(database: Database) -> None:
    add(database, picture("b", node_key="n", ordinal=1), picture("a", node_key="n", ordinal=0), picture("c"))

    with database.read() as conn:
        assert [each.id for each in assets_of_node(conn, ACME, "n")] == ["a", "b"]
        assert assets_of_node(conn, ACME, "other") == ()
        assert assets_of_node(conn, ACME, "") == ()


def test_a_node_made_again_answers_with_its_newest_files(database: Database) -> None:
    old = [picture(f"old-{at}", node_key="n", ordinal=at, run_id="run-1") for at in range(3)]
    new = [picture(f"new-{at}", node_key="n", ordinal=at, run_id="run-2") for at in range(2)]
    add(database, *old, *new)

    with database.read() as conn:
        assert [each.id for each in assets_of_node(conn, ACME, "n")] == ["new-0", "new-1"]


def test_what_other_nodes_take_is_the_newest_file_without_a_label(database: Database) -> None:
    old = [picture("old", node_key="n", run_id="run-1"), picture("old-x", node_key="n", run_id="run-1", label="x")]
    new = [
        picture("new-x", node_key="n", run_id="run-2", label="x"),
        picture("new", node_key="n", run_id="run-2", ordinal=1, details={"fps": 25}),
    ]
    add(database, *old, *new, picture("labelled", node_key="m", label="x"))

    with database.read() as conn:
        found = main_file_of_node(conn, ACME, "n")
        assert found is not None
        assert (found.id, found.details) == ("new", {"fps": 25})
        assert main_file_of_node(conn, ACME, "m") is None
        assert [is_made(conn, ACME, key) for key in ("n", "m", "other", "")] == [True, True, False, False]


def test_ten_thousand_node_keys_are_looked_up_at_once(database: Database) -> None:
    add(database, picture("a", node_key="node-7"), picture("b", "a", node_key="node-9999", tags=("x",)))

    with database.read() as conn:
        found = known(conn, ACME, (f"node-{number}" for number in range(10_000)))

    assert set(found) == {"node-7", "node-9999"}
    assert (found["node-9999"][0].parents, found["node-9999"][0].tags) == (("a",), ("x",))


def test_an_asset_is_found_by_the_beginning_of_its_hash(database: Database) -> None:
    add(database, picture("one", sha256="abcd1" + "0" * 59), picture("two", sha256="abcd2" + "0" * 59))

    with database.read() as conn:
        assert get_asset(conn, ACME, "ABCD2").id == "two"
        with pytest.raises(Invalid, match="fits 2 files"):
            get_asset(conn, ACME, "abcd")


@pytest.mark.parametrize("whole", ["i0123456789", "a0123456789"])
def test_an_asset_is_found_by_the_beginning_of_its_id_whoever_brought_or_made_it(
    database: Database, whole: str
) -> None:
    add(database, picture(whole, sha256="b" * 64), picture("a9", sha256="c" * 64))

    with database.read() as conn:
        assert get_asset(conn, ACME, whole[:5].upper()).id == whole


def test_of_equal_bytes_the_newest_asset_is_found(database: Database) -> None:
    add(database, picture("one", sha256="a" * 64), picture("two", sha256="a" * 64))

    with database.read() as conn:
        assert get_asset(conn, ACME, "aaaa").id == "two"


@pytest.mark.parametrize("name", ["", "abc", "zzzz", "%", "abcd", "one'; DROP TABLE asset; --"])
def test_what_is_no_asset_is_invalid(database: Database, name: str) -> None:
    add(database, picture("one", sha256="1" * 64))

    with database.read() as conn, pytest.raises(Invalid, match="no asset"):
        get_asset(conn, ACME, name)


def test_words_of_an_asset_can_change_and_are_found_again(database: Database) -> None:
    add(database, FULL)
    with database.write() as conn:
        edit_assets(conn, ACME, ["full"], Edit(title="Teapot", alt_text=""))

    with database.read() as conn:
        changed = get_asset(conn, ACME, "full")
        assert (changed.title, changed.description, changed.alt_text) == ("Teapot", "It boils", "")
        assert len(find_in(conn, ACME, text="teapot").items) == 1
        assert len(find_in(conn, ACME, text="title boils").items) == 0


def test_tags_are_added_removed_and_counted(database: Database) -> None:
    add(database, picture("one", tags=("red", "blue")), picture("two"))
    with database.write() as conn:
        add_tags(conn, ACME, ["two"], [" red ", "red"])
        add_tags(conn, ACME, ["two"], ["red", "green", 7])
        remove_tags(conn, ACME, ["one"], ["blue", "never there"])

    with database.read() as conn:
        assert tag_counts(conn, ACME) == {"red": 2, "7": 1, "green": 1}
        assert get_asset(conn, ACME, "two").tags == ("7", "green", "red")


@pytest.mark.parametrize("tag", ["", "  ", "x" * 101])
def test_a_tag_is_a_short_word(database: Database, tag: str) -> None:
    add(database, picture("one"))

    with pytest.raises(Invalid, match="a tag has"), database.write() as conn:
        add_tags(conn, ACME, ["one"], [tag])


def test_favourites_can_be_set_and_taken_back(database: Database) -> None:
    add(database, picture("one"), picture("two"))
    with database.write() as conn:
        set_favourite(conn, ACME, ["one"])
        set_favourite(conn, ACME, ["two"])
        set_favourite(conn, ACME, ["two"], False)

    with database.read() as conn:
        assert [each.id for each in find_in(conn, ACME, favourite=True).items] == ["one"]
        assert [each.id for each in find_in(conn, ACME, favourite=False).items] == ["two"]


def test_changing_an_asset_that_is_not_there_is_invalid(database: Database) -> None:
    for change in (lambda conn: set_favourite(conn, ACME, ["no"]), lambda conn: add_tags(conn, ACME, ["no"], ["x"])):
        with pytest.raises(Invalid, match="no asset 'no'"), database.write() as conn:
            change(conn)
