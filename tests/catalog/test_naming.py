"""Names of models that the catalog does not have: told with all other mistakes of the campaign, each at its line."""

from __future__ import annotations

from functools import partial

import pytest

from pressroom.campaign.load import parse_campaign
from pressroom.catalog.load import load_catalog
from pressroom.catalog.naming import wrong_names
from pressroom.domain.errors import Invalid
from tests.support.planning import plan_of

CAMPAIGN = """\
name: names
policy:
  prefer: [simulated/enlrge]
  providers: [simulatd]
steps:
  art: {uses: generate_image, model: replicate/flux-schnel, with: {prompt: a barn}}
  big: {uses: upscale, model: simulated/cutout, fallback: [fal/seedv], with: {image: "{{ steps.art }}"}}
  clip: {uses: image_to_video, model: Runway Gen-3, with: {image: "{{ steps.art }}"}}
  wrong: {uses: resize, with: {image: "{{ steps.nowhere }}", widht: 3}}
  chained:
    uses: control
    model: stability/sketsh
    with: {image: "{{ steps.art }}", controls: [{kind: sketch, prompt: a barn}]}
"""
EXPECTED = [
    (3, "unknown_model", "did you mean 'simulated/enlarge'?"),
    (4, "unknown_provider", "did you mean 'simulated'?"),
    (6, "unknown_model", "did you mean replicate/flux-schnell?"),
    (7, "unknown_model", "did you mean fal/seedvr?"),
    (7, "unknown_model", "simulated/enlarge"),
    (8, "unknown_model", "Runway Gen-3"),
    (9, "unknown_parameter", "width"),
    (9, "unknown_step", ""),
    (12, "unknown_model", "did you mean stability/sketch?"),
]


def problems_of(text: str) -> list[tuple[int | None, str, str]]:
    with pytest.raises(Invalid) as caught:
        parse_campaign(text, "campaign.yaml", names=partial(wrong_names, load_catalog()))
    return sorted((problem.line, problem.code, problem.hint) for problem in caught.value.problems)


def test_wrong_names_are_told_with_the_other_mistakes_of_the_document() -> None:
    found = problems_of(CAMPAIGN)

    assert [(line, code) for line, code, _ in found] == [(line, code) for line, code, _ in EXPECTED]
    for (_, _, hint), (_, _, wanted) in zip(found, EXPECTED, strict=True):
        assert wanted in hint


def test_a_chain_that_cannot_be_read_hides_no_wrong_name() -> None:
    found = problems_of(CAMPAIGN.replace("[{kind: sketch, prompt: a barn}]", "sketch"))

    assert (6, "unknown_model", EXPECTED[2][2]) in found


def test_in_a_document_without_other_mistakes_the_plan_tells_them_with_its_own() -> None:
    text = "name: one\nsteps:\n  art: {uses: generate_image, model: replicate/flux-schnel, with: {prompt: a barn}}\n"
    loaded = parse_campaign(text, "campaign.yaml", names=partial(wrong_names, load_catalog()))

    assert [(problem.code, problem.line) for problem in plan_of(loaded).problems] == [("unknown_model", 3)]
