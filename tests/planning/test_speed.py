"""How fast models have been, and what `prefer: fastest` makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pressroom.catalog.load import load_catalog
from pressroom.database.engine import Database
from pressroom.database.plan_reader import plan_reader_for
from pressroom.domain.purchases import Outcome, RecentOrder
from pressroom.planning.speed import LEAST_DELIVERED, Speed, speeds_of
from tests.support.clocks import Clock
from tests.support.planning import chooser_of, loaded, plan_of
from tests.support.studio import CATALOG, open_studio

NOW = datetime(2026, 11, 30, tzinfo=UTC)
CAMPAIGN = (
    "policy: {tier: budget, prefer: fastest}\n"
    "steps: {a: {uses: generate_image, with: {prompt: a calm sea, width: 1024, height: 1024}}}\n"
)


def order(took: float, outcome: Outcome = Outcome.GOOD, listed: float = 10.0, model: str = "v/m") -> RecentOrder:
    return RecentOrder("v", "c", "s", outcome, NOW, model=model, listed_seconds=listed, took_seconds=took)


def test_the_middle_of_the_orders_says_how_much_longer_they_take_than_listed() -> None:
    orders = [order(took) for took in (20.0, 5.0, 30.0, 20.0, 9_000.0)]

    assert speeds_of(orders) == {"v/m": Speed(2.0, 5, 5)}
    assert Speed(2.0, 5, 5).seconds(4.0) == 8.0


def test_orders_in_vain_make_a_model_slower_and_those_that_say_nothing_do_not() -> None:
    good = [order(10.0)] * 5
    others = [order(0.0, Outcome.BAD)] * 5 + [order(0.0, Outcome.OPEN), order(0.0, Outcome.NONE)]

    assert speeds_of(good + others)["v/m"].seconds(10.0) == 20.0


@pytest.mark.parametrize(
    "orders",
    [
        [],
        [order(10.0)] * (LEAST_DELIVERED - 1) + [order(0.0, Outcome.BAD)] * 9,
        [order(10.0, listed=0.0)] * 9,
        [order(10.0, model=f"v/{number}") for number in range(9)],
    ],
)
def test_too_few_deliveries_say_nothing(orders: list[RecentOrder]) -> None:
    assert speeds_of(orders) == {}


def test_the_fastest_model_is_that_of_the_orders_where_there_are_enough_and_the_plan_says_so() -> None:
    catalog = load_catalog()
    keys = frozenset(catalog.providers)
    listed = replace(chooser_of(loaded(CAMPAIGN), catalog, configured=keys), unsold=frozenset())
    (by_catalog,) = plan_of(CAMPAIGN, catalog=catalog, chooser=listed).nodes
    first = f"{by_catalog.provider}/{by_catalog.model}"

    (by_orders,) = plan_of(
        CAMPAIGN, catalog=catalog, chooser=replace(listed, speeds={first: Speed(100.0, 12, 12)})
    ).nodes
    (still_first,) = plan_of(
        CAMPAIGN, catalog=catalog, chooser=replace(listed, speeds={first: Speed(0.5, 12, 12)})
    ).nodes

    assert by_catalog.why == "fastest budget model that fits, by the catalog's times"
    assert f"{by_orders.provider}/{by_orders.model}" != first
    assert still_first.why == "fastest budget model that fits, by its last 12 orders"
    assert still_first.quote == by_catalog.quote


def test_what_was_ordered_and_delivered_is_what_speeds_are_of(
    tmp_path: Path, database: Database, database_url: str
) -> None:
    clock = Clock()
    models = {
        name: row.model_copy(update={"latency_seconds": 10.0}) if name == "simulated/ink" else row
        for name, row in CATALOG.models.items()
    }
    catalog = replace(CATALOG, models=models)
    studio = open_studio(tmp_path / "home", database, database_url, latency_seconds=20, clock=clock, catalog=catalog)
    each = "for_each: {n: [0, 1, 2, 3, 4, 5]}, with: {prompt: '{{ each.n }}'}"
    studio.go(f"name: c\nsteps: {{a: {{uses: draw, model: simulated/ink, {each}}}}}\n")

    with plan_reader_for(database_url, studio.account) as reader:
        speeds = speeds_of(reader.recent_orders(clock.now() - timedelta(hours=1), clock.now()))

    assert speeds["simulated/ink"].orders == 6
    assert 2.0 <= speeds["simulated/ink"].factor < 2.6
