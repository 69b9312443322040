"""Chains: written once, planned as a step for each link, in the order written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pressroom.campaign.schema import campaign_schema
from pressroom.domain.errors import Invalid
from tests.support.planning import loaded, plan_of

LOOK = """
steps:
  look:
    uses: control
    tier: premium
    for_each: {scene: [lake, forest]}
    title: "{{ each.scene }}"
    with:
      image: photo.jpg
      controls:
        - {kind: sketch, prompt: "a {{ each.scene }}", strength: 0}
        - {kind: style, prompt: at dusk}
        - {kind: style_transfer, style_image: other.jpg}
"""


def test_a_list_of_controls_is_a_chain_of_priced_nodes_in_the_order_written() -> None:
    plan = plan_of(LOOK.replace("    for_each: {scene: [lake, forest]}\n", "").replace("each.scene", "brand.name"))

    assert [(node.id, node.params["kind"], node.upstream) for node in plan.nodes] == [
        ("look_1", "sketch", ()),
        ("look_2", "style", ("look_1",)),
        ("look", "style_transfer", ("look_2",)),
    ]
    assert [node.quote.credits_bound for node in plan.nodes] == [1_000_000, 1_000_000, 2_000_000]
    assert [node.deliver for node in plan.nodes] == [False, False, True]
    assert plan.nodes[0].params["strength"] == 0


def test_variants_open_at_the_first_link_and_are_named_at_the_last() -> None:
    plan = plan_of(LOOK)

    assert len(plan.nodes) == 6
    forest = plan.node("look[scene=forest]")
    assert forest.upstream == ("look_2[scene=forest]",)
    assert forest.words == {"title": "forest"}
    assert plan.node("look_1[scene=forest]").prompt == "a forest"
    assert plan.node("look_1[scene=forest]").words == {}


def test_a_mistake_in_a_link_is_told_where_it_stands() -> None:
    with pytest.raises(Invalid) as caught:
        loaded(LOOK.replace("prompt: at dusk", "promt: at dusk"))

    (problem,) = caught.value.problems
    assert problem.line == 13
    assert problem.column == 25
    assert "promt" in problem.message


@pytest.mark.parametrize(
    ("links", "said"),
    [
        ("[]", "must be a list with an item for each"),
        ("sketch", "must be a list with an item for each"),
        ("[sketch]", "an item is a mapping of parameters, got 'sketch'"),
        ("[{kind: sketch, prompt: x, image: other.jpg}]", "the image of an item is what the one before has made"),
    ],
)
def test_what_is_no_chain_is_refused(links: str, said: str) -> None:
    text = f"steps: {{look: {{uses: control, with: {{image: photo.jpg, controls: {links}}}}}}}"

    with pytest.raises(Invalid) as caught:
        loaded(text)

    assert said in caught.value.problems[0].message


def test_a_step_may_not_have_the_name_of_a_link() -> None:
    twin = "  look_1: {uses: crop, with: {image: photo.jpg, ratio: '1:1'}}\n"

    with pytest.raises(Invalid, match="'look_1' has the name of an item of controls"):
        loaded(LOOK + twin)


@pytest.mark.parametrize("given", [{"controls": [{"kind": "sketch", "prompt": "a lake"}]}, {"kind": "sketch"}])
def test_editors_take_a_chain_as_well_as_a_single_one(given: dict[str, Any]) -> None:
    step = {"uses": "control", "with": {"image": "photo.jpg", **given}}

    jsonschema.validate({"name": "x", "steps": {"look": step}}, campaign_schema())


def test_the_shipped_schema_knows_chains() -> None:
    text = (Path(__file__).parents[2] / "docs" / "campaign.schema.json").read_text(encoding="utf-8")

    assert "controls" in json.loads(text)["$defs"]["control.with"]["properties"]
