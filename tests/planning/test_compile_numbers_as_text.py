"""Numbers where a text is wanted keep what was written, wherever they come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pressroom.domain.errors import Invalid
from pressroom.planning.plan import Plan
from tests.support.planning import loaded, plan_of, rows

OVERLAY = "steps: {tag: {uses: overlay, with: {image: photo.jpg, headline: Mug, price: %s, badge: %s}}}\n"


def words_of(plan: Plan) -> tuple[Any, Any]:
    assert plan.problems == ()
    (node,) = plan.nodes
    return node.params["price"], node.params["badge"]


def test_bare_and_quoted_numbers_make_the_same_node() -> None:
    bare, quoted = plan_of(OVERLAY % ("24.90", "007")), plan_of(OVERLAY % ('"24.90"', '"007"'))

    assert words_of(bare) == words_of(quoted) == ("24.90", "007")
    assert bare.nodes[0].key == quoted.nodes[0].key


@pytest.mark.parametrize(
    "written",
    ["24.90", "007", "+49170123456", "01067", "1e3", "1E5", "0x1F", "0o17", "1_000", "yes", "off", "12:30", "2026-01-01",
     ".5", "5.", "NaN", "1.10", "-0", "00", "!!float 24.90", "!!int 007"],
)  # fmt: skip
def test_every_scalar_that_looks_like_something_else_keeps_its_letters(written: str) -> None:
    text = written.rpartition(" ")[2]
    inputs = "inputs: {code: {type: text, default: %s}}\n" % written  # noqa: UP031 - braces of YAML

    plan = plan_of(inputs + OVERLAY % (written, '"No. {{ inputs.code }}"'))

    assert words_of(plan) == (text, f"No. {text}")


def test_choices_titles_and_tags_keep_what_was_written() -> None:
    found = loaded(
        "title: 2026.10\ninputs: {size: {type: choice, choices: [1.10, 1.20], default: 1.10}}\n"
        'steps: {tag: {uses: overlay, tags: [007], with: {image: photo.jpg, price: "{{ inputs.size }}"}}}\n'
    )

    assert (found.campaign.title, found.campaign.steps["tag"].tags) == ("2026.10", ("007",))
    assert plan_of(found).nodes[0].params["price"] == "1.10"


@pytest.mark.parametrize("word", ["True", "TRUE", "False"])
def test_a_truth_in_capitals_among_texts_asks_for_quotes(word: str) -> None:
    step = OVERLAY % ('"-{{ each.a }}"', "x")

    with pytest.raises(Invalid) as caught:
        plan_of(step.replace("uses: overlay", f"uses: overlay, for_each: {{a: [x, {word}]}}"))

    (problem,) = caught.value.problems
    assert (problem.path, problem.line) == (("steps", "tag", "for_each", "a", 1), 2)
    assert f'"{word}"' in problem.hint


@pytest.mark.parametrize("nothing", ["null", "~", "Null", ""])
def test_nothing_where_a_text_belongs_asks_for_quotes(nothing: str) -> None:
    with pytest.raises(Invalid) as caught:
        plan_of(OVERLAY % (nothing, "x"))

    assert "put quotes around a text" in caught.value.problems[0].hint


@pytest.mark.parametrize("given", [{}, {"price": "24.90", "badge": "007"}])
@pytest.mark.parametrize("kind", ["text", "number"])
def test_inputs_keep_what_was_written(kind: str, given: dict[str, str]) -> None:
    inputs = f"inputs: {{price: {{type: {kind}, default: 24.90}}, badge: {{type: {kind}, default: 007}}}}\n"

    plan = plan_of(inputs + OVERLAY % ('"{{ inputs.price }}"', '"No. {{ inputs.badge }}"'), inputs=given)

    assert words_of(plan) == ("24.90", "No. 007")


def test_values_of_a_dimension_keep_what_was_written() -> None:
    plan = plan_of(
        'steps: {tag: {uses: overlay, for_each: {cost: [1.10, 1.20]}, with: {image: photo.jpg, price: "{{ each.cost }}"}}}\n'
    )

    assert [node.params["price"] for node in plan.nodes] == ["1.10", "1.20"]
    assert [node.id for node in plan.nodes] == ["tag[cost=1-10]", "tag[cost=1-20]"]


def test_rows_of_json_keep_what_was_written(tmp_path: Path) -> None:
    feed = rows('[{"id": "a", "price": 24.90, "badge": 100}]', tmp_path, "rows.json")
    step = (OVERLAY % ('"{{ each.row.price }}"', '"{{ each.row.badge }}"')).replace(
        "uses: overlay", "uses: overlay, feed: f"
    )

    assert words_of(plan_of(step, feeds={"row": feed})) == ("24.90", "100")


def test_what_is_calculated_is_a_number_like_any_other() -> None:
    inputs = "inputs: {price: {type: number, default: 24.90}}\n"

    plan = plan_of(inputs + OVERLAY % ('"{{ inputs.price * 2 }}"', '"{{ inputs.price + 1 }}"'))

    assert words_of(plan) == ("49.8", "25.9")
