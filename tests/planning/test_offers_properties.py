"""For any catalog and policy: the model is of the tier that was named, or of a lower one only where that has none that fits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.campaign.models import Policy, Step
from pressroom.catalog.load import Catalog, load_catalog
from pressroom.catalog.models import Model
from pressroom.domain.errors import Problem
from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.operation import Expectation
from pressroom.planning.offers import Chooser, Offer, Wanted
from tests.support.planning import TODAY

TIERS = ("free", "budget", "premium")
SIZE = 1_000


@st.composite
def models(draw: st.DrawFn) -> Model:
    number = draw(st.integers(0, 10**9))
    price = draw(st.none() | st.integers(0, 5))
    return Model.model_validate(
        {
            "provider": draw(st.sampled_from(["local", "simulated"])),
            "model": f"m{number}",
            "operation": "draw",
            "tier": draw(st.sampled_from(TIERS)),
            "quality": draw(st.integers(0, 100)),
            "unit": "image",
            "credits": price,
            "usd": None if price is None else price / 100,
            "bound_credits": None if price is None else price + draw(st.integers(0, 2)),
            "latency_seconds": draw(st.integers(0, 9)),
            "limits": {"max_width": draw(st.sampled_from([SIZE - 1, SIZE]))},
            "shutdown_on": draw(st.none() | st.just(TODAY)),
            "source": "made up",
            "as_of": "2026-11-29",
        }
    )


policies = st.builds(
    Policy,
    tier=st.sampled_from([*TIERS, "auto"]),
    prefer=st.sampled_from(["cheapest", "best", "fastest"]),
    fallback=st.booleans(),
    providers=st.sampled_from([(), ("local",)]),
)


def offered(rows: list[Model], policy: Policy, **changes: Any) -> tuple[Catalog, Offer | Problem]:
    catalog = replace(load_catalog(), models={row.name: row for row in rows})
    chooser = Chooser(catalog, policy, frozenset({"local", "simulated"}), TODAY, **changes)
    made = MediaInfo(Kind.IMAGE, "image/png", SIZE, SIZE)
    wanted = Wanted("draw", Expectation((("", made),), {"image": 1.0}))
    return catalog, chooser.choose(Step(uses="draw"), wanted)


def usable(row: Model, policy: Policy, ailing: frozenset[str]) -> bool:
    return (
        row.prices[0].credits is not None
        and row.limits.max_width == SIZE
        and row.shutdown_on is None
        and (not policy.providers or row.provider in policy.providers)
        and row.name not in ailing
    )


@settings(max_examples=300)
@given(rows=st.lists(models(), max_size=8), policy=policies, data=st.data())
def test_a_model_is_of_the_named_tier_or_of_the_next_that_has_one(
    rows: list[Model], policy: Policy, data: st.DataObject
) -> None:
    ailing = frozenset(data.draw(st.lists(st.sampled_from([row.name for row in rows]))) if rows else [])
    catalog, offer = offered(rows, policy, ailing=dict.fromkeys(ailing, "it is down"))

    fit = {row.name: row for row in catalog.models.values() if usable(row, policy, ailing)}
    walk = {"auto": ("budget", "premium", "free"), "premium": TIERS[::-1], "budget": TIERS[1::-1], "free": TIERS[:1]}
    tiers = [tier for tier in walk[policy.tier] if any(row.tier == tier for row in fit.values())]

    if not tiers:
        assert isinstance(offer, Problem)
        return
    assert isinstance(offer, Offer)
    assert offer.model.tier == tiers[0]
    assert offer.model.name in fit
    inside = [row for row in fit.values() if row.tier == tiers[0]]
    best = {
        "cheapest": min(row.prices[0].credits or 0 for row in inside),
        "best": max(row.quality for row in inside),
        "fastest": min(row.latency_seconds for row in inside),
    }
    got = {
        "cheapest": offer.model.prices[0].credits,
        "best": offer.model.quality,
        "fastest": offer.model.latency_seconds,
    }
    assert got[str(policy.prefer)] == best[str(policy.prefer)]
    assert all(tier in offer.why for tier in walk[policy.tier][: walk[policy.tier].index(tiers[0])])


@settings(max_examples=300)
@given(rows=st.lists(models(), max_size=8), policy=policies, free_only=st.booleans())
def test_nothing_that_may_make_a_node_is_dearer_than_the_bound_that_is_shown(
    rows: list[Model], policy: Policy, free_only: bool
) -> None:
    catalog, offer = offered(rows, policy, free_only=free_only)

    if isinstance(offer, Problem):
        return
    bound = offer.quote.credits_bound
    assert bound is not None
    for name in (offer.model.name, *(item.name for item in offer.alternatives)):
        meter = catalog.models[name].prices[0].meter
        assert max(meter.credits or 0, meter.bound_credits or 0) <= bound
    assert (offer.quote.credits_estimate or 0) <= bound
    assert not free_only or bound == 0
    assert policy.fallback or not offer.alternatives
    assert offer.model.name not in {item.name for item in offer.alternatives}
