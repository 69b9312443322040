"""The gate: money to the last credit, limits of the subscription, everything that speaks against a run at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pressroom.catalog.load import load_catalog
from pressroom.planning.preflight import AccountFacts
from tests.support.planning import account, codes, verdict_of

PAID = """{budget}policy: {{tier: auto, prefer: best}}
steps:
  large:
    uses: upscale
    for_each: {{mode: [fast, conservative, conservative]}}
    with: {{image: photo.jpg, mode: "{{{{ each.mode }}}}"}}
  cut: {{uses: remove_background, with: {{image: photo.jpg}}}}
"""
FILM = """policy: {tier: auto, prefer: best}
steps:
  film: {uses: image_to_video, for_each: {n: [4, 5]}, with: {image: photo.jpg, duration: "{{ each.n }}", resolution: 1080p}}
"""


def paid(budget: str = "") -> str:
    return PAID.format(budget=f"budget: {budget}\n" if budget else "")


# 2 different enlargements at 2 credits and $0.02, a cut-out at 1 credit and $0.01
CREDITS, DOLLARS = 5, 0.05


def test_exactly_enough_is_allowed_and_one_credit_short_is_refused() -> None:
    assert verdict_of(paid(), account(CREDITS)).allowed

    short = verdict_of(paid(), account(CREDITS - 1))

    assert not short.allowed
    (problem,) = short.problems
    assert problem.message == "the run needs up to 5 credits, account 'acme' has 4"
    assert problem.hint == "local/edge-filters for 'large' would save 4 credits"


def test_a_millionth_short_is_short() -> None:
    almost = AccountFacts("acme", CREDITS * 1_000_000 - 1, load_catalog().plans["enterprise"])

    assert not verdict_of(paid(), almost).allowed


@pytest.mark.parametrize(
    ("exact", "short", "code", "column"),
    [
        (f"{{credits: {CREDITS}}}", f"{{credits: {CREDITS - 1}}}", "budget_credits", 19),
        (f"{{usd: {DOLLARS}}}", "{usd: 0.049999}", "budget_usd", 15),
    ],
)
def test_a_budget_is_kept_to_the_last_unit(exact: str, short: str, code: str, column: int) -> None:
    assert verdict_of(paid(exact)).allowed

    verdict = verdict_of(paid(short))

    assert not verdict.allowed
    assert [(problem.code, problem.line, problem.column) for problem in verdict.problems] == [(code, 2, column)]
    assert verdict.problems[0].path == tuple(code.split("_"))


def test_a_budget_of_zero_allows_what_costs_nothing() -> None:
    free = "budget: {credits: 0, usd: 0}\nsteps: {a: {uses: upscale, with: {image: photo.jpg}}}"

    assert verdict_of(free, account(0, "free")).allowed


def test_every_reason_is_given_at_once() -> None:
    verdict = verdict_of(paid("{credits: 1, usd: 0.01}"), account(0, "free", month_counts={"edit": 4}))

    assert codes(verdict.problems) == ["balance", "budget_credits", "budget_usd", "subscription_count"]


def test_monthly_limits_count_what_was_bought_before() -> None:
    assert verdict_of(paid(), account(100, "free", month_counts={"edit": 2})).allowed

    verdict = verdict_of(paid(), account(100, "free", month_counts={"edit": 3}))

    (problem,) = verdict.problems
    assert problem.code == "subscription_count"
    assert problem.message == "3 edit purchases on top of 3 this month are above the 5 of plan 'free'"


def test_what_runs_under_way_hold_counts_as_used() -> None:
    assert verdict_of(paid(), account(100, "free", month_counts={"edit": 1}, held_counts={"edit": 1})).allowed

    verdict = verdict_of(paid(), account(100, "free", month_counts={"edit": 1}, held_counts={"edit": 2}))

    (problem,) = verdict.problems
    assert problem.message == (
        "3 edit purchases on top of 1 this month and 2 held by other runs are above the 5 of plan 'free'"
    )


def test_what_runs_under_way_may_spend_counts_against_the_monthly_cost() -> None:
    assert verdict_of(paid(), account(100, "free", month_usd_micros=1_000_000, held_usd_micros=950_000)).allowed

    verdict = verdict_of(paid(), account(100, "free", month_usd_micros=1_000_000, held_usd_micros=950_001))

    assert codes(verdict.problems) == ["subscription_cost"]
    assert "$0.950001 held by other runs" in verdict.problems[0].message


def test_what_may_come_to_be_bought_counts_as_bought() -> None:
    text = "steps: {large: {uses: upscale, fallback: [simulated/enlarge], with: {image: photo.jpg}}}"

    assert verdict_of(text, account(2, "free", month_counts={"edit": 4})).allowed
    assert codes(verdict_of(text, account(1, "free", month_counts={"edit": 5})).problems) == [
        "balance",
        "subscription_count",
    ]


def test_the_monthly_cost_of_a_plan_is_a_limit() -> None:
    assert verdict_of(paid(), account(100, "free", month_usd_micros=1_950_000)).allowed

    verdict = verdict_of(paid(), account(100, "free", month_usd_micros=1_950_001))

    assert codes(verdict.problems) == ["subscription_cost"]


def test_an_unlimited_plan_has_no_count() -> None:
    assert verdict_of(paid(), account(100, "enterprise", month_counts={"edit": 1_000_000})).allowed


def test_bought_video_is_held_to_the_resolution_of_the_plan_once_a_step() -> None:
    verdict = verdict_of(FILM, account(1_000, "basic"))

    (problem,) = verdict.problems
    assert (problem.code, problem.line, problem.column) == ("subscription_resolution", 4, 3)
    assert problem.message == "film[n=4]: video of 1080 lines, plan 'basic' allows 720"
    assert verdict_of(FILM, account(1_000, "pro")).allowed


def test_bought_video_is_held_to_the_duration_of_the_plan() -> None:
    row = load_catalog().plans["pro"].model_copy(update={"max_video_seconds": 4.5})

    (problem,) = verdict_of(FILM, account(1_000, row)).problems

    assert problem.message == "film[n=5]: video of 5 s, plan 'pro' allows 4.5 s"


def test_what_this_machine_makes_is_not_metered() -> None:
    own = FILM.replace("tier: auto, prefer: best", "tier: free")
    full = account(0, "free", month_counts={"video": 2, "edit": 5}, month_usd_micros=10_000_000)

    assert verdict_of(own, full).allowed


@pytest.mark.parametrize(
    ("prompt", "allowed"),
    [
        ("a glass of water", True),
        ("an Ass in a field", False),
        ("cheap trick", True),
        ("a CHEAP  thrill", False),
        ("a cheap thrill!", False),
        ("ass", False),
    ],
)
def test_blocked_words_are_whole_words_in_any_case(prompt: str, allowed: bool) -> None:
    text = (
        "policy: {blocked_words: [ass, cheap thrill]}\n"
        f'steps:\n  a: {{uses: replace_background, with: {{image: photo.jpg, prompt: "{prompt}"}}}}\n'
    )

    verdict = verdict_of(text)

    assert verdict.allowed is allowed
    assert codes(verdict.problems) == ([] if allowed else ["blocked_word"])
    assert all(problem.line == 4 for problem in verdict.problems)


def test_the_plans_own_problems_come_first(tmp_path: Path) -> None:
    wrong = paid() + "  wrong: {uses: upscale, with: {image: nothing.jpg}}\n"

    assert codes(verdict_of(wrong, account(0)).problems) == ["parameter", "balance"]


def test_budgets_of_the_month_are_told_before_the_start_and_refuse_only_what_may_not_wait() -> None:
    facts = account(CREDITS, month="2026-12", month_budget_micros=5_000_000, month_spent_micros=500_000)

    for wanted, is_allowed in (("{month: 4}", False), ("{month: 4, when_reached: suspend}", True)):
        verdict = verdict_of(paid(wanted), facts)
        told = [each for each in verdict.problems if each.code == "budget_month"]
        assert (verdict.allowed, [each.fatal for each in told]) == (is_allowed, [not is_allowed] * 2)
        assert told[0].message == (
            "the run needs up to 5 credits on top of 0.5 spent and held in 2026-12; the budget of account 'acme' is "
            "5 credits a month"
        )
        assert told[1].path == ("budget", "month")
    poor = verdict_of(paid("{when_reached: suspend}"), account(CREDITS - 1))
    assert (poor.allowed, [each.code for each in poor.problems]) == (True, ["balance"])
    assert not verdict_of(paid("{when_reached: suspend}"), account(0)).allowed


@pytest.mark.parametrize(
    ("budget", "facts", "told", "spent"),
    [
        ("usd: 0.03", {}, [], {}),
        ("month: 9", {"month_counts": {"edit": 3}}, ["subscription_count"], {"month_counts": {"edit": 5}}),
        ("month: 9", {"month_usd_micros": 1_990_000}, ["subscription_cost"], {"month_usd_micros": 2_000_000}),
    ],
)
def test_what_dollars_and_the_subscription_leave_refuses_only_what_may_not_wait(
    budget: str, facts: dict[str, Any], told: list[str], spent: dict[str, Any]
) -> None:
    waits = paid(f"{{{budget}, when_reached: suspend}}")

    verdict = verdict_of(waits, account(CREDITS, "free", **facts))

    assert (verdict.allowed, codes(verdict.problems)) == (True, told)
    assert all(problem.is_note for problem in verdict.problems)
    assert not verdict_of(paid(f"{{{budget}}}"), account(CREDITS, "free", **facts)).allowed
    if spent:
        assert not verdict_of(waits, account(CREDITS, "free", **spent)).allowed
