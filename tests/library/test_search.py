from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from pressroom.database.engine import Database
from pressroom.domain.errors import Invalid
from pressroom.domain.media import Asset, Kind
from pressroom.library import Filter, add_asset, count_assets, list_assets
from tests.support.accounts import ACME

TEXTS = [
    {"title": "A red kettle", "prompt": "studio light, image of steel"},
    {"title": "A red fox", "description": "runs over snow", "kind": Kind.VIDEO},
    {"alt_text": "Blue kettles on x.com", "campaign": "blog", "step": "cover"},
    {"prompt": "red-hot iron", "campaign": "blog", "run_id": "run-2", "tags": ("hot", "red")},
    {"title": "Ärger über Öl", "tags": ("hot",)},
]


@pytest.fixture
def library(database: Database) -> Database:
    """Assets 0 to 4 with the words above."""
    with database.write() as conn:
        for number, values in enumerate(TEXTS):
            common = {"kind": Kind.IMAGE, "campaign": "launch", "step": "hero", "run_id": "run-1"}
            add_asset(conn, ACME, Asset(str(number), f"{number:064}", mime="x/y", size_bytes=1, **common | values))
    return database


def found(library: Database, **filters: object) -> str:
    with library.read() as conn:
        return "".join(each.id for each in list_assets(conn, ACME, **filters).assets)  # type: ignore[arg-type]


def test_without_a_filter_everything_is_listed_newest_first(library: Database) -> None:
    assert found(library) == "43210"


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ("red", "310"),
        ("RED kettle", "0"),
        ("kettle*", "20"),
        ('"red fox"', "1"),
        ('"fox red"', ""),
        ("red -fox", "30"),
        ("snow", "1"),
        ("x.com", "2"),
        ("com", "2"),
        ("hot", "3"),
        ("ärger", "4"),
        ("kimage", ""),
        ("launch", ""),
        ("image", "0"),
        ("steel OR snow", ""),
    ],
)
def test_search_finds_the_same_on_both_databases(library: Database, search: str, ids: str) -> None:
    assert found(library, text=search) == ids


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({"campaign": "blog"}, "32"),
        ({"kind": Kind.VIDEO}, "1"),
        ({"kind": "video"}, "1"),
        ({"step": "cover"}, "2"),
        ({"run_id": "run-2"}, "3"),
        ({"tag": "hot"}, "43"),
        ({"tag": "hot", "campaign": "blog"}, "3"),
        ({"tag": "red", "text": "iron"}, "3"),
        ({"campaign": "blog", "text": "red"}, "3"),
        ({"campaign": "launch", "kind": "image", "step": "hero", "run_id": "run-1", "text": "red"}, "0"),
        ({"campaign": "laun", "text": "red"}, ""),
        ({"campaign": 'x" OR "red'}, ""),
        ({"campaign": 'x" OR flt : "kimage', "text": "red"}, ""),
        ({"collection": "none"}, ""),
    ],
)
def test_filters_narrow_and_combine(library: Database, filters: dict[str, str], ids: str) -> None:
    assert found(library, **filters) == ids


@pytest.mark.parametrize("filters", [{}, {"text": "red"}, {"tag": "hot"}])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_join_without_gap_or_overlap(library: Database, filters: dict[str, str], limit: int) -> None:
    paged, before = "", None
    while True:
        with library.read() as conn:
            page = list_assets(conn, ACME, limit=limit, before=before, **filters)  # type: ignore[arg-type]
        paged += "".join(each.id for each in page.assets)
        before = page.next_before
        if before is None:
            break

    assert paged == found(library, **filters)


def test_counts_stop_just_above_their_cap(library: Database) -> None:
    with library.read() as conn:
        assert count_assets(conn, ACME, Filter()) == 5
        assert count_assets(conn, ACME, Filter(text="red", campaign="launch")) == 2
        assert count_assets(conn, ACME, Filter(), cap=3) == 4


def test_what_is_deleted_is_not_found(library: Database) -> None:
    with library.write() as conn:
        conn.execute(text("DELETE FROM asset WHERE id = '0'"))

    assert found(library, text="kettle") == ""
    assert found(library, text="red") == "31"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(search=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30))
def test_no_input_is_a_syntax_error(library: Database, search: str) -> None:
    with library.read() as conn:
        if any(char.isalnum() for char in search) and "-" not in search:
            list_assets(conn, ACME, text=search)
        else:
            with suppress(Invalid):
                list_assets(conn, ACME, text=search)
