"""Which model makes a node: tier, preference, providers, a model by name, limits, and the cheaper one that fits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pressroom.catalog.load import load_catalog
from pressroom.catalog.models import ProviderRow
from pressroom.planning.explain import alternatives_of
from pressroom.planning.offers import configured_providers, quote
from tests.support.planning import chooser_of, codes, plan_of, verdict_of, with_model


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

    assert configured_providers(locked) == {"local"}
    assert configured_providers(locked, ["OTHER_KEY"]) == {"local", "simulated"}
    assert chosen("tier: auto, prefer: best", catalog=locked) == "local/edge-filters"
    (problem,) = plan_of(campaign("", "model: simulated/enlarge,"), catalog=locked).problems
    assert problem.code == "provider_not_configured"
    assert problem.message == "large: simulated/enlarge needs a key of Vendor"
    assert problem.hint == "set VENDOR_KEY or OTHER_KEY (or one of them with _FILE, naming a file that holds the key)"


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

    (found,) = alternatives_of(plan_of(text), chooser_of(text))

    assert str(found) == "large: local/edge-filters instead of simulated/enlarge saves 2 credits"


def test_a_cheaper_model_that_cannot_make_it_is_not_named() -> None:
    small = load_catalog().models["local/edge-filters"].limits.model_copy(update={"max_megapixels": 1})
    catalog = with_model(load_catalog(), "local/edge-filters", limits=small)
    text = campaign("tier: auto, prefer: best")

    assert alternatives_of(plan_of(text, catalog=catalog), chooser_of(text, catalog)) == ()


def test_a_cheaper_model_of_a_provider_that_the_policy_excludes_is_not_named() -> None:
    text = campaign("tier: auto, providers: [simulated]")

    assert alternatives_of(plan_of(text), chooser_of(text)) == ()


def test_the_rough_time_counts_what_takes_time_whatever_is_billed() -> None:
    row = load_catalog().models["local/renditions"]

    meter = row.prices[0].meter

    pictures = quote(row, {"image": 10, "second": 0}, meter).seconds
    films = quote(row, {"image": 0, "second": 30}, meter).seconds

    assert pictures == pytest.approx(row.latency_seconds + 10 * row.latency_seconds_per["image"])
    assert films == pytest.approx(row.latency_seconds + 30 * row.latency_seconds_per["second"])
    assert films > pictures
