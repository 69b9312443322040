"""What vendors' own records say that they charged, read over real HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pressroom.domain.errors import AnswerLost
from pressroom.providers.base import NoRecord, PriceNow, VendorState, name_at_vendor
from tests.simulator.conftest import Market, Open
from tests.simulator.test_every_vendor import VENDORS, order, placed

DAY = timedelta(days=1)


def charged(shop: Market, days_ago: float = 0) -> object:
    until = datetime.now(UTC) + DAY - timedelta(days=days_ago)
    return shop.vendor.charges(until - 2 * DAY, until, [])


@pytest.mark.parametrize("name", ["fal", "wavespeed"])
def test_every_order_is_on_the_record_at_what_was_charged(market: Open, name: str) -> None:
    shop = market(name)
    jobs = [placed(shop), placed(shop)]
    assert {shop.vendor.status(job).state for job in jobs} == {VendorState.SUCCEEDED}

    found = charged(shop)

    assert not isinstance(found, NoRecord)
    assert {charge.name for charge in found} == {name_at_vendor(job.id) for job in jobs}
    assert [charge.billed.usd_micros for charge in found] == [VENDORS[name].usd_micros] * 2
    assert sum(charge.billed.usd_micros for charge in found) == shop.billed()
    assert charged(shop, days_ago=3) == []


def test_a_record_of_several_pages_is_read_to_its_end(market: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pressroom.providers.wavespeed.PAGE_SIZE", 2)
    shop = market("wavespeed")
    for _ in range(5):
        placed(shop)

    found = charged(shop)

    assert len(found) == 5


def test_without_a_key_for_billing_fal_shows_no_record(market: Open) -> None:
    shop = market("fal", billing=False)
    placed(shop)

    assert charged(shop) == NoRecord("this key may not read it")


def test_replicate_measures_and_names_no_amount(market: Open) -> None:
    shop = market("replicate")
    job, running = placed(shop), placed(shop)
    shop.vendor.status(job)
    shop.vendor.cancel(running)

    found = charged(shop)

    assert {charge.name for charge in found} == {job.id, running.id}
    assert {charge.product for charge in found} == {"black-forest-labs/flux-schnell"}
    assert all(charge.billed.usd_micros is None and "metrics" in charge.billed.evidence for charge in found)


def test_runway_is_asked_for_each_task(market: Open) -> None:
    shop = market("runway")
    job, until = placed(shop), datetime.now(UTC) + DAY

    found = shop.vendor.charges(until - 2 * DAY, until, [job])

    assert not isinstance(found, NoRecord)
    assert [(charge.name, charge.billed.usd_micros) for charge in found] == [(job.id, shop.billed())]


def test_what_is_still_made_is_not_charged_yet(market: Open) -> None:
    shop = market("replicate", latency_seconds=600)
    placed(shop)

    assert charged(shop) == []


def test_bfl_says_what_an_order_costs_once(market: Open) -> None:
    shop = market("bfl")
    placed(shop)

    assert isinstance(charged(shop), NoRecord)


def test_fal_says_what_a_unit_costs_now(market: Open) -> None:
    shop = market("fal")
    wanted = order("fal")
    assert shop.vendor.price(wanted) == PriceNow(Decimal(3_000), "image")

    shop.world.price_factors["fal/flux-schnell"] = 3.0

    assert shop.vendor.price(wanted) == PriceNow(Decimal(9_000), "image")
    assert shop.world.books.of("fal") == []


def test_wavespeed_says_what_exactly_these_inputs_cost_now(market: Open) -> None:
    shop = market("wavespeed")
    assert shop.vendor.price(order("wavespeed")) == PriceNow(Decimal(30_000))

    shop.world.price_factors["wavespeed/qwen-image-2.0"] = 2.0

    assert shop.vendor.price(order("wavespeed")) == PriceNow(Decimal(60_000))


@pytest.mark.parametrize("name", ["bfl", "replicate"])
def test_a_vendor_that_says_no_price_is_asked_nothing(market: Open, name: str) -> None:
    assert market(name).vendor.price(order(name)) is None


@pytest.mark.parametrize("name", VENDORS)
def test_what_nobody_asks_for_is_on_the_bill_all_the_same(market: Open, name: str) -> None:
    shop = market(name)

    placed(shop)

    assert shop.billed() == VENDORS[name].usd_micros


def test_bfl_charges_what_it_takes_whatever_becomes_of_it(market: Open) -> None:
    shop = market("bfl", latency_seconds=600, error_taken=1)

    with pytest.raises(AnswerLost):
        shop.vendor.submit(order("bfl"))

    assert shop.billed() == VENDORS["bfl"].usd_micros
