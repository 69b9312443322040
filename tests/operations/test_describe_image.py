"""describe_image: one JSON file, its price bounded by what the model may write."""

from __future__ import annotations

from pressroom.domain.media import Kind, MediaInfo
from pressroom.operations.describe_image import OPERATION, DescribeImageParams


def test_a_picture_becomes_one_json_file() -> None:
    found = OPERATION.expect(DescribeImageParams(image="image"), {"image": MediaInfo(Kind.IMAGE)}, {})

    assert found.outputs == (("", MediaInfo(Kind.TEXT, "application/json")),)


def test_more_that_may_be_read_or_written_raises_the_bound() -> None:
    def tokens(**params: object) -> float:
        values = {"image": "image"} | params
        found = OPERATION.expect(DescribeImageParams(**values), {"image": MediaInfo(Kind.IMAGE)}, {})  # type: ignore[arg-type]
        return found.units["1k_tokens"]

    assert tokens(max_tokens=1500) - tokens(max_tokens=500) == 1
    assert tokens(context="a" * 1000) > tokens()
