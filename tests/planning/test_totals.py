"""A plan that was shown may be overtaken by what others make: it never makes something else and is never dearer."""

from __future__ import annotations

from typing import Any

import pytest

from pressroom.catalog.load import load_catalog
from pressroom.planning.plan import Plan
from pressroom.planning.totals import outdone
from tests.support.known_index import KnownIndex
from tests.support.planning import being_bought, image, index_of, keys_of, plan_of, with_file, with_model

CAMPAIGN = """brand: {logo: logo.png}
policy: {tier: auto, prefer: best}
steps:
  cut: {uses: remove_background, with: {image: photo.jpg}}
  large: {uses: upscale, with: {image: "{{ steps.cut }}"}}
"""


def against(text: str = CAMPAIGN, shown: Plan | None = None, **changes: Any) -> str:
    now = plan_of(text, **changes)
    return outdone((shown or plan_of(CAMPAIGN)).hash, now.nodes, now.totals)


def test_a_plan_that_another_run_has_overtaken_still_holds() -> None:
    plan = plan_of(CAMPAIGN)

    assert against() == ""
    assert against(index=index_of(plan)) == ""
    assert against(index=index_of(plan, ["cut"])) == ""
    assert against(index=index_of(plan, ["large"])) == ""
    assert against(index=KnownIndex(unfinished=being_bought(*keys_of(plan).values()))) == ""


def test_what_was_there_when_it_was_shown_and_must_be_bought_now_is_dearer() -> None:
    shown = plan_of(CAMPAIGN, index=index_of(plan_of(CAMPAIGN)))

    assert against(shown=shown) == "it may cost 3 credits, 0 credits was shown"
    assert against(shown=plan_of(CAMPAIGN, index=index_of(plan_of(CAMPAIGN), ["large"]))).startswith("it may cost 3")


@pytest.mark.parametrize(
    ("price", "message"),
    [
        ({"credits": 3_000_000}, "it may cost 4 credits, 3 credits was shown"),
        ({"bound_usd": 30_000}, "it may cost $0.04, $0.03 was shown"),
        ({"credits": 1_000_000}, ""),
    ],
)
def test_a_higher_price_is_dearer_unless_it_is_not_paid_and_a_lower_one_is_welcome(
    price: dict[str, Any], message: str
) -> None:
    catalog = with_model(load_catalog(), "simulated/enlarge", **price)

    assert against(catalog=catalog) == message
    assert against(catalog=catalog, index=index_of(plan_of(CAMPAIGN))) == ""


def test_a_price_that_is_no_longer_known_is_dearer_than_any() -> None:
    named = CAMPAIGN.replace("uses: upscale", "uses: upscale, model: simulated/enlarge")
    unknown = with_model(load_catalog(), "simulated/enlarge", credits=None)

    assert against(named, plan_of(named), catalog=unknown).startswith("it may cost a price not known")


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        (CAMPAIGN, {"files": with_file("photo.jpg", image("retouched"))}),
        (CAMPAIGN.replace("uses: upscale", "uses: upscale, tier: free"), {}),
        (CAMPAIGN.replace("  large:", "  larger:"), {}),
        (CAMPAIGN.rpartition("  large")[0], {}),
    ],
)
def test_other_content_other_models_and_other_nodes_are_something_else(text: str, changes: dict[str, Any]) -> None:
    assert against(text, **changes) == "it makes something else"


@pytest.mark.parametrize("shown", ["0" * 64, "", "short", "zz" * 32])
def test_what_is_no_hash_of_a_plan_covers_nothing(shown: str) -> None:
    plan = plan_of(CAMPAIGN)

    assert outdone(shown, plan.nodes, plan.totals) == "it makes something else"
