"""A plan in words: rows by step, totals, its hash, and what changed since the last run."""

from __future__ import annotations

import pytest

from pressroom.catalog.load import load_catalog
from pressroom.planning.explain import (
    amounts_text,
    changes_of,
    credits_phrase,
    dollars_text,
    reasons_of,
    rows_of,
    seconds_text,
)
from pressroom.planning.totals import known_sum
from tests.support.planning import image, index_of, keys_of, plan_of, with_file, with_model

CAMPAIGN = """policy: {tier: auto, prefer: best}
steps:
  cut: {uses: remove_background, with: {image: photo.jpg}}
  scene:
    uses: replace_background
    for_each: {scene: [studio, podium, window]}
    with: {image: "{{ steps.cut }}", scene: "{{ each.scene }}"}
  posts: {uses: resize, with: {image: "{{ steps.scene }}", placements: [instagram.feed_square, blog.header]}}
"""


def test_rows_follow_the_plan_and_sum_what_will_be_made() -> None:
    rows = rows_of(plan_of(CAMPAIGN))

    assert [(row.step, row.model, row.nodes, row.files, row.credits) for row in rows] == [
        ("cut", "simulated/cutout", 1, 1, 1_000_000),
        ("scene", "simulated/relight", 3, 3, 24_000_000),
        ("posts", "local/renditions", 3, 6, 0),
    ]


def test_a_row_says_what_happens_to_its_nodes() -> None:
    there = index_of(plan_of(CAMPAIGN), ["scene[scene=studio]", "cut"])

    by_step = {row.step: row for row in rows_of(plan_of(CAMPAIGN, index=there))}

    assert by_step["cut"].action_text == "reuse"
    assert by_step["scene"].action_text == "1 reuse, 2 create"
    assert by_step["scene"].credits == 16_000_000


def test_totals_are_the_sums_of_the_rows() -> None:
    plan = plan_of(CAMPAIGN)

    assert plan.totals.credits_bound == 25_000_000
    assert plan.totals.usd_bound == 250_000
    assert plan.totals.seconds == pytest.approx(sum(row.seconds for row in rows_of(plan)), abs=0.1)


def test_one_unknown_price_makes_the_sum_unknown() -> None:
    assert known_sum([1, None, 2]) is None
    assert known_sum([]) == 0
    unknown = with_model(load_catalog(), "simulated/relight", usd=None)
    text = CAMPAIGN.replace("uses: replace_background", "uses: replace_background\n    model: simulated/relight")

    plan = plan_of(text, catalog=unknown)

    assert (plan.totals.usd_bound, plan.totals.credits_bound) == (None, 25_000_000)
    assert dollars_text(rows_of(plan)[1].usd) == "not known"


def test_equal_plans_have_equal_hashes_whatever_the_titles() -> None:
    assert plan_of(CAMPAIGN).hash == plan_of("title: Spring\n" + CAMPAIGN).hash


def test_the_hash_names_what_is_made_what_is_there_and_what_it_costs() -> None:
    plan = plan_of(CAMPAIGN)
    dearer = with_model(load_catalog(), "simulated/relight", credits=9_000_000)

    others = {
        plan_of(CAMPAIGN, files=with_file("photo.jpg", image("new"))).hash,
        plan_of(CAMPAIGN, index=index_of(plan)).hash,
        plan_of(CAMPAIGN, catalog=dearer).hash,
        plan_of(CAMPAIGN.replace("cut", "cutout")).hash,
    }

    assert len(others) == 4
    assert plan.hash not in others


def test_changes_are_counted_and_named() -> None:
    last = keys_of(plan_of(CAMPAIGN.replace("window]", "window, sunset]").replace("blog.header", "blog.header_wide")))

    changes = changes_of(plan_of(CAMPAIGN), last)

    assert changes is not None
    assert changes.changed == tuple(f"posts[scene={name}]" for name in ("studio", "podium", "window"))
    assert changes.removed == ("scene[scene=sunset]", "posts[scene=sunset]")
    assert (changes.added, changes.same) == ((), 4)
    assert str(changes).startswith("since the last run: 3 changed (posts[scene=studio], ")
    assert str(changes).endswith("4 as before")


def test_an_unchanged_campaign_says_so() -> None:
    plan = plan_of(CAMPAIGN)

    assert str(changes_of(plan, keys_of(plan))) == "nothing changed since the last run (7 nodes)"
    assert changes_of(plan, None) is None


@pytest.mark.parametrize(
    ("estimate", "bound", "text", "phrase"),
    [
        (0, 0, "0", "0 credits"),
        (1_000_000, 1_000_000, "1", "1 credit"),
        (1_500_000, 2_000_000, "1.5 – 2", "1.5 – 2 credits"),
        (None, 1, "not known", "price not known"),
        (1, None, "not known", "price not known"),
    ],
)
def test_amounts_show_the_bound_where_it_differs(
    estimate: int | None, bound: int | None, text: str, phrase: str
) -> None:
    assert (amounts_text(estimate, bound), credits_phrase(estimate, bound)) == (text, phrase)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.2, "< 1 s"),
        (3, "3 s"),
        (59.6, "1 min"),
        (125, "2 min 5 s"),
        (3_600, "1 h"),
        (3_780, "1 h 3 min"),
    ],
)
def test_times_are_said_as_people_say_them(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


# why


def test_steps_that_were_chosen_for_the_same_reason_are_told_together() -> None:
    text = "policy: {tier: budget}\nsteps:\n"
    text += "  one: {uses: upscale, for_each: {n: [2, 3]}, with: {image: photo.jpg, scale: '{{ each.n }}'}}\n"
    text += "  two: {uses: remove_background, fallback: [local/matting], with: {image: photo.jpg}}\n"
    text += "  three: {uses: upscale, with: {image: other.jpg}}\n"

    assert reasons_of(plan_of(text)) == (
        "one, three: the budget model that fits",
        "two: the budget model that fits, else local/matting",
    )
