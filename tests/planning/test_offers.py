"""Which model makes a node: tier, preference, providers, a model by name, limits, and the cheaper one that fits."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from pressroom.catalog.load import Catalog, load_catalog
from pressroom.catalog.models import ProviderRow
from pressroom.planning.explain import savings_of
from pressroom.planning.offers import configured_providers
from pressroom.planning.plan import Node
from pressroom.planning.quoting import quote
from tests.support.planning import TODAY, chooser_of, codes, plan_of, verdict_of, with_model


def campaign(policy: str = "", step: str = "", image: str = "photo.jpg") -> str:
    return f"policy: {{{policy}}}\nsteps:\n  large: {{uses: upscale, {step} with: {{image: {image}}}}}\n"


def chosen(*args: str, **changes: Any) -> str:
    plan = plan_of(campaign(*args), **changes)
    assert plan.problems == ()
    return f"{plan.nodes[0].provider}/{plan.nodes[0].model}"


@pytest.mark.parametrize(
    ("policy", "step", "model"),
    [
        ("", "", "local/edge-filters"),
        ("tier: auto", "", "simulated/enlarge"),
        ("tier: budget", "", "simulated/enlarge"),
        ("tier: premium", "", "simulated/enlarge"),
        ("tier: free", "tier: auto,", "simulated/enlarge"),
        ("tier: budget, prefer: fastest", "", "simulated/enlarge"),
        ("tier: auto, prefer: best", "", "simulated/enlarge"),
        ("tier: budget, prefer: best", "", "simulated/enlarge"),
        ("tier: free, prefer: best", "", "local/edge-filters"),
        ("tier: free, prefer: best", "tier: budget,", "simulated/enlarge"),
        ("tier: auto, prefer: [simulated/enlarge]", "", "simulated/enlarge"),
        ("tier: free, prefer: [simulated/enlarge]", "", "local/edge-filters"),
        ("tier: auto, providers: [simulated]", "", "simulated/enlarge"),
        ("", "model: simulated/enlarge,", "simulated/enlarge"),
    ],
)
def test_the_policy_chooses_the_model(policy: str, step: str, model: str) -> None:
    assert chosen(policy, step) == model


def test_a_preferred_model_that_does_not_fit_gives_way_to_one_that_does() -> None:
    assert chosen("tier: auto, prefer: [simulated/enlarge]", "", "huge.jpg") == "local/edge-filters"


@pytest.mark.parametrize(
    ("policy", "step", "code", "hint"),
    [
        ("", "model: simulated/enlrge,", "unknown_model", "did you mean simulated/enlarge?"),
        ("", "model: simulated/cutout,", "unknown_model", "simulated/enlarge"),
        ("providers: [local]", "model: simulated/enlarge,", "policy_provider", ""),
        ("tier: free, providers: [simulated]", "", "no_model", "simulated/enlarge (budget)"),
        ("prefer: [simulated/enlrge]", "", "unknown_model", "did you mean 'simulated/enlarge'?"),
        ("providers: [simulatd]", "", "unknown_provider", "did you mean 'simulated'?"),
    ],
)
def test_a_model_that_cannot_be_had_is_refused_with_its_place(policy: str, step: str, code: str, hint: str) -> None:
    problems = plan_of(campaign(policy, step)).problems

    assert code in codes(problems)
    assert hint in problems[0].hint
    assert all(problem.line and problem.column and problem.fatal for problem in problems)


def test_a_provider_whose_key_is_missing_is_not_chosen_and_named_when_asked_for() -> None:
    catalog = load_catalog()
    needs_key = ProviderRow(name="simulated", title="Vendor", sells=True, keys=("VENDOR_KEY", "OTHER_KEY"))
    locked = replace(catalog, providers={**catalog.providers, "simulated": needs_key})

    assert "simulated" not in configured_providers(locked)
    assert configured_providers(locked, ["OTHER_KEY"]) == configured_providers(locked) | {"simulated"}
    assert chosen("tier: auto, prefer: best", catalog=locked) == "local/edge-filters"
    (problem,) = plan_of(campaign("", "model: simulated/enlarge,"), catalog=locked).problems
    assert problem.code == "provider_not_configured"
    assert problem.message == "large: simulated/enlarge needs a key of Vendor: pressroom providers set simulated"
    assert (
        problem.hint == "or set VENDOR_KEY or OTHER_KEY (or one of them with _FILE, naming a file that holds the key)"
    )


def test_a_model_by_name_is_held_to_its_limits() -> None:
    (problem,) = plan_of(campaign("", "model: simulated/enlarge,", "huge.jpg")).problems

    assert problem.code == "model_limit"
    assert "input of 16.0 megapixels is above 9.4" in problem.message
    assert "local/edge-filters" in problem.hint


def test_when_no_model_fits_the_reason_of_each_is_given() -> None:
    small = load_catalog().models["local/edge-filters"].limits.model_copy(update={"max_megapixels": 1})
    catalog = with_model(load_catalog(), "local/edge-filters", limits=small)

    (problem,) = plan_of(campaign("tier: auto", "", "huge.jpg"), catalog=catalog).problems

    assert problem.code == "no_model_fits"
    assert "local/edge-filters: megapixels 64 is above 1" in problem.message
    assert "simulated/enlarge: input of 16.0 megapixels is above 9.4" in problem.message


def test_a_long_prompt_is_outside_a_models_limit() -> None:
    limited = with_model(
        load_catalog(),
        "simulated/relight",
        limits=load_catalog().models["simulated/relight"].limits.model_copy(update={"max_prompt_characters": 5}),
    )
    text = "steps: {a: {uses: replace_background, model: simulated/relight, with: {image: photo.jpg, prompt: far too long}}}"

    (problem,) = plan_of(text, catalog=limited).problems

    assert "prompt of 12 characters is above 5" in problem.message


def test_what_a_model_does_not_take_is_said_once() -> None:
    text = "steps: {a: {uses: generate_image, model: gemini/gemini-nano-banana-2.1, with: {prompt: a sea, seed: 4}}}"
    chooser = chooser_of(text, configured=configured_providers(load_catalog(), ["GEMINI_API_KEY"]))

    (problem,) = plan_of(text, chooser=chooser).problems

    assert problem.message.count("takes no seed") == 1


def test_a_model_without_a_price_is_never_picked() -> None:
    unknown = with_model(load_catalog(), "simulated/enlarge", credits=None, usd=None)

    assert chosen("tier: auto, prefer: best", catalog=unknown) == "local/edge-filters"


@pytest.mark.parametrize("missing", ["credits", "usd"])
def test_an_unknown_price_refuses_the_run_and_is_never_counted_as_zero(missing: str) -> None:
    unknown = with_model(load_catalog(), "simulated/enlarge", **{missing: None})
    text = campaign("", "model: simulated/enlarge,")

    plan = plan_of(text, catalog=unknown)
    verdict = verdict_of(text, catalog=unknown)

    assert getattr(plan.totals, f"{missing}_bound") is None
    assert not verdict.allowed
    (problem,) = verdict.problems
    assert (problem.code, problem.file, problem.line, problem.column) == ("unknown_price", "campaign.yaml", 4, 3)


def test_an_unknown_price_of_this_machines_own_work_refuses_as_well() -> None:
    unknown = with_model(load_catalog(), "local/edge-filters", credits=None)

    assert not verdict_of(campaign("", "model: local/edge-filters,"), catalog=unknown).allowed


# cheaper ones


def test_the_cheaper_model_is_named_with_what_it_saves() -> None:
    text = campaign("tier: auto, prefer: best")

    (found,) = savings_of(plan_of(text), chooser_of(text))

    assert str(found) == "large: local/edge-filters instead of simulated/enlarge saves 2 credits"


def test_a_cheaper_model_that_cannot_make_it_is_not_named() -> None:
    small = load_catalog().models["local/edge-filters"].limits.model_copy(update={"max_megapixels": 1})
    catalog = with_model(load_catalog(), "local/edge-filters", limits=small)
    text = campaign("tier: auto, prefer: best")

    assert savings_of(plan_of(text, catalog=catalog), chooser_of(text, catalog)) == ()


def test_a_simulated_model_is_not_named_in_place_of_a_real_one() -> None:
    text = "steps: {a: {uses: image_to_3d, model: fal/trellis-2, with: {image: photo.jpg}}}"  # simulated/solid costs a third
    chooser = chooser_of(text, configured=configured_providers(load_catalog(), ["FAL_KEY"]))

    assert savings_of(plan_of(text, chooser=chooser), chooser) == ()


def test_a_cheaper_model_of_a_provider_that_the_policy_excludes_is_not_named() -> None:
    text = campaign("tier: auto, providers: [simulated]")

    assert savings_of(plan_of(text), chooser_of(text)) == ()


# tiers: why, days, what stands in


def test_the_plan_says_why_a_model_was_chosen() -> None:
    text = "policy: {tier: budget}\nsteps:\n  large: {uses: upscale, with: {image: photo.jpg}}\n"
    text += "  part: {uses: crop, with: {image: photo.jpg, ratio: '1:1'}}\n"
    text += "  art: {uses: generate_image, with: {prompt: hills, width: 1024, height: 1024}}\n"
    text += "  named: {uses: upscale, model: local/edge-filters, with: {image: photo.jpg}}\n"

    assert {node.step: node.why for node in plan_of(text).nodes} == {
        "large": "the budget model that fits",
        "part": "budget has none for crop: the free model that fits",
        "art": "cheapest budget model that fits",
        "named": "asked for by name (free)",
    }


def test_why_a_tier_was_left_is_said_with_the_limit() -> None:
    (node,) = plan_of(campaign("tier: budget", "", "huge.jpg")).nodes

    fits_not = (
        r"budget has none that fits \(simulated/enlarge input of 16\.0 megapixels is above 9\.4; .+ needs a key.+\): "
    )
    assert re.fullmatch(fits_not + "the free model that fits", node.why)


def test_a_budget_of_no_credits_keeps_any_tier_on_what_costs_nothing() -> None:
    (node,) = plan_of("budget: {credits: 0}\n" + campaign("tier: premium, prefer: best")).nodes

    assert f"{node.provider}/{node.model}" == "local/edge-filters"
    assert "simulated/enlarge costs credits, budget.credits is 0" in node.why


def dated(**dates: Any) -> Catalog:
    return with_model(load_catalog(), "simulated/sketch", **dates)


SKETCH = "steps: {art: {uses: generate_image, model: simulated/sketch, with: {prompt: x, width: 1024, height: 1024}}}"
BUDGET = "policy: {tier: budget}\n" + SKETCH.replace("model: simulated/sketch, ", "")
LAST = date(2026, 12, 31)


def test_a_model_past_its_end_is_refused_with_its_successor_and_the_price() -> None:
    ended = dated(shutdown_on=TODAY, replaced_by="simulated/studio")

    (problem,) = plan_of(SKETCH, catalog=ended).problems

    assert problem.code == "model_ended"
    assert problem.message == "art: simulated/sketch has ended on 2026-11-29"
    assert problem.hint == "use simulated/studio: up to 5 credits for this"
    assert (problem.fatal, problem.line, verdict_of(SKETCH, catalog=ended).allowed) == (True, 2, False)


@pytest.mark.parametrize("name", ["gpt-image-1.5", "gpt-image-1-mini", "chatgpt-image-latest"])
def test_a_campaign_of_a_model_that_ended_with_november_learns_what_replaces_it_and_its_price(name: str) -> None:
    asked = f"steps: {{art: {{uses: generate_image, model: openai/{name}, with: {{prompt: x}}}}}}"

    (problem,) = plan_of(asked, today=date(2026, 12, 1)).problems

    assert (problem.code, problem.message) == ("model_ended", f"art: openai/{name} has ended on 2026-12-01")
    assert problem.hint.startswith("use openai/gpt-image-2.6-flare")
    assert problem.hint.endswith(": up to 1 credit for this")


def test_a_model_past_its_end_is_not_chosen_by_itself() -> None:
    (before,) = plan_of(BUDGET).nodes
    (node,) = plan_of(BUDGET, catalog=dated(shutdown_on=TODAY)).nodes

    assert (before.model, node.model) == ("sketch", "metered")


@pytest.mark.parametrize(
    ("days", "codes_"), [(31, []), (30, ["model_ends"]), (1, ["model_ends"]), (0, ["model_ended"])]
)
def test_the_last_thirty_days_of_a_model_warn(days: int, codes_: list[str]) -> None:
    catalog = dated(shutdown_on=LAST)

    plan = plan_of(SKETCH, catalog=catalog, today=LAST - timedelta(days=days))

    assert codes(plan.problems) == codes_
    assert [problem.fatal for problem in plan.problems] == ([days == 0] if codes_ else [])


def test_a_model_before_its_first_day_is_refused() -> None:
    catalog = dated(available_from=LAST)

    assert codes(plan_of(SKETCH, catalog=catalog, today=LAST - timedelta(days=1)).problems) == ["model_not_yet"]
    assert plan_of(SKETCH, catalog=catalog, today=LAST).problems == ()


def test_an_ailing_model_or_provider_is_passed_over() -> None:
    for ailing in ("simulated", "simulated/sketch"):
        chooser = replace(chooser_of(BUDGET), ailing={ailing: "its last 3 orders went wrong"})

        (node,) = plan_of(BUDGET, chooser=chooser).nodes

        assert not {node.provider, f"{node.provider}/{node.model}"} & {ailing}
        assert plan_of(BUDGET).nodes[0].provider == "simulated"


def test_a_side_file_in_a_format_that_a_model_does_not_make_is_not_expected_of_it() -> None:
    pictures = (
        load_catalog().models["simulated/sketch"].limits.model_copy(update={"formats": ("png",), "max_outputs": 1})
    )

    (node,) = plan_of(SKETCH, catalog=dated(limits=pictures)).nodes

    assert [label for label, _ in plan_of(SKETCH).nodes[0].outputs] == ["", "svg"]
    assert [label for label, _ in node.outputs] == [""]


# fallback


def fallback(policy: str = "", step: str = "", **changes: Any) -> Node:
    text = BUDGET.replace("tier: budget", f"tier: budget{policy}").replace("generate_image", f"generate_image{step}")
    plan = plan_of(text, **changes)
    assert plan.problems == ()
    return plan.nodes[0]


def test_without_a_fallback_there_is_none() -> None:
    assert fallback().alternatives == ()
    assert fallback(", fallback: true", ", fallback: false").alternatives == ()


def test_fallback_goes_on_in_the_tier_and_then_below_it() -> None:
    node = fallback(", fallback: true, providers: [simulated, local]")

    assert node.model == "sketch"
    assert [item.name for item in node.alternatives] == ["simulated/metered", "local/vector"]
    assert node.quote.credits_estimate == 1_000_000
    assert node.quote.credits_bound == max(item.quote.credits_bound or 0 for item in node.alternatives)


def test_a_list_is_tried_in_its_order_and_the_bound_covers_the_dearest() -> None:
    node = fallback("", ", fallback: [simulated/studio, local/vector]")

    assert [item.name for item in node.alternatives] == ["simulated/studio", "local/vector"]
    assert node.quote.credits_bound == 5_000_000
    assert node.quote.usd_bound == 55_000
    assert node.quote.credits_estimate == plan_of(BUDGET).nodes[0].quote.credits_estimate


def test_what_stands_in_makes_the_same_files() -> None:
    pictures = load_catalog().models["simulated/sketch"].limits.model_copy(update={"formats": ("png",)})

    node = fallback(", providers: [simulated, local]", ", fallback: true", catalog=dated(limits=pictures))

    assert (node.model, node.alternatives) == ("sketch", ())


def test_what_stands_in_is_in_the_key_and_what_does_not_leaves_keys_as_they_were() -> None:
    keys = {
        fallback().key,
        fallback("", ", fallback: [simulated/studio]").key,
        fallback("", ", fallback: [local/vector]").key,
    }

    assert len(keys) == 3
    assert fallback("", ", fallback: []").key == fallback().key


@pytest.mark.parametrize(
    ("policy", "step", "line"),
    [(", fallback: [simulated/studoi]", "", 2), ("", ", fallback: [simulated/studoi]", 3)],
)
def test_a_misspelt_fallback_is_named_with_its_place(policy: str, step: str, line: int) -> None:
    text = BUDGET.replace("tier: budget", f"tier: budget{policy}").replace("generate_image", f"generate_image{step}")

    problems = plan_of(text).problems

    assert {(problem.code, problem.line) for problem in problems} == {("unknown_model", line)}
    assert "simulated/studio" in problems[0].hint


def test_the_rough_time_counts_what_takes_time_whatever_is_billed() -> None:
    row = load_catalog().models["local/renditions"]

    meter = row.prices[0].meter

    pictures = quote(row, {"image": 10, "second": 0}, meter).seconds
    films = quote(row, {"image": 0, "second": 30}, meter).seconds

    assert pictures == pytest.approx(row.latency_seconds + 10 * row.latency_seconds_per["image"])
    assert films == pytest.approx(row.latency_seconds + 30 * row.latency_seconds_per["second"])
    assert films > pictures


def test_a_model_that_does_not_take_a_parameters_value_gives_way_to_one_that_does() -> None:
    slow = load_catalog().models["local/edge-filters"].limits.model_copy(update={"values": {"mode": ("conservative",)}})
    catalog = with_model(load_catalog(), "local/edge-filters", limits=slow)
    text = "steps: {large: {uses: upscale, with: {image: photo.jpg, mode: fast}}}"

    assert plan_of(text.replace("fast", "conservative"), catalog=catalog).nodes[0].model == "edge-filters"
    (problem,) = plan_of(text, catalog=catalog).problems
    assert problem.code == "no_model_fits"
    assert "mode fast is none of conservative" in problem.message
