"""Numbers where a text is wanted keep what was written, wherever they come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pressroom.planning.plan import Plan
from tests.support.planning import plan_of, rows

OVERLAY = "steps: {tag: {uses: overlay, with: {image: photo.jpg, headline: Mug, price: %s, badge: %s}}}\n"


def words_of(plan: Plan) -> tuple[Any, Any]:
    assert plan.problems == ()
    (node,) = plan.nodes
    return node.params["price"], node.params["badge"]


def test_bare_and_quoted_numbers_make_the_same_node() -> None:
    bare, quoted = plan_of(OVERLAY % ("24.90", "007")), plan_of(OVERLAY % ('"24.90"', '"007"'))

    assert words_of(bare) == words_of(quoted) == ("24.90", "007")
    assert bare.nodes[0].key == quoted.nodes[0].key


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
