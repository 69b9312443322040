"""How a run begins, how it ends, and what happens when it just stops."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from pressroom.database import schema
from pressroom.database.schema import op
from pressroom.domain.errors import Invalid, Refused
from pressroom.ledger.accounts import balance_of, change_plan
from pressroom.ledger.allowances import allowances_of
from pressroom.ledger.holds import hold_of
from pressroom.ledger.invariants import check_invariants
from pressroom.runs.nodes import nodes_of
from pressroom.runs.records import run_of
from pressroom.services.recover_runs import recover_runs
from pressroom.services.run_node import run_node
from pressroom.services.settle_run import settle_run
from tests.support.standing import balance
from tests.support.studio import CREDIT, Studio

pytestmark = pytest.mark.both_databases

ROOT = Path(__file__).parents[2]
THREE = """
name: three
steps:
  scene: {uses: draw, model: simulated/ink, count: 3, with: {prompt: "{{ each.take }}"}}
"""
PHOTO = "name: own\nsteps:\n  dusk: {uses: tint, with: {image: photo.png}}\n"


def photo(studio: Studio, color: str = "red") -> Path:
    path = studio.home / "photo.png"
    Image.new("RGB", (20, 10), color).save(path)
    return path


def rows(studio: Studio) -> list[int]:
    """How many runs, nodes, holds and assets there are, in books that add up."""
    tables = (schema.run, schema.run_node, schema.hold, schema.asset)
    with studio.context.database.read() as conn:
        assert check_invariants(conn) == []
        return [conn.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]


# the beginning


def test_a_run_begins_with_its_upper_bound_held_and_its_nodes_written_down(studio: Studio) -> None:
    begun = studio.begin(studio.plan(THREE), flow_run_id="flow-1")

    with studio.context.database.read() as conn:
        record, nodes = run_of(conn, studio.account_id, begun.id), nodes_of(conn, studio.account_id, begun.id)
        held = hold_of(conn, begun.hold_id)
    assert (record.state, record.hold_id, record.flow_run_id) == ("running", begun.hold_id, "flow-1")
    assert [(node.node_id, node.state, node.action) for node in nodes] == [
        (f"scene[take={take}]", "waiting", "create") for take in (1, 2, 3)
    ]
    assert (held.amount_micros, held.state) == (3 * CREDIT, "open")
    assert balance(studio) == (97, 3)


def test_a_run_that_the_account_cannot_pay_is_refused_and_leaves_nothing(studio: Studio) -> None:
    settings = studio.context.settings.model_copy(update={"account": "poor", "grant_credits": 2})
    poor = replace(studio, context=replace(studio.context, settings=settings))

    with pytest.raises(Refused, match="this needs 3 credits, account 'poor' has 2"):
        poor.begin(poor.plan(THREE))

    assert rows(studio) == [0, 0, 0, 0]
    with studio.context.database.read() as conn:
        assert balance_of(conn, "poor").available_micros == 2 * CREDIT


def unnamed_objects(studio: Studio) -> set[str]:
    """What lies in the store though no asset names it."""
    with studio.context.database.read() as conn:
        named = set(conn.execute(select(schema.asset.c.sha256)).scalars())
    return {path.name for path in (studio.home / "media").rglob("*") if path.is_file()} - named


BRANDED = "name: own\nbrand: {logo: logo.png}\nsteps:\n  dusk: {uses: tint, with: {image: photo.png}}\n"


def test_every_object_of_a_run_has_its_asset_whatever_becomes_of_the_run(studio: Studio) -> None:
    photo(studio)
    Image.new("RGB", (8, 8), "blue").save(studio.home / "logo.png")

    studio.begin(studio.plan(BRANDED))

    assert rows(studio)[3] == 2
    assert unnamed_objects(studio) == set()


def test_a_run_whose_hold_is_refused_leaves_no_object_without_its_asset(studio: Studio) -> None:
    photo(studio)
    paid = PHOTO.replace("uses: tint", "uses: tint, model: simulated/brush")
    settings = studio.context.settings.model_copy(update={"account": "poor", "grant_credits": 0})
    poor = replace(studio, context=replace(studio.context, settings=settings))

    with pytest.raises(Refused):
        poor.begin(poor.plan(paid))

    assert rows(studio)[:3] == [0, 0, 0]
    assert unnamed_objects(studio) == set()


def limited(studio: Studio, images: int) -> Studio:
    """The studio with this many pictures a month in the plan of its account."""
    plan = studio.context.catalog.plans["free"].model_copy(update={"images": images, "edits": images})
    catalog = replace(studio.context.catalog, plans={"free": plan})
    return replace(studio, context=replace(studio.context, catalog=catalog))


def units(studio: Studio) -> dict[str, tuple[int, int]]:
    """Family -> (used, held) of this month."""
    with studio.context.database.read() as conn:
        found = allowances_of(conn, studio.account_id, f"{studio.context.now():%Y-%m}")
    return {family: (each.used, each.held) for family, each in found.items()}


def test_a_second_run_of_the_same_moment_cannot_pass_the_limit_that_the_first_one_fills(studio: Studio) -> None:
    studio = limited(studio, 3)
    plan = studio.plan(THREE)
    studio.begin(plan)

    with pytest.raises(
        Refused, match=r"3 edit purchases on top of 0 used and 3 held in .* are above the 3 of plan 'free'"
    ):
        studio.begin(plan)

    assert rows(studio) == [1, 3, 1, 0]


def test_allowances_are_held_as_a_run_begins_and_settle_with_its_credits(studio: Studio) -> None:
    studio = limited(studio, 5)
    begun = studio.begin(studio.plan(THREE))
    held = units(studio)
    run_node(studio.principal, studio.context, begun, "scene[take=1]")
    settle_run(studio.context, begun.id)

    assert held["edit"] == (0, 3)
    assert units(studio)["edit"] == (1, 0)
    assert units(studio)["usd"][1] == 0
    assert 0 < units(studio)["usd"][0] < held["usd"][1]


def test_a_plan_of_the_account_that_the_catalog_does_not_have_is_named(studio: Studio) -> None:
    plan = studio.plan(THREE)
    studio.begin(plan)
    with studio.context.database.write() as conn:
        change_plan(conn, "typo", "default", "fre")

    with pytest.raises(Invalid, match=r"'fre' is no subscription plan.*did you mean 'free'"):
        studio.begin(plan)


def test_a_plan_with_an_unknown_price_is_refused_even_without_pre_flight(studio: Studio) -> None:
    plan = studio.plan("name: secret\nsteps:\n  scene: {uses: draw, model: simulated/secret}\n")

    with pytest.raises(Refused, match="price is not known"):
        studio.begin(plan)

    assert rows(studio) == [0, 0, 0, 0]


def test_an_input_that_changed_since_the_plan_is_refused(studio: Studio) -> None:
    photo(studio)
    plan = studio.plan(PHOTO)
    photo(studio, "blue")

    with pytest.raises(Refused, match=r"photo.png has changed since the plan was made: plan again"):
        studio.begin(plan)

    assert rows(studio) == [0, 0, 0, 0]


def test_an_input_that_has_gone_is_refused(studio: Studio) -> None:
    path = photo(studio)
    plan = studio.plan(PHOTO)
    path.unlink()

    with pytest.raises(Refused, match="no longer there"):
        studio.begin(plan)


def test_once_begun_a_run_no_longer_needs_the_users_files(studio: Studio) -> None:
    path = photo(studio)
    begun = studio.begin(studio.plan(PHOTO))
    path.write_bytes(b"something else")

    assert run_node(studio.principal, studio.context, begun, "dusk").state == "done"


def test_what_the_library_has_ends_as_the_run_begins(studio: Studio) -> None:
    first, _ = studio.go(THREE)

    begun = studio.begin(studio.plan(THREE))

    with studio.context.database.read() as conn:
        nodes = nodes_of(conn, studio.account_id, begun.id)
    assert [(node.state, node.asset_ids) for node in nodes] == [
        ("reused", result.asset_ids) for result in first.values()
    ]


# the end


def test_settling_gives_back_what_was_not_captured(studio: Studio) -> None:
    begun = studio.begin(studio.plan(THREE))
    run_node(studio.principal, studio.context, begun, "scene[take=2]")

    settled = settle_run(studio.context, begun.id)

    assert (settled.held_micros, settled.captured_micros, settled.released_micros) == (
        3 * CREDIT,
        CREDIT,
        2 * CREDIT,
    )
    assert (settled.state, settled.nodes) == ("completed_with_failures", {"done": 1, "cancelled": 2})
    assert (settled.balance_micros, settled.usd_micros) == (99 * CREDIT, CREDIT // 100)
    assert balance(studio) == (99, 0)


def test_settling_again_says_the_same_and_moves_nothing(studio: Studio) -> None:
    begun = studio.begin(studio.plan(THREE))
    studio.walk(begun)
    first = settle_run(studio.context, begun.id)
    with studio.context.database.read() as conn:
        commands = conn.execute(select(func.count()).select_from(op)).scalar_one()

    again = [
        settle_run(studio.context, begun.id),
        settle_run(studio.context, begun.id, cancelled=True, error="interrupted"),
    ]

    assert again == [first, first]
    with studio.context.database.read() as conn:
        assert conn.execute(select(func.count()).select_from(op)).scalar_one() == commands


@pytest.mark.parametrize(
    ("how", "state"),
    [({"cancelled": True}, "cancelled"), ({"error": "worker lost"}, "failed"), ({}, "failed")],
)
def test_the_state_tells_how_a_run_ended_that_did_not_reach_its_end(
    studio: Studio, how: dict[str, object], state: str
) -> None:
    begun = studio.begin(studio.plan(THREE))

    settled = settle_run(studio.context, begun.id, **how)  # type: ignore[arg-type]

    assert (settled.state, settled.nodes) == (state, {"cancelled": 3})
    assert balance(studio) == (100, 0)


def test_a_hold_that_expired_meanwhile_is_settled_without_freeing_twice(studio: Studio) -> None:
    begun = studio.begin(studio.plan(THREE))
    later = replace(studio.context, now=lambda: datetime.now(UTC) + timedelta(days=2))
    recover_runs(later)
    assert balance(studio) == (100, 0)

    settled = settle_run(studio.context, begun.id)

    assert (settled.captured_micros, settled.balance_micros) == (0, 100 * CREDIT)
    assert rows(studio)[0] == 1
