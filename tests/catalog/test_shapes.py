"""What a model makes of a size and a length that are none of its own, and what of that is billed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest

from pressroom.catalog.load import load_catalog
from pressroom.catalog.models import Model
from pressroom.catalog.shapes import Shape, ordered_by, seconds_said, shape_of, taken_by, too_far_from
from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.operations.params.clip_shape import ClipShape, Resolution

ROW: dict[str, Any] = {
    "provider": "acme",
    "model": "ink",
    "operation": "generate_image",
    "tier": "budget",
    "quality": 50,
    "latency_seconds": 1,
    "unit": "megapixel",
    "usd": 0.01,
    "source": "a price list",
    "as_of": "2026-11-29",
}
RATIOS = {"size": "aspect_ratio", "makes": {"1:1": "1024x1024", "4:5": "896x1088", "16:9": "1344x768"}}


def model(**sizing: Any) -> Model:
    return Model.model_validate({**ROW, "sizing": sizing})


def picture(width: int, height: int) -> MediaInfo:
    return MediaInfo(Kind.IMAGE, mime_of("png"), width, height)


def clip(seconds: float) -> MediaInfo:
    return MediaInfo(Kind.VIDEO, mime_of("mp4"), 1280, 720, seconds)


@pytest.mark.parametrize(
    ("size", "value", "made"),
    [
        ((1080, 1080), "1:1", (1024, 1024)),
        ((1080, 1350), "4:5", (896, 1088)),
        ((1200, 675), "16:9", (1344, 768)),
        ((1000, 1150), "4:5", (896, 1088)),
    ],
)
def test_the_nearest_ratio_is_ordered(size: tuple[int, int], value: str, made: tuple[int, int]) -> None:
    assert shape_of(model(**RATIOS), picture(*size)) == Shape(*made, None, {"aspect_ratio": value})


@pytest.mark.parametrize("size", [(3000, 500), (2400, 2400)])
def test_what_is_near_none_of_its_sizes_is_said(size: tuple[int, int]) -> None:
    found = shape_of(model(**RATIOS), picture(*size))

    assert isinstance(found, str)
    assert "none of what it makes" in found


def test_sides_are_rounded_up_to_what_the_vendor_takes() -> None:
    found = shape_of(model(width="w", height="h", multiple=32), picture(1080, 1350))

    assert found == Shape(1088, 1376, None, {"w": 1088, "h": 1376})


@pytest.mark.parametrize(("wanted", "made"), [(3, 5), (5, 5), (7.5, 10)])
def test_a_length_between_its_own_is_made_longer_and_billed_so(wanted: float, made: float) -> None:
    row = model(duration="duration", seconds=[5, 10])

    assert shape_of(row, clip(wanted)) == Shape(None, None, made, {"duration": made})
    ordered = ordered_by(row, (("", clip(wanted)),), {"second": wanted}, {"duration": wanted})
    assert (ordered.units, ordered.facts) == ({"second": made}, {"duration": made})


def test_a_length_beyond_its_longest_is_said() -> None:
    assert "longer than it makes (5, 10 s)" in str(shape_of(model(duration="duration", seconds=[5, 10]), clip(12)))


def test_what_is_made_is_what_is_billed() -> None:
    ordered = ordered_by(model(**RATIOS), (("", picture(1080, 1080)),), {"image": 1, "megapixel": 1.1664}, {})

    assert ordered.units == {"image": 1, "megapixel": 1.048576}


def test_a_model_without_sizes_goes_by_what_is_asked_for() -> None:
    ordered = ordered_by(model(), (("", picture(300, 200)),), {"megapixel": 0.06}, {})

    assert (shape_of(model(), picture(300, 200)), ordered.units) == (Shape(fields={}), {"megapixel": 0.06})


def test_a_model_that_goes_by_its_input_makes_nothing_far_from_it() -> None:
    fast = load_catalog().models["stability/upscale-fast"]
    photo = MediaInfo(Kind.IMAGE, mime_of("png"), 400, 300)

    assert too_far_from(fast, photo, replace(photo, width=1_600, height=1_200)) == ""
    assert too_far_from(fast, photo, replace(photo, width=1_000, height=750)) == ""
    assert too_far_from(fast, photo, replace(photo, width=3_200, height=2_400)).startswith("it makes 1600 x 1200")
    assert too_far_from(fast, photo, replace(photo, width=1_200, height=1_600)).endswith("not near 1200 x 1600")


def test_what_is_made_in_one_way_only_and_what_goes_into_the_prompt_need_no_parameter() -> None:
    models = load_catalog().models

    assert "mode" in taken_by(models["stability/upscale-fast"])
    assert "preset" in taken_by(models["openai/gpt-image-2.6-flare"])


CLIPS = {"short_sides": {"480p": 480, "720p": 720}, "resolution": "resolution"}


@pytest.mark.parametrize(
    ("size", "made", "said"),
    [
        ((1280, 720), (1280, 720), {"resolution": "720p", "aspect_ratio": "16:9"}),
        ((480, 854), (480, 854), {"resolution": "480p", "aspect_ratio": "9:16"}),
        ((1080, 1920), (720, 1280), {"resolution": "720p", "aspect_ratio": "9:16"}),
    ],
)
def test_the_resolution_and_the_shape_that_come_nearest_are_ordered(
    size: tuple[int, int], made: tuple[int, int], said: dict[str, str]
) -> None:
    row = model(**CLIPS, ratio="aspect_ratio", ratios=["16:9", "9:16"])
    wanted = replace(clip(5), width=size[0], height=size[1])

    assert shape_of(row, wanted) == Shape(*made, None, said)
    ordered = ordered_by(row, (("", wanted),), {"second": 5}, {"resolution": "1080p"})
    assert ordered.facts == {"resolution": f"{min(made)}p"}


def test_without_a_parameter_for_the_shape_it_is_the_pictures() -> None:
    square = replace(clip(5), width=720, height=720)

    assert shape_of(model(**CLIPS), square) == Shape(720, 720, None, {"resolution": "720p"})
    ratio = model(**CLIPS, ratio="aspect_ratio", ratios=["16:9"])
    assert "not near the 1280 x 720" in str(shape_of(ratio, square))


@pytest.mark.parametrize(
    ("sizing", "seconds", "said"),
    [
        ({"frames_per_second": 16, "seconds": [5, 7.5]}, 3, 81),
        ({"frames_per_second": 16, "seconds": [5, 7.5]}, 6, 121),
        ({"duration_as": "{}s", "seconds": [4, 8]}, 8, "8s"),
        ({"seconds": [4.5]}, 4, 4.5),
    ],
)
def test_a_length_is_said_as_the_vendor_reads_it(sizing: dict[str, Any], seconds: float, said: object) -> None:
    row = model(duration="length", **sizing)

    found = shape_of(row, clip(seconds))

    assert isinstance(found, Shape)
    assert found.fields == {"length": said}
    assert seconds_said(row.sizing, found.fields["length"]) == found.seconds


PRICED_BY_RESOLUTION = {
    name: row for name, row in load_catalog().models.items() if any("resolution" in price.when for price in row.prices)
}


@pytest.mark.parametrize("name", PRICED_BY_RESOLUTION)
def test_every_price_of_a_resolution_is_that_of_one_that_can_be_asked_for(name: str) -> None:
    row = PRICED_BY_RESOLUTION[name]
    ratio = next(iter(row.sizing.ratios), "16:9")

    reached = set()
    for resolution in get_args(Resolution):
        target = ClipShape(5, resolution, ratio).target({})
        made = MediaInfo(Kind.VIDEO, mime_of("mp4"), target.width, target.height, max(row.sizing.seconds, default=5.0))
        reached.add(ordered_by(row, [("", made)], {}, {"resolution": resolution}).facts["resolution"])

    assert {price.when["resolution"] for price in row.prices if "resolution" in price.when} <= reached
