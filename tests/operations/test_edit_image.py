"""edit_image: each kind has what it needs and nothing else; a wrong mask is refused before anything is bought."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.operation import Expectation
from pressroom.operations.edit_image import OPERATION, EditImageParams
from tests.support.planning import image, plan_of, with_file

PHOTO = MediaInfo(Kind.IMAGE, "image/jpeg", 1600, 2000)
GOOD = [
    {"kind": "erase", "mask": "mask"},
    {"kind": "erase", "mask": "mask", "grow": 0},
    {"kind": "inpaint", "mask": "mask", "prompt": "a vase", "negative_prompt": "flowers"},
    {"kind": "outpaint", "left": 200},
    {"kind": "outpaint", "down": 50, "up": 50, "prompt": "a beach", "creativity": 0},
    {"kind": "search_replace", "search": "the cup", "prompt": "a bowl"},
    {"kind": "search_recolor", "search": "the cup", "prompt": "blue"},
    {"kind": "instruct", "prompt": "make it night"},
    {"kind": "instruct", "prompt": "like these", "references": ["references[0]", "references[1]"]},
]
BAD = [
    ({"kind": "erase"}, "kind erase needs mask"),
    ({"kind": "erase", "mask": "mask", "prompt": "a cup"}, "kind erase takes no prompt"),
    ({"kind": "inpaint", "mask": "mask"}, "kind inpaint needs prompt"),
    ({"kind": "inpaint", "mask": "mask", "prompt": "  "}, "kind inpaint needs prompt"),
    ({"kind": "outpaint"}, "needs pixels on a side: left, right, up, down"),
    ({"kind": "outpaint", "left": 0}, "needs pixels on a side"),
    ({"kind": "search_replace", "prompt": "a bowl"}, "kind search_replace needs search"),
    ({"kind": "search_recolor"}, "needs prompt and search"),
    ({"kind": "instruct"}, "kind instruct needs prompt"),
    ({"kind": "instruct", "prompt": "x", "mask": "mask", "left": 5}, "takes no mask and no left"),
    ({"kind": "paint", "prompt": "x"}, "Input should be"),
]


def expected(masked: MediaInfo | None = None, photo: MediaInfo = PHOTO, **params: object) -> Expectation:
    inputs = {"image": photo, "mask": masked or PHOTO}
    return OPERATION.expect(EditImageParams(image="image", **params), inputs, {})  # type: ignore[arg-type]


@pytest.mark.parametrize("params", GOOD, ids=lambda params: params["kind"])
def test_a_kind_with_what_it_needs_is_taken(params: dict[str, object]) -> None:
    assert expected(**params).problems == ()


@pytest.mark.parametrize(("params", "said"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_a_kind_without_what_it_needs_or_with_what_it_does_not_take_is_refused(
    params: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        expected(**params)


def test_the_result_is_as_large_as_the_picture_or_larger_by_what_is_added() -> None:
    ((_, same),) = expected(kind="instruct", prompt="make it night").outputs
    ((_, wider),) = expected(kind="outpaint", left=100, right=50, up=7).outputs

    assert (same.mime, same.width, same.height) == ("image/png", 1600, 2000)
    assert (wider.width, wider.height) == (1750, 2007)


def test_a_mask_of_another_size_is_a_problem_with_both_sizes() -> None:
    small = MediaInfo(Kind.IMAGE, "image/png", 800, 1000)

    (problem,) = expected(small, kind="erase", mask="mask").problems

    assert problem == "the mask has 800 x 1,000 pixels, the picture 1,600 x 2,000: make it as large"


def test_a_picture_that_is_not_made_yet_has_no_size_to_compare() -> None:
    assert expected(photo=MediaInfo(Kind.IMAGE), kind="erase", mask="mask").problems == ()


def test_a_model_that_only_erases_is_not_chosen_for_more() -> None:
    files = with_file("mask.png", image("mask"))
    base = "steps: {edit: {uses: edit_image, tier: auto, with: {image: photo.jpg, "

    (erased,) = plan_of(f"{base} kind: erase, mask: mask.png}}}}}}", files=files).nodes
    (told,) = plan_of(f"{base} kind: instruct, prompt: make it night}}}}}}", files=files).nodes

    assert (erased.model, told.model) == ("eraser", "retouch")
    assert "eraser kind instruct is none of erase" in told.why


def test_the_free_tier_says_why_it_has_none() -> None:
    (problem,) = plan_of("steps: {e: {uses: edit_image, with: {image: photo.jpg, kind: instruct, prompt: x}}}").problems

    assert "no free model offers edit_image: what was not photographed has to be invented" in problem.message
