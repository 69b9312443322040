"""Prices: which row holds for which node on which day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pressroom.catalog.load import load_catalog
from pressroom.catalog.models import Model, Price, credits_for

DAY = date(2026, 11, 29)
ROW: dict[str, Any] = {
    "provider": "acme",
    "model": "reel",
    "operation": "image_to_video",
    "tier": "premium",
    "quality": 80,
    "latency_seconds": 1,
    "source": "a price list",
    "as_of": "2026-11-29",
}
PRICES = [
    {"unit": "second", "credits": 3, "usd": 0.03},
    {"unit": "second", "credits": 4, "usd": 0.04, "when": {"resolution": ["1080p", "1440p"]}},
    {"unit": "second", "credits": 6, "usd": 0.06, "when": {"resolution": "1080p", "audio": True}},
    {"unit": "call", "credits": 9, "usd": 0.09, "when": {"duration": 8}},
    {"unit": "second", "credits": 2, "usd": 0.02, "from": "2026-12-01"},
]


def model(**changes: Any) -> Model:
    return Model.model_validate({**ROW, **changes})


@pytest.mark.parametrize(
    ("facts", "today", "credits"),
    [
        ({}, DAY, 3),
        ({"resolution": "720p", "audio": True}, DAY, 3),
        ({"resolution": "1440p"}, DAY, 4),
        ({"resolution": "1080p", "audio": False}, DAY, 4),
        ({"resolution": "1080p", "audio": True}, DAY, 6),
        ({"duration": 8.0}, DAY, 9),
        ({"duration": True}, DAY, 3),
        ({}, date(2026, 11, 30), 3),
        ({}, date(2026, 12, 1), 2),
        ({"resolution": "1440p"}, date(2026, 12, 1), 4),
    ],
)
def test_the_most_exact_row_that_has_begun_is_the_price(facts: dict[str, Any], today: date, credits: int) -> None:
    assert model(prices=PRICES).meter(facts, today).credits == credits * 1_000_000


def test_where_no_row_holds_the_price_is_not_known() -> None:
    later = model(prices=[{"unit": "call", "credits": 1, "usd": 0.01, "from": "2026-12-01"}])

    assert not later.meter({}, DAY).known
    assert later.meter({}, date(2026, 12, 1)).known


def test_one_price_may_stand_in_the_row_itself() -> None:
    price = {"unit": "image", "credits": 2, "usd": 0.02, "billing_step": 0.5}

    assert model(**price) == model(prices=[price])


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"prices": []}, "prices"),
        ({"prices": PRICES, "credits": 1}, "credits: a row has these or `prices`, not both"),
        ({"prices": [PRICES[0], {**PRICES[0], "credits": 5}]}, "two rows have the same `from` and `when`"),
        ({"prices": [{**PRICES[0], "from": "soon"}]}, "from"),
        ({"prices": PRICES, "shutdown_on": "2026-01-01", "available_from": "2026-01-01"}, "not after available_from"),
        ({"prices": PRICES, "replaced_by": "reel-3"}, "replaced_by"),
        ({"prices": PRICES, "charged_on_refusal": "maybe"}, "charged_on_refusal"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        model(**changes)


@pytest.mark.parametrize(("written", "read"), [(True, "yes"), (False, "no"), ("unknown", "unknown")])
def test_a_bare_yes_or_no_is_read_as_the_word(written: object, read: str) -> None:
    assert model(prices=PRICES, charged_on_refusal=written).charged_on_refusal == read


@given(
    begins=st.lists(st.integers(-50, 50), min_size=1, max_size=6, unique=True),
    today=st.integers(-60, 60),
)
def test_the_newest_begun_price_holds(begins: list[int], today: int) -> None:
    day = DAY + timedelta(days=today)
    rows = [
        {"unit": "call", "credits": 100 + offset, "usd": 0, "from": (DAY + timedelta(days=offset)).isoformat()}
        for offset in begins
    ]

    meter = model(prices=rows).meter({}, day)

    begun = [offset for offset in begins if offset <= today]
    assert meter.credits == ((100 + max(begun)) * 1_000_000 if begun else None)


@given(st.integers(1, 10_000_000), st.sampled_from([0.1, 0.5, 1, 2, 5, 6]))
def test_credits_cover_the_dollars_of_every_billing_step(usd_micros: int, step: float) -> None:
    credits_micros = credits_for(usd_micros, step) * step

    assert credits_micros >= 1_000_000
    assert credits_micros * 0.09999 >= usd_micros * step


def test_every_row_that_is_sold_earns_what_it_costs() -> None:
    catalog = load_catalog()
    sold = [row for row in catalog.models.values() if catalog.providers[row.provider].sells]
    prices = [(row.name, price.meter) for row in sold for price in row.prices if price.usd is not None]

    assert len(prices) > 10
    assert [name for name, meter in prices if (meter.credits or 0) * 0.09999 < (meter.usd or 0)] == []
    bounds = [(name, meter) for name, meter in prices if meter.bound_usd is not None]
    assert [name for name, meter in bounds if (meter.bound_credits or 0) * 0.09999 < (meter.bound_usd or 0)] == []


@pytest.mark.parametrize(
    ("usd", "step", "credits"), [(0.003, 1, 1), (0.05, 1, 1), (0.0501, 1, 2), (0.25, 1, 5), (0.1, 5, 2), (0, 1, 0)]
)
def test_credits_follow_from_the_dollars_where_none_are_given(usd: float, step: float, credits: float) -> None:
    price = Price.model_validate({"unit": "second", "usd": usd, "billing_step": step})

    assert price.credits == credits * 1_000_000


@pytest.mark.parametrize(
    ("model", "credits"),
    [
        ("replicate/flux-schnell", 1),
        ("replicate/flux-dev", 2),
        ("replicate/flux-pro", 5),
        ("replicate/sdxl", 1),
        ("replicate/playground-v2.5", 2),
        ("replicate/ideogram-v3-turbo", 3),
        ("runway/gen4_turbo", 10),
        ("replicate/stable-video-diffusion", 8),
        ("replicate/animate-diff", 5),
        ("replicate/real-esrgan", 2),
        ("replicate/recraft-remove-background", 1),
        ("replicate/gfpgan", 2),
    ],
)
def test_what_has_a_price_in_credits_of_its_own_keeps_it(model: str, credits: int) -> None:
    prices = load_catalog().models[model].prices

    assert {price.credits for price in prices} == {credits * 1_000_000}


def test_tokens_cost_from_a_day_on_what_the_row_says() -> None:
    later = {"2027-01-01": {"out": 18}, "2028-01-01": {"out": 20}}
    row = model(unit="call", usd=1, usd_per_million_tokens={"out": 9}, usd_per_million_tokens_from=later)

    days = [date(2026, 12, 31), date(2027, 1, 1), date(2028, 2, 1)]
    assert [row.on(day).usd_per_million_tokens["out"] for day in days] == [9, 18, 20]
    assert row.on(days[0]) is row
