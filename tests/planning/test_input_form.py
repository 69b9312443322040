"""The form of a campaign's inputs: what it shows, and what it refuses by JSON Schema alone."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pressroom.campaign.load import parse_campaign
from pressroom.planning.input_form import input_form

INPUTS = parse_campaign(
    """\
name: form
inputs:
  photo: {type: image, description: The photo of the <product> & its box.}
  headline: {type: text, default: 24.90, max_length: 10}
  price: {type: number, default: 24.90, min: 0, max: 100}
  season: {type: choice, choices: [spring, autumn], default: autumn}
  scenes: {type: list, default: [podium, 007], min: 1, max: 3}
  shots: {type: list, of: image, default: "asset:aaaa, asset:bbbb"}
steps:
  cutout: {uses: remove_background, with: {image: "{{ inputs.photo }}"}}
""",
    "c.yaml",
).campaign.inputs
FORM = input_form(INPUTS, {"season": "spring"}, paths=False)


def test_the_form_is_valid_and_keeps_order_defaults_and_choices() -> None:
    Draft202012Validator.check_schema(FORM)

    shown = FORM["properties"]
    assert [each["position"] for each in shown.values()] == [0, 1, 2, 3, 4, 5]
    assert {name: each["default"] for name, each in shown.items() if "default" in each} == {
        "headline": "24.90",
        "price": 24.9,
        "season": "spring",
        "scenes": ["podium", "007"],
        "shots": ["asset:aaaa", "asset:bbbb"],
    }
    assert shown["season"]["enum"] == ["spring", "autumn"]
    assert FORM["required"] == ["photo"]


def test_a_description_survives_markdown() -> None:
    assert FORM["properties"]["photo"]["description"].startswith("The photo of the &lt;product&gt; &amp; its box.")


@pytest.mark.parametrize(
    ("values", "good"),
    [
        ({}, False),
        ({"photo": "asset:abcd"}, True),
        ({"photo": "https://example.com/photo.jpg"}, True),
        ({"photo": "/home/me/photo.jpg"}, False),
        ({"photo": "http://example.com/photo.jpg"}, False),
        ({"photo": "asset:abcd", "headline": "far too long"}, False),
        ({"photo": "asset:abcd", "headline": 24.90}, False),
        ({"photo": "asset:abcd", "price": 101}, False),
        ({"photo": "asset:abcd", "season": "winter"}, False),
        ({"photo": "asset:abcd", "scenes": []}, False),
        ({"photo": "asset:abcd", "scenes": ["a", "b", "c", "d"]}, False),
        ({"photo": "asset:abcd", "shots": ["photo.jpg"]}, False),
        ({"photo": "asset:abcd", "phtoo": "asset:abcd"}, False),
    ],
)
def test_bad_values_are_refused(values: dict[str, Any], good: bool) -> None:
    assert Draft202012Validator(FORM).is_valid(values) is good


def test_where_the_disk_is_shared_media_may_be_paths() -> None:
    form = Draft202012Validator(input_form(INPUTS, {}, paths=True))

    assert form.is_valid({"photo": "/mnt/photos/photo.jpg"})
    assert not form.is_valid({"photo": ""})
