"""Names of variants: unique, short, readable."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.planning.variants import NAME_CHARACTERS, named, node_id, slug

TEXTS = st.text(max_size=60) | st.sampled_from(["a", "a-2", "a 2", "1", "2", "b", ""])
VALUES = TEXTS | st.integers(0, 5) | st.booleans() | st.dictionaries(st.sampled_from(["name", "x"]), TEXTS)


@given(st.lists(VALUES, max_size=12))
def test_names_are_unique_and_keep_the_order_of_the_values(values: list[object]) -> None:
    found = named(values)

    assert len({value.name for value in found}) == len(values)
    assert [value.value for value in found] == values


@given(st.lists(VALUES, max_size=12))
def test_names_hold_nothing_that_file_names_or_ids_stumble_over(values: list[object]) -> None:
    for value in named(values):
        assert re.fullmatch(r"[a-z0-9][a-z0-9-]*", value.name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Crème brûlée!", "creme-brulee"),
        ("  -- ", ""),
        ("東京", ""),
        ("a" * 60, "a" * NAME_CHARACTERS),
        ("soft autumn gradient with warm morning light", "soft-autumn-gradient-with-warm-morning"),
    ],
)
def test_a_text_becomes_a_readable_name(text: str, name: str) -> None:
    assert slug(text) == name


def test_a_mapping_is_named_by_its_naming_key() -> None:
    assert [value.name for value in named([{"sku": "A 7", "x": 1}, {"x": 2}, {"name": "Wide", "id": 9}])] == [
        "a-7",
        "2",
        "wide",
    ]


def test_an_id_shows_step_and_dimensions() -> None:
    assert node_id("scene", (("place", "beach"), ("take", "2"))) == "scene[place=beach,take=2]"
    assert node_id("scene", ()) == "scene"
