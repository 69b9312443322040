"""describe_image: the alternative text, a description and tags of a picture, as JSON. Only sold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.domain.operation import Expectation, ImageSlot, Operation, Params
from pressroom.operations.params.tokens import thousands

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement


class DescribeImageParams(Params):
    """One picture in; out comes a JSON object with `alt_text`, `description` and `tags`."""

    image: ImageSlot = Field(description="The picture to describe.")
    context: str = Field(
        "", max_length=2_000, description="What the picture is for, so that it says what matters there."
    )
    language: str = Field("en", pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$", description="Language of the words, e.g. de.")
    max_characters: int = Field(125, ge=20, le=1_000, description="The longest alternative text.")
    tags: int = Field(8, ge=0, le=30, description="How many tags at most.")
    max_tokens: int = Field(500, ge=50, le=4_000, description="What the model may write at most; bounds the price.")


def expect(
    params: DescribeImageParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]
) -> Expectation:
    """One JSON file, priced by tokens up to the bound."""
    units = {"call": 1.0, "image": 1.0, "1k_tokens": thousands(params.context, 1, params.max_tokens)}
    return Expectation((("", MediaInfo(Kind.TEXT, mime_of("json"))),), units)


OPERATION = Operation(
    name="describe_image",
    version=1,
    family="text",
    params=DescribeImageParams,
    makes=Kind.TEXT,
    summary="The alternative text, a description and tags of a picture, as JSON.",
    expect=expect,
    only_sold="it takes a model that sees, and none comes with this package",
    prompt_field="context",
)
