"""What a search finds, in which order and with which counts: the same on both databases."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update

from pressroom.database.engine import Database
from pressroom.database.schema import asset, asset_content
from pressroom.domain.errors import Invalid
from pressroom.domain.library import AssetState, Category
from pressroom.domain.media import ALPHA, PROVENANCE, Asset, Kind
from pressroom.library.assets import add_asset
from pressroom.library.collections import add_to_collection, create_collection
from pressroom.library.mirror import Mirror
from pressroom.library.opinions import set_favourite, set_rating
from pressroom.library.search import FACETS, Asked, Filter, Query, Sort, find
from pressroom.library.search_filter import Range
from pressroom.library.similar import Match
from pressroom.library.tags import add_tags, remove_tags
from tests.support.accounts import ACME

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TEXTS: list[dict[str, Any]] = [
    {"title": "A red kettle", "prompt": "studio light, image of steel", "folder": "spring/shop", "name": "b"},
    {"title": "A red fox", "description": "runs over snow", "kind": Kind.VIDEO, "duration_seconds": 8.0, "name": "C"},
    {"alt_text": "Blue kettles on x.com", "campaign": "blog", "step": "cover", "placement": "x.header", "name": "a"},
    {"prompt": "red-hot iron", "campaign": "blog", "run_id": "run-2", "tags": ("hot", "red"), "folder": "spring"},
    {"title": "Ärger über Öl", "tags": ("hot",), "folder": "springtime", "filename": "big_oil-3.png"},
    {"description": "black galaxy", "tags": ("granite",), "state": AssetState.ARCHIVED},
]
MORE: list[dict[str, Any]] = [
    {"width": 1920, "height": 1080, "provider": "fal", "model": "flux", "cost_credits_micros": 2_000_000},
    {"width": 1080, "height": 1920, "size_bytes": 700, "provider": "local", "model": "draw"},
    {"category": Category.PRODUCT, "project": "site", "width": 64, "height": 64, "details": {ALPHA: True}},
    {"source_module": "input", "created_by": "ann@acme.example", "mime": "image/png"},
    {"is_public": True, "details": {PROVENANCE: {"source_type": "trainedAlgorithmicMedia"}}, "operation": "draw"},
    {"agent_visible": True},
]


@pytest.fixture
def library(database: Database) -> Database:
    """Assets 0 to 5 with what is above, one for each day."""
    with database.write() as conn:
        for number, values in enumerate(TEXTS):
            common = {
                "kind": Kind.IMAGE,
                "campaign": "launch",
                "step": "hero",
                "run_id": "run-1",
                "size_bytes": number + 1,
            }
            moment = NOON + timedelta(days=number)
            given = {"mime": "image/jpeg", "created_at": moment} | common | values | MORE[number]
            add_asset(conn, ACME, Asset(str(number), f"{number}".ljust(64, "0"), **given))
        create_collection(conn, ACME, "fair")
        add_to_collection(conn, ACME, "fair", ["0", "4"])
        set_favourite(conn, ACME, ["1", "2"])
        set_favourite(conn, ACME, ["3"], member="ann@acme.example")
        set_rating(conn, ACME, ["0"], 3)
        set_rating(conn, ACME, ["2"], 5)
        conn.execute(update(asset).where(asset.c.id == "4").values(uses=7))
        number = conn.execute(text("SELECT seq FROM asset WHERE id = '3'")).scalar_one()
        conn.execute(asset_content.insert().values(asset_seq=number, charset="utf-8", content="molten slag"))
    return database


TIERS = {"fal/flux": "premium", "local/draw": "free"}


def asked(library: Database, query: Query) -> str:
    with library.read() as conn:
        return "".join(each.id for each in find(conn, ACME, query, Mirror(None), Asked(tiers=TIERS)).items)


def found(library: Database, **filters: Any) -> str:
    return asked(library, Query(Filter(**filters), Sort.NEWEST))


def test_without_a_filter_everything_is_listed_newest_first_but_what_is_put_away(library: Database) -> None:
    assert found(library) == "43210"


WORDS = [
    ("red", "310"),
    ("RED kettle", "0"),
    ("kettle*", "20"),
    ('"red fox"', "1"),
    ('"fox red"', ""),
    ('"hot red"', "3"),
    ("red -fox", "30"),
    ("snow", "1"),
    ("x.com", "2"),
    ("com", "2"),
    ("hot", "43"),
    ("ärger", "4"),
    ("o1x", ""),
    ("launch", ""),
    ("image", "0"),
    ("steel OR snow", ""),
    ("springtime oil", "4"),
    ("shop", "0"),
    ("molten iron", "3"),
    ('"iron molten"', ""),
]


def test_words_find_the_same_on_both_databases(library: Database) -> None:
    assert [(search, found(library, text=search)) for search, _ in WORDS] == WORDS


def test_words_may_stand_in_a_tag_and_in_a_description(library: Database) -> None:
    assert found(library, text="black granite", state="archived") == "5"


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({"campaign": "blog"}, "32"),
    ({"campaign": ("blog", "launch")}, "43210"),
    ({"kind": Kind.VIDEO}, "1"),
    ({"step": "cover"}, "2"),
    ({"run": "run-2"}, "3"),
    ({"tag": "hot"}, "43"),
    ({"tag": ("hot", "red")}, "3"),
    ({"any_tag": ("red", "granite")}, "3"),
    ({"no_tag": "hot"}, "210"),
    ({"tag": "hot", "campaign": "blog"}, "3"),
    ({"tag": "red", "text": "iron"}, "3"),
    ({"campaign": "launch", "kind": "image", "step": "hero", "run": "run-1", "text": "red"}, "0"),
    ({"campaign": "laun", "text": "red"}, ""),
    ({"campaign": 'x" OR "red'}, ""),
    ({"collection": "none"}, ""),
    ({"collection": "fair"}, "40"),
    ({"folder": "spring"}, "30"),
    ({"in_folder": "spring"}, "3"),
    ({"folder": ""}, "43210"),
    ({"in_folder": ""}, "21"),
    ({"project": "site"}, "2"),
    ({"category": "product"}, "2"),
    ({"placement": "x.header"}, "2"),
    ({"platform": "x"}, "2"),
    ({"operation": "draw"}, "4"),
    ({"module": "input"}, "3"),
    ({"creator": "ann@acme.example"}, "3"),
    ({"provider": "local"}, "1"),
    ({"model": "flux"}, "0"),
    ({"model": "fal/flux"}, "0"),
    ({"tier": "premium"}, "0"),
    ({"format": "png"}, "3"),
    ({"orientation": "portrait"}, "1"),
    ({"orientation": ("square", "landscape")}, "20"),
    ({"ratio": "16:9"}, "0"),
    ({"width": Range(1000)}, "10"),
    ({"height": Range(None, 64)}, "2"),
    ({"bytes": Range(4, 700)}, "431"),
    ({"duration": Range(None, 10)}, "1"),
    ({"cost": Range(1, 2)}, "0"),
    ({"alpha": True}, "2"),
    ({"generated": True}, "40"),
    ({"public": True}, "4"),
    ({"agent_visible": True, "state": "archived"}, "5"),
    ({"state": ("archived", "ready")}, "543210"),
    ({"used": True}, "4"),
    ({"favourite": True}, "21"),
    ({"favourite": False}, "430"),
    ({"favourite": True, "member": "ann@acme.example"}, "3"),
    ({"rating": Range(4, 5)}, "2"),
    ({"rating": Range(1), "member": "ann@acme.example"}, ""),
    ({"since": NOON + timedelta(days=3)}, "43"),
    ({"before": NOON + timedelta(days=2)}, "10"),
]


def test_filters_narrow_and_combine(library: Database) -> None:
    assert [(filters, found(library, **filters)) for filters, _ in FILTERS] == FILTERS


ORDERS = [
    (Sort.OLDEST, "01234"),
    (Sort.NAME, "32014"),
    (Sort.SIZE, "14320"),
    (Sort.COST, "04321"),
    (Sort.RATING, "20431"),
    (Sort.USED, "43210"),
]


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_every_order_is_kept_by_pages_of_any_length(library: Database, limit: int) -> None:
    assert [(sort, paged(library, Query(sort=sort, limit=limit))) for sort, _ in ORDERS] == ORDERS


def paged(library: Database, query: Query) -> str:
    mirror = Mirror(None)
    with library.read() as conn:
        page = find(conn, ACME, query, mirror)
        ids = [each.id for each in page.items]
        while page.next_cursor is not None:
            page = find(conn, ACME, replace(query, cursor=page.next_cursor), mirror)
            ids += [each.id for each in page.items]
    assert len(ids) == page.count
    return "".join(ids)


def test_words_in_titles_and_tags_come_before_words_elsewhere(library: Database) -> None:
    with library.write() as conn:
        add_asset(conn, ACME, Asset("6", "6" * 64, Kind.IMAGE, "image/png", 1, description="nothing red"))

    assert asked(library, Query(Filter(text="red"))) == "3106"
    assert asked(library, Query(Filter(text="red"), Sort.NEWEST)) == "6310"


def test_what_resembles_is_filtered_and_the_most_alike_comes_first(library: Database) -> None:
    how = ((0.5, False), (0.99, True), (0.7, False), (0.2, True))
    names = [f"{number}".ljust(64, "0") for number in range(4)]
    alike = {name: Match(name, 1, *(cosine, "as it is", same)) for name, (cosine, same) in zip(names, how, strict=True)}
    with library.read() as conn:
        page = find(conn, ACME, Query(Filter(no_tag="red")), Mirror(None), Asked(lambda among: alike))

    assert ([each.id for each in page.items], page.count, page.count_is_capped) == (["1", "2", "0"], 3, True)
    assert page.matches["1"].same


def test_counts_by_value_are_of_what_was_found(library: Database) -> None:
    with library.read() as conn:
        page = find(conn, ACME, Query(facets=FACETS, timeline=True, limit=1), Mirror(None), Asked(tiers=TIERS))
        narrow = find(conn, ACME, Query(Filter(tag="hot"), facets=("campaign", "tag")), Mirror(None))

    told = {name: dict(facet.values) for name, facet in page.facets.items()}
    assert told["kind"] == {"image": 4, "video": 1}
    assert told["campaign"] == {"launch": 3, "blog": 2}
    assert told["tag"] == {"hot": 2, "red": 1}
    assert told["platform"] == {"x": 1}
    assert told["model"] == {"fal/flux": 1, "local/draw": 1}
    assert told["provider"] == {"fal": 1, "local": 1}
    assert told["tier"] == {"free": 1, "premium": 1}
    assert told["format"] == {"jpeg": 4, "png": 1}
    assert told["orientation"] == {"landscape": 1, "portrait": 1, "square": 1}
    assert told["state"] == {"ready": 5}
    assert page.timeline == tuple((f"2026-11-{20 + number}", 1) for number in range(5))
    assert dict(narrow.facets["campaign"].values) == {"launch": 1, "blog": 1}
    assert dict(narrow.facets["tag"].values) == {"hot": 2, "red": 1}


def test_a_facet_tells_the_most_common_and_how_many_others_there_are(database: Database) -> None:
    with database.write() as conn:
        for number in range(60):
            tags = (f"t{number:02}", *(["t59"] if number % 2 else []))
            add_asset(conn, ACME, Asset(f"a{number}", f"{number}".ljust(64, "0"), Kind.IMAGE, "x/y", 1, tags=tags))

    with database.read() as conn:
        facet = find(conn, ACME, Query(facets=("tag",)), Mirror(None)).facets["tag"]

    assert (len(facet.values), facet.values[0], facet.more) == (50, ("t59", 30), 10)


def test_more_than_three_months_are_counted_by_month(library: Database) -> None:
    with library.write() as conn:
        conn.execute(update(asset).where(asset.c.id == "0").values(created_at=NOON - timedelta(days=200)))

    with library.read() as conn:
        days = find(conn, ACME, Query(timeline=True), Mirror(None)).timeline

    assert days == (("2026-05", 1), ("2026-11", 4))


def test_where_nothing_is_found_the_nearest_words_that_are_there_are_offered(library: Database) -> None:
    with library.read() as conn:
        page = find(conn, ACME, Query(Filter(text="hat rad")), Mirror(None))
        named = find(conn, ACME, Query(Filter(campaign="bolg")), Mirror(None))

        begun = find(conn, ACME, Query(Filter(text="kettl bl")), Mirror(None))

    assert (page.items, page.suggestion, begun.suggestion) == ((), "hot red", "kettl* bl*")
    assert named.unknown == (("campaign", "bolg", "did you mean 'blog'?"),)


def test_what_makes_no_sense_is_said(library: Database) -> None:
    wrong = [
        (Query(cursor="nonsense!"), "is no cursor"),
        (Query(cursor="WzFd"), "is no cursor"),
        (Query(sort=Sort.RELEVANCE), "no words to be relevant to"),
        (Query(sort=Sort.SIMILARITY), "nothing to be similar to"),
        (Query(limit=501), "1 to 500 assets, not 501"),
    ]
    with library.read() as conn:
        for query, said in wrong:
            with pytest.raises(Invalid, match=said):
                find(conn, ACME, query, Mirror(None))


def test_a_cursor_is_of_one_filter_one_order_and_one_account(library: Database) -> None:
    with library.read() as conn:
        cursor = find(conn, ACME, Query(limit=2), Mirror(None)).next_cursor
        for other in (Query(Filter(kind="image"), cursor=cursor), Query(sort=Sort.OLDEST, cursor=cursor)):
            with pytest.raises(Invalid, match="of another search"):
                find(conn, ACME, other, Mirror(None))
        with pytest.raises(Invalid, match="of another search"):
            find(conn, ACME + 1, Query(cursor=cursor), Mirror(None))


def test_a_page_goes_on_where_its_last_asset_was_purged(library: Database) -> None:
    query = Query(limit=2)
    with library.read() as conn:
        first = find(conn, ACME, query, Mirror(None))
    with library.write() as conn:
        purge(conn, first.items[-1].id)

    assert asked(library, replace(query, cursor=first.next_cursor)) == "21"


def purge(conn: Any, asset_id: str) -> None:
    number = conn.execute(text("SELECT seq FROM asset WHERE id = :id"), {"id": asset_id}).scalar_one()
    for table in ("asset_tag", "collection_asset", "opinion", "asset_content"):
        conn.execute(text(f"DELETE FROM {table} WHERE asset_seq = {number}"))
    conn.execute(text(f"DELETE FROM asset WHERE seq = {number}"))


def test_what_changes_is_found_as_it_is_by_who_has_searched_before(library: Database) -> None:
    mirror = Mirror(None)

    def now(**filters: Any) -> str:
        with library.read() as conn:
            query = Query(Filter(**filters), Sort.NEWEST)
            kept = "".join(each.id for each in find(conn, ACME, query, mirror).items)
            assert kept == "".join(each.id for each in find(conn, ACME, query, Mirror(None)).items)
            return kept

    assert [now(text="red"), now(tag="hot"), now(favourite=True), now(collection="fair"), now(text="-red kettles")]
    with library.write() as conn:
        add_tags(conn, ACME, ["0"], ["hot"])
        remove_tags(conn, ACME, ["4"], ["hot"])
        set_favourite(conn, ACME, ["1"], False)
        add_to_collection(conn, ACME, "fair", ["1"])
        conn.execute(update(asset).where(asset.c.id == "2").values(title="now red", folder="spring/x"))
        conn.execute(update(asset).where(asset.c.id == "1").values(state="trashed"))
        purge(conn, "3")

    assert (now(), now(text="red"), now(tag="hot")) == ("420", "20", "0")
    assert (now(favourite=True), now(collection="fair"), now(folder="spring")) == ("2", "40", "20")
    assert now(state="trashed", collection="fair") == "1"
    with library.write() as conn:
        conn.execute(update(asset).where(asset.c.id == "2").values(title=""))
    assert now(text="red") == "0"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(search=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30))
def test_no_input_is_a_syntax_error(library: Database, search: str) -> None:
    with suppress(Invalid):
        found(library, text=search)
