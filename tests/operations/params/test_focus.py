"""Points and boxes as people write them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from pressroom.operations.image_to_video import ImageToVideoParams
from pressroom.operations.params.focus import SubjectBox, subject_boxes
from pressroom.operations.resize import ResizeParams

BOX = {"left": 0.1, "top": 0.2, "right": 0.5, "bottom": 0.9}


def params(subject: Any) -> list[Any]:
    return [
        ResizeParams(image="image", width=10, height=10, subject=subject),
        ImageToVideoParams(image="image", subject=subject),
    ]


def test_one_box_or_a_list_of_boxes_can_be_given() -> None:
    for one, several in zip(params(BOX), params([BOX, {**BOX, "left": 0.3}]), strict=True):
        assert subject_boxes(one.subject) == ((0.1, 0.2, 0.5, 0.9),)
        assert subject_boxes(several.subject) == ((0.1, 0.2, 0.5, 0.9), (0.3, 0.2, 0.5, 0.9))
    assert subject_boxes(None) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"right": 0.1}, "left and right are 0.1 and 0.1"),
        ({"bottom": 0.1}, "top and bottom are 0.2 and 0.1"),
        ({"right": 1.2}, "less than or equal to 1"),
        ({"left": -0.1}, "greater than or equal to 0"),
        ({"width": 3}, "Extra inputs"),
    ],
)
def test_a_box_that_is_none_is_refused_with_its_numbers(change: dict[str, float], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        SubjectBox(**(BOX | change))


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least 1"):
        ResizeParams(image="image", width=10, height=10, subject=[])
