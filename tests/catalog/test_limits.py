"""What a model can make and takes: each limit in words, and nothing said of what is inside."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from pressroom.catalog.limits import Limits
from pressroom.domain.media import Kind, MediaInfo

FILM = MediaInfo(Kind.VIDEO, "video/mp4", 1920, 1080, 12.0)
PHOTO = MediaInfo(Kind.IMAGE, "image/jpeg", 4000, 3000)


def limits(**values: Any) -> Limits:
    return Limits.model_validate(values)


@pytest.mark.parametrize(
    ("values", "violation"),
    [
        ({"min_width": 2000}, "width 1920 is below 2000"),
        ({"max_width": 1280}, "width 1920 is above 1280"),
        ({"min_height": 1081}, "height 1080 is below 1081"),
        ({"max_height": 720}, "height 1080 is above 720"),
        ({"max_megapixels": 2}, "megapixels 2.0736 is above 2"),
        ({"min_duration_seconds": 13}, "duration 12 is below 13"),
        ({"max_duration_seconds": 10}, "duration 12 is above 10"),
        ({"ratios": ["1:1", "9:16"]}, "ratio 1920:1080 is none of 1:1, 9:16"),
        ({"sizes": ["1280x720", "1080x1920"]}, "size 1920x1080 is none of 1280x720, 1080x1920"),
        ({"durations": [4, 6.5]}, "duration 12 is none of 4, 6.5"),
        ({"formats": ["mov", "webm"]}, "format mp4 is none of mov, webm"),
    ],
)
def test_what_a_model_cannot_make_is_said_with_the_numbers(values: dict[str, Any], violation: str) -> None:
    assert limits(**values).violations(FILM) == [violation]


def test_what_is_inside_every_limit_is_no_violation() -> None:
    wide = limits(
        min_width=1920,
        max_width=1920,
        max_megapixels=2.1,
        ratios=["16:9"],
        sizes=["1920x1080"],
        durations=[6, 12],
        formats=["mp4"],
        max_duration_seconds=12,
    )

    assert wide.violations(FILM) == []
    assert wide.violations(MediaInfo(Kind.VIDEO)) == []


def test_rounding_to_whole_pixels_keeps_a_ratio() -> None:
    assert limits(ratios=["9:16"]).violations(MediaInfo(Kind.IMAGE, "image/png", 607, 1080)) == []


@pytest.mark.parametrize(
    ("values", "inputs", "refusals"),
    [
        ({"max_input_megapixels": 9}, {"image": PHOTO}, ["input of 12.0 megapixels is above 9"]),
        ({"inputs": {"image": {"max": 1}}}, {"image": PHOTO}, []),
        ({"inputs": {"image": {"max": 1}}}, {"a": PHOTO, "b": PHOTO}, ["number of image inputs 2 is above 1"]),
        ({"inputs": {"image": {"min": 2}}}, {"a": PHOTO}, ["number of image inputs 1 is below 2"]),
        ({"inputs": {"image": {}}}, {"clip": FILM}, ["takes no video"]),
        ({"max_references": 1}, {"references[0]": PHOTO, "image": PHOTO}, []),
        (
            {"max_references": 1},
            {"references[0]": PHOTO, "references[1]": PHOTO},
            ["number of references 2 is above 1"],
        ),
    ],
)
def test_inputs_that_a_model_does_not_take(
    values: dict[str, Any], inputs: dict[str, MediaInfo], refusals: list[str]
) -> None:
    assert list(limits(**values).refused_inputs(inputs)) == refusals


@pytest.mark.parametrize(
    ("values", "files", "prompt", "seed", "refusals"),
    [
        ({"max_outputs": 2}, 3, "", False, ["number of files 3 is above 2"]),
        ({"min_prompt_characters": 3}, 1, "ab", False, ["prompt of 2 characters is below 3"]),
        ({"max_prompt_characters": 3}, 1, "abcd", False, ["prompt of 4 characters is above 3"]),
        ({"seed": False}, 1, "", True, ["takes no seed"]),
        ({"seed": False}, 1, "", False, []),
        ({"min_prompt_characters": 3, "max_prompt_characters": 3, "max_outputs": 1}, 1, "abc", True, []),
        ({"max_prompt_utf16_units": 3}, 1, "ab\N{ROCKET}", False, ["prompt of 4 UTF-16 units is above 3"]),
        ({"max_prompt_utf16_units": 3}, 1, "a\N{ROCKET}", False, []),
    ],
)
def test_orders_that_a_model_does_not_take(
    values: dict[str, Any], files: int, prompt: str, seed: bool, refusals: list[str]
) -> None:
    assert list(limits(**values).refused_order([None] * files, prompt, seed=seed)) == refusals


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"sizes": ["wide"]}, "sizes"),
        ({"durations": [0]}, "durations"),
        ({"formats": ["jpgg"]}, "there is no format 'jpgg'"),
        ({"inputs": {"picture": {}}}, "inputs"),
        ({"inputs": {"image": {"min": 2, "max": 1}}}, "max is below min"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(values: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        limits(**values)


@pytest.mark.parametrize(
    ("values", "facts", "said"),
    [
        ({"mode": ["fast", "creative"]}, {"mode": "network"}, ["mode network is none of fast, creative"]),
        ({"mode": ["fast"]}, {"mode": "fast"}, []),
        ({"mode": ["fast"]}, {}, []),
        ({"generate_audio": [False]}, {"generate_audio": True}, ["generate_audio yes is none of no"]),
        ({"generate_audio": [False]}, {"generate_audio": 0}, ["generate_audio 0 is none of no"]),
        ({"end_image": []}, {"end_image": "end_image"}, ["takes no end_image"]),
        ({"titles": []}, {"titles": [], "prompt": ""}, []),
        (
            {"controls": ["sketch", "style"]},
            {"controls": ["style", "depth"]},
            ["controls ['style', 'depth'] is none of"],
        ),
    ],
)
def test_values_of_parameters_that_a_model_does_not_take(
    values: dict[str, Any], facts: dict[str, Any], said: list[str]
) -> None:
    found = list(limits(values=values).refused_values(facts))

    assert len(found) == len(said)
    assert all(text.startswith(wanted) for text, wanted in zip(found, said, strict=True))
