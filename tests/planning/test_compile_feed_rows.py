"""Feeds: one bad row is refused alone, costs nothing, and is named where it is."""

from __future__ import annotations

from pathlib import Path

from pressroom.planning.plan import Action
from tests.support.planning import codes, plan_of, rows, verdict_of

STEPS = """policy: {tier: auto, prefer: best}
steps:
  scene:
    uses: replace_background
    feed: rows.csv
    with: {image: "{{ each.row.photo }}", scene: "{{ each.row.scene }}", prompt: "{{ each.row.text }}"}
  large: {uses: upscale, with: {image: "{{ steps.scene }}"}}
"""
GOOD = "id,photo,scene,text\na,photo.jpg,studio,calm\nb,photo.jpg,{scene},bright\nc,{photo},podium,warm\n"


def actions(plan: object) -> dict[str, Action]:
    return {node.id: node.action for node in plan.nodes}  # type: ignore[attr-defined]


def test_a_row_opens_a_variant_named_after_its_id(tmp_path: Path) -> None:
    feed = rows(GOOD.format(scene="window", photo="other.jpg"), tmp_path)

    plan = plan_of(STEPS, feeds={"row": feed})

    assert list(actions(plan)) == [f"{step}[row={row}]" for step in ("scene", "large") for row in "abc"]
    assert plan.problems == ()


def test_a_row_with_a_wrong_value_is_refused_alone(tmp_path: Path) -> None:
    feed = rows(GOOD.format(scene="volcano", photo="photo.jpg"), tmp_path)

    plan = plan_of(STEPS, feeds={"row": feed})

    blocked = [node.id for node in plan.nodes if node.action is Action.BLOCKED]
    assert blocked == ["scene[row=b]", "large[row=b]"]
    assert plan.totals.blocked == 2
    assert plan.totals.credits_estimate == 2 * (8 + 2) * 1_000_000
    assert all(node.quote.credits_bound == 0 for node in plan.nodes if node.id in blocked)


def test_its_problem_names_the_line_of_the_csv_and_refuses_only_the_row(tmp_path: Path) -> None:
    feed = rows(GOOD.format(scene="volcano", photo="nothing.jpg"), tmp_path)

    problems = plan_of(STEPS, feeds={"row": feed}).problems

    assert [(problem.file, problem.line, problem.fatal) for problem in problems] == [
        (str(tmp_path / "rows.csv"), 3, False),
        (str(tmp_path / "rows.csv"), 4, False),
    ]
    assert [problem.path for problem in problems] == [
        ("steps", "scene", "with", "scene"),
        ("steps", "scene", "with", "image"),
    ]
    assert "scene[row=b]: scene" in problems[0].message
    assert "nothing.jpg is not there" in problems[1].message


def test_a_run_with_one_bad_row_is_allowed(tmp_path: Path) -> None:
    feed = rows(GOOD.format(scene="volcano", photo="photo.jpg"), tmp_path)

    verdict = verdict_of(STEPS, feeds={"row": feed})

    assert verdict.allowed
    assert codes(verdict.problems) == ["parameter"]


def test_a_row_with_too_many_cells_is_refused_alone(tmp_path: Path) -> None:
    feed = rows("id,photo,scene,text\na,photo.jpg,studio,calm\nb,photo.jpg,studio,one, two\n", tmp_path)

    plan = plan_of(STEPS, feeds={"row": feed})

    (problem,) = plan.problems
    assert (problem.code, problem.line, problem.fatal) == ("feed_row", 3, False)
    assert actions(plan)["scene[row=b]"] is Action.BLOCKED


def test_a_mistake_of_the_campaign_is_not_blamed_on_the_rows(tmp_path: Path) -> None:
    feed = rows(GOOD.format(scene="window", photo="photo.jpg"), tmp_path)
    wrong = STEPS.replace('image: "{{ steps.scene }}"', 'image: "{{ steps.scene }}", scale: "{{ 1 + 2 }}"')

    (problem,) = plan_of(wrong, feeds={"row": feed}).problems

    assert (problem.file, problem.line, problem.fatal) == ("campaign.yaml", 8, True)


def test_an_unknown_model_refuses_the_run_and_not_row_after_row(tmp_path: Path) -> None:
    feed = rows(GOOD.format(scene="window", photo="photo.jpg"), tmp_path)
    wrong = STEPS.replace("uses: upscale", "uses: upscale, model: simulated/enlarg")

    verdict = verdict_of(wrong, feeds={"row": feed})

    assert not verdict.allowed
    assert codes(verdict.problems) == ["unknown_model"]


def test_a_feed_of_which_nothing_is_left_refuses_the_run(tmp_path: Path) -> None:
    feed = rows("id,photo,scene,text\na,no.jpg,studio,calm\nb,none.jpg,studio,calm\n", tmp_path)

    verdict = verdict_of(STEPS, feeds={"row": feed})

    assert not verdict.allowed
    assert "every row of feed 'row' is refused" in verdict.problems[0].message


def test_a_thousand_bad_rows_do_not_hide_what_refuses_the_run(tmp_path: Path) -> None:
    lines = "".join(f"r{n},no{n}.jpg,studio,calm\n" for n in range(900))
    feed = rows("id,photo,scene,text\n" + lines + "good,photo.jpg,studio,calm\n", tmp_path)
    wrong = STEPS + "  late: {uses: upscale, model: none/such, with: {image: photo.jpg}}\n"

    verdict = verdict_of(wrong, feeds={"row": feed})

    assert not verdict.allowed
    assert verdict.problems[0].code == "unknown_model"
    assert "700 more problems of rows" in verdict.problems[-1].message


def test_gathering_leaves_out_the_refused_rows(tmp_path: Path) -> None:
    feed = rows(GOOD.format(scene="volcano", photo="other.jpg"), tmp_path)
    film = STEPS + '  film: {uses: image_to_video, gather: true, tier: free, with: {image: "{{ steps.scene }}"}}\n'

    plan = plan_of(film, feeds={"row": feed})

    assert plan.node("film").upstream == ("scene[row=a]", "scene[row=c]")


def test_a_blocked_word_in_a_row_refuses_the_row(tmp_path: Path) -> None:
    feed = rows(GOOD.format(scene="window", photo="photo.jpg"), tmp_path)

    plan = plan_of(STEPS.replace("prefer: best", "prefer: best, blocked_words: [bright]"), feeds={"row": feed})

    (problem,) = plan.problems
    assert (problem.code, problem.line, problem.fatal) == ("blocked_word", 3, False)
