"""write_text: captions, headlines and other short copy. Only sold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.domain.operation import Expectation, ImageSlot, Operation, Params
from pressroom.operations.params.tokens import thousands

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement


class WriteTextParams(Params):
    """What it is about, what kind of text, and how long."""

    prompt: str = Field(min_length=1, max_length=10_000, description="What the text is about, and what it must say.")
    kind: Literal["caption", "headline", "description", "script"] = Field("caption", description="What is written.")
    image: ImageSlot | None = Field(None, description="The picture that it goes with.")
    language: str = Field("en", pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$", description="Language of the text, e.g. de.")
    tone: str = Field("", max_length=200, description="How it sounds: warm, factual, playful.")
    count: int = Field(1, ge=1, le=20, description="How many to choose from, one a line.")
    max_characters: int | None = Field(None, ge=10, le=5_000, description="The longest of each.")
    max_tokens: int = Field(1_000, ge=50, le=8_000, description="What the model may write at most; bounds the price.")
    format: Literal["text", "json"] = Field("text", description="A text with a line each, or a JSON list.")


def expect(
    params: WriteTextParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]
) -> Expectation:
    """One file of words, priced by tokens up to the bound."""
    pictures = 0 if params.image is None else 1
    units = {"call": 1.0, "1k_tokens": thousands(params.prompt + params.tone, pictures, params.max_tokens)}
    return Expectation((("", MediaInfo(Kind.TEXT, mime_of(params.format))),), units)


OPERATION = Operation(
    name="write_text",
    version=1,
    family="text",
    params=WriteTextParams,
    makes=Kind.TEXT,
    summary="Captions, headlines, descriptions and scripts, priced by tokens up to a bound.",
    expect=expect,
    only_sold="it takes a model that writes, and none comes with this package",
    prompt_field="prompt",
)
