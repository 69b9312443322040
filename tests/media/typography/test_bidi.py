"""Mixed lines are read in the order of the Unicode standard."""

from __future__ import annotations

import pytest
from bidi import get_display
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.media.typography.bidi import is_right_to_left, levels, visual_order

LETTERS = "abc אבג شبك 123 ٣٤ .,:%$-+()[]!"


def _shown(line: str, right_to_left: bool) -> str:
    """Characters from left to right; turning brackets round is left to the fonts."""
    return "".join(line[index] for index in visual_order(levels(line, right_to_left)))


@settings(max_examples=400, deadline=None)
@given(line=st.text(LETTERS, min_size=1, max_size=24), right_to_left=st.booleans())
def test_the_order_is_that_of_an_independent_implementation(line: str, right_to_left: bool) -> None:
    assert _shown(line, right_to_left) == get_display(line, base_dir="R" if right_to_left else "L")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Sale \u05e9", False), ("123 \u05e9 sale", True), ("\U0001f389 \u0634", True), ("12 %", False)],
)
def test_the_first_letter_decides_the_direction(text: str, expected: bool) -> None:
    assert is_right_to_left(text) is expected
