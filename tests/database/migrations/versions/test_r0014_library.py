"""What was in a library keeps its words, its favourites, its order and its lineage."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, text

from pressroom.database.engine import Database
from pressroom.database.migrate import config
from pressroom.domain.errors import Permanent
from pressroom.domain.library import AssetState, Category
from pressroom.library.assets import get_asset
from pressroom.library.collections import collections_of
from pressroom.library.lineage import lineage
from pressroom.library.opinions import opinions_of
from tests.support.finding import find_in

TEXTS = "label, prompt, provider, model, operation, node_key, run_id, campaign, description, alt_text, params, details"
EMPTY = ", ".join(["''"] * 10)
ASSET = (
    f"INSERT INTO asset (account_id, id, sha256, kind, mime, size_bytes, {TEXTS}, title, step, variant, placement, "
    "source_module, cost_credits_micros, cost_usd_micros, generation_seconds, ordinal, favourite, created_at) "
    f"VALUES (1, :id, '{'ab' * 32}', 'image', 'image/png', 1, {EMPTY}, '{{}}', '{{}}', :title, :step, :variant, "
    ":placement, :module, 0, 0, 0, 0, :favourite, 0)"
)
MADE = {"id": "a1", "title": "", "step": "posts", "variant": "take=2", "placement": "x.header", "module": "campaign"}
BROUGHT = {"id": "i1", "title": "kettle.png", "step": "", "variant": "", "placement": None, "module": "input"}


def old_library(url: str) -> None:
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url)
    with engine.begin() as conn:
        command.upgrade(config(conn), "0013")
        conn.execute(text("INSERT INTO account (id, name, created_at) VALUES (1, 'acme', 0)"))
        conn.execute(text(ASSET), [{**BROUGHT, "favourite": False}, {**MADE, "favourite": True}])
        conn.execute(text("INSERT INTO asset_parent (asset_seq, parent_seq, position) VALUES (2, 1, 0)"))
        conn.execute(text("INSERT INTO asset_tag (account_id, tag, asset_seq) VALUES (1, 'spring', 1)"))
        conn.execute(text("INSERT INTO collection (id, account_id, name, created_at) VALUES (1, 1, 'fair', 0)"))
        conn.execute(text("INSERT INTO collection_asset (collection_id, asset_seq) VALUES (1, 2), (1, 1)"))
    engine.dispose()


def test_what_is_filed_has_a_name_and_everything_that_hung_on_it(empty_url: str) -> None:
    old_library(empty_url)

    with Database.open(empty_url) as database, database.read() as conn:
        brought, made = get_asset(conn, 1, "i1"), get_asset(conn, 1, "a1")
        assert (brought.name, brought.filename) == ("kettle.png", "kettle.png")
        assert (made.name, made.filename) == ("posts take=2", "posts-a1.x.header.png")
        assert {(each.state, each.category) for each in (brought, made)} == {(AssetState.READY, Category.OTHER)}
        assert [each.id for each in find_in(conn, 1, favourite=True).items] == ["a1"]
        assert find_in(conn, 1, favourite=True, member="ann@acme.example").items == ()
        assert opinions_of(conn, 1, ["i1"]) == {}
        assert [each.id for each in lineage(conn, 1, "a1").ancestors] == ["i1"]
        assert [each.id for each in find_in(conn, 1, tag="spring", collection="fair").items] == ["i1"]
        assert [each.count for each in collections_of(conn, 1)] == [2]


def test_lineage_still_closes_to_no_ring(empty_url: str) -> None:
    old_library(empty_url)

    with Database.open(empty_url) as database:
        ring = text("INSERT INTO asset_parent (asset_seq, parent_seq, position) VALUES (1, 2, 0)")
        with pytest.raises(Permanent, match="acyclic"), database.write() as conn:
            conn.execute(ring)
