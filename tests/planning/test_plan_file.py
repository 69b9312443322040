"""The plan as a contract: every kind of drift is named, and nothing else is."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from pressroom.campaign.document import Positions
from pressroom.catalog.load import load_catalog
from pressroom.domain.errors import Invalid
from pressroom.operations import OPERATIONS
from pressroom.planning.plan_file import contract_json, drift_of, plan_json, read_contract
from pressroom.planning.preflight import preflight
from tests.support.known_index import KnownIndex
from tests.support.planning import (
    account,
    being_bought,
    chooser_of,
    image,
    index_of,
    keys_of,
    plan_of,
    with_file,
    with_model,
    with_operation,
)

CAMPAIGN = """brand: {logo: logo.png}
policy: {tier: auto, prefer: best}
steps:
  cut: {uses: remove_background, with: {image: photo.jpg}}
  large: {uses: upscale, with: {image: "{{ steps.cut }}"}}
"""


def promised(**changes: Any) -> dict[str, Any]:
    plan = plan_of(CAMPAIGN, **changes)
    verdict = preflight(plan, account(), load_catalog(), chooser_of(CAMPAIGN), Positions())
    contract = contract_json(plan, verdict, account(), inputs={"a": "b"}, feeds={}, refresh=frozenset())
    return json.loads(json.dumps(contract))


def drift(text: str = CAMPAIGN, then: dict[str, Any] | None = None, payer: Any = None, **changes: Any) -> list[str]:
    contract = read_contract(then or promised(), "plan.json")
    return [problem.message for problem in drift_of(contract, plan_of(text, **changes), payer or account())]


def test_nothing_is_reported_when_nothing_changed() -> None:
    assert drift() == []


def test_nothing_is_reported_when_things_were_meanwhile_made() -> None:
    plan = plan_of(CAMPAIGN)

    assert drift(index=index_of(plan)) == []
    assert drift(index=index_of(plan, ["cut"])) == []
    assert drift(index=KnownIndex(unfinished=being_bought(*keys_of(plan).values()))) == []


def test_a_smaller_balance_that_still_suffices_is_no_drift() -> None:
    assert drift(payer=account(3)) == []


def test_a_balance_that_no_longer_suffices_is_named() -> None:
    assert drift(payer=account(2)) == ["balance: the plan needs 3 credits, the balance is now 2"]


@pytest.mark.parametrize(
    ("written", "now", "named"),
    [
        ("brand:", "name: other\nbrand:", "its name was campaign, is other"),
        ("brand:", "title: Spring\nbrand:", "its title was campaign, is Spring"),
        ("{logo: logo.png}", "{logo: logo.png, name: Acme}", "its brand has changed"),
        ("steps:", "budget: {credits: 9}\nsteps:", "its budget.credits was not set, is 9"),
        ("steps:", "budget: {usd: 2.5}\nsteps:", "its budget.usd was not set, is 2.5"),
        ("steps:", "budget: {month: 30}\nsteps:", "its budget.month was not set, is 30"),
        ("steps:", "budget: {when_reached: suspend}\nsteps:", "its budget.when_reached was refuse, is suspend"),
        ("steps:", "approval: always\nsteps:", "its approval was never, is always"),
        ("steps:", "approval: {above: 2}\nsteps:", "its approval was never, is above 2"),
        ("prefer: best", "prefer: best, uncertain: fail", "its policy.uncertain was warn, is fail"),
        ("{uses: remove_background", "{deliver: true, uses: remove_background", "cut is delivered or described in another way"),
        ("{uses: upscale", "{alt_text: A cup., uses: upscale", "large is delivered or described in another way"),
        ("{uses: upscale", "{tags: [new], uses: upscale", "large is delivered or described in another way"),
        ("{uses: upscale", "{collection: cups, uses: upscale", "large is delivered or described in another way"),
    ],
)  # fmt: skip
def test_what_a_run_would_do_otherwise_with_the_same_files_is_named(written: str, now: str, named: str) -> None:
    found = drift(CAMPAIGN.replace(written, now, 1))

    assert f"campaign: {named}" in found


def test_other_models_where_the_first_one_fails_are_named() -> None:
    found = drift(CAMPAIGN.replace("prefer: best", "prefer: best, fallback: true"))

    assert any(message.startswith("model: ") and "fails" in message for message in found)


def test_changed_bytes_of_an_input_are_named() -> None:
    found = drift(files=with_file("photo.jpg", image("retouched")))

    assert found[0] == "input: the bytes of photo.jpg have changed"
    assert "content: cut would be made from other content" in found


def test_changed_bytes_of_the_logo_are_named() -> None:
    assert drift(files=with_file("logo.png", image("new logo"))) == ["input: the bytes of logo.png have changed"]


def test_another_input_is_named() -> None:
    found = drift(CAMPAIGN.replace("photo.jpg", "other.jpg"))

    assert "input: photo.jpg is no longer used" in found
    assert "input: other.jpg is new" in found


@pytest.mark.parametrize(
    ("price", "message"),
    [
        ({"credits": 3_000_000}, "price: large was up to 2 credits, is 3"),
        ({"usd": 30_000}, "price: large was $0.02, is $0.03"),
    ],
)
def test_a_changed_price_is_named_with_both(price: dict[str, Any], message: str) -> None:
    found = drift(catalog=with_model(load_catalog(), "simulated/enlarge", **price))

    assert found == ["catalog: models, prices or placements have changed", message]


def test_a_price_that_is_no_longer_known_is_named() -> None:
    named = CAMPAIGN.replace("uses: upscale", "uses: upscale, model: simulated/enlarge")
    unknown = with_model(load_catalog(), "simulated/enlarge", credits=None)

    assert "price: large was up to 2 credits, is not known" in drift(named, catalog=unknown)


def test_a_changed_catalog_is_named_although_this_plan_costs_the_same() -> None:
    catalog = with_model(load_catalog(), "simulated/film", credits=9)

    assert drift(catalog=catalog) == ["catalog: models, prices or placements have changed"]


def test_another_model_is_named() -> None:
    found = drift(CAMPAIGN.replace("uses: upscale", "uses: upscale, model: local/edge-filters"))

    assert found == ["model: large was made by simulated/enlarge, now by local/edge-filters"]


def test_another_version_of_an_operation_is_named() -> None:
    found = drift(operations=with_operation("upscale", version=42))

    assert found[0] == f"operation: upscale was version {OPERATIONS['upscale'].version}, is 42"


def test_another_account_is_named() -> None:
    assert drift(payer=replace(account(), name="other")) == ["account: was 'acme', is 'other'"]


def test_what_was_removed_from_the_library_is_named() -> None:
    then = promised(index=index_of(plan_of(CAMPAIGN)))

    assert drift(then=then, index=index_of(plan_of(CAMPAIGN), ["cut"])) == [
        "library: large was in the library and is no longer there"
    ]


def test_new_and_missing_nodes_are_named() -> None:
    found = drift(CAMPAIGN.replace("  large:", "  larger:"))

    assert found == ["node: larger is new", "node: large is gone"]


def test_several_drifts_are_named_at_once() -> None:
    catalog = with_model(load_catalog(), "simulated/cutout", credits=4_000_000)

    found = drift(catalog=catalog, payer=replace(account(1), name="other"))

    assert [message.partition(":")[0] for message in found] == ["account", "catalog", "price", "balance"]


def test_the_json_has_the_shape_that_tools_rely_on() -> None:
    plan = plan_of(CAMPAIGN + "  wrong: {uses: upscale, with: {image: nothing.jpg}}\n")
    found = plan_json(plan, preflight(plan, account(), load_catalog(), chooser_of(CAMPAIGN), Positions()))

    assert {"plan_hash", "allowed", "problems", "nodes", "totals"} <= found.keys()
    assert {"code", "message", "hint", "file", "line", "column", "step"} <= found["problems"][0].keys()
    assert found["problems"][0]["path"] == ["steps", "wrong", "with", "image"]
    wanted = {"id", "step", "variant", "operation", "provider", "model", "action", "key"}
    assert wanted | {"credits_estimate", "credits_bound", "usd_estimate_micros"} <= found["nodes"][0].keys()
    assert found["nodes"][1]["credits_bound"] == 2
    assert found["nodes"][1]["usd_estimate_micros"] == 20_000
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize("data", [{}, [], 5, None, {"pressroom": 2, "plan_hash": "x"}])
def test_what_is_no_plan_is_refused(data: Any) -> None:
    with pytest.raises(Invalid, match="is no plan file"):
        read_contract(data, "plan.json")


@pytest.mark.parametrize("data", [{"pressroom": 1}, {"pressroom": 3}])
def test_a_plan_of_another_format_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match=f"has plan format {data['pressroom']}, this version reads 2"):
        read_contract(data, "plan.json")
