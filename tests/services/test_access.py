"""Nobody sees, uses or edits an asset but its account, whom it is shared with, and who holds a good link: against a model."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from pressroom.database.engine import Database
from pressroom.domain.identity import ALL_SCOPES, READING, Principal, Scope
from pressroom.domain.library import AssetState, Right, Shared
from pressroom.domain.media import Asset, Kind
from pressroom.library.assets import add_asset
from pressroom.library.collections import add_to_collection, create_collection
from pressroom.library.editing import Edit, edit_assets, set_state
from pressroom.library.sharing import Target, give, places_of, target_of
from pressroom.services.access import Visitor, may, permitted
from tests.support.accounts import ACME, RIVAL, open_accounts

NOW = datetime(2026, 12, 1, tzinfo=UTC)
FOLDERS = ("", "a", "a/b", "ab")
SHELVES = ("one", "two")
EMAILS = ("ann@rival.example", "bob@rival.example")
RIGHTS = tuple(Right)
NO_SCOPES: frozenset[Scope] = frozenset()


@dataclass(frozen=True)
class Item:
    folder: str
    state: AssetState
    is_public: bool
    shelves: frozenset[str]


@dataclass(frozen=True)
class Given:
    kind: Shared
    name: str
    email: str
    right: Right


ITEMS = st.lists(
    st.builds(
        Item,
        st.sampled_from(FOLDERS),
        st.sampled_from((AssetState.READY, AssetState.ARCHIVED, AssetState.TRASHED)),
        st.booleans(),
        st.frozensets(st.sampled_from(SHELVES)),
    ),
    min_size=1,
    max_size=4,
)
NAMES = {Shared.ASSET: ("x0", "x1"), Shared.FOLDER: FOLDERS[1:], Shared.COLLECTION: SHELVES}
GIVEN = st.sampled_from(tuple(Shared)).flatmap(
    lambda kind: st.builds(
        Given, st.just(kind), st.sampled_from(NAMES[kind]), st.sampled_from(EMAILS), st.sampled_from(RIGHTS)
    )
)


def covers(shared: Given, name: str, item: Item) -> bool:
    if shared.kind is Shared.ASSET:
        return shared.name == name
    if shared.kind is Shared.COLLECTION:
        return shared.name in item.shelves
    return (item.folder + "/").startswith(shared.name + "/")


def most(scopes: frozenset[Scope]) -> int:
    """How many of the rights the scopes allow."""
    return 3 if Scope.ASSETS_WRITE in scopes else 2 if Scope.ASSETS_READ in scopes else 0


def wanted(item: Item, given: list[Given], name: str, scopes: frozenset[Scope] | None, email: str, own: bool) -> int:
    """How many of the rights somebody has; no scopes are those of a visitor with a link."""
    trashed = item.state is AssetState.TRASHED
    public = 1 if item.is_public and not trashed else 0
    if own:
        return max(public, most(scopes or NO_SCOPES))
    rights = {(each.kind, each.name): each.right for each in given if each.email == email and covers(each, name, item)}
    shared = max((RIGHTS.index(right) + 1 for right in rights.values()), default=0)
    if trashed and shared < 3:
        shared = 0
    return max(public, shared if scopes is None else min(shared, most(scopes)))


@pytest.fixture(scope="module")
def filed(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = tmp_path_factory.mktemp("access") / "pressroom.db"
    shutil.copy(migrated_file, path)
    with Database.open(f"sqlite:///{path}") as database:
        yield open_accounts(database)


def file(conn: Connection, items: list[Item], given: list[Given]) -> None:
    for shelf in SHELVES:
        create_collection(conn, ACME, shelf)
    for folder in FOLDERS[1:]:  # so that each of them can be shared
        add_asset(conn, ACME, Asset(f"y{folder}", "y" * 64, Kind.IMAGE, "image/png", 1))
        edit_assets(conn, ACME, [f"y{folder}"], Edit(folder=folder))
    for number, item in enumerate(
        [*items, *[Item("", AssetState.READY, False, frozenset())] * 2][: max(2, len(items))]
    ):
        add_asset(conn, ACME, Asset(f"x{number}", "x" * 64, Kind.IMAGE, "image/png", 1))
        edit_assets(conn, ACME, [f"x{number}"], Edit(folder=item.folder, is_public=item.is_public))
        for shelf in item.shelves:
            add_to_collection(conn, ACME, shelf, [f"x{number}"])
        set_state(conn, ACME, [f"x{number}"], item.state, NOW if item.state is AssetState.TRASHED else None)
    for each in given:
        give(conn, target_of(conn, ACME, each.kind, each.name), each.email, each.right, "", NOW)


@given(items=ITEMS, given=st.lists(GIVEN, max_size=4), scopes=st.sampled_from((ALL_SCOPES, READING, NO_SCOPES)))
def test_rights_are_those_of_the_model(
    filed: Database, items: list[Item], given: list[Given], scopes: frozenset[Scope]
) -> None:
    with filed.read() as conn:  # which undoes what is written in it
        file(conn, items, given)
        places = list(places_of(conn, [f"x{number}" for number in range(len(items))]).values())
        people = [(Principal("acme", "eve@acme.example", scopes), "", True)]
        people += [(Principal("rival", email, scopes), email, False) for email in ("", *EMAILS, "c@rival.example")]
        for number, item in enumerate(items):
            for who, email, own in people:
                expected = wanted(item, given, f"x{number}", scopes, email, own)
                found = [may(conn, who, places[number], right) for right in RIGHTS]
                assert found == [index < expected for index in range(3)], (who, item)
            for shared in given[:1]:
                target = target_of(conn, ACME, shared.kind, shared.name)
                link = Visitor(1, target, Right.VIEW)
                expected = wanted(
                    item, [Given(shared.kind, shared.name, "link", Right.VIEW)], f"x{number}", None, "link", own=False
                )
                assert may(conn, link, places[number], Right.VIEW) == (expected > 0)
                assert not may(conn, link, places[number], Right.USE)


def test_a_target_of_another_account_covers_nothing(filed: Database) -> None:
    with filed.read() as conn:  # which undoes what is written in it
        file(conn, [Item("a", AssetState.READY, False, frozenset(SHELVES))], [])
        places = list(places_of(conn, ["x0"]).values())
        for target in (Target(RIVAL, Shared.ASSET, "x0"), Target(RIVAL, Shared.FOLDER, "a")):
            give(conn, target, EMAILS[0], Right.EDIT, "", NOW)
            assert permitted(conn, Principal("rival", EMAILS[0]), places, Right.VIEW) <= set()
            assert permitted(conn, Visitor(1, target, Right.USE), places, Right.VIEW) == set()
