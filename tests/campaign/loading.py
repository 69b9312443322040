"""Campaigns of small operations, loaded, and what is wrong with them."""

from __future__ import annotations

import pytest

from pressroom.campaign.load import Loaded, parse_campaign
from pressroom.domain.errors import Invalid, Problem
from tests.campaign.small_operations import PLACEMENTS, SMALL_OPERATIONS


def load(text: str, file: str = "c.yaml") -> Loaded:
    return parse_campaign(text, file, operations=SMALL_OPERATIONS, placements=PLACEMENTS)


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(Invalid) as caught:
        load(text)
    assert caught.value.problems
    assert all(problem.file == "c.yaml" and problem.line and problem.column for problem in caught.value.problems)
    return caught.value.problems


def only_problem(text: str) -> Problem:
    found = problems(text)
    assert len(found) == 1, [str(problem) for problem in found]
    return found[0]


SOUND = """\
pressroom: 1
name: spring-launch
inputs:
  product: {type: image, default: product.jpg}
  price: {type: number, default: 9}
brand:
  name: Acme
  colors: {primary: "#ff0000"}
budget: {credits: 20}
steps:
  scene:
    uses: draw
    for_each:
      place: [beach, forest]
    count: 2
    with:
      prompt: "{{ each.place }} for {{ brand.name }}, from {{ inputs.price }}"
      color: "{{ brand.colors.primary }}"
  posts:
    uses: resize
    when: "{{ each.take == 1 }}"
    with:
      image: "{{ steps.scene }}"
      placements: [instagram.reel, x.*]
  sheet:
    uses: collage
    gather: [take]
    with: {images: ["{{ steps.scene }}", "{{ inputs.product }}"], gap: 10}
"""
